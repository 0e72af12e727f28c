"""Options of `poolhouse log` that exclude each other: neither is ignored in silence."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass

_CONDITIONS = (
    *("--level", "--logger", "--process", "--thread", "--task", "--exception"),
    *("--since", "--until", "--lines", "--grep", "--any", "--exclude"),
)
_SUMMARIES = ("--count", "--stats", "--histogram", "--group")
_PARTS = ("--message-only", "--matching-lines", "--context")
_ROWS = ("--format jsonl", "--format csv")
_LIMITS = ("--head", "--tail")


@dataclass(frozen=True)
class _Rule:
    """None of the first options goes with any of the second ones."""

    first: Sequence[str]
    second: Sequence[str]
    why: str


_RULES = (
    _Rule(
        ("--explain",),
        (*_SUMMARIES, *_PARTS, *_ROWS, *_LIMITS, "--follow", "--merge"),
        "it shows no records",
    ),
    _Rule(("--explain",), _CONDITIONS, "it is about the whole file"),
    _Rule(("--follow",), _SUMMARIES, "a total is known only at the end, and following has no end"),
    _Rule(("--follow",), ("--head",), "the first records are already there; use --tail"),
    _Rule(("--follow",), ("--context",), "the lines below a record are not written yet"),
    *(_Rule((one,), _SUMMARIES[n + 1 :], "ask for one of them") for n, one in enumerate(_SUMMARIES)),
    _Rule(_SUMMARIES, _PARTS, "it shows no records"),
    _Rule(("--stats",), ("--format csv",), "it is always JSON"),
    _Rule(_PARTS, _ROWS, "it belongs to text"),
    _Rule(("--message-only",), ("--matching-lines", "--context"), "it shows messages, not lines"),
    _Rule(("--context",), ("--merge",), "lines around a record are those of one file"),
)


def refused(options: argparse.Namespace) -> str | None:
    """Why the options cannot be combined; None if they can."""
    for rule in _RULES:
        for first in rule.first:
            for second in rule.second:
                if _given(options, first) and _given(options, second):
                    return f"{first} and {second} cannot be combined: {rule.why}."
    if options.matching_lines and not (options.grep or options.any):
        return "--matching-lines needs a pattern: give one with --grep or --any."
    return None


def _given(options: argparse.Namespace, option: str) -> bool:
    """Whether an option was given, also one with a certain value: `--format csv`."""
    name, _, value = option.removeprefix("--").partition(" ")
    found = getattr(options, name.replace("-", "_"))
    return found == value if value else not (found is None or found is False or found == [])
