"""The Python interpreters of this machine: found, run to see what they are, and whether they suit a run.

    places ──> candidates ──> probe (each is run, once) ──> listing: Interpreter, with what is wrong with it

`system` has the differences between operating systems.
"""

from __future__ import annotations

from engine.environment import bundle, cleaned
from engine.interpreters.listing import Interpreter, examine, find, proposed
from engine.interpreters.probe import find_interpreter, forget, give_up
from engine.interpreters.system import passing_on, without_own_libraries

__all__ = [
    "Interpreter",
    "bundle",
    "cleaned",
    "examine",
    "find",
    "find_interpreter",
    "forget",
    "give_up",
    "passing_on",
    "proposed",
    "without_own_libraries",
]
