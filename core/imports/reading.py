"""Bytes of an uploaded file into sheets of text."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from core.imports.child import OLE, ZIP
from core.imports.delimited import decoded, rows_of
from core.imports.tables import Sheet
from core.messages import Message, Refusal, msg

MAX_BYTES = 64 << 20
SECONDS = 30
ROOT = Path(__file__).resolve().parents[2]
MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<script", b"<meta")
FOREIGN = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\x7fELF", b"MZ\x90")


def read(data: bytes, name: str) -> list[Sheet]:
    """The sheets of a file; raises ``Refusal`` for one that cannot be read. Nothing is left on disk."""
    if not data.strip(b"\0 \r\n\t"):
        raise Refusal(msg("The file is empty."))
    if len(data) > MAX_BYTES:
        raise too_large()
    if data.startswith((ZIP, OLE)):
        return _in_child(data, name)
    start = data[:512].lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if start.startswith(MARKUP):
        raise Refusal(msg("This is a web page, not a spreadsheet; open it and save it as xlsx or CSV."))
    if data.startswith(FOREIGN) or (b"\0" in data[:512] and not data.startswith((b"\xff\xfe", b"\xfe\xff"))):
        raise Refusal(msg("Only CSV, xlsx, xls and zip files can be imported."))
    return [Sheet(name, rows_of(decoded(data)), name)]


def _in_child(data: bytes, name: str) -> list[Sheet]:
    """Open a workbook or archive in a process that may not grow, spin or last."""
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as answer:
        source.write(data)
        source.seek(0)
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "core.imports.child"],
                stdin=source,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": "1"},
                timeout=SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _too_much() from None
        if ended.returncode != 0:
            raise _too_much()
        answer.seek(0)
        said = json.load(answer)
    if "refused" in said:
        raise Refusal(Message.of(said["refused"]))
    return [Sheet(sheet, rows, name) for sheet, rows in said["sheets"]]


def too_large() -> Refusal:
    """The refusal of a file of more than ``MAX_BYTES``."""
    return Refusal(msg("The file is larger than %(limit)s MB.", limit=MAX_BYTES >> 20))


def _too_much() -> Refusal:
    return Refusal(msg("Opening the file takes too much memory or time; it was not read."))
