"""``storeboard import``: the same pipeline as the page, for scripts."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

import click
from flask import Flask, current_app

from core.ahead import ahead
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
    """Import files one after the other; 0 if all were taken whole, 1 if rows were rejected, 2 if one was refused.

    A file is read while the one before is stored.
    """
    worst, told = TAKEN, _Told()
    if services.find_store(store) is None and not new_store:
        unknown = Refusal(msg("There is no store called %(name)s; --new-store makes it.", name=store))
        read: Iterator[_Read] = (_Read(path, [], unknown) for path in files)
    else:
        make = partial(_read, current_app._get_current_object(), kind, told)
        read = ahead(make, files, threads=1) if len(files) > 1 else map(make, files)
    for each in read:
        told.storing = each.path
        reports = list(_reports(each, store, dry_run, told))
        told.storing = None
        for report in reports:
            worst = max(worst, REFUSED if report["refused"] else SOME_REJECTED if report["rejected"] else TAKEN)
        for line in [_object(reports)] if as_json else [_sentence(report, dry_run) for report in reports]:
            echo(line)
    return worst


def _object(reports: Sequence[dict[str, Any]]) -> str:
    """One object for a file; what other teams read of it stands in ``also``."""
    first, *others = reports
    return json.dumps(first | ({"also": others} if others else {}), ensure_ascii=False)


class _Read(NamedTuple):
    """What a file holds, or why it was refused."""

    path: Path
    readings: list[services.Reading]
    refusal: Refusal | None = None


def _reports(read: _Read, store: str, dry_run: bool, told: "_Told") -> Iterator[dict[str, Any]]:
    """What became of a file: one report, or one for each importer that takes it."""
    path = read.path
    blank = {"file": _text(path), "kind": None, **dict.fromkeys(("rows", "created", "updated", "unchanged"), 0)}
    blank |= {"rejected": [], "refused": None, "batch": None}
    if read.refusal:
        yield blank | {"refused": _why(read.refusal)}
    for reading in read.readings:
        try:
            yield blank | _import(reading, store, dry_run, partial(told, path))
        except Refusal as refusal:
            yield blank | {"kind": reading.kind, "refused": _why(refusal)}


def _why(refusal: Refusal) -> str:
    return " ".join(map(say, refusal.reasons))


def _import(reading: services.Reading, store: str, dry_run: bool, progress: Callable[[float], None]) -> dict[str, Any]:
    known = services.find_store(store)
    if dry_run:
        batch, outcome = None, services.try_out(reading, known.id if known else None)
    else:
        batch, outcome = services.import_now(reading, store, OPERATOR, progress)
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


def _read(app: Flask, kind: str, told: "_Told", path: Path) -> _Read:
    with app.app_context():
        try:
            if path.is_fifo() or path.is_char_device():  # which has no end, or waits for one who writes
                raise Refusal(msg("That is no file: save it as one first."))
            importers = services.importers_for(OPERATOR, kind)
            return _Read(path, services.read_each(path, _text(path.name), importers, partial(told, path)))
        except Refusal as refusal:
            return _Read(path, [], refusal)
        except FileNotFoundError:
            return _Read(path, [], Refusal(msg("There is no such file.")))
        except IsADirectoryError:
            return _Read(path, [], Refusal(msg("That is a folder; name the files in it.")))
        except OSError as error:
            why = msg("The file cannot be read: %(reason)s", reason=error.strerror or str(error))
            return _Read(path, [], Refusal(why))


def _text(path: Path | str) -> str:
    """A path as text; an archive made on Windows leaves names whose bytes are GB18030."""
    return "/".join(map(_part, os.fsencode(path).split(b"/")))


def _part(name: bytes) -> str:
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode("gb18030", errors="replace")


class _Told:
    """Tells people who watch how far the file is that is stored, or else the one that is read."""

    def __init__(self) -> None:
        self.storing: Path | None = None
        self.shown: tuple[Path | None, int] = None, -1

    def __call__(self, path: Path, done: float) -> None:
        now = path, int(100 * done)
        if sys.stderr.isatty() and now != self.shown and self.storing in (None, path):
            self.shown = now
            click.echo(f"\r{_text(path.name)}: {now[1]} %", err=True, nl=now[1] >= 100)


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
