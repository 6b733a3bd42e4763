"""The limited child process that opens workbooks and archives: a bomb kills it and nothing else.

Reads the file on standard input, writes ``{"sheets": [[name, rows], ...]}`` or ``{"refused": message}``.
"""

import io
import json
import lzma
import re
import resource
import sys
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from typing import IO, Any

from core.imports.delimited import MAX_COLUMNS, MAX_ROWS, Bounds, decoded, rows_of, too_big
from core.messages import Refusal, msg

MEMORY = 1 << 30
CPU_SECONDS = 20
OUTPUT = 512 << 20
MAX_MEMBERS = 2_000
MAX_INFLATED = 300 << 20
CHUNK = 1 << 20

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ZIP = b"PK\x03\x04"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
SHEET = re.compile(r"/?xl/worksheets/[^/]+\.xml")
# a cell right of column OJ (400) or below row 599,999
FAR = re.compile(rb"""\br\s*=\s*["'](?:(?:[A-Z]{3}|[P-Z][A-Z]|O[K-Z])\d|[A-Z]*(?:[6-9]\d{5}|\d{7}))""", re.IGNORECASE)
TABLES = (".csv", ".txt", ".tsv")
DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, EOFError, OSError, ValueError)
JUNK = re.compile(r"(^|/)(__MACOSX/|\.DS_Store$|~\$)")


def main() -> None:
    """Read, answer, exit; what kills the process is the parent's to explain."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        answer: dict[str, Any] = {"sheets": sheets_of(sys.stdin.buffer)}
    except Refusal as refusal:
        answer = {"refused": refusal.reasons[0].plain()}
    json.dump(answer, sys.stdout)


def sheets_of(file: IO[bytes]) -> list[tuple[str, list[list[str]]]]:
    """Every sheet of a workbook, or of every table in an archive."""
    data = file.read()
    if not data.startswith(ZIP):
        return workbook(data, "")
    archive = opened(data)
    if any(name.startswith("xl/") for name in archive.namelist()):
        return workbook(data, "")
    found = []
    for name, content in members(archive):
        if content.startswith((ZIP, OLE)):
            found += workbook(content, f"{name} ")
        elif name.lower().endswith(TABLES):
            found.append((name, rows_of(decoded(content))))
        else:
            found.append((name, [[""]]))  # named in the report as not read
    return found


def opened(data: bytes) -> zipfile.ZipFile:
    """The archive, after a look at its directory; raises ``Refusal`` for a bomb or a locked one."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        infos = archive.infolist()
    except DAMAGED:
        raise unreadable() from None
    if len(infos) > MAX_MEMBERS:
        raise Refusal(msg("The archive holds more than %(count)s files; it was not opened.", count=MAX_MEMBERS))
    if sum(info.file_size for info in infos) > MAX_INFLATED:
        raise Refusal(msg("The file unpacks to more than %(size)s MB; it was not opened.", size=MAX_INFLATED >> 20))
    if any(info.flag_bits & 0x1 for info in infos):
        raise locked()
    return archive


def members(archive: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Name and content of each file in the archive; names in GBK are read as such, paths out of it are refused."""
    for info in archive.infolist():
        name = info.filename
        if not info.flag_bits & 0x800:
            name = name.encode("cp437", errors="replace").decode("gb18030", errors="replace")
        name = name.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or ":" in name.split("/")[0]:
            raise Refusal(msg("The archive holds a file whose path leads out of it; it was not opened."))
        if not info.is_dir() and not JUNK.search(name):
            yield name.rsplit("/", 1)[-1], b"".join(inflated(archive, info))


def inflated(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A member's content piece by piece, never more than its directory entry promised."""
    size = 0
    try:
        with archive.open(info) as stream:
            while piece := stream.read(CHUNK):
                size += len(piece)
                if size > MAX_INFLATED:
                    raise too_big()
                yield piece
    except DAMAGED:
        raise unreadable() from None


def workbook(data: bytes, prefix: str) -> list[tuple[str, list[list[str]]]]:
    """The sheets of a workbook as text."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum

    if data.startswith(ZIP):
        measure(opened(data))
    elif not data.startswith(OLE):
        raise unreadable()
    elif ENCRYPTED in data:
        raise locked()
    bounds = Bounds()
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return [
            (prefix + sheet.name, sheet_rows(book.get_sheet_by_name(sheet.name), bounds))
            for sheet in book.sheets_metadata
            if sheet.typ == SheetTypeEnum.WorkSheet
        ]
    except PasswordError:
        raise locked() from None
    except (CalamineError, ValueError, OSError):
        raise unreadable() from None


def sheet_rows(sheet: Any, bounds: Bounds) -> list[list[str]]:
    if sheet.total_height > MAX_ROWS or sheet.total_width > MAX_COLUMNS:
        raise too_big()
    return [bounds.taken([shown(cell) for cell in row]) for row in sheet.to_python(skip_empty_area=False)]


def measure(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook with a cell far out: its reader would ask for memory for all the emptiness before it."""
    for info in archive.infolist():
        rest = b""
        for piece in inflated(archive, info) if SHEET.fullmatch(info.filename) else ():
            if FAR.search(rest + piece):
                raise too_big()
            rest = piece[-32:]


def shown(cell: Any) -> str:
    """A cell as text: whole numbers without a point, and as many digits as a spreadsheet really keeps."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        return f"{int(cell)}" if cell == int(cell) and abs(cell) < 10**15 else f"{cell:.15G}"
    if isinstance(cell, datetime):
        return f"{cell:%Y-%m-%d %H:%M:%S}"
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def unreadable() -> Refusal:
    return Refusal(msg("The file is damaged or is not the kind of file its name says."))


def locked() -> Refusal:
    return Refusal(msg("The file is protected by a password; save it without one and import it again."))


if __name__ == "__main__":
    main()
