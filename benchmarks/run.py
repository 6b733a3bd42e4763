"""Measure Storeboard: ``python -m benchmarks.run [board] [pdf] [import] [bulk] [reconcile] [parcels]
[reorder] [service] [differences]``, a table each.

Times are what a client on the same machine waits, over loopback, with gzip. Every part is measured in one run, the
small and the large database one after the other; the ratio between them is the figure to trust on a shared machine.
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import board, bulk, differences, imports, parcels, pdf, reconcile, reorder, service

PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "board": board.run,
    "pdf": pdf.run,
    "import": imports.run,
    "bulk": bulk.run,
    "reconcile": reconcile.run,
    "parcels": parcels.run,
    "reorder": reorder.run,
    "service": service.run,
    "differences": differences.run,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.run", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", choices=[*PARTS, []], help="what to measure; everything, if nothing is named"
    )
    parser.add_argument("--requests", type=int, default=200, help="requests of each kind with one client")
    parser.add_argument("--seconds", type=float, default=5, help="how long the eight clients work on each kind")
    parser.add_argument("--small", type=Path, help="a data set of 1,000 tasks as JSON")
    parser.add_argument("--large", type=Path, help="a data set of 10,000 tasks as JSON")
    parser.add_argument("--postgresql", metavar="URL", help="measure on this empty PostgreSQL database's server")
    parser.add_argument("--orders", type=int, help="how many orders to reconcile (a million) or to import (100,000)")
    parser.add_argument("--files", type=Path, help="a folder with orders.csv and alipay.csv for the bulk import")
    parser.add_argument("--rounds", type=int, default=3, help="how often each reconciliation is run; the best counts")
    chosen = parser.parse_args()
    for part in chosen.parts or PARTS:
        PARTS[part](chosen)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
