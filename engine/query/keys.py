"""The named parts of the tasks of a page, which a table shows in columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.host.record.display import display
from engine.query.run import RunSource
from engine.results.called import stage_of_row
from engine.results.fields import fields_of, fields_of_input
from engine.results.names import SPREAD, STAGE
from engine.results.stored import fill_cut, whole_value
from engine.results.texts import text_of
from engine.runs import Batch, Stored

MOST = 64
"""The most keys that are reported."""
LOOKED_AT = 16
"""Tasks of a batch that are searched for unknown keys."""

Fields = dict[str, list[dict[str, Any]]]
"""The parts of the input and of the value of each task, and its stage if stages differ."""


def fields_of_batch(source: RunSource, batch: Batch, row: Stored | None) -> Fields:
    """The parts of tasks that are in one row of run.db, or unfinished."""
    count = len(batch.statuses)
    run, start = source.reader, 0 if row is None else batch.first - row.first
    kept = None if row is None else run.kept_inputs_of(row, start, start + count)
    inputs = kept
    if inputs is None:  # in a row, a tuple holds the text of something
        told = run.inputs_between(batch.first, batch.first + count)
        inputs = [(display(item),) if type(item) is tuple else item for item in told]
    values: list[Any] = [None] * count if row is None else run.values_of(row, start, start + count)
    names = run.input_names
    found: Fields = {
        "input": [fields_of_input(item, names) for item in inputs],
        "value": list(map(fields_of, values)),
    }
    stage = stage_of_row(run, batch.id) if batch.id and source.has_stages else ""
    found[STAGE] = [{"": stage} if stage else {}] * count
    if row is not None:
        fill_cut(found["value"], values, lambda at: whole_value(run, row, start + at))
    return found


def new_keys(known: Sequence[str], fields: Fields) -> list[str]:
    """Unknown keys of some of the tasks, as `input.KEY` and `value.KEY`; first `STAGE`, if there are some."""
    found = dict.fromkeys([STAGE] if any(fields[STAGE]) else [])
    for column in SPREAD:
        tasks = fields[column]
        for parts in tasks[:: max(len(tasks) // LOOKED_AT, 1)]:
            found.update(dict.fromkeys(f"{column}.{name}" for name in parts))
    return [key for key in found if key not in known][: MOST - len(known)]


def texts_of_key(key: str, fields: Fields) -> list[str]:
    """The part with this key of each task, as text; empty for a task without it."""
    column, _, name = key.partition(".")
    return [text_of(parts[name]) if name in parts else "" for parts in fields[column]]


def parts_of_key(key: str, fields: Fields) -> list[Any]:
    """The part with this key of each task; None for a task without it."""
    column, _, name = key.partition(".")
    return [parts.get(name) for parts in fields[column]]
