"""Every text that a page can show has its Chinese, in the catalogue of whoever shows it."""

import re

import pytest
from babel.messages.pofile import read_po

from core import translating

OWNERS = sorted(translating.owners())
NAMED = re.compile(r"%\(\w+\)s")


@pytest.mark.parametrize("owner", OWNERS)
def test_every_text_has_its_chinese_and_no_text_is_left_over(owner):
    assert translating.untranslated(owner) == []


@pytest.mark.parametrize("owner", OWNERS)
def test_the_chinese_names_the_same_values_as_the_english(owner):
    with translating.owners()[owner][0].open("rb") as file:
        catalogue = read_po(file, locale="zh")
    texts = [(message.id, message.string) for message in catalogue if isinstance(message.id, str) and message.id]
    differing = [text for text, chinese in texts if set(NAMED.findall(text)) != set(NAMED.findall(chinese))]
    assert differing == []


def test_updating_keeps_what_is_translated_and_names_what_is_not(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text('{{ _("Old text") }} {{ _("New text") }}')
    catalogue = tmp_path / "zh" / "messages.po"
    catalogue.parent.mkdir()
    catalogue.write_text('msgid ""\nmsgstr ""\n\nmsgid "Old text"\nmsgstr "旧文"\n\nmsgid "Gone"\nmsgstr "没了"\n')
    monkeypatch.setattr(
        translating, "owners", lambda: {"core": (tmp_path / "none.po", []), "shop": (catalogue, [tmp_path])}
    )

    assert translating.untranslated("shop") == ["New text", "Gone"]
    assert translating.update("shop") == 1
    assert translating.untranslated("shop") == ["New text"]
    assert 'msgid "Old text"\nmsgstr "旧文"' in catalogue.read_text()


def test_a_text_says_the_same_in_every_catalogue():
    """Catalogues are read together: two Chinese for one text, and one owner's page would show the other's."""
    said: dict[str, set[str]] = {}
    for path, _ in translating.owners().values():
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                if isinstance(message.id, str) and message.id and message.string:
                    said.setdefault(message.id, set()).add(str(message.string))
    assert {text: words for text, words in said.items() if len(words) > 1} == {}


@pytest.mark.parametrize("owner", OWNERS)
def test_a_percent_sign_that_names_no_value_is_written_twice(owner):
    """Templates format every text, so a single one would fail where the page is drawn."""
    with translating.owners()[owner][0].open("rb") as file:
        messages = [message for message in read_po(file, locale="zh") if isinstance(message.id, str)]
    single = re.compile(r"%(?!\(\w+\)|%)")
    shown = [message.id for message in messages if "%" not in message.id and single.search(str(message.string))]
    assert shown == []
