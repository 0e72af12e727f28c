"""`python3 dev.py bench [TABLE [ROW ...]]`: prints a table row by row; ROW is part of a name."""

from __future__ import annotations

import os
import platform
import sys

from tests.bench.tables import TABLES


def main(arguments: list[str]) -> int:
    name, *wanted = arguments or ["engine"]
    if name not in TABLES:
        print(f"There is no table {name!r}; there are: {', '.join(TABLES)}")
        return 2
    print(f"{platform.platform()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    rows = TABLES[name](wanted)
    print(f"\n{name}: {TABLES[name].__doc__}\n")
    heading = next(rows)
    widths = [30, *(max(len(cell), 10) for cell in heading[1:])]
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
