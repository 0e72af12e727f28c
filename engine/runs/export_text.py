"""The tasks of a run as lines of CSV and of JSON, made by the column."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from json.encoder import encode_basestring_ascii as quoted
from typing import Any, cast

from engine.host.record import schema
from engine.host.record.display import LARGEST, MAX_INT_BITS, display, display_all
from engine.runs.blocks import Block, blocks, iso_parts
from engine.runs.plain import is_json
from engine.runs.reader import RunReader, shown
from engine.runs.records import FIELDS

OK = schema.STATUSES[schema.OK]
WITH_VALUE = (OK, schema.STATUSES[schema.UNPICKLABLE])
SPECIAL = ',"\r\n'
"""What a cell of CSV is put in quotes for."""


def csv_lines(run: RunReader) -> Iterator[str]:
    """The lines of a CSV, some hundred in a text: as the module csv writes them."""
    yield ",".join(FIELDS) + "\r\n"
    for block in blocks(run):
        yield _csv(block)


def json_lines(run: RunReader) -> Iterator[str]:
    """A line of JSON for each task, some hundred in a text."""
    for block in blocks(run):
        yield _jsonl(block)


def _csv(block: Block) -> str:
    if lines := _lines(block, _csv_cells, "%d,{input},ok,{value},,{seconds},{worker},1,{started}\r\n"):
        return lines
    inputs, values = _cells(_texts(block.inputs, None)), _cells(_texts(block.values, block.value_of))
    statuses = block.statuses or [OK] * len(block)
    values = [v if status in WITH_VALUE else "" for v, status in zip(values, statuses, strict=True)]
    workers = ["" if worker is None else str(worker) for worker in block.workers]
    errors, seconds = _cells(block.errors), _seconds(block.seconds, "")
    columns = (_indexes(block), inputs, statuses, values, errors, seconds, workers, block.attempts)
    return "".join(f"{','.join(map(str, cells))}\r\n" for cells in zip(*columns, block.started, strict=True))


def _jsonl(block: Block) -> str:
    form = (
        '{{"index": %d, "input": {input}, "status": "ok", "value": {value}, "error": "", '
        '"seconds": {seconds}, "worker": {worker}, "attempts": 1, "started": "{started}"}}\n'
    )
    if lines := _lines(block, _json_texts, form):
        return lines
    inputs, values = _json_texts(block.inputs, None), _json_texts(block.values, block.value_of)
    statuses = block.statuses or [OK] * len(block)
    workers = ["null" if worker is None else str(worker) for worker in block.workers]
    errors, seconds = map(quoted, block.errors), _seconds(block.seconds, "null")
    columns = (_indexes(block), inputs, statuses, values, errors, seconds, workers, block.attempts)
    return "".join(
        f'{{"index": {task}, "input": {x}, "status": "{status}", "value": {value}, "error": {error}, '
        f'"seconds": {took}, "worker": {worker}, "attempts": {attempts}, "started": "{at}"}}\n'
        for task, x, status, value, error, took, worker, attempts, at in zip(
            *columns, block.started, strict=True
        )
    )


def _indexes(block: Block) -> range:
    return range(block.first, block.first + len(block))


Texts = Callable[[Sequence[Any], "Callable[[int], Any] | None"], list[str]]


def _lines(block: Block, texts: Texts, form: str) -> str:
    """The lines of tasks that are all ok and began in one second, by one format; empty for others."""
    parts = iso_parts(block.starts) if block.statuses is None and block.starts is not None else None
    if parts is None:
        return ""
    input_form, inputs = _formatted(block.inputs, None, texts)
    value_form, values = _formatted(block.values, block.value_of, texts)
    started, micros = parts
    line = form.format(
        input=input_form, value=value_form, seconds="%s", worker=block.workers[0], started=started
    )
    columns = (_indexes(block), inputs, values, _seconds(block.seconds, ""), micros)
    return "".join(map(line.__mod__, zip(*columns, strict=True)))


def _formatted(
    values: Sequence[Any], value_of: Callable[[int], Any] | None, texts: Texts
) -> tuple[str, Iterable[Any]]:
    """A format, and what goes into it: numbers as they are, texts of others."""
    if isinstance(values, range):
        return "%d", values
    types = set(map(type, values))
    if types == {int} and min(values) > -LARGEST and max(values) < LARGEST:
        return "%d", values
    return "%s", texts(values, value_of)


def _csv_cells(values: Sequence[Any], value_of: Callable[[int], Any] | None) -> list[str]:
    return _cells(_texts(values, value_of))


def _texts(values: Sequence[Any], value_of: Callable[[int], Any] | None) -> list[str]:
    """Values as texts: a text itself, anything else as its display text."""
    types = set(map(type, values))
    if str not in types and tuple not in types:
        return display_all(values)
    return [_text(value, at, value_of) for at, value in enumerate(values)]


def _text(value: Any, at: int, value_of: Callable[[int], Any] | None) -> str:
    if type(value) is str:
        return value
    if type(value) is not tuple or value_of is None:
        return display(value)
    text = shown(value)
    if text[:1] not in ("'", '"'):
        return text
    known = value_of(at)  # a long text, of which the display text has the beginning
    return known if isinstance(known, str) else text


def _cells(texts: list[str]) -> list[str]:
    """Texts as cells of CSV."""
    together = "".join(texts)
    if not any(special in together for special in SPECIAL):
        return texts
    return [_cell(text) for text in texts]


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if any(special in text for special in SPECIAL) else text


def _seconds(seconds: Sequence[float | None], missing: str) -> Iterable[str]:
    """Durations as texts: of float32 the shortest that is the same number again, or nearly."""
    if not isinstance(seconds, array):
        return [missing if took is None else repr(took) for took in seconds]
    known = cast("array[float]", seconds)
    if known.typecode == "d":
        return map(repr, known)
    different = set(known)
    if len(different) > len(known) // 4:
        return map("%.7g".__mod__, known)
    texts = {took: f"{took:.7g}" for took in different}
    return map(texts.__getitem__, known)


def _json_texts(values: Sequence[Any], value_of: Callable[[int], Any] | None) -> list[str]:
    """Values in JSON: as they are if they are of its kinds, else their display text."""
    types = set(map(type, values))
    if types == {int} and min(values) > -LARGEST and max(values) < LARGEST:
        return list(map(str, values))
    if types == {float} and all(map(math.isfinite, values)):
        return list(map(repr, values))
    if types == {str}:
        return list(map(quoted, values))
    return [_json(value_of(at) if type(v) is tuple and value_of else v) for at, v in enumerate(values)]


def _json(value: Any) -> str:
    kind = cast("type[Any]", type(value))
    if kind is str:
        return quoted(value)
    if kind is int and value.bit_length() <= MAX_INT_BITS:
        return str(value)
    return json.dumps(value) if is_json(value) else quoted(display(value))
