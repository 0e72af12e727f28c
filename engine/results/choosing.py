"""Which tasks of a slice meet conditions."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from engine.host.record import schema
from engine.results import patterns
from engine.results.conditions import FAILED, LISTED, Condition, as_number, listed, span
from engine.results.exact import INEXACT, exact_number, seconds_span
from engine.results.names import FAILURES, NUMBERS, STATUSES
from engine.results.tasks import Slice
from engine.results.texts import Numbers

Mask = NDArray[np.bool_]

_COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Chooser(Protocol):
    """Selects tasks."""

    @property
    def is_cheap(self) -> bool:
        """Whether it needs no texts, so that it is best evaluated first."""
        ...

    def mask(self, tasks: Slice) -> Mask:
        """Which tasks are selected."""
        ...


@dataclass(frozen=True)
class Among:
    """Tasks that are listed individually."""

    tasks: NDArray[np.int64]
    is_cheap: bool = True

    def mask(self, tasks: Slice) -> Mask:
        """Which are among them."""
        return np.isin(tasks.index, self.tasks, assume_unique=True)


class Holds:
    """A condition, ready to be evaluated."""

    def __init__(self, condition: Condition) -> None:
        self._column, self._op, self._value = condition.column, condition.op, condition.value
        can_be_text = self._column not in NUMBERS and self._column != "status"
        self._wants_text = can_be_text and (
            condition.is_text or self._column == "error" or as_number(self._value) is None
        )
        self.is_cheap = self._column == "status" or (self._op != "~" and not self._wants_text)
        self._holds = self._test(condition)

    def _test(self, condition: Condition) -> Callable[[Slice], Mask]:
        column, op = self._column, self._op
        if op == "~":
            return self._finding(condition)
        if column == "status":
            table = _status_table(listed(self._value))
            return lambda tasks: table[tasks.status]
        if column == "started":
            times = span(self._value)
            return lambda tasks: self._in_span(tasks.numbers(column), *times)
        if column == "seconds":
            return self._of_seconds
        if self._wants_text:
            compare, value = _COMPARE["=" if op == "!=" else op], self._value
            return lambda tasks: _mask(lambda text: compare(text, value), tasks.texts(column))
        return self._of_numbers

    def _finding(self, condition: Condition) -> Callable[[Slice], Mask]:
        column, value = self._column, self._value
        if condition.is_regex:
            search = re.compile(value, re.IGNORECASE if condition.any_case else 0).search
            return lambda tasks: patterns.mask(search, tasks.texts(column))

        def found(tasks: Slice) -> Mask:
            texts = tasks.utf8(column)
            if texts is not None:
                return texts.containing(value)
            return _mask(lambda text: value in text, tasks.texts(column))

        return found

    def mask(self, tasks: Slice) -> Mask:
        """Which tasks meet it."""
        found = self._holds(tasks)
        return ~found if self._op == "!=" else found

    def _of_numbers(self, tasks: Slice) -> Mask:
        column, numbers = self._column, tasks.numbers(self._column)
        if column in LISTED:
            values = listed(self._value)
            if len(values) > 1:
                return np.isin(numbers, [float(value) for value in values])
        op, value = "=" if self._op == "!=" else self._op, float(self._value)
        found: Mask = _COMPARE[op](numbers, value)
        if column in NUMBERS:
            return found
        if abs(value) >= INEXACT:
            self._look_closely(tasks, np.flatnonzero(numbers == value), found)
        if op == "=" and np.isnan(numbers).any():
            texts, typed = tasks.texts(column), self._value
            found |= _mask(lambda text: text == typed, texts)
        return found

    def _look_closely(self, tasks: Slice, places: NDArray[np.intp], found: Mask) -> None:
        """Numbers that float64 cannot distinguish are compared exactly."""
        compare, value = _COMPARE["=" if self._op == "!=" else self._op], exact_number(self._value)
        items = tasks.items(self._column) if len(places) else ()
        for place in places:
            found[place] = compare(items[place], value)

    def _of_seconds(self, tasks: Slice) -> Mask:
        limit = float(self._value)
        if tasks.run.is_old:  # their times are float64, and shown as they are
            return _COMPARE["=" if self._op == "!=" else self._op](tasks.seconds, limit)
        return self._in_span(tasks.seconds, *seconds_span(limit))

    def _in_span(self, numbers: Numbers, begin: float, end: float) -> Mask:
        """A less exact value stands for its whole span."""
        if self._op in ("=", "!="):
            return (numbers >= begin) & (numbers < end)
        if self._op in ("<", "<="):
            return numbers < (begin if self._op == "<" else end)
        return numbers >= (begin if self._op == ">=" else end)


def _status_table(wanted: Sequence[str]) -> Mask:
    meant = set(wanted)
    if FAILED in wanted:
        meant.update(FAILURES)
    if schema.MISSING in wanted:  # unfinished tasks count as missing too
        meant.update((schema.RUNNING, schema.WAITING))
    return np.array([name in meant for name in STATUSES], np.bool_)


def _mask(holds: Callable[[str], Any], texts: Sequence[str]) -> Mask:
    return np.fromiter((bool(holds(text)) for text in texts), np.bool_, len(texts))


def choosers(conditions: Sequence[Condition], *more: Chooser) -> list[Chooser]:
    """The evaluators of conditions, cheap ones first."""
    return sorted([*map(Holds, conditions), *more], key=lambda chooser: not chooser.is_cheap)


def all_hold(conditions: Sequence[Chooser], tasks: Slice) -> Mask:
    """Which tasks of a slice meet all of them."""
    mask = np.ones(len(tasks), np.bool_)
    for condition in conditions:
        if not mask.any():
            break
        mask &= condition.mask(tasks)
    return mask
