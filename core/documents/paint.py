"""HTML to PDF: the only module that knows WeasyPrint. Run as a program, it paints one job read from standard input.

It imports nothing of core, so that the child process starts fast and needs no app.
"""

import atexit
import gc
import logging
import os
import pickle
import resource
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import ImageFile
from weasyprint import CSS, HTML
from weasyprint.logger import LOGGER
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse, URLFetchingError

ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets the whole process take half a picture for a whole one

Faces = Mapping[tuple[str, int], Path | bytes]


class Faulty(Exception):
    """The page asks for something it was not given, or cannot be painted as written."""


class Given(URLFetcher):
    """Loads what the page was given, by exact address; everything else is refused, whatever its scheme."""

    def __init__(self, things: Mapping[str, Path | bytes]):
        super().__init__(allowed_protocols=(), allow_redirects=False)
        self.things = things
        self.refused: list[str] = []

    def fetch(self, url: str, headers: Any = None) -> URLFetcherResponse:
        thing = self.things.get(url)
        if thing is None:
            self.refused.append(url)
            raise ValueError(f"not part of the document: {url}")
        return URLFetcherResponse(url, thing if isinstance(thing, bytes) else thing.read_bytes())


class Faults(logging.Handler):
    """Collects what WeasyPrint would only write into a log: a picture missing from a sealed document is an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record.getMessage())


_kept: dict[Any, tuple[FontConfiguration, CSS]] = {}
atexit.register(_kept.clear)  # a font configuration removes its temporary folder when it goes


def _prepared(style: str, faces: Faces, fetcher: Given) -> tuple[FontConfiguration, CSS]:
    """Loading fonts and reading the style takes longer than painting a page: both are kept from page to page,
    except with fonts that were cut for one."""
    key = (os.getpid(), style, *sorted(map(str, faces.items())))
    if key in _kept:
        return _kept[key]
    declared = "".join(
        f'@font-face{{font-family:"{family}";font-weight:{weight};src:url("{_address(family, weight)}")}}'
        for family, weight in faces
    )
    fonts = FontConfiguration()
    made = fonts, CSS(string=declared + style, font_config=fonts, url_fetcher=fetcher)
    if not any(isinstance(face, bytes) for face in faces.values()):
        _kept[key] = made
    return made


def _address(family: str, weight: int) -> str:
    return f"font:{family.replace(' ', '-')}-{weight}"


def paint(html: str, style: str, faces: Faces, pictures: Mapping[str, bytes]) -> bytes:
    """The PDF of a whole page of HTML that may load nothing else: the same bytes for the same page.

    ``style`` is a style sheet that many pages share; ``faces`` are font files as (family, weight) -> path or content;
    ``pictures`` image files by address. Not to be called by two threads at once.
    """
    fetcher, faults = Given({**pictures, **{_address(*key): face for key, face in faces.items()}}), Faults()
    LOGGER.addHandler(faults)
    collecting = gc.isenabled()
    gc.disable()  # all that is made lives until the page is done; looking for garbage costs a fifth of the time
    try:
        fonts, sheet = _prepared(style, faces, fetcher)
        page = HTML(string=html, base_url="sheet:", url_fetcher=fetcher)
        pdf: bytes = page.write_pdf(font_config=fonts, stylesheets=[sheet], pdf_tags=True)
    except (URLFetchingError, RecursionError) as error:
        raise Faulty(str(error)) from error
    finally:
        LOGGER.removeHandler(faults)
        if collecting:
            gc.enable()
    if fetcher.refused or faults.found:
        raise Faulty("; ".join([*(f"not part of the document: {url}" for url in fetcher.refused), *faults.found]))
    return pdf


def main(memory: int, seconds: int) -> None:
    """Paint the pickled page on standard input to standard output, within bytes of memory and seconds of work."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        sys.stdout.buffer.write(paint(**pickle.load(sys.stdin.buffer)))
    except Faulty as fault:
        sys.exit(f"faulty: {fault}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
