"""The outcome of comparing two runs: a sentence or two, and the numbers of both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from engine.results.differences import RunDifferences
from engine.results.words import duration

TITLES = {
    "broken": "New failures",
    "fixed": "Fixed",
    "differs": "Other results",
    "other error": "Other errors",
    "slower": "Slower",
    "faster": "Faster",
}
"""The kinds of tasks, the most urgent first."""


def verdict(found: RunDifferences) -> str:
    """The differences in words."""
    if not found.both:
        return "No task of one run has the input of a task of the other, so there is nothing to compare."
    parts = [
        f"{found.count('broken'):,} new failure{'s' if found.count('broken') != 1 else ''}",
        f"{found.count('fixed'):,} fixed",
        f"{found.count('differs'):,} other result{'s' if found.count('differs') != 1 else ''}",
        f"{found.same:,} the same",
    ]
    said = f"{found.both:,} task{'s' if found.both != 1 else ''} in both runs: {', '.join(parts)}."
    if change := ratio(found.one_seconds, found.other_seconds):
        said += f" Time of the tasks: {change}."
    if found.only_one or found.only_other:
        said += f" {found.only_one:,} only in the first run, {found.only_other:,} only in the second."
    if found.unsure:
        said += f" {found.unsure:,} long results were compared by their beginning only."
    return said


def ratio(before: float | None, now: float | None) -> str:
    """How a time has changed; empty if unknown."""
    if not before or not now:
        return ""
    part = now / before
    if 0.995 < part < 1.005:
        return "the same"
    return f"x {part:,.1f}" if part >= 10 else f"{part - 1:+.0%}"


def numbers(found: RunDifferences) -> Iterator[tuple[str, str, str, str]]:
    """What can be said about both in a word or a number: name, before, now, and the change."""
    one, other = found.one, found.other
    yield "Run", one.name, other.name, ""
    yield "Started", _date(one.started), _date(other.started), ""
    yield "State", one.state, other.state, ""
    yield "Tasks", f"{one.tasks:,}", f"{other.tasks:,}", ""
    yield "Failed", f"{one.failed:,}", f"{other.failed:,}", ""
    yield "Workers", f"{one.workers:,}", f"{other.workers:,}", ""
    times = (
        ("Ran", one.wall, other.wall), ("All tasks together", one.busy, other.busy),
        ("Mean task", one.mean, other.mean), ("Median task", one.median, other.median),
        ("95% within", one.p95, other.p95), ("Tasks in both", found.one_seconds, found.other_seconds),
    )  # fmt: skip
    for name, before, now in times:
        yield name, duration(before), duration(now), ratio(before, now)


def _date(time: float | None) -> str:
    try:
        return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S") if time else ""
    except (OverflowError, ValueError, OSError):
        return ""
