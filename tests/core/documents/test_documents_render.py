"""The renderer: every character right, nothing loaded from elsewhere, the same bytes each time, never out of hand."""

import http.server
import io
import os
import random
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from core.documents import fonts, render
from core.documents.render import Page, RenderFailed

STYLE = 'html{font:9pt/1.5 "Storeboard","Storeboard JP","Storeboard KR"}b{font-weight:700}'
GB2312 = [bytes([high, low]).decode("gb2312", "ignore") for high in range(0xA1, 0xF8) for low in range(0xA1, 0xFF)]
ALL = "".join(c for c in GB2312 if c and c != "\u3000")
AMOUNTS = "¥1,680.32 -0.05 +20% 20261122 3201884511207766 0123456789 4.8/5 790×12000"


def text_of(pdf):
    return "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf))


def bare(text):
    return re.sub(r"[\s\ufffe]+", "", text)  # pdfium marks a line's end inside a word by U+FFFE


def paragraphs(text, size=200):
    return "".join(f"<p>{text[i : i + size]}</p>" for i in range(0, len(text), size))


def page_of(body, style=STYLE):
    found = fonts.cover(f'<html lang="zh-CN"><body>{body}')
    return Page(found.text, style, found.lent)


def test_every_character_of_a_long_text_is_printed_as_itself(shared_fonts):
    said = AMOUNTS + ALL + AMOUNTS
    pdf = render.render(page_of(paragraphs(said) + f"<p><b>{said}</b></p>"), shared_fonts)
    assert bare(text_of(pdf)) == bare(said * 2)


def test_shuffled_text_keeps_its_order(shared_fonts):
    said = list(ALL)
    random.Random(7).shuffle(said)
    pdf = render.render(page_of(paragraphs("".join(said))), shared_fonts)
    assert bare(text_of(pdf)) == "".join(said)


def test_no_glyph_is_missing_in_the_pdf(shared_fonts):
    pdf = pypdfium2.PdfDocument(render.render(page_of(f"<p>{ALL}𠮷䶮㛃가</p>"), shared_fonts))
    for page in pdf:
        words = page.get_textpage()
        characters = [pypdfium2.raw.FPDFText_GetUnicode(words, i) for i in range(words.count_chars())]
        assert 0 not in characters
        assert not any(pypdfium2.raw.FPDFText_HasUnicodeMapError(words, i) == 1 for i in range(words.count_chars()))


def test_lent_characters_are_printed(shared_fonts):
    assert bare(text_of(render.render(page_of("<p>李𠮷가</p>"), shared_fonts))) == "李𠮷가"


def test_shapes_are_those_of_the_font(shared_fonts):
    """The text layer may be right while the picture is not: compare what is drawn with the font's own drawing."""
    pdf = render.render(page_of('<p style="font:60px/1 Storeboard">0837</p>', "@page{size:300px 200px}"), shared_fonts)
    page = pypdfium2.PdfDocument(pdf)[0].render(scale=96 / 72, grayscale=True).to_pil().convert("L")
    paper = Image.new("L", page.size, 255)
    face = ImageFont.truetype(str(fonts.files(shared_fonts)[400]), 60)
    ImageDraw.Draw(paper).text((0, 0), "0837", font=face, fill=0)
    drawn, expected = (Image.eval(each, lambda v: 255 - v) for each in (page, paper))
    drawn, expected = drawn.crop(drawn.getbbox()), expected.crop(expected.getbbox())
    assert abs(drawn.width - expected.width) <= 2
    assert abs(drawn.height - expected.height) <= 2
    expected = expected.resize(drawn.size)
    differing = sum(abs(a - b) > 128 for a, b in zip(drawn.tobytes(), expected.tobytes(), strict=True))
    assert differing < drawn.width * drawn.height * 0.03


def test_no_line_begins_or_ends_with_the_wrong_sign(shared_fonts):
    said = "".join(f"{'字' * n}\uff0c「{'文' * (n % 5)}」。\uff08{'注' * (n % 3)}\uff09\uff01、" for n in range(1, 61))
    pdf = pypdfium2.PdfDocument(render.render(page_of(f"<p>{said}</p>"), shared_fonts))
    lines = [line for page in pdf for line in page.get_textpage().get_text_range().splitlines() if line]
    assert len(lines) > 20
    assert not [line for line in lines if line[0] in "\uff0c」。\uff09\uff01、" or line[-1] in "「\uff08"]


