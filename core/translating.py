"""Catalogues: collect an owner's texts, and keep its Chinese in step with them. English is the texts themselves."""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from core.plugins import folders

ROOT = Path(__file__).resolve().parent.parent
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
KEYWORDS = {**DEFAULT_KEYWORDS, "msg": None, "N_": None}
# What Babel writes into a header by itself: forms nobody fills in, and dates, which would make every run a change.
BLANKS = ("-Date: ", "FULL NAME", "EMAIL@ADDRESS", "LL@li.org", "PROJECT VERSION", "Generated-By: ")
CATALOGUE = Path("zh") / "LC_MESSAGES" / "messages.po"


def owners() -> dict[str, tuple[Path, list[Path]]]:
    """Owner -> its catalogue, and the folders whose texts are in it."""
    found = {"core": (ROOT / "core" / "translations" / CATALOGUE, [ROOT / "core", ROOT / "templates"])}
    for name, folder in folders("translations").items():
        found[name] = (folder / CATALOGUE, [folder.parent])
    return found


def texts(places: list[Path]) -> Catalog:
    """The texts that code and templates under ``places`` can show."""
    found = Catalog(locale="zh", project="Storeboard", fuzzy=False)
    for place in places:
        options = {"**.html": {"trimmed": "true"}}
        for _, _, message, comments, context in extract_from_dir(str(place), METHODS, options, KEYWORDS):
            found.add(message, auto_comments=comments, context=context)
    return found


def untranslated(owner: str) -> list[str]:
    """Texts of ``owner`` without Chinese, and texts in its catalogue that it no longer has.

    A plugin may leave to core what core says in the same words.
    """
    (path, places), shared = owners()[owner], _read(owners()["core"][0])
    wanted, stored = texts(places), _read(path)
    missing = [
        str(message.id)
        for message in wanted
        if message.id and not _translation(stored, message.id) and not _translation(shared, message.id)
    ]
    stale = [str(message.id) for message in stored if message.id and message.id not in wanted]
    return missing + stale


def update(owner: str) -> int:
    """Bring the catalogue of ``owner`` in step with its texts; returns how many still need Chinese."""
    path, places = owners()[owner]
    wanted, stored = texts(places), _read(path)
    shared = _read(owners()["core"][0]) if owner != "core" else Catalog()
    kept = Catalog(locale="zh", header_comment=f"# The Chinese of {owner}.", fuzzy=False)
    for message in wanted:
        if message.id and (_translation(stored, message.id) or not _translation(shared, message.id)):
            kept.add(message.id, _translation(stored, message.id))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, kept, width=0, sort_output=True, no_location=True, omit_header=False)
    lines = [line for line in path.read_text().splitlines() if not any(word in line for word in BLANKS)]
    path.write_text("\n".join(lines) + "\n")
    return len(untranslated(owner))


def _read(path: Path) -> Catalog:
    if not path.exists():
        return Catalog(locale="zh")
    with path.open("rb") as file:
        return read_po(file, locale="zh")


def _translation(stored: Catalog, text: Any) -> Any:
    message = stored.get(text)
    if message is None or message.fuzzy:
        return ""
    forms = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return message.string if all(forms) else ""


if __name__ == "__main__":
    for name in owners():
        print(f"{name}: {update(name)} texts to translate")
