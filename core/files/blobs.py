"""Bytes under their own SHA-256, in a folder or, by another ``FILES_URL``, in an object store."""

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

import fsspec
from flask import current_app

from core.files.rules import new_token
from core.messages import Refusal, msg

UNFINISHED = "unfinished"
PIECE = 1 << 20
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def write(data: bytes) -> str:
    """Store ``data`` and return its SHA-256. A reader sees all of it or nothing, whenever the process dies.

    Raises ``Refusal`` when the disk is full. What is already there is written again: the fresh date tells the sweeper
    that somebody needs it now.
    """
    return _keep(hashlib.sha256(data).hexdigest(), [data])


def write_open(file: IO[bytes]) -> str:
    """As ``write``, of a file's bytes, read piece by piece."""
    file.seek(0)
    digest = hashlib.file_digest(file, "sha256").hexdigest()
    file.seek(0)
    return _keep(digest, iter(lambda: file.read(PIECE), b""))


def _keep(digest: str, pieces: Iterable[bytes]) -> str:
    fs, root = _store()
    path = f"{root}/{UNFINISHED}/{new_token()}"
    final = _path(root, digest)
    fs.makedirs(f"{root}/{UNFINISHED}", exist_ok=True)
    fs.makedirs(final.rpartition("/")[0], exist_ok=True)
    try:
        with fs.open(path, "wb") as out:
            for piece in pieces:
                out.write(piece)
            out.flush()
            if getattr(fs, "local_file", False):
                os.fsync(out.f.fileno())
        fs.mv(path, final)
    except OSError as error:
        if fs.exists(path):
            fs.rm_file(path)
        if error.errno in FULL:
            raise Refusal(
                msg("The server's disk is full, so the file was not kept. Tell the administrator.")
            ) from error
        raise
    return digest


def read(digest: str) -> bytes:
    """All bytes stored under ``digest``; raises ``FileNotFoundError``."""
    fs, root = _store()
    return fs.cat_file(_path(root, digest))


def stream(digest: str) -> IO[bytes]:
    """The bytes stored under ``digest``, open for reading; raises ``FileNotFoundError``."""
    fs, root = _store()
    return fs.open(_path(root, digest), "rb")


def remove(path: str) -> None:
    """Delete one path given by ``listing``."""
    fs, _ = _store()
    fs.rm_file(path)


def listing() -> Iterator[tuple[str, str, datetime]]:
    """Path, SHA-256 ("" for what was never finished) and time of writing of everything stored."""
    fs, root = _store()
    for path in fs.find(root):
        digest = "" if f"/{UNFINISHED}/" in path else path.rpartition("/")[2]
        yield path, digest, fs.modified(path)


def _store() -> tuple[Any, str]:
    fs, root = fsspec.core.url_to_fs(str(current_app.config["FILES_URL"]))
    return fs, root.rstrip("/")


def _path(root: str, digest: str) -> str:
    return f"{root}/{digest[:2]}/{digest}"
