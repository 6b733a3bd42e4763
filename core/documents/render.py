"""Paint a page where it is safe: a small one here, a large one in a child process with limits."""

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from core.documents import fonts
from core.messages import Refusal, msg

SMALL = 30_000  # characters of HTML; about six pages and half a second
SMALL_PICTURES = 1_000_000
LARGEST = 20_000_000
MEMORY = 1024**3
SECONDS = 55

FAULTY = "faulty: "  # how the child says that the page is to blame, not its size

# Pango's font map must not be used by two threads at once.
_painting = threading.Lock()


@dataclass(frozen=True)
class Page:
    """A page to be printed: HTML, the style sheet that documents share, and characters from other regions' fonts."""

    html: str
    style: str = ""
    lent: dict[str, str] = field(default_factory=dict)


class RenderFailed(Refusal):
    """A document could not be made into a PDF."""


def render(page: Page, home: Path, pictures: Mapping[str, bytes] | None = None) -> bytes:
    """The PDF of ``page``, which may load ``pictures`` by their addresses and the fonts under ``home``, nothing else.

    Raises ``RenderFailed`` when it needs more than the limits allow, or asks for something it was not given.
    """
    pictures = dict(pictures or {})
    faces: dict[tuple[str, int], Path | bytes] = {
        **{(fonts.FAMILY, weight): path for weight, path in fonts.files(home).items()},
        **fonts.lent_fonts(page.lent),
    }
    size = sum(map(len, pictures.values()))
    if len(page.html) + size > LARGEST:
        raise RenderFailed(msg("The document is too large to be printed."))
    sheet = {"html": page.html, "style": page.style, "faces": faces, "pictures": pictures}
    if len(page.html) <= SMALL and size <= SMALL_PICTURES:
        return _here(sheet)
    return _apart(sheet)


def _here(sheet: dict[str, Any]) -> bytes:
    from core.documents import paint  # takes a second and 60 MB: only where something is printed

    with _painting:
        try:
            return paint.paint(**sheet)
        except paint.Faulty as fault:
            raise faulty(str(fault)) from fault


def _apart(sheet: dict[str, Any]) -> bytes:
    program = [sys.executable, "-I", str(Path(__file__).with_name("paint.py")), str(MEMORY), str(SECONDS)]
    with TemporaryDirectory(prefix="storeboard-") as folder:  # the child may be killed: what it leaves goes with it
        environment = {**os.environ, "TMPDIR": folder}
        try:
            done = subprocess.run(
                program, input=pickle.dumps(sheet), capture_output=True, timeout=SECONDS, env=environment, check=False
            )
        except subprocess.TimeoutExpired as late:
            raise RenderFailed(msg("The document takes too long to print; it is too large.")) from late
    if done.returncode == 0:
        return done.stdout
    last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
    if last[0].startswith(FAULTY):
        raise faulty(last[0].removeprefix(FAULTY))
    raise RenderFailed(msg("The document needs too much memory or time to print; it is too large."))


def faulty(fault: str) -> RenderFailed:
    """The failure of a page that cannot be right, however large it is."""
    return RenderFailed(msg("The document's template is faulty: %(fault)s", fault=fault[:500]))
