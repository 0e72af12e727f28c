"""`poolhouse show`: the summary of a run as text, JSON or an HTML page."""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.cli import status, streams
from engine.cli.status import complain
from engine.job import JobError
from engine.query import answer
from engine.query.report import ReadReport
from engine.query.summary import Summarised
from engine.query.versus import CompareRuns
from engine.results.answers import Summary
from engine.results.words import cpu_in_words, duration, in_words, stages_in_words, state_in_words
from engine.runs import DB, UnreadableRun

ENDINGS = {".json": "json", ".html": "html"}
"""The format that a file suffix means."""
NUMBERS = (
    "wall", "busy", "cpu", "cpu_share", "speed_up", "efficiency", "start_up", "mean", "median", "p95"
)  # fmt: skip
"""The JSON names of a summary's fields."""
MOST_GROUPS = 10
"""Groups of failures that a text names."""


def show(options: argparse.Namespace) -> int:
    """Print the summary of a run, or the differences between two."""
    kind = options.format or (ENDINGS.get(options.output.suffix, "text") if options.output else "text")
    if options.against is not None and kind == "html":
        complain("--against gives text or json, not html.")
        return status.NOT_VALID
    try:
        folder = run_folder(options.folder)
        text = _alone(folder, kind) if options.against is None else _against(folder, options.against, kind)
    except (UnreadableRun, JobError, sqlite3.Error) as error:
        complain(str(error))
        return status.NOT_VALID
    try:
        if options.output:
            options.output.write_text(text, "utf-8", "backslashreplace")
        else:
            streams.escape_stdout()
            sys.stdout.write(text)
    except BrokenPipeError:
        raise
    except OSError as error:
        complain(f"{options.output} cannot be written: {error.strerror or error}.")
        return status.NOT_VALID
    return status.FINISHED


def run_folder(path: Path) -> Path:
    """The run folder of a path, which may also be its run.db. Raises `UnreadableRun`."""
    if path.name == DB and path.is_file():
        return path.parent
    if not path.is_dir():
        raise UnreadableRun(f"There is no folder {path}.")
    if not (path / DB).is_file():
        raise UnreadableRun(f"There is no {DB} in {path}, so it is not a run folder.")
    return path


def _against(folder: Path, before: Path, kind: str) -> str:
    from engine.cli.versus import as_text

    found = answer(CompareRuns(run_folder(before), folder))
    if kind == "text":
        return as_text(found)
    return json.dumps(asdict(found), indent=2, default=str) + "\n"


def _alone(folder: Path, kind: str) -> str:
    return answer(ReadReport(folder)).page if kind == "html" else _told(folder, kind)


def _told(folder: Path, kind: str) -> str:
    summary = answer(Summarised(folder))
    if kind == "text":
        return _text(summary)
    return json.dumps({"folder": str(folder.absolute()), **as_json(summary)}, indent=2) + "\n"


def as_json(summary: Summary) -> dict[str, Any]:
    """The summary as plain JSON."""
    facts = summary.facts
    told: dict[str, Any] = {
        "name": facts.name,
        "state": facts.state,
        "paused": facts.paused,
        "reason": facts.reason,
        "verdict": in_words(summary),
        "started": iso(facts.started),
        "ended": iso(facts.ended),
        "total": facts.total,
        "done": summary.done,
        "failed": summary.failed,
        "counts": dict(summary.counts),
        "mode": facts.mode,
        "workers": facts.workers,
        "python": facts.python,
        "machine": facts.machine,
    }
    told |= {name: getattr(summary, name) for name in NUMBERS}
    told["longest"] = [asdict(task) for task in summary.longest]
    told["stages"] = [asdict(site) for site in summary.called]
    told["failures"] = [asdict(group) for group in summary.groups]
    return told


def iso(time: float | None) -> str | None:
    """A time in ISO 8601, in UTC."""
    return None if time is None else datetime.fromtimestamp(time, UTC).isoformat()


def _text(summary: Summary) -> str:
    facts = summary.facts
    lines = [in_words(summary), ""]
    rows = [
        ("State", state_in_words(facts)),
        ("Tasks", ", ".join(f"{count:,} {name}" for name, count in summary.counts) or "none"),
        ("Started", _local(facts.started)),
        ("Ended", _local(facts.ended)),
        ("Ran", duration(summary.wall)),
        ("All tasks together", duration(summary.busy)),
        ("Processor time", cpu_in_words(summary)),
        ("Speed-up", _speed_up(summary)),
        ("Start-up", duration(summary.start_up)),
        ("A task", _a_task(summary)),
        ("Workers", f"{facts.workers}, {facts.mode}, Python {facts.python}"),
    ]
    lines += [f"{name + ':':20}{text}" for name, text in rows if text]
    if summary.called:
        lines += ["", "Stages:", *(f"  {text}" for text in stages_in_words(summary))]
    if summary.longest:
        lines += ["", "Longest tasks:"]
        lines += [
            f"  {task.task:>10,}  {duration(task.seconds):>10}  {_cut(task.input)}"
            for task in summary.longest
        ]
    if summary.groups:
        lines += ["", "Failures:"]
        for group in summary.groups[:MOST_GROUPS]:
            place = f"  {group.file}:{group.line} in {group.function}" if group.line else ""
            lines.append(
                f"  {group.count:>10,}  {group.share:>6.1%}  first {group.first:,}  {_cut(group.told)}"
            )
            if place:
                lines.append(f"{'':20}{place}")
        if len(summary.groups) > MOST_GROUPS:
            lines.append(f"  and {len(summary.groups) - MOST_GROUPS:,} more kinds")
    return "\n".join(map(_printable, lines)) + "\n"


def _a_task(summary: Summary) -> str:
    if summary.median is None:
        return ""
    median, p95, mean = map(duration, (summary.median, summary.p95, summary.mean))
    return f"median {median}, 95% within {p95}, mean {mean}"


def _speed_up(summary: Summary) -> str:
    if summary.speed_up is None:
        return ""
    efficiency = f", {summary.efficiency:.0%} of the workers' time" if summary.efficiency is not None else ""
    return f"{summary.speed_up:.2f} times{efficiency}"


def _local(time: float | None) -> str:
    return datetime.fromtimestamp(time).strftime("%Y-%m-%d %H:%M:%S") if time else ""


def _printable(line: str) -> str:
    """A line without control characters, whatever the run contains."""
    return line if line.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in line)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 100 else line[:99] + "…"
