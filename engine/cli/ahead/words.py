"""The words of a plain `run SCRIPT.py`, read without argparse, and the plan that they make."""

from __future__ import annotations

import os
import sys

from engine.pythons import of_script
from engine.script_plan import SCRIPT_ARGUMENT, group_of_terminal, plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

ENDINGS = (".py", ".pyw")
VALUED = ("--python", "--workers", "--runs")
"""Options that have a value; others leave a command line to argparse."""
BOOT = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(__file__))), "host", "boot.py")
"""The file with which an interpreter becomes the main process."""


def read(words: Sequence[str]) -> dict[str, Any] | None:
    """The plan for the words after `run`; None if they are not plain, or not right.

    Whoever gets None reads them in full, and says what is wrong.
    """
    if getattr(sys, "frozen", False) or "" in words:
        return None
    options = dict.fromkeys(VALUED, "")
    script, left = "", list(words)
    while left:
        word = left.pop(0)
        if word in VALUED and left and not left[0].startswith("-"):
            options[word] = left.pop(0)
        elif word == "--" and script:
            break
        elif not script and word.endswith(ENDINGS) and not word.startswith("-"):
            script = word
        elif word != "--quiet":
            return None
    return None if "--" in left else _plan(script, left, **{name[2:]: options[name] for name in VALUED})


def _plan(script: str, arguments: list[str], python: str, workers: str, runs: str) -> dict[str, Any] | None:
    if not (os.path.isfile(script) and os.access(script, os.R_OK)):
        return None
    if workers and not (workers.isascii() and workers.isdecimal() and int(workers)):
        return None
    try:
        python = of_script(python, script)
        folder = os.getcwd()
        (folder + script + python).encode()
    except (OSError, UnicodeEncodeError):
        return None
    own = python in ("", sys.executable)
    made = plan(
        os.path.join(folder, script),
        [script, *arguments],
        folder,
        int(workers or 0),
        [python or sys.executable, BOOT, SCRIPT_ARGUMENT],
        foreign=not own,
        group=group_of_terminal(),
    )
    return {**made, "python": python, "runs": runs}
