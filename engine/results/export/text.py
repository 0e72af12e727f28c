"""The tasks of a run as lines of CSV and of JSON, built by column."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, cast

from engine.host.record import schema
from engine.host.record.display import LARGEST, display, display_all
from engine.results.export import json_values
from engine.results.export.spread import Spread
from engine.results.texts import text_of
from engine.runs.blocks import Block, iso_parts
from engine.runs.records import FIELDS
from engine.runs.shown import all_shown, shown

OK = schema.STATUSES[schema.OK]
WITH_VALUE = (OK, schema.STATUSES[schema.UNPICKLABLE])
SPECIAL = ',"\r\n'
"""Characters that put a CSV cell in quotes."""
QUOTES = ("'", '"')
"""What the display text of a text begins with."""


class Csv:
    """In the format of the module csv."""

    def __init__(self, spread: Spread | None = None) -> None:
        self._spread = spread

    def head(self) -> str:
        """The text before all tasks."""
        if self._spread is None:
            return ",".join(FIELDS) + "\r\n"
        return ",".join(map(_cell, self._spread.columns)) + "\r\n"

    def tail(self) -> str:
        """The text after them."""
        return ""

    def lines(self, block: Block) -> list[str]:
        """A text for each task."""
        if self._spread is not None:
            return _csv_columns(self._cells("input", block), block, self._cells("value", block))
        form = "%d,{input},ok,{value},,{seconds},{worker},1,{started}\r\n"
        inputs, values = partial(_input_cells, block), partial(_value_cells, block)
        if lines := _lines(block, form, inputs, values):
            return lines
        return _csv_columns([inputs()], block, [values()])

    def _cells(self, column: str, block: Block) -> list[list[str]]:
        """The cells of the parts of an input or value."""
        assert self._spread is not None
        parts = [
            _cells(["" if value is None else text_of(value) for value in part])
            for part in self._spread.parts(block, column)
        ]
        if not self._spread.is_whole_kept(column):
            return parts
        return [_input_cells(block) if column == "input" else _value_cells(block), *parts]


def _input_cells(block: Block) -> list[str]:
    return _cells(_texts(block.inputs, None))


def _value_cells(block: Block) -> list[str]:
    values, statuses = _cells(_texts(block.values, block.value_of)), block.statuses
    if statuses is None:
        return values
    return [v if status in WITH_VALUE else "" for v, status in zip(values, statuses, strict=True)]


def _csv_columns(inputs: Sequence[list[str]], block: Block, values: Sequence[list[str]]) -> list[str]:
    statuses = block.statuses or [OK] * len(block)
    workers = ["" if worker is None else str(worker) for worker in block.workers]
    errors, seconds = _cells(block.errors), _seconds(block.seconds, "")
    columns = (block.indexes, *inputs, statuses, *values, errors, seconds, workers, block.attempts)
    return [f"{','.join(map(str, cells))}\r\n" for cells in zip(*columns, block.started, strict=True)]


class JsonLines:
    """A line of JSON for each task."""

    def __init__(self, spread: Spread | None = None) -> None:
        self._spread = spread

    def head(self) -> str:
        """The text before all tasks."""
        return ""

    def tail(self) -> str:
        """The text after them."""
        return ""

    def lines(self, block: Block) -> list[str]:
        """A text for each task."""
        form = (
            '{{"index": %d, "input": {input}, "status": "ok", "value": {value}, "error": "", '
            '"seconds": {seconds}, "worker": {worker}, "attempts": 1, "started": "{started}"}}\n'
        )
        input_texts, value_texts = (
            partial(json_values.texts, block.inputs),
            partial(json_values.value_texts, block),
        )
        if self._spread is None and (lines := _lines(block, form, input_texts, value_texts)):
            return lines
        inputs = self._named("input", block, input_texts())
        values = self._named("value", block, value_texts())
        statuses = block.statuses or [OK] * len(block)
        workers = ["null" if worker is None else str(worker) for worker in block.workers]
        errors, seconds = map(quoted, block.errors), _seconds(block.seconds, "null")
        columns = (block.indexes, inputs, statuses, values, errors, seconds, workers, block.attempts)
        return [
            f'{{"index": {task}, {x}, "status": "{status}", {value}, "error": {error}, '
            f'"seconds": {took}, "worker": {worker}, "attempts": {attempts}, "started": "{at}"}}\n'
            for task, x, status, value, error, took, worker, attempts, at in zip(
                *columns, block.started, strict=True
            )
        ]

    def _named(self, column: str, block: Block, texts: list[str]) -> list[str]:
        """Inputs or values after their names, or their parts."""
        if self._spread is None:
            return [f'"{column}": {text}' for text in texts]
        names = [quoted(name) for name in self._spread.names(column)]
        parts = self._spread.parts(block, column)
        spread = [json_values.texts(part) for part in parts]
        if self._spread.is_whole_kept(column):
            spread.insert(0, texts)
        return [", ".join(map("{}: {}".format, names, cells)) for cells in zip(*spread, strict=True)]


Texts = Callable[[], list[str]]


def _lines(block: Block, form: str, input_texts: Texts, value_texts: Texts) -> list[str]:
    """The lines of tasks that are all ok and began within one second, by a single format; otherwise empty."""
    parts = iso_parts(block.starts) if block.statuses is None and block.starts is not None else None
    if parts is None:
        return []
    input_form, inputs = _formatted(block.inputs, input_texts)
    value_form, values = _formatted(block.values, value_texts)
    started, micros = parts
    seconds_form, seconds = _formatted_seconds(block.seconds, "")
    line = form.format(
        input=input_form, value=value_form, seconds=seconds_form, worker=block.workers[0], started=started
    )
    columns = (block.indexes, inputs, values, seconds, micros)
    return list(map(line.__mod__, zip(*columns, strict=True)))


def _formatted_seconds(seconds: Sequence[float | None], missing: str) -> tuple[str, Iterable[Any]]:
    """A format for durations, and its values: the shortest text for the same float32, or nearly."""
    if not isinstance(seconds, array):
        return "%s", [missing if took is None else repr(took) for took in seconds]
    known = cast("array[float]", seconds)
    if known.typecode == "d":
        return "%s", map(repr, known)
    different = set(known)
    if len(different) > len(known) // 4:
        return "%.7g", known
    texts = {took: f"{took:.7g}" for took in different}
    return "%s", map(texts.__getitem__, known)


def _formatted(values: Sequence[Any], texts: Texts) -> tuple[str, Iterable[Any]]:
    """A format, and its values: numbers themselves, others as text."""
    if isinstance(values, range):
        return "%d", values
    types = set(map(type, values))
    if types == {int} and min(values) > -LARGEST and max(values) < LARGEST:
        return "%d", values
    return "%s", texts()


def _texts(values: Sequence[Any], value_of: Callable[[int], Any] | None) -> list[str]:
    """Values as texts: a text itself, anything else as its display text."""
    types = set(map(type, values))
    if types == {tuple}:
        texts = all_shown(list(values))
        if value_of is None or {text[:1] for text in texts}.isdisjoint(QUOTES):
            return texts
    if str not in types and tuple not in types:
        return display_all(values)
    return [_text(value, at, value_of) for at, value in enumerate(values)]


def _text(value: Any, at: int, value_of: Callable[[int], Any] | None) -> str:
    if type(value) is str:
        return value
    if type(value) is not tuple or value_of is None:
        return display(value)
    text = shown(value)
    if not text.startswith(QUOTES):
        return text
    known = value_of(at)  # a long text, whose display text has only the beginning
    return known if isinstance(known, str) else text


def _cells(texts: list[str]) -> list[str]:
    """Texts as cells of CSV."""
    together = "".join(texts)
    if not any(special in together for special in SPECIAL):
        return texts
    if '"' not in together and "\n" not in together and "\r" not in together:
        return [f'"{text}"' if "," in text else text for text in texts]
    return list(map(_cell, texts))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(special in text for special in SPECIAL) else text


def _seconds(seconds: Sequence[float | None], missing: str) -> Iterable[str]:
    """Durations as texts."""
    form, values = _formatted_seconds(seconds, missing)
    return values if form == "%s" else map(form.__mod__, values)
