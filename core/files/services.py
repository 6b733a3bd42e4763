"""Take uploads, keep files, give them back, and clear away what nothing points to."""

from collections.abc import Sequence
from datetime import timedelta
from typing import IO, Any

from sqlalchemy import select

from core.columns import now
from core.contracts import Actor
from core.extensions import db
from core.files import blobs
from core.files.images import redraw
from core.files.models import File
from core.files.rules import IMAGE, Accepted, biggest, check, clean_name, display_name, kind_of, too_big
from core.messages import Refusal, msg

GRACE = timedelta(days=1)


def open_upload(upload: Any, accept: Sequence[str], name: str | None = None) -> Accepted:
    """Read one upload, tell what it is by its bytes, and draw pictures anew. Slow: call it outside a transaction.

    ``upload`` is a Werkzeug ``FileStorage`` or an open binary file, ``accept`` kinds of ``rules.KIND_LABELS``. Raises
    ``Refusal`` for what is empty, too big, damaged, or of a kind not accepted. Nothing is stored.
    """
    given = name or getattr(upload, "filename", None) or getattr(upload, "name", None)
    given = given if isinstance(given, str) else None
    shown = clean_name(given)
    if upload is None or (hasattr(upload, "filename") and not upload.filename):
        raise Refusal(msg("No file was chosen."))
    limit = biggest(accept)
    data = upload.read(limit + 1)
    if len(data) > limit:
        raise too_big(shown, limit)
    media_type, kind = check(data, shown, accept)
    shown = display_name(given, media_type)
    if kind == IMAGE:
        return redraw(data, media_type, shown)
    return Accepted(data, media_type, kind, shown)


def put(accepted: Accepted, actor: Actor | None = None) -> File:
    """Write an upload's bytes and return its row, not yet in the session: ``session.add`` it inside the transaction
    that stores what it belongs to. If that never happens, the sweeper removes the bytes."""
    return File(
        sha256=blobs.write(accepted.data),
        size=len(accepted.data),
        kind=accepted.kind,
        media_type=accepted.media_type,
        name=accepted.name,
        width=accepted.width,
        height=accepted.height,
        thumb=blobs.write(accepted.thumb) if accepted.thumb else None,
        created_by=actor.user_id if actor else None,
    )


def put_open(file: IO[bytes], media_type: str, name: str, actor: Actor | None = None) -> File:
    """As ``put``, of bytes that we made ourselves and that are too many to be held at once."""
    size = file.seek(0, 2)
    return File(
        sha256=blobs.write_open(file),
        size=size,
        kind=kind_of(media_type),
        media_type=media_type,
        name=display_name(name, media_type),
        created_by=actor.user_id if actor else None,
    )


def read(file: File) -> bytes:
    """A file's bytes."""
    return blobs.read(file.sha256)


def stream(file: File, thumb: bool = False) -> IO[bytes]:
    """A file's bytes (or its thumbnail's), open for reading; raises ``FileNotFoundError``."""
    return blobs.stream(file.thumb if thumb and file.thumb else file.sha256)


def sweep(grace: timedelta = GRACE) -> tuple[int, list[str]]:
    """Remove blobs older than ``grace`` that no row names: how many, and the SHA-256 of rows whose blob is gone."""
    found = list(blobs.listing())  # before the rows are read, and these afresh: a blob is written before its row
    db.session.rollback()
    rows = db.session.execute(select(File.sha256, File.thumb)).all()
    db.session.rollback()
    needed = {digest for row in rows for digest in row if digest}
    old = now() - grace
    stale = [path for path, digest, written in found if digest not in needed and written < old]
    for path in stale:
        blobs.remove(path)
    return len(stale), sorted(needed - {digest for _, digest, _ in found})
