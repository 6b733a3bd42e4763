"""CSV and tab-separated text: bytes to rows of text, within bounds, without a guessed character."""

import codecs
import csv
import io

from core.messages import Refusal, msg

MAX_ROWS = 500_000
MAX_COLUMNS = 400
MAX_CELLS = 12_000_000
MAX_CELL = 32_767
LOOK_AHEAD = 40
PIECE = 1 << 20  # bytes decoded in one go, for the lines of a broken text are counted one by one
BROKEN = "\ufffd"

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
MARK = "\ufeff"
DROPPED = dict.fromkeys([*CONTROLS, ord(MARK)])


def encodings(head: bytes) -> list[tuple[str, str]]:
    """What a text may be in, to be tried in turn: by its mark, or UTF-8, or GB18030; and what to do where it is not.

    A line that is broken in the file's encoding keeps U+FFFD, by which its row is refused later.
    """
    marked = next((name for mark, name in BYTE_ORDER_MARKS if head.startswith(mark)), None)
    tried = [(name, "strict") for name in ([marked] if marked else ["utf-8", "gb18030"])]
    return tried if marked == "utf-16" else [*tried, (marked or _encoding_of(head.split(b"\n")), "replace")]


def _encoding_of(lines: list[bytes]) -> str:
    """The encoding of the line with most Chinese near the top, the header as a rule."""
    telling = max(lines[:LOOK_AHEAD], key=lambda line: sum(byte > 127 for byte in line))
    try:
        telling.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


class Decoder:
    """Makes clean UTF-8 of the pieces of a text, the last of which is empty; refuses one with many broken lines."""

    def __init__(self, encoding: str, errors: str):
        self.decode = codecs.getincrementaldecoder(encoding)(errors).decode
        self.broken, self.lines = 0, 1

    def __call__(self, piece: bytes) -> bytes:
        text = self.decode(piece, not piece)
        if BROKEN in text:
            self.broken += sum(BROKEN in line for line in text.split("\n"))
        self.lines += text.count("\n")
        if not piece and self.broken > max(1, self.lines // 10):
            raise Refusal(msg("The file mixes encodings: too many lines are neither UTF-8 nor GB18030."))
        return text.replace(MARK, "").encode(errors="replace").translate(None, CONTROLS)


def decoded(data: bytes) -> str:
    """The text of ``data``."""
    for encoding, errors in encodings(data):
        decoder = Decoder(encoding, errors)
        try:
            pieces = (data[start : start + PIECE] for start in range(0, len(data), PIECE))
            return b"".join([*map(decoder, pieces), decoder(b"")]).decode()
        except UnicodeDecodeError:
            continue
    raise Refusal(msg("The file is not text in UTF-8 or GB18030."))


def rows_of(text: str) -> list[list[str]]:
    """The rows of a delimited text; raises ``Refusal`` beyond the bounds."""
    bounds = Bounds()
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter_of(text))
    try:
        return [bounds.taken(row) for row in reader]
    except csv.Error:
        raise unreadable_table() from None


class Bounds:
    """Counts what is read of one file and refuses what no real export holds; equal cells share their memory."""

    def __init__(self) -> None:
        self.rows = self.cells = 0
        self.known: dict[str, str] = {}

    def taken(self, row: list[str]) -> list[str]:
        self.rows += 1
        self.cells += len(row)
        if self.rows > MAX_ROWS or self.cells > MAX_CELLS or len(row) > MAX_COLUMNS:
            raise too_big()
        return [self.known.get(cell) or self._new(cell) for cell in row]

    def _new(self, cell: str) -> str:
        if len(cell) > MAX_CELL:
            raise too_big()
        clean = cell if cell.isprintable() else cell.translate(DROPPED)
        if len(self.known) < 200_000:
            self.known[cell] = clean
        return clean


def too_big() -> Refusal:
    """The refusal of a table beyond the bounds."""
    return Refusal(
        msg("The table is too big: at most %(rows)s rows and %(columns)s columns.", rows=MAX_ROWS, columns=MAX_COLUMNS)
    )


def unreadable_table() -> Refusal:
    """The refusal of a text that is no table."""
    return Refusal(msg("The file is not a readable table: a quote is not closed or a cell is too long."))


def delimiter_of(text: str) -> str:
    """Comma or tab. Bills end their cells with a tab *and* a comma, so a tab counts only in lines without commas."""
    head = text[:65536].splitlines()[:LOOK_AHEAD]
    tabs = max((line.count("\t") for line in head if "," not in line), default=0)
    return "\t" if tabs > max((line.count(",") for line in head), default=0) else ","
