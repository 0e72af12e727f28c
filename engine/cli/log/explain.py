"""`--explain`: which encoding and formats were detected, how certain that is, and what does not fit."""

from __future__ import annotations

from engine.cli.log.show import Output, table
from engine.log import levels
from engine.log.log import Log

_WIDTH = 100


def explain(log: Log, out: Output) -> None:
    """Say how a log is read."""
    for line in described(log):
        out.write(f"{line}\n")


def described(log: Log) -> list[str]:
    """How a log is read, as lines of text."""
    found = log.detection
    lines = [
        f"{log.name}: {_counted(log.lines.count, 'line')}, {_counted(log.records.count, 'record')}",
        f"  encoding: {log.encoding.name}" + (", with a mark" if log.encoding.mark else ""),
    ]
    if log.encoding.by_return:
        lines.append("  lines end with a carriage return")
    lines += [f"  note: {note}" for note in log.notes()]
    if not found.formats:
        lines.append("  format: none was found")
    elif found.given:
        lines.append(
            f"  format: {found.formats[0].format.text} (given), fits {_share(found.sure)} of the lines"
        )
    else:
        lines.append(f"  formats, which begin {_share(found.sure)} of the lines that could begin a record:")
        rows = [(f"{ranked.votes:,}", ranked.format.name, ranked.format.text) for ranked in found.formats]
        lines += [f"    {row}" for row in table(rows)]
    counts = log.records.by_level()
    if any(counts):
        named = ((name or "none", count) for name, count in zip(levels.NAMES, counts, strict=True))
        lines.append("  levels: " + ", ".join(f"{name} {count:,}" for name, count in named if count))
    if found.misfits:
        lines.append("  lines that fit no format, and so belong to the record above them:")
        lines += [f"    {line[:_WIDTH]}" for line in found.misfits]
    return lines


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _share(part: float) -> str:
    return f"{part:.0%}"
