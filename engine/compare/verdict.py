"""The verdict: which mode and size suit a job, by the measurements.

Simple modes come first: serial, then threads, then processes. A less simple mode must be faster by a margin,
both in its best and in its typical round, so that noise decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.compare.further import COMPUTING, SCALES, WAITING
from engine.compare.limits import Limit, limits
from engine.compare.lines import LOADED, TRANSPORT, Line, spread
from engine.compare.machine import Machine
from engine.compare.ways import Way
from engine.results.words import duration

MARGIN = 1.15
"""A less simple mode must be this many times as fast,"""
TRANSPORT_MARGIN = 1.5
"""or this many, if most of the time goes into moving inputs and results, which is what noise changes most."""
TINY_GAIN_SECONDS = 10.0
"""For tasks as short as handing them out, the gain must be this large."""
LEAST_GAIN_SECONDS = 0.05
"""A smaller gain is never worth it."""
SAME_SIZE = 1.08
"""The smallest size is taken that is as fast as the best, within this tolerance."""
MORE_THAN_CORES = 1.5
"""More processes than cores must be this many times as fast: under load, they simply get more time."""
ORDER = ("serial", "threads", "pool")


@dataclass(frozen=True)
class Verdict:
    """The advice, and its reasons."""

    mode: str
    workers: int
    reason: str
    """In full sentences."""
    kind: str = ""
    """`cpu`, `waiting`, `mixed`, `library threads`, `tiny`, or `moving` of inputs and results."""
    share: float | None = None
    """CPU time divided by the time of a task."""
    speed_up: float = 1.0
    """How many times as fast as serial."""
    margin: float | None = None
    """How many times as fast as the best other mode; below 1 if that one is less simple."""
    next_best: str = ""
    """That mode."""
    expected: float | None = None
    """Seconds for all inputs; None if their number is unknown."""
    low: float | None = None
    high: float | None = None
    start_method: str = ""
    batch: int = 0
    blas_threads: int = 0
    limits: list[Limit] = field(default_factory=list[Limit])
    """What limits it."""


def verdict(lines: Sequence[Line], tasks: int | None, machine: Machine) -> Verdict:
    """The verdict for a job with this many tasks; the measurements include serial."""
    serial = next(line for line in lines if line.way == Way("serial"))
    best = {"serial": serial}
    for mode in ("threads", "pool"):
        if sized := _best_size(lines, mode, serial, tasks, machine):
            best[mode] = sized
    chosen = _choose(best, serial, tasks)
    chosen, details = _with_details(chosen, lines, tasks)
    others = {mode: line for mode, line in best.items() if mode != chosen.way.mode}
    next_best = min(others, key=lambda mode: others[mode].total(tasks), default="")
    kind = _kind(serial, best, machine)
    expected, low, high = _expected(chosen, tasks)
    held = limits(chosen, best, tasks, machine, kind)
    return Verdict(
        mode=chosen.way.mode,
        workers=chosen.way.workers,
        reason=_reason(chosen, best, tasks, kind, details, held),
        kind=kind,
        share=serial.share,
        speed_up=serial.total(tasks) / chosen.total(tasks),
        margin=others[next_best].total(tasks) / chosen.total(tasks) if next_best else None,
        next_best=next_best,
        expected=expected,
        low=low,
        high=high,
        start_method=chosen.way.start_method,
        batch=chosen.way.batch,
        blas_threads=chosen.way.blas_threads,
        limits=held,
    )


def _best_size(
    lines: Sequence[Line], mode: str, serial: Line, tasks: int | None, machine: Machine
) -> Line | None:
    """The smallest size of a mode that is about as fast as its best, and for which there is memory."""
    sized = sorted(
        (line for line in lines if line.way.mode == mode and line.way.is_plain),
        key=lambda line: line.way.workers,
    )
    fitting = [line for line in sized if mode == "threads" or machine.holds(line)] or sized[:1]
    if not fitting:
        return None
    if mode == "pool":
        within = [line for line in fitting if line.way.workers <= max(machine.cores, 2)]
        best = min(within, key=lambda line: line.total(tasks), default=None)
        waits = serial.share is None or serial.share < WAITING
        beyond = min(fitting, key=lambda line: line.total(tasks))
        if best is not None and not (waits and beyond.gain(best, tasks) >= MORE_THAN_CORES):
            fitting = within
    most = min(line.total(tasks) for line in fitting) * SAME_SIZE
    return next(line for line in fitting if line.total(tasks) <= most)


def _choose(best: dict[str, Line], serial: Line, tasks: int | None) -> Line:
    chosen = serial
    for mode in ORDER[1:]:
        line = best.get(mode)
        if line is None or line.way.workers == 1:  # which is in turn: if it is faster, that is noise
            continue
        if _is_worth(line, chosen, serial, tasks):
            chosen = line
    return chosen


def _is_worth(line: Line, chosen: Line, serial: Line, tasks: int | None) -> bool:
    """Whether `line` is faster than the simpler `chosen` by the margin."""
    gain = line.gain(chosen, tasks)
    saved = chosen.total(tasks) * (1 - 1 / gain) if gain else 0.0
    if serial.is_tiny:
        return gain >= MARGIN and tasks is not None and saved >= TINY_GAIN_SECONDS
    margin = TRANSPORT_MARGIN if serial.overhead > TRANSPORT else MARGIN
    if line.way.mode == "threads" and (serial.share or 0.0) >= COMPUTING:
        margin = max(margin, SCALES)  # a smaller gain looks like noise: threads either hold the lock or scale
    return gain >= margin and (tasks is None or saved >= LEAST_GAIN_SECONDS)


def _with_details(chosen: Line, lines: Sequence[Line], tasks: int | None) -> tuple[Line, str]:
    """The chosen way with the best requested options, if any is faster by the margin."""
    same = [
        line
        for line in lines
        if line.way.mode == chosen.way.mode
        and line.way.workers == chosen.way.workers
        and not line.way.is_plain
    ]
    better = [line for line in same if line.gain(chosen, tasks) >= MARGIN]
    if not better:
        return chosen, ""
    best = min(better, key=lambda line: line.total(tasks))
    _, _, what = best.way.title.partition(", ")
    return best, f"With {what}, it is {best.gain(chosen, tasks):.1f} times as fast as without."


def _kind(serial: Line, best: dict[str, Line], machine: Machine) -> str:
    if serial.is_moving:
        return "moving"
    if serial.is_tiny:
        return "tiny"
    share = serial.share
    threads = best.get("threads")
    computes = share is not None and share >= COMPUTING  # then threads that gain so much more are noise
    if threads is not None and threads.speed_up(serial) > machine.cores * SCALES and not computes:
        return "waiting"
    if share is None:
        return "mixed"
    if serial.has_library_threads:
        return "library threads"
    if computes:
        return "cpu"
    return "mixed" if share >= 0.4 else "waiting"


def _expected(chosen: Line, tasks: int | None) -> tuple[float | None, float | None, float | None]:
    """Seconds for all tasks, with lower and upper bounds: rounds differ, and so do inputs."""
    if tasks is None:
        return None, None, None
    expected = chosen.total(tasks)
    loaded = chosen.start_up + chosen.slowest * tasks
    work = chosen.per_task * tasks
    part = max(0.05, 2 * spread(chosen))
    low = max(0.0, chosen.start_up * 0.8 + work * (1 - part))
    high = max(*chosen.totals(tasks), loaded, chosen.start_up + work * (1 + part))
    return expected, min(low, expected), high


def _reason(
    chosen: Line,
    best: dict[str, Line],
    tasks: int | None,
    kind: str,
    details: str,
    held: Sequence[Limit],
) -> str:
    serial = best["serial"]
    sentences = [_about(serial, kind), _comparison(chosen, best, tasks)]
    if details:
        sentences.append(details)
    sentences += [limit.text for limit in held]
    if serial.waited > LOADED and not serial.is_tiny:  # the waits between tiny tasks would be counted
        sentences.append(
            f"Other programs used the cores for {serial.waited:.0%} of the time; that is subtracted, but look"
            " again when the machine is idle."
        )
    return " ".join(sentences)


def _about(serial: Line, kind: str) -> str:
    share = serial.share
    takes = f"A call takes {duration(serial.mean)}"
    if kind == "tiny":
        return f"The function is tiny: a call takes {duration(serial.mean)}, about as long as to hand it out."
    if kind == "moving":
        return (
            f"Moving inputs and results takes longer than the function: {takes.lower()[0] + takes[1:]}, and"
            f" {duration(serial.per_task - serial.mean)} more to get its input and to keep its result."
        )
    if share is None:
        return f"{takes}; how much of that is CPU time is not known."
    if kind == "cpu":
        return (
            f"The function is CPU-bound: {takes.lower()[0] + takes[1:]}, {min(share, 1):.0%} of it CPU time."
        )
    if kind == "library threads":
        return (
            f"A library that the function uses starts threads of its own (BLAS or the like): a call takes"
            f" {duration(serial.mean)} and keeps {share:.1f} cores busy."
        )
    if kind == "waiting":
        return f"The function waits: a call takes {duration(serial.mean)}, only {share:.0%} of it CPU time."
    return (
        f"The function computes and waits: a call takes {duration(serial.mean)}, {share:.0%} of it CPU time."
    )


def _comparison(chosen: Line, best: dict[str, Line], tasks: int | None) -> str:
    what = f"{tasks:,} inputs" if tasks is not None else "many inputs"
    if chosen.way.mode == "serial":
        others = [line for line in best.values() if line.way.workers > 1]
        if not others:
            if tasks == 1:
                return "There is one input only, so in turn is all there is."
            return f"In turn is as fast as anything for {what}, and the simplest."
        fastest = min(others, key=lambda line: line.total(tasks))
        gain = fastest.total(tasks) and chosen.total(tasks) / fastest.total(tasks)
        if gain < 1.02:
            return f"In turn is as fast as anything for {what}, and the simplest."
        if tasks is not None and gain >= MARGIN:
            saved = chosen.total(tasks) - fastest.total(tasks)
            return (
                f"In turn is the simplest: {fastest.way.title} would save only {duration(saved)} of"
                f" {duration(chosen.total(tasks))} for {what}."
            )
        return (
            f"In turn is the simplest, and {fastest.way.title} would be only {gain:.2f} times as fast"
            f" for {what}{_saving(chosen, fastest, tasks)}."
        )
    said = [f"{chosen.way.title.capitalize()} are {best['serial'].total(tasks) / chosen.total(tasks):.1f}"]
    said[0] += f" times as fast as in turn for {what}"
    other = best.get("threads" if chosen.way.mode == "pool" else "pool")
    if other is not None:
        ratio = other.total(tasks) / chosen.total(tasks)
        if ratio >= 1.02:
            said.append(f"and {ratio:.1f} times as fast as {other.way.title}")
        else:
            said.append(f"and about as fast as {other.way.title}, which cost more memory")
    return " ".join(said) + "."


def _saving(chosen: Line, fastest: Line, tasks: int | None) -> str:
    if tasks is None:
        return ""
    return f" ({duration(chosen.total(tasks))} against {duration(fastest.total(tasks))})"
