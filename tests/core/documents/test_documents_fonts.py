"""The fonts: cut once, whole, and honest about what they lack."""

import subprocess
import sys

import uharfbuzz
from hypothesis import given
from hypothesis import strategies as st

from core.documents import fonts


def codes(path):
    return set(uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).unicodes)


def test_both_weights_hold_all_of_gbk_but_one_character(shared_fonts):
    pairs = (bytes([high, low]) for high in range(0x81, 0xFF) for low in range(0x40, 0xFF) if low != 0x7F)
    gbk = {ord(text) for pair in pairs if len(text := pair.decode("gbk", "ignore")) == 1}
    for path in fonts.files(shared_fonts).values():
        assert gbk - codes(path) == {0x2252}
        assert {ord(c) for c in "䶮㛃①③№㎡℃→★¥€×·—…“”"} <= codes(path)


def test_weights_are_fixed_and_differ(shared_fonts):
    regular, bold = fonts.files(shared_fonts).values()
    for path in (regular, bold):
        assert not uharfbuzz.Face(uharfbuzz.Blob.from_file_path(str(path))).axis_infos
    assert regular.read_bytes() != bold.read_bytes()


def test_processes_that_cut_at_once_leave_whole_files(tmp_path):
    program = "import sys, pathlib; from core.documents import fonts; fonts.files(pathlib.Path(sys.argv[1]))"
    cutters = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]
    assert [cutter.wait(300) for cutter in cutters] == [0, 0, 0]
    assert sorted(path.suffix for path in (tmp_path / "fonts").iterdir()) == [".ttf", ".ttf"]
    assert len(codes(fonts.files(tmp_path)[400])) == len(fonts.repertoire("SC"))


def test_fontconfig_file_names_the_folder_and_no_other(tmp_path):
    path = fonts.fontconfig_file(tmp_path)
    assert f"<dir>{tmp_path / 'fonts'}</dir>" in path.read_text()
    found = subprocess.run(
        ["fc-list", ":", "file"], env={"FONTCONFIG_FILE": str(path)}, capture_output=True, text=True, check=True
    )
    assert len(found.stdout.splitlines()) == 2


def test_characters_of_other_regions_are_lent():
    covered = fonts.cover("张𠮷가")
    assert (covered.text, covered.missing) == ("张𠮷가", "")
    assert covered.lent == {"JP": "𠮷", "KR": "가"}


def test_what_no_font_has_becomes_a_mark_and_is_named():
    covered = fonts.cover("好🙂的👍")
    assert covered.text == "好〓的〓"
    assert sorted(covered.missing) == sorted("🙂👍")


def test_signs_with_a_twin_are_shown_as_the_twin():
    assert fonts.cover("☐☑✔").text == "□✓✓"


def test_characters_without_shape_go():
    assert fonts.cover("a\u202eb\u200bc\ufe0f\x07d\te").text == "abcd\te"


@given(st.text())
def test_every_character_of_a_covered_text_has_a_glyph(text):
    covered = fonts.cover(text)
    held = fonts.repertoire("SC") | {ord(c) for lent in covered.lent.values() for c in lent} | {9, 10, 13}
    assert {ord(c) for c in covered.text} <= held
