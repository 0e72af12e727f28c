"""A text looked for in the inputs, values and errors of all tasks; hits come as they are found."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.results import patterns
from engine.results.conditions import ConditionError
from engine.results.names import SEARCHED
from engine.results.slices import slices
from engine.results.tasks import Slice
from engine.runs import RunReader


def matcher(text: str, is_regex: bool = False, any_case: bool = True) -> Callable[[str], Any]:
    """What tells whether a text has it. Raises ConditionError."""
    if is_regex or any_case:
        try:
            return re.compile(text if is_regex else re.escape(text), re.IGNORECASE if any_case else 0).search
        except (re.error, OverflowError, RecursionError) as error:
            position = getattr(error, "pos", None) or 0
            raise ConditionError(f"The regular expression is not valid: {error}.", position) from error
    return lambda found: text in found


def find(
    run: RunReader, matches: Callable[[str], Any], columns: Sequence[str] = SEARCHED
) -> Generator[tuple[NDArray[np.int64], int]]:
    """The tasks that have it in one of the columns, slice by slice, and how many were gone through."""
    done = 0
    for tasks in slices(run):
        mask = np.zeros(len(tasks), np.bool_)
        for column in columns:
            for part in _parts(tasks, column, matches):
                mask |= part
                yield np.empty(0, np.int64), done
        done += len(tasks)
        yield tasks.index[mask], done


PART = 4_096
"""Texts that are looked at in one step."""


def _parts(tasks: Slice, column: str, matches: Callable[[str], Any]) -> Generator[NDArray[np.bool_]]:
    texts = tasks.texts(column)
    for first in range(0, len(texts), PART):
        found = np.zeros(len(texts), np.bool_)
        stop = min(first + PART, len(texts))
        found[first:stop] = patterns.mask(matches, texts[first:stop])
        yield found
