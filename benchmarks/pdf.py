"""Chinese PDFs of one page and of twenty, warm, the large one in its child process."""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pypdfium2

from core.documents.render import Page, render

WORDS = "店铺运营把页面需求交给设计，设计按尺寸和卖点出图，运营逐项检查后验收签字，财务核对到分。"
STYLE = "@page { size: A4; margin: 18mm } body { font: 10pt/1.6 Storeboard } td { border-bottom: .3pt solid #999 }"


def page(rows: int) -> Page:
    """A table of ``rows`` lines, each with other characters, under a bold heading."""
    start = 0x4E00
    lines = []
    for row in range(rows):
        rare = "".join(chr(start + (row * 7 + place) % 3000) for place in range(6))
        lines.append(f"<tr><td>{row + 1}</td><td>{WORDS}</td><td>{rare}</td><td>1,2{row % 10}4.50</td></tr>")
    body = f"<h1>交接单 DES-20261122-0001</h1><table>{''.join(lines)}</table>"
    return Page(f"<!doctype html><html lang='zh'><meta charset='utf-8'><body>{body}</body></html>", STYLE)


def timed(work: Callable[[], bytes], times: int) -> tuple[float, bytes]:
    work()
    took, made = [], b""
    for _ in range(times):
        begun = time.perf_counter()
        made = work()
        took.append((time.perf_counter() - begun) * 1000)
    return sorted(took)[len(took) // 2], made


def run(_chosen: argparse.Namespace) -> None:
    print(f"\n{'Chinese PDF, warm':28} {'p50 ms':>8} {'KB':>8} {'pages':>6}")
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, times in (("one page", 18, 15), ("twenty pages", 440, 3)):
            sheet = page(rows)
            took, made = timed(lambda sheet=sheet: render(sheet, Path(folder)), times)
            pages = len(pypdfium2.PdfDocument(made))
            print(f"{name:28} {took:8.0f} {len(made) / 1024:8.0f} {pages:6}")
