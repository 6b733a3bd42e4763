"""What may be uploaded, how it is told what it is, and what it may be called."""

import io
import re
import secrets
import unicodedata
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

import filetype

from core.messages import N_, Message, Refusal, msg, together

IMAGE, PDF, SHEET, VIDEO, ZIP = "image", "pdf", "sheet", "video", "zip"
MEGABYTE = 1024 * 1024

KIND_LABELS = {
    IMAGE: N_("Image (PNG, JPG, WebP, GIF)"),
    PDF: N_("PDF"),
    SHEET: N_("Table (XLSX, XLS, CSV)"),
    VIDEO: N_("Video (MP4, MOV)"),
    ZIP: N_("Source files (ZIP, PSD)"),
}
LIMITS = {IMAGE: 30 * MEGABYTE, PDF: 30 * MEGABYTE, SHEET: 30 * MEGABYTE, VIDEO: 60 * MEGABYTE, ZIP: 60 * MEGABYTE}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

# media type -> its kind and the name endings it may keep; the first is added to a name that has none of them
TYPES: dict[str, tuple[str, tuple[str, ...]]] = {
    "image/png": (IMAGE, (".png",)),
    "image/jpeg": (IMAGE, (".jpg", ".jpeg")),
    "image/webp": (IMAGE, (".webp",)),
    "image/gif": (IMAGE, (".gif",)),
    "application/pdf": (PDF, (".pdf",)),
    XLSX: (SHEET, (".xlsx",)),
    "application/vnd.ms-excel": (SHEET, (".xls",)),
    "text/csv": (SHEET, (".csv", ".txt")),
    "video/mp4": (VIDEO, (".mp4",)),
    "video/quicktime": (VIDEO, (".mov",)),
    "application/zip": (ZIP, (".zip",)),
    "image/vnd.adobe.photoshop": (ZIP, (".psd",)),
}
SUFFIXES = {suffix for _, suffixes in TYPES.values() for suffix in suffixes}
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}


@dataclass(frozen=True)
class Accepted:
    """An upload that was checked and, if it is an image, drawn anew; nothing of it is stored yet."""

    data: bytes
    media_type: str
    kind: str
    name: str
    width: int | None = None
    height: int | None = None
    thumb: bytes = b""


def new_token() -> str:
    """128 random bits for a file's address."""
    return secrets.token_urlsafe(16)


def kind_of(media_type: str) -> str:
    """The kind a media type belongs to, or ""."""
    return TYPES.get(media_type, ("", ()))[0]


def biggest(accept: Sequence[str]) -> int:
    """The most bytes any of these kinds may have."""
    return max(LIMITS[kind] for kind in accept)


def check(data: bytes, name: str, accept: Sequence[str]) -> tuple[str, str]:
    """The media type and kind of an upload, told by its bytes; raises ``Refusal`` for one not in ``accept``."""
    if not data:
        raise Refusal(msg("%(name)s is empty.", name=name))
    media_type = sniff(data, name)
    kind = kind_of(media_type)
    if kind not in accept:
        raise Refusal(msg("%(name)s is none of the files taken here: %(kinds)s.", name=name, kinds=_named(accept)))
    if len(data) > LIMITS[kind]:
        raise too_big(name, LIMITS[kind])
    return media_type, kind


def _named(kinds: Sequence[str]) -> Message:
    return together((Message(KIND_LABELS[kind]) for kind in kinds), N_("%(first)s; %(rest)s"))


def too_big(name: str, limit: int) -> Refusal:
    """The refusal of a file of more than ``limit`` bytes."""
    return Refusal(msg("%(name)s is larger than %(limit)s MB.", name=name, limit=limit // MEGABYTE))


def sniff(data: bytes, name: str) -> str:
    """The media type of ``data``, or "" if it is none we take; its name only decides between text and nothing."""
    if data[:4] == b"PK\x03\x04":
        return _inside_zip(data)
    guess = filetype.guess_mime(data[:8192]) or ""
    guess = "image/png" if guess == "image/apng" else guess
    if guess in TYPES:
        return guess
    if name.lower().endswith((".csv", ".txt")) and _is_text(data):
        return "text/csv"
    return ""


def _inside_zip(data: bytes) -> str:
    """Tell a workbook from other archives; one with macros is neither."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return ""
    if "[Content_Types].xml" not in names:
        return "application/zip"
    return XLSX if "xl/workbook.xml" in names and "xl/vbaProject.bin" not in names else ""


def _is_text(data: bytes) -> bool:
    encodings = ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return "\0" not in text and not text.lstrip().startswith("<")
    return False


def clean_name(raw: str | None) -> str:
    """What a browser calls a file, without path, control characters, direction marks and what file systems refuse."""
    text = unicodedata.normalize("NFC", raw or "")
    text = "".join(c for c in text if unicodedata.category(c) not in HIDDEN)
    text = re.split(r"[/\\]", text)[-1]
    text = re.sub(r'[<>:"|?*]', "_", text)
    return _cut(re.sub(r"\s+", " ", text).strip(" ."), 180) or "file"


def display_name(raw: str | None, media_type: str) -> str:
    """A clean name that ends as files of this type do, whatever it ended in before."""
    text = clean_name(raw)
    suffix = PurePosixPath(text).suffix
    ending = suffix.lower()
    endings = TYPES[media_type][1] if media_type in TYPES else (ending,)
    stem = text.removesuffix(suffix) if ending in {*SUFFIXES, *endings} else text
    stem = stem.strip(" .") or "file"
    stem = f"_{stem}" if stem.split(".")[0].strip().lower() in DEVICES else stem
    return stem + (ending if ending in endings else endings[0])


def _cut(stem: str, size: int) -> str:
    return stem.encode()[:size].decode(errors="ignore").rstrip(" .")
