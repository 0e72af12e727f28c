"""The window from outside, through the accessibility bus: the tests know only what a screen reader hears."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.e2e.display import App
from tests.e2e.reader import AccessibleDisplay, Reader, missing
from tests.program import command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="AT-SPI is of Linux")

NAMED = {
    "push button",
    "check box",
    "radio button",
    "toggle button",
    "text",
    "spin button",
    "combo box",
    "table",
}


def test_a_job_is_run_and_its_results_are_read(tmp_path: Path) -> None:
    if reason := missing():
        pytest.fail(reason)
    (tmp_path / "work.py").write_text("def cube(x):\n    return 1 / (x - 2)\n")
    job = tmp_path / "work.pool"
    job.write_text('[function]\nfile = "work.py"\nname = "cube"\n\n[inputs]\nkind = "range"\nstop = 4\n')
    with (
        AccessibleDisplay(tmp_path / "runtime") as display,
        App(display, command(job), tmp_path) as app,
        Reader(display, tmp_path) as reader,
    ):
        reader.hear("frame", "work.pool…")
        assert [node for node in reader.look() if node[0] in NAMED and not node[1]] == []
        reader.press("push button", "Run")
        reader.hear("label", "Finished…")
        cells = reader.rows(
            "Results", lambda rows: len(rows) == 4 and not re.search("…|Running|Waiting", str(rows))
        )
        assert [row[1:4] for row in cells] == [
            ["0", "OK", "-0.5"],
            ["1", "OK", "-1.0"],
            ["2", "Error", "ZeroDivisionError: division by zero"],
            ["3", "OK", "1.0"],
        ]
        reader.select("Results", 2)
        reader.hear("label", "Task 2: Error")
        assert [node for node in reader.look() if node[0] in NAMED and not node[1]] == []
        reader.press("radio button", "Where the function is: Source")
        reader.press("radio button", "Where the function is: File")
        reader.fill("text", "Python file", "gone.py")
        reader.press("push button", "Run")
        reader.hear("label", "gone.py cannot be read: …")
        assert app.errors() == ""