CHILD = """
import sys, pathlib, warnings
warnings.simplefilter("ignore")
from core.documents import render
page = render.Page(sys.argv[2], sys.argv[3])
sys.stdout.buffer.write(render.render(page, pathlib.Path(sys.argv[1])))
"""


def in_another_process(home, page, **environment):
    command = [sys.executable, "-c", CHILD, str(home), page.html, page.style]
    return subprocess.run(command, env={**os.environ, **environment}, capture_output=True, check=True).stdout


def test_a_machine_without_any_font_prints_the_same(shared_fonts, tmp_path):
    empty = tmp_path / "fonts.conf"
    empty.write_text('<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig></fontconfig>')
    page = page_of(paragraphs(AMOUNTS + ALL[:3000]))
    pdf = in_another_process(shared_fonts, page, FONTCONFIG_FILE=str(empty))
    assert bare(text_of(pdf)) == bare(AMOUNTS + ALL[:3000])
    assert pdf == render.render(page, shared_fonts)


def test_the_same_page_gives_the_same_bytes(shared_fonts):
    page = page_of(f"<h1>交接单</h1>{paragraphs(ALL[:2000])}")
    first = render.render(page, shared_fonts)
    render.render(page_of("<p>另一页"), shared_fonts)
    assert render.render(page, shared_fonts) == first
    assert in_another_process(shared_fonts, page) == first


def test_a_child_paints_the_same_as_we_do(shared_fonts, monkeypatch):
    page = page_of(f"<p>{ALL[:500]}𠮷</p>")
    here = render.render(page, shared_fonts)
    monkeypatch.setattr(render, "SMALL", 0)
    assert render.render(page, shared_fonts) == here


def test_threads_do_not_spoil_each_others_pages(shared_fonts):
    pages = [page_of(paragraphs(ALL[i * 700 : i * 700 + 700])) for i in range(6)]
    with ThreadPoolExecutor(4) as pool:
        pdfs = list(pool.map(lambda page: render.render(page, shared_fonts), pages * 2))
    assert [bare(text_of(pdf)) for pdf in pdfs] == [bare(ALL[i * 700 : i * 700 + 700]) for i in range(6)] * 2


