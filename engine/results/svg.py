"""Charts as SVG for a standalone page: bars, and lines over time."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from html import escape

from engine.results.answers import Histogram
from engine.results.timeline.answers import Throughput
from engine.results.usage import Series
from engine.results.words import duration

WIDTH, HEIGHT, BOTTOM, TOP = 720, 220, 24, 18
"""The size of a chart in pixels, and of the lines of text below and above it."""
TICKS = 5
MOST_LINES = 24
_COLOURS = ("#2f6fb3", "#c2571a", "#2a8a4a", "#9b3fae", "#a08000", "#c0304a", "#1a8c9c", "#6b6b6b")


def durations(histogram: Histogram) -> str:
    """How many tasks took how long."""
    edges = [duration(edge) for edge in histogram.edges]
    tips = [
        f"{begin} to {end}: {count:,}"
        for begin, end, count in zip(edges, edges[1:], histogram.counts, strict=False)
    ]
    most = max(histogram.counts)
    return _bars(histogram.counts, edges, tips, f"Histogram of durations, {most:,} tasks in the tallest bar")


def throughput(told: Throughput) -> str:
    """How many tasks ended per second, over the time of the run."""
    step = (told.last - told.first) / len(told.tasks)
    rates = [count / step for count in told.tasks]
    edges = ["0 s", *(duration(step * at) for at in range(1, len(rates) + 1))]
    tips = [f"{edge}: {rate:,.3g} a second" for edge, rate in zip(edges, rates, strict=False)]
    return _bars(rates, edges, tips, f"Tasks over time, {max(rates):,.3g} a second at most")


def over_time(
    series: Sequence[Series],
    values: Callable[[Series], bytes],
    shown: Callable[[float], str],
    label: str,
) -> str:
    """A line for each of these."""
    lines = [(each.name, array("d", each.times), array("d", values(each))) for each in series[:MOST_LINES]]
    last = max(max(times) for _, times, _ in lines) or 1.0
    most = max(max(column) for *_, column in lines) or 1.0
    tall = HEIGHT - BOTTOM - TOP
    drawn: list[str] = []
    for at, (name, times, column) in enumerate(lines):
        points = " ".join(
            f"{time / last * WIDTH:.1f},{TOP + tall - value / most * tall:.1f}"
            for time, value in zip(times, column, strict=True)
        )
        style = f'fill="none" stroke="{_COLOURS[at % len(_COLOURS)]}" stroke-width="1.5"'
        tip = f"<title>{escape(name)}: {shown(max(column))} at most</title>"
        drawn.append(f'<polyline points="{points}" {style}>{tip}</polyline>')
    top = f'<text x="0" y="{TOP - 6}">{shown(most)}</text>'
    ticks = [duration(last * at / (TICKS - 1)) if at else "0 s" for at in range(TICKS)]
    return _svg([*drawn, top, *_texts(ticks, WIDTH / (TICKS - 1))], f"{label}, {shown(most)} at most")


def _bars(values: Sequence[float], edges: Sequence[str], tips: Sequence[str], label: str) -> str:
    most = max(values) or 1
    step = WIDTH / len(values)
    tall = HEIGHT - BOTTOM
    bars: list[str] = []
    for at, value in enumerate(values):
        if value:
            high = max(value / most * tall, 1)
            bars.append(
                f'<rect x="{at * step:.1f}" y="{tall - high:.1f}" width="{max(step - 1, 1):.1f}"'
                f' height="{high:.1f}"><title>{tips[at]}</title></rect>'
            )
    places = [round(at * (len(edges) - 1) / (TICKS - 1)) for at in range(TICKS)]
    return _svg([*bars, *_texts([edges[at] for at in places], WIDTH / (TICKS - 1))], label)


def _texts(texts: Sequence[str], step: float) -> list[str]:
    anchors = ["start", *["middle"] * (TICKS - 2), "end"]
    return [
        f'<text x="{at * step:.1f}" y="{HEIGHT - 6}" text-anchor="{anchor}">{text}</text>'
        for at, (text, anchor) in enumerate(zip(texts, anchors, strict=True))
    ]


def _svg(inner: Sequence[str], label: str) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
    return f'<svg {size} role="img" aria-label="{label}">{"".join(inner)}</svg>'
