"""Notebooks: their code cells as Python.

    BOOK.ipynb ──> book: cells ──> magics: removes what is not Python
                     ├──> run: the cells one after the other, as `__main__` of a script as it is
                     └──> definitions: functions and classes, and what they need, as a module

Cells are numbered from 1 among the code cells, and tracebacks show that number as the file name.
"""

from __future__ import annotations

ENDING = ".ipynb"


def is_book(path: str) -> bool:
    """Whether a file is a notebook, by its name."""
    return path.endswith(ENDING)
