"""A summary in sentences, and times for people to read."""

from __future__ import annotations

from engine.results.answers import Summary
from engine.runs import RunFacts


def in_words(summary: Summary) -> str:
    """The run in a sentence or two: how it went, and the most frequent failure."""
    facts = summary.facts
    done = summary.done
    tasks = f"{done:,} of {facts.total:,} tasks" if facts.total is not None else f"{done:,} tasks"
    said = f"{facts.name}: {_state(facts)}, {tasks} done"
    if summary.wall:
        said += f" in {duration(summary.wall)}"
        if summary.efficiency is not None:
            workers = "1 worker was" if facts.workers == 1 else f"{facts.workers:,} workers were"
            said += f"; {workers} busy {min(summary.efficiency, 1):.0%} of the time"
    return f"{said}. {_failures(summary)}"


def state_in_words(facts: RunFacts) -> str:
    """The state of a run, and the reason for it."""
    return f"{_state(facts)}: {facts.reason}" if facts.reason else _state(facts)


def _state(facts: RunFacts) -> str:
    return "paused" if facts.paused else facts.state


_REASONS = {
    "died": "because their worker died",
    "timeout": "at their time limit",
    "memory": "because they ran out of memory",
    "unpicklable": "with a result that cannot be pickled",
}


def _failures(summary: Summary) -> str:
    if not summary.failed:
        return "None failed."
    said = f"{summary.failed:,} failed"
    kinds: dict[str, int] = {}
    for group in summary.groups:
        kinds[group.kind] = kinds.get(group.kind, 0) + group.count
    most = max(kinds, key=lambda kind: kinds[kind], default="")
    if not most:
        return f"{said}."
    reason = _REASONS.get(most, f"with {most}")
    if kinds[most] == summary.failed:
        return f"{said}, {'all ' if summary.failed > 1 else ''}{reason}."
    return f"{said}, {kinds[most]:,} of them {reason}."


def cpu_in_words(summary: Summary) -> str:
    """How much of their time tasks used a processor, rather than waiting; empty if unknown."""
    if summary.cpu is None or summary.cpu_share is None:
        return ""
    share = f"{summary.cpu_share:.0%}" if summary.cpu_share >= 0.005 else "less than 1%"
    said = f"{duration(summary.cpu)}, {share} of the tasks' time"
    more = " (threads, and the worker's own work between tasks, count too)"
    return said + more if summary.cpu_share >= 1.005 else said


def duration(seconds: float | None) -> str:
    """`1.25 s`, `3 min 10 s`; empty if unknown."""
    if seconds is None:
        return ""
    if seconds < 0.9995e-3:
        return f"{seconds * 1e6:.3g} µs"
    if seconds < 0.9995:
        return f"{seconds * 1e3:.3g} ms"
    if seconds < 59.95:
        return f"{seconds:.3g} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min"


def stages_in_words(summary: Summary) -> list[str]:
    """Each place where a script called a pool, with what came of it."""
    found: list[str] = []
    for site in summary.called:
        place = f" at {site.place}" if site.place else ""
        times = f", {site.calls:,} calls" if site.calls > 1 else ""
        failed = f", {site.failed:,} failed" if site.failed else ""
        found.append(
            f"{site.name}{place}: {site.tasks:,} task{'' if site.tasks == 1 else 's'}{times}{failed}"
        )
    return found
