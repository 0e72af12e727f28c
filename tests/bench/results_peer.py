"""`results_peer.py TOOL TABLE TEXT`: times another tool on a CSV file, and prints a line of JSON.

It runs under an interpreter that has the tool, without Poolhouse.
"""

# These tools are not installed where types are checked.
# pyright: basic, reportMissingImports=false

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from time import perf_counter

LEAST = 0.0000002

Steps = Iterator[tuple[str, Callable[[], object]]]


def pandas(table: str, text: str) -> Steps:
    """The steps in pandas."""
    import pandas as pd

    rows = pd.DataFrame()

    def read() -> None:
        nonlocal rows
        rows = pd.read_csv(table)

    yield "open", read
    yield "sort by seconds", lambda: rows.sort_values("seconds", ascending=False, kind="stable")
    yield "filter seconds", lambda: rows[rows["seconds"] > LEAST]
    yield "search in results", lambda: rows[rows["value"].str.contains(text, regex=False)]
    yield "sort by result", lambda: rows.sort_values("value", kind="stable")


def duckdb(table: str, text: str) -> Steps:
    """The steps in DuckDB; each makes a table, as in the other tools."""
    import duckdb as duck

    db = duck.connect()

    def ask(query: str) -> Callable[[], object]:
        return lambda: db.execute(f"CREATE OR REPLACE TABLE {query}")

    yield "open", ask(f"rows AS SELECT * FROM read_csv('{table}')")
    yield "sort by seconds", ask("found AS SELECT * FROM rows ORDER BY seconds DESC, index")
    yield "filter seconds", ask(f"found AS SELECT * FROM rows WHERE seconds > {LEAST!r}")
    yield "search in results", ask(f"found AS SELECT * FROM rows WHERE contains(value, '{text}')")
    yield "sort by result", ask("found AS SELECT * FROM rows ORDER BY value, index")


def visidata(table: str, text: str) -> Steps:
    """The steps in VisiData."""
    from visidata import vd

    sheet = vd.openSource(table)

    def wait(begin: Callable[[], object]) -> Callable[[], object]:
        def run() -> None:
            begin()
            vd.sync()

        return run

    def by(name: str, reverse: bool) -> None:
        sheet.orderBy(None, sheet.column(name), reverse=reverse, save_cmd_input=False)

    yield "open", wait(sheet.reload)
    seconds = sheet.column("seconds")
    seconds.type = float
    yield "sort by seconds", wait(lambda: by("seconds", True))
    value = sheet.column("value")
    yield "filter seconds", lambda: [row for row in sheet.rows if seconds.getTypedValue(row) > LEAST]
    yield "search in results", lambda: [row for row in sheet.rows if text in value.getTypedValue(row)]
    yield "sort by result", wait(lambda: by("value", False))


def main(tool: str, table: str, text: str) -> None:
    found: dict[str, float] = {}
    for name, step in {"pandas": pandas, "duckdb": duckdb, "visidata": visidata}[tool](table, text):
        began = perf_counter()
        step()
        found[name] = perf_counter() - began
    print(json.dumps(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
