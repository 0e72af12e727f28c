"""A run as one page of HTML that needs nothing else: summary, durations, failures, and the job."""

from __future__ import annotations

from datetime import datetime
from html import escape
from pathlib import Path

from engine.results.answers import Histogram, Summary
from engine.results.words import cpu_in_words, duration, in_words, state_in_words
from engine.runs import JOB

WIDTH, HEIGHT, BOTTOM = 720, 220, 24
"""Of the chart, in pixels, and of the line of text below it."""
TICKS = 5
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


def report(folder: Path, summary: Summary) -> str:
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
        parts += ["<h2>How long tasks took</h2>", chart(summary.histogram)]
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


def chart(histogram: Histogram) -> str:
    """A histogram as SVG."""
    most = max(histogram.counts)
    step = WIDTH / len(histogram.counts)
    tall = HEIGHT - BOTTOM
    bars: list[str] = []
    for at, count in enumerate(histogram.counts):
        if count:
            high = max(count / most * tall, 1)
            begin, end = duration(histogram.edges[at]), duration(histogram.edges[at + 1])
            bars.append(
                f'<rect x="{at * step:.1f}" y="{tall - high:.1f}" width="{max(step - 1, 1):.1f}"'
                f' height="{high:.1f}"><title>{begin} to {end}: {count:,}</title></rect>'
            )
    ticks = [round(at * (len(histogram.edges) - 1) / (TICKS - 1)) for at in range(TICKS)]
    anchors = ["start", *["middle"] * (TICKS - 2), "end"]
    texts = [
        f'<text x="{at * step:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">'
        f"{duration(histogram.edges[at])}</text>"
        for at, anchor in zip(ticks, anchors, strict=True)
    ]
    label = f"Histogram of durations, {most:,} tasks in the tallest bar"
    inner = "".join([*bars, *texts])
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
    return f'<svg {size} role="img" aria-label="{label}">{inner}</svg>'


def _job(folder: Path) -> str:
    try:
        return (folder / JOB).read_text("utf-8", "replace")
    except OSError as error:
        return f"It cannot be read: {error}"
