"""``storeboard import``: the same pipeline as the page, for scripts."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any

import click

from core.contracts import Actor
from core.imports import services
from core.imports.extraction import Rejected
from core.imports.models import CREATED, REPEAT, UNCHANGED, UPDATED
from core.messages import N_, Message, Refusal, msg
from core.registry import registry
from core.web import say

TAKEN, SOME_REJECTED, REFUSED = 0, 1, 2
COUNTS = N_("%(created)s new, %(updated)s changed, %(unchanged)s as before, %(bad)s rejected of %(rows)s rows.")
DRY_RUN = msg("Nothing is stored, this is a dry run. ")
OPERATOR = Actor(None, "storeboard import", admin=True, source="import")


def run(
    files: Sequence[Path],
    store: str,
    *,
    new_store: bool = False,
    kind: str = "",
    dry_run: bool = False,
    as_json: bool = False,
    echo: Callable[[str], Any] = click.echo,
) -> int:
    """Import files one after the other; 0 if all were taken whole, 1 if rows were rejected, 2 if one was refused."""
    worst = TAKEN
    for path in files:
        reports = list(_reports(path, store, new_store, kind, dry_run))
        for report in reports:
            worst = max(worst, REFUSED if report["refused"] else SOME_REJECTED if report["rejected"] else TAKEN)
        for line in [_object(reports)] if as_json else [_sentence(report, dry_run) for report in reports]:
            echo(line)
    return worst


def _object(reports: Sequence[dict[str, Any]]) -> str:
    """One object for a file; what other teams read of it stands in ``also``."""
    first, *others = reports
    return json.dumps(first | ({"also": others} if others else {}), ensure_ascii=False)


def _reports(path: Path, store: str, new_store: bool, kind: str, dry_run: bool) -> Iterator[dict[str, Any]]:
    """What became of a file: one report, or one for each importer that takes it."""
    blank = {"file": _text(path), "kind": None, **dict.fromkeys(("rows", "created", "updated", "unchanged"), 0)}
    blank |= {"rejected": [], "refused": None, "batch": None}
    try:
        if services.find_store(store) is None and not new_store:
            raise Refusal(msg("There is no store called %(name)s; --new-store makes it.", name=store))
        readings = _read(path, kind)
    except Refusal as refusal:
        yield blank | {"refused": _why(refusal)}
        return
    for reading in readings:
        try:
            yield blank | _import(path, reading, store, dry_run)
        except Refusal as refusal:
            yield blank | {"kind": reading.kind, "refused": _why(refusal)}


def _why(refusal: Refusal) -> str:
    return " ".join(map(say, refusal.reasons))


def _import(path: Path, reading: services.Reading, store: str, dry_run: bool) -> dict[str, Any]:
    known = services.find_store(store)
    if dry_run:
        batch, outcome = None, services.try_out(reading, known.id if known else None)
    else:
        batch, outcome = services.import_now(reading, store, OPERATOR, _Told(path))
    rejected = sorted([*reading.extract.rejected, *outcome.conflicts], key=attrgetter("sheet", "row"))
    return {
        "kind": reading.kind,
        "rows": reading.extract.rows,
        "created": outcome.counts[CREATED],
        "updated": outcome.counts[UPDATED],
        "unchanged": outcome.counts[UNCHANGED] + outcome.counts[REPEAT],
        "rejected": [_rejected(each) for each in rejected],
        "batch": batch.id if batch else None,
    }


def _read(path: Path, kind: str) -> list[services.Reading]:
    if path.is_fifo() or path.is_char_device():  # which has no end, or waits for one who writes
        raise Refusal(msg("That is no file: save it as one first."))
    try:
        return services.read_each(path, _text(path.name), services.importers_for(OPERATOR, kind), _Told(path))
    except FileNotFoundError:
        raise Refusal(msg("There is no such file.")) from None
    except IsADirectoryError:
        raise Refusal(msg("That is a folder; name the files in it.")) from None
    except OSError as error:
        raise Refusal(msg("The file cannot be read: %(reason)s", reason=error.strerror or str(error))) from None


def _text(path: Path | str) -> str:
    """A path as text; an archive made on Windows leaves names whose bytes are GB18030."""
    return "/".join(map(_part, os.fsencode(path).split(b"/")))


def _part(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("gb18030", errors="replace")


class _Told:
    """Tells people who watch how far a file is."""

    def __init__(self, path: Path):
        self.path, self.shown = path, -1

    def __call__(self, done: float) -> None:
        share = int(100 * done)
        if sys.stderr.isatty() and share > self.shown:
            self.shown = share
            click.echo(f"\r{_text(self.path.name)}: {share} %", err=True, nl=share >= 100)


def _rejected(row: Rejected) -> dict[str, Any]:
    return {"row": row.row, "column": row.column, "value": row.value, "message": say(row.message)}


def _sentence(report: dict[str, Any], dry_run: bool) -> str:
    known = registry().importers.get(report["kind"])
    head = f"{report['file']} ({say(known.label)})" if known and known.shared else report["file"]
    if report["refused"]:
        return f"{head}: {report['refused']}"
    counts = {**report, "bad": len(report["rejected"])}
    lines = [f"{head}: {say(DRY_RUN) if dry_run else ''}{say(Message(COUNTS, counts))}"]
    for row in report["rejected"]:
        lines.append(say(msg("  Row %(row)s, %(column)s “%(value)s”: %(message)s", **row)))
    return "\n".join(lines)
