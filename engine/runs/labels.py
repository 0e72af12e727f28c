"""The user's labels of a run: a name, a pin, a note. They are beside run.db, which only a host writes."""

from __future__ import annotations

import json
import os
import unicodedata
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from engine.host.record.text import plain

LABEL = "label.json"
"""In the run folder, if there is a label."""
LONGEST_NAME = 200
LONGEST_NOTE = 10_000
_MOST_BYTES = 1 << 20


@dataclass(frozen=True)
class Label:
    """The user's label of a run."""

    name: str = ""
    """Replaces the function's name; empty if none was given."""
    pinned: bool = False
    """Whether the run stays at the top of the list, and is never offered for deletion."""
    note: str = ""


def read_label(folder: Path) -> Label:
    """The label of the run in `folder`. An invalid file counts as empty."""
    try:
        with (folder / LABEL).open("rb") as file:
            told: Any = json.loads(file.read(_MOST_BYTES))
    except (OSError, ValueError, RecursionError):
        return Label()
    if not isinstance(told, dict):
        return Label()
    found = cast("dict[str, Any]", told)
    name, note = found.get("name"), found.get("note")
    return Label(
        one_line(name)[:LONGEST_NAME] if isinstance(name, str) else "",
        found.get("pinned") is True,
        plain(note)[:LONGEST_NOTE] if isinstance(note, str) else "",
    )


def write_label(folder: Path, label: Label) -> None:
    """Save the label of the run in `folder`, completely or not at all. Raises OSError."""
    path = folder / LABEL
    if label == Label():
        path.unlink(missing_ok=True)
        return
    told = {"name": label.name, "pinned": label.pinned, "note": label.note}
    draft = folder / f".{uuid.uuid4().hex}.json"
    try:
        with draft.open("x", encoding="utf-8") as file:
            json.dump(told, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def one_line(text: str) -> str:
    """A name on one line, without characters that control a terminal or reverse the text direction."""
    words = " ".join(plain(text).split())
    return "".join(char for char in words if unicodedata.category(char) not in ("Cc", "Cf"))
