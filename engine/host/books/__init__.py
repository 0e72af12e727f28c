"""Notebooks: their code cells as Python.

    BOOK.ipynb ──> book: cells ──> magics: what is no Python is left out
                     ├──> run: the cells one after the other, as `__main__` of a script as it is
                     └──> definitions: functions and classes, and what they need, as a module

A cell is named by its number among the code cells, from 1, and its file name in tracebacks says so.
"""

from __future__ import annotations

ENDING = ".ipynb"


def is_book(path: str) -> bool:
    """Whether a file is a notebook, by its name."""
    return path.endswith(ENDING)