@pytest.fixture
def counter():
    """A server that counts who asks it for anything."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            if self.path == "/redirect":
                self.send_response(302)
                self.send_header("Location", "/inside")
            else:
                self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", asked
    server.shutdown()
    thread.join()
    server.server_close()


VECTORS = {
    "picture": '<img alt="x" src="URL/a.png">',
    "redirect": '<img alt="x" src="URL/redirect">',
    "style sheet": '<link rel="stylesheet" href="URL/a.css">',
    "import": '<style>@import "URL/a.css";</style>',
    "font": '<style>@font-face{font-family:x;src:url("URL/a.ttf")}</style><p style="font-family:x">x</p>',
    "background": '<p style="background:url(URL/a.png)">x</p>',
    "object": '<object data="URL/a.svg" type="image/svg+xml"></object>',
    "embed": '<embed src="URL/a.svg" type="image/svg+xml">',
    "attachment": '<link rel="attachment" href="URL/a.txt">',
    "linked attachment": '<a rel="attachment" href="URL/a.txt">x</a>',
    "svg image": '<svg viewBox="0 0 9 9" width="9" height="9"><image href="URL/a.png" width="9" height="9"/></svg>',
    "content": '<style>p::before{content:url("URL/a.png")}</style><p>x</p>',
    "list marker": '<ul style="list-style-image:url(URL/a.png)"><li>x</ul>',
    "base": '<base href="URL/"><img alt="x" src="a.png">',
    "data": '<img alt="x" src="data:image/png;base64,iVBORw0KGgo=">',
    "relative": '<img alt="x" src="../../../../etc/passwd">',
    "color profile": '<style>@color-profile --x{src:url("URL/a.icc")}</style><p>x</p>',
}


def test_a_shape_of_another_drawing_is_not_even_looked_for(shared_fonts, counter):
    address, asked = counter
    drawing = f'<svg viewBox="0 0 9 9" width="9" height="9"><use href="{address}/a.svg#x"/></svg>'
    render.render(page_of(drawing), shared_fonts)
    assert asked == []


@pytest.mark.parametrize("vector", VECTORS)
def test_nothing_is_loaded_from_the_network(vector, shared_fonts, counter):
    address, asked = counter
    with pytest.raises(RenderFailed, match="not part of the document"):
        render.render(page_of(VECTORS[vector].replace("URL", address)), shared_fonts)
    assert asked == []


SECRET = "this line is a secret of the machine"


@pytest.mark.parametrize("vector", sorted(set(VECTORS) - {"data", "relative", "redirect"}))
def test_no_file_of_the_machine_gets_into_a_document(vector, shared_fonts, tmp_path):
    for ending in ("png", "css", "ttf", "svg", "txt", "icc"):
        (tmp_path / f"a.{ending}").write_text(SECRET)
    with pytest.raises(RenderFailed, match="not part of the document") as refused:
        render.render(page_of(VECTORS[vector].replace("URL", tmp_path.as_uri())), shared_fonts)
    assert SECRET not in str(refused.value)


def test_the_fonts_folder_is_not_open_either(shared_fonts):
    with pytest.raises(RenderFailed, match="not part of the document"):
        render.render(page_of(f'<img alt="x" src="{(shared_fonts / "fonts").as_uri()}/x.png">'), shared_fonts)


def test_a_given_picture_is_shown_and_another_is_an_error(shared_fonts):
    out = io.BytesIO()
    Image.new("RGB", (20, 20), "red").save(out, "JPEG")
    pictures = {"picture:a": out.getvalue()}
    pdf = pypdfium2.PdfDocument(render.render(page_of('<img alt="x" src="picture:a">'), shared_fonts, pictures))
    assert len(list(pdf[0].get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE]))) == 1
    with pytest.raises(RenderFailed, match="picture:b"):
        render.render(page_of('<img alt="x" src="picture:b">'), shared_fonts, pictures)
    with pytest.raises(RenderFailed):
        render.render(page_of('<img alt="x" src="picture:a">'), shared_fonts, {"picture:a": b"not a picture"})


def test_a_page_that_is_too_large_is_refused_at_once(shared_fonts, monkeypatch):
    monkeypatch.setattr(render, "LARGEST", 100)
    with pytest.raises(RenderFailed, match="too large"):
        render.render(page_of("x" * 101), shared_fonts)


def test_a_page_that_never_ends_is_stopped(shared_fonts, monkeypatch):
    monkeypatch.setattr(render, "SECONDS", 3)
    rows = "".join(f"<tr><td>{i}<td>交接单<td>{i * 7}" for i in range(20_000))
    with pytest.raises(RenderFailed, match="takes too long"):
        render.render(page_of(f"<table>{rows}</table>"), shared_fonts)


def test_a_page_that_needs_too_much_memory_is_stopped_and_we_live(shared_fonts, monkeypatch):
    monkeypatch.setattr(render, "MEMORY", 150 * 1024**2)
    rows = "".join(f"<tr><td>{i}<td>交接单<td>{i * 7}" for i in range(2_000))
    with pytest.raises(RenderFailed, match="too much memory"):
        render.render(page_of(f"<table>{rows}</table>"), shared_fonts)


def test_a_faulty_page_is_named_from_the_child_too(shared_fonts, monkeypatch):
    monkeypatch.setattr(render, "SMALL", 0)
    with pytest.raises(RenderFailed, match="not part of the document: http"):
        render.render(page_of('<img alt="x" src="http://127.0.0.1:9/">'), shared_fonts)


def test_a_killed_child_leaves_nothing_behind(shared_fonts, monkeypatch, tmp_path):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(render, "SECONDS", 2)
    monkeypatch.setattr(render, "SMALL", 0)
    with pytest.raises(RenderFailed):
        render.render(page_of("<p>x</p>" * 100_000), shared_fonts)
    assert list(Path(tmp_path).iterdir()) == []
