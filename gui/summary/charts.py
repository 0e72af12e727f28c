"""The charts of a run: how long tasks took, and how many ended when."""

from __future__ import annotations

from engine.results.answers import Histogram
from engine.results.timeline.answers import Throughput
from gui.kit import words
from gui.summary.chart import Bars


def durations(histogram: Histogram) -> Bars:
    """How many tasks took how long."""
    edges = [words.duration(edge) for edge in histogram.edges]
    tips = [
        f"{begin} to {end}: {tasks(count)}"
        for begin, end, count in zip(edges, edges[1:], histogram.counts, strict=False)
    ]
    most = max(histogram.counts)
    tallest = tips[histogram.counts.index(most)]
    scale = ", on a logarithmic scale" if histogram.is_log else ""
    description = f"From {edges[0]} to {edges[-1]}{scale}. The tallest bar is {tallest}"
    return Bars(
        histogram.counts, histogram.edges, edges, tips, tasks(most), description, "tasks", histogram.is_log
    )


def over_time(throughput: Throughput, first: float | None = None) -> Bars:
    """How many tasks ended per second, over the run, or over a part of it that began then."""
    before = throughput.first - (throughput.first if first is None else first)
    count = len(throughput.tasks)
    step = (throughput.last - throughput.first) / count
    rates = [tasks_in / step for tasks_in in throughput.tasks]
    numbers = [before + at * step for at in range(count + 1)]
    edges = [words.duration(number) if number > 0 else "0 s" for number in numbers]
    tips = [f"At {edge}: {rate(each)}" for edge, each in zip(edges, rates, strict=False)]
    mean = rate(sum(throughput.tasks) / (throughput.last - throughput.first))
    description = f"{mean} on average in {words.duration(count * step)}; {rate(max(rates))} at most"
    return Bars(rates, numbers, edges, tips, rate(max(rates)), description, "tasks_per_second")


def tasks(count: int) -> str:
    """A number of tasks."""
    return f"{count:,} task{'s' if count != 1 else ''}"


def rate(each: float) -> str:
    """Tasks per second, for people to read."""
    digits = 0 if each >= 100 else 1 if each >= 1 else 3
    return f"{each:,.{digits}f} tasks a second"
