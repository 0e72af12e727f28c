"""How a run is described in the list: icon, state, date, and what distinguishes it from others."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from gui.kit.words import duration, size
from gui.run.queue import Waiting

if TYPE_CHECKING:
    from engine.runs import RunSummary

Entry: TypeAlias = "RunSummary | Waiting"

STATES = {
    "running": "Running",
    "paused": "Paused",
    "finished": "Finished",
    "stopped": "Stopped",
    "failed": "Failed",
    "interrupted": "Interrupted",
    "unreadable": "Cannot be read",
}
SIGNS = {
    "running": ("run", "accent"),
    "paused": ("pause", "warning"),
    "finished": ("good", "good"),
    "stopped": ("stop", "muted"),
    "failed": ("error", "problem"),
    "interrupted": ("warning", "warning"),
    "unreadable": ("error", "muted"),
}
"""The icon and colour of each state."""
BETWEEN = " · "
_SHORT = 32
"""Characters of the inputs in the second line."""


def sign(run: Entry) -> tuple[str, str]:
    """The icon of a run, and its colour."""
    if isinstance(run, Waiting):
        return "runs", "muted"
    if run.state == "finished" and run.failed:
        return SIGNS["interrupted"]
    return SIGNS.get(_state(run), ("info", "muted"))


def _state(run: RunSummary) -> str:
    return "paused" if run.paused else run.state


def outcome(run: Entry) -> str:
    """The state of a run, in words and counts."""
    if isinstance(run, Waiting):
        return "Held in the queue" if run.held else "Queued"
    state = STATES.get(_state(run), run.state)
    if run.state in ("unreadable", "running"):  # the counts of an active run are outdated when they are read
        return state
    done = run.ok + run.failed
    if run.total is not None and done < run.total:
        failed = f", {run.failed:,} failed" if run.failed else ""
        return f"{state}, {done:,} of {run.total:,} tasks{failed}"
    if run.failed:
        return f"{state}, {run.failed:,} of {done:,} failed"
    return f"{state}, {_tasks(done)}"


def _tasks(count: int) -> str:
    return f"{count:,} task{'s' if count != 1 else ''}"


def told_apart(run: RunSummary, stands: str) -> str:
    """The second line: what distinguishes a run from others of its function. `stands` is its state."""
    stands = stands.removeprefix("Finished, ")  # the icon says so
    inputs = run.inputs if len(run.inputs) <= _SHORT else f"{run.inputs[: _SHORT - 1]}…"
    own = run.function if run.function != run.name else ""
    took = duration(run.seconds) if run.seconds is not None and run.state != "running" else ""
    parts = (own, inputs, took, stands, file_name(run), size(run.size) if run.size else "")
    return BETWEEN.join(part for part in parts if part)


def file_name(run: RunSummary) -> str:
    """The name of the function's file."""
    return Path(run.file).name


def facts(run: RunSummary, stands: str) -> str:
    """All that is known about a run, one fact per line."""
    began = datetime.fromtimestamp(run.started).strftime("%Y-%m-%d %H:%M:%S") if run.started else ""
    rows = (
        ("", stands),
        ("Function", f"{run.function} in {run.file}" if run.file else run.function),
        ("Inputs", run.inputs),
        ("Started", began),
        ("Took", duration(run.seconds) if run.seconds is not None else ""),
        ("Size", size(run.size) if run.size else ""),
        ("Folder", str(run.folder)),
        ("Note", run.note),
    )
    lines = [f"{name}: {text}" if name else text for name, text in rows if text]
    return "\n".join([run.name, *lines])


def described(run: RunSummary) -> str:
    """A run on one line, to identify it in a question."""
    began = when(run.started, datetime.now())
    return BETWEEN.join(part for part in (run.name, began, told_apart(run, outcome(run))) if part)


def when(started: float | None, now: datetime) -> str:
    """The start of a run as people would say it today."""
    if not started:
        return ""
    time = datetime.fromtimestamp(started)
    clock = time.strftime("%H:%M")
    if time.date() == now.date():
        return f"today {clock}"
    if time.date() == (now - timedelta(days=1)).date():
        return f"yesterday {clock}"
    return time.strftime("%Y-%m-%d ") + clock


def searched(entry: Entry) -> str:
    """The text that the filter searches."""
    if isinstance(entry, Waiting):
        return f"{entry.name} {outcome(entry)}".casefold()
    pinned = "pinned" if entry.pinned else ""
    texts = (
        entry.name, entry.function, entry.file, entry.inputs, entry.folder.name, entry.note, pinned,
        outcome(entry),
    )  # fmt: skip
    return " ".join(texts).casefold()
