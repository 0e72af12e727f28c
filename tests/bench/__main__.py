"""`python3 dev.py bench [NAME ...]`: measures, and prints each table row by row."""

from __future__ import annotations

import os
import platform
import sys

from tests.bench.tables import TABLES


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in TABLES]
    if unknown:
        print(f"There is no table {unknown[0]!r}; there are: {', '.join(TABLES)}")
        return 2
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    for name in names or TABLES:
        rows = TABLES[name]()
        print(f"\n{name}: {TABLES[name].__doc__}\n")
        heading = next(rows)
        widths = [max(len(cell), 10) for cell in heading]
        _print_row(heading, widths)
        _print_row(["-" * width for width in widths], widths)
        for row in rows:
            _print_row(row, widths)
    return 0


def _print_row(cells: list[str], widths: list[int]) -> None:
    first, *rest = (cell.rjust(width) for cell, width in zip(cells, widths, strict=True))
    print("| " + " | ".join([cells[0].ljust(len(first)), *rest]) + " |", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
