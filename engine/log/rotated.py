"""The earlier parts of a rotated log: NAME.1, NAME.2.gz, NAME-20240310 and the like."""

from __future__ import annotations

import re
from pathlib import Path

from engine.log.opening import open_shared
from engine.log.source import Identity, read_exactly

_NUMBERED = re.compile(r"\.(?P<number>\d{1,4})(?:\.gz)?$")
_DATED = re.compile(r"[.-](?P<date>\d{4}-?\d\d-?\d\d(?:[-_T]?\d{2}[-_]?\d{2}(?:[-_]?\d{2})?)?)(?:\.gz)?$")


def rotated_to(path: Path, before: Identity) -> Path | None:
    """The part that a log, as it was before, has become: renamed or copied."""
    for part in reversed(parts_of(path)[:-1]):
        try:
            with open_shared(part) as file:
                head = read_exactly(file, 0, len(before.head))
                tail = read_exactly(file, before.end - len(before.tail), len(before.tail))
        except OSError:
            continue
        if before.end and (head, tail) == (before.head, before.tail):
            return part
    return None


def parts_of(path: Path) -> list[Path]:
    """The files that form one log, the oldest first and `path` itself last."""
    found: list[tuple[tuple[int, str], Path]] = []
    try:
        siblings = list(path.parent.iterdir())
    except OSError:
        siblings = []
    for other in siblings:
        if other.name != path.name and other.name.startswith(path.name) and other.is_file():
            rest = other.name[len(path.name) :]
            if numbered := _NUMBERED.fullmatch(rest):
                found.append(((1, f"{9999 - int(numbered['number']):04}"), other))
            elif dated := _DATED.fullmatch(rest):
                found.append(((0, re.sub(r"\D", "", dated["date"])), other))
    return [*(part for _, part in sorted(found)), path]
