"""A run as a standalone HTML page: summary, durations, failures, and the job."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

from engine.results import svg
from engine.results.answers import Summary
from engine.results.timeline.answers import Throughput
from engine.results.usage import Usage
from engine.results.words import cpu_in_words, duration, in_words, state_in_words
from engine.runs import JOB

_STYLE = """
:root { color-scheme: light dark; --line: #8884; --bar: #2f6fb3; --soft: #777; }
@media (prefers-color-scheme: dark) { :root { --bar: #6ea8e0; --soft: #aaa; } }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .3rem .8rem .3rem 0; }
th, td { border-bottom: 1px solid var(--line); }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums; }
code, pre { font: 13px/1.45 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap; }
.soft { color: var(--soft); }
svg text { font: 12px system-ui, sans-serif; fill: var(--soft); } svg rect { fill: var(--bar); }
svg { max-width: 100%; height: auto; }
"""


def report(folder: Path, summary: Summary, throughput: Throughput | None, usage: Usage) -> str:
    """The page."""
    facts = summary.facts
    parts = [
        "<!doctype html>",
        f'<html lang="en"><head><meta charset="utf-8"><title>{escape(facts.name)}</title>',
        f"<style>{_STYLE}</style></head><body>",
        f"<h1>{escape(facts.name)}</h1><p>{escape(in_words(summary))}</p>",
        _table([(name, value) for name, value in _facts(summary) if value]),
    ]
    if summary.histogram:
        parts += ["<h2>How long tasks took</h2>", svg.durations(summary.histogram)]
    if throughput and any(throughput.tasks):
        parts += ["<h2>Tasks over time</h2>", svg.throughput(throughput)]
    if usage.series:
        parts += ["<h2>Memory of each worker</h2>"]
        parts += [svg.over_time(usage.series, lambda each: each.memory, _size, "Memory")]
        parts += ["<h2>Processor of each worker</h2>"]
        parts += [svg.over_time(usage.series, lambda each: each.cpu, "{:.2f} cores".format, "Processor")]
    if summary.longest:
        parts += ["<h2>The longest tasks</h2>", _longest(summary)]
    if summary.groups:
        parts += ["<h2>Failures</h2>", _failures(summary)]
    parts += ["<h2>The job</h2>", f"<pre>{escape(_job(folder))}</pre>", "</body></html>\n"]
    return "\n".join(parts)


def _facts(summary: Summary) -> list[tuple[str, str]]:
    facts = summary.facts
    speed_up = "" if summary.speed_up is None else f"{summary.speed_up:.2f} times"
    if summary.efficiency is not None:
        speed_up += f", {summary.efficiency:.0%} of the workers' time"
    return [
        ("State", state_in_words(facts)),
        ("Tasks", ", ".join(f"{count:,} {name}" for name, count in summary.counts)),
        ("Started", datetime.fromtimestamp(facts.started).isoformat(" ", "seconds") if facts.started else ""),
        ("Ran", duration(summary.wall)),
        ("All tasks together", duration(summary.busy)),
        ("Processor time", cpu_in_words(summary)),
        ("Speed-up", speed_up),
        ("Start-up", duration(summary.start_up)),
        ("Median", duration(summary.median)),
        ("95% within", duration(summary.p95)),
        ("Workers", f"{facts.workers}, {facts.mode}"),
        ("Python", facts.python),
        ("Machine", f"{facts.machine} {facts.system} {facts.processor}".strip()),
        ("Commit", facts.commit + (", with changes" if facts.dirty else "")),
        ("Packages", ", ".join(f"{name} {version}" for name, version in facts.packages)),
    ]


def _table(rows: list[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _longest(summary: Summary) -> str:
    rows = "".join(
        f'<tr><td class="n">{task.task:,}</td><td class="n">{escape(duration(task.seconds))}</td>'
        f"<td><code>{escape(task.input[:500])}</code></td></tr>"
        for task in summary.longest
    )
    return f'<table><tr><th class="n">Task</th><th class="n">Took</th><th>Input</th></tr>{rows}</table>'


def _failures(summary: Summary) -> str:
    rows = "".join(
        f'<tr><td class="n">{group.count:,}</td><td class="n">{group.share:.1%}</td>'
        f'<td class="n">{group.first:,}</td><td><code>{escape(group.message)}</code>'
        + (f'<br><span class="soft">{escape(group.file)}:{group.line}</span>' if group.line else "")
        + "</td></tr>"
        for group in summary.groups
    )
    head = '<th class="n">Tasks</th><th class="n">Share</th><th class="n">First</th><th>Error</th>'
    return f"<table><tr>{head}</tr>{rows}</table>"


def _size(size: float) -> str:
    return f"{size / 2**30:,.2f} GiB" if size >= 2**30 else f"{size / 2**20:,.1f} MiB"


def _job(folder: Path) -> str:
    try:
        return (folder / JOB).read_text("utf-8", "replace")
    except OSError as error:
        return f"It cannot be read: {error}"
