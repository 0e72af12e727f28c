"""What the user saves for logs: named filters, highlighted texts, bookmarks with notes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engine.query.log import LogPattern, LogWanted
from gui.settings.store import Settings

FILTERS, HIGHLIGHTS, BOOKMARKS = "log.filters", "log.highlights", "log.bookmarks"
MOST_MARKED = 200
"""Number of logs whose bookmarks are kept; the log changed longest ago is dropped first."""
Place = tuple[int, int]
"""The number of a file, and a line in it."""
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
        kept[name] = asdict(wanted) | {"from_line": 0}
    settings.put(FILTERS, json.dumps(kept))


def highlights(settings: Settings) -> list[str]:
    """The highlighted texts."""
    return [text for text in _read(settings, HIGHLIGHTS) if text]


def toggle_highlight(settings: Settings, text: str) -> None:
    """Highlight a text, or stop doing so."""
    kept = _read(settings, HIGHLIGHTS)
    if text in kept:
        del kept[text]
    else:
        kept[text] = True
    settings.put(HIGHLIGHTS, json.dumps(kept))


def bookmarks(settings: Settings, paths: Sequence[Path]) -> dict[Place, str]:
    """The bookmarked lines of some files, each with its note."""
    found: dict[Place, str] = {}
    try:
        for file, line, note in _read(settings, BOOKMARKS).get(_name(paths), []):
            found[int(file), int(line)] = str(note)
    except (TypeError, ValueError):
        return {}
    return found


def keep_bookmarks(settings: Settings, paths: Sequence[Path], notes: Mapping[Place, str]) -> None:
    """Save the bookmarks of some files."""
    kept = _read(settings, BOOKMARKS)
    kept.pop(_name(paths), None)
    if notes:
        kept[_name(paths)] = [[file, line, note] for (file, line), note in notes.items()]
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
