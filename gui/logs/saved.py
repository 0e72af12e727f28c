"""What the user saves for logs: named filters, highlighted texts, bookmarks with notes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.query.log import LogPattern, LogWanted
from gui.logs.highlights import Highlight
from gui.settings.store import Settings

FILTERS, HIGHLIGHTS, BOOKMARKS = "log.filters", "log.highlights", "log.bookmarks"
MOST_MARKED = 200
"""Number of logs whose bookmarks are kept; the log changed longest ago is dropped first."""
Place = tuple[int, int]
"""The number of a file, and a line in it."""


@dataclass(frozen=True)
class Bookmark:
    """A bookmarked line: what the user wrote about it, and its text when it was marked."""

    note: str = ""
    text: str = ""


_PATTERNS = ("every", "any", "none")


def filters(settings: Settings) -> dict[str, LogWanted]:
    """All saved filters. One that cannot be read, such as one of another version, is left out."""
    found: dict[str, LogWanted] = {}
    for name, values in _read(settings, FILTERS).items():
        try:
            found[name] = _wanted(values)
        except (TypeError, AttributeError):
            continue
    return found


def keep_filter(settings: Settings, name: str, wanted: LogWanted | None) -> None:
    """Save a filter under a name; None removes it."""
    kept = _read(settings, FILTERS)
    kept.pop(name, None)
    if wanted is not None:
        kept[name] = asdict(wanted) | {"from_line": 0, "from_file": 0}
    settings.put(FILTERS, json.dumps(kept))


def highlights(settings: Settings) -> list[Highlight]:
    """The highlighted texts. Earlier versions stored no colour."""
    found: list[Highlight] = []
    for n, (text, values) in enumerate(_read(settings, HIGHLIGHTS).items()):
        if text and isinstance(values, dict):
            color = values.get("color")
            case, word = values.get("case") is not False, values.get("word") is True
            found.append(Highlight(text, color if isinstance(color, int) else n, case, word))
        elif text:
            found.append(Highlight(text, n))
    return found


def keep_highlights(settings: Settings, kept: Sequence[Highlight]) -> None:
    """Save the highlighted texts."""
    values = {one.text: {"color": one.color, "case": one.case, "word": one.word} for one in kept if one.text}
    settings.put(HIGHLIGHTS, json.dumps(values))


def bookmarks(settings: Settings, paths: Sequence[Path]) -> dict[Place, Bookmark]:
    """The bookmarked lines of some files. Earlier versions stored no text of the line."""
    found: dict[Place, Bookmark] = {}
    try:
        for file, line, note, *text in _read(settings, BOOKMARKS).get(_name(paths), []):
            found[int(file), int(line)] = Bookmark(str(note), str(text[0]) if text else "")
    except (TypeError, ValueError):
        return {}
    return found


def keep_bookmarks(settings: Settings, paths: Sequence[Path], marked: Mapping[Place, Bookmark]) -> None:
    """Save the bookmarks of some files."""
    kept = _read(settings, BOOKMARKS)
    kept.pop(_name(paths), None)
    if marked:
        kept[_name(paths)] = [[file, line, one.note, one.text] for (file, line), one in marked.items()]
    settings.put(BOOKMARKS, json.dumps(dict(list(kept.items())[-MOST_MARKED:])))


def _name(paths: Sequence[Path]) -> str:
    return "\n".join(map(str, paths))


def _read(settings: Settings, key: str) -> dict[str, Any]:
    try:
        found = json.loads(settings.text(key) or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _wanted(values: dict[str, Any]) -> LogWanted:
    made: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in values.items()
    }
    for name in _PATTERNS:
        made[name] = tuple(LogPattern(**pattern) for pattern in made.get(name, ()))
    return LogWanted(**made)
