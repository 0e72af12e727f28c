"""Keys as commands name them, and as Qt and a person do."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtGui import QKeySequence

from gui.commands.registry import Command, CommandError

_STANDARD = "standard:"
_PORTABLE = QKeySequence.SequenceFormat.PortableText


@cache
def sequences(keys: str) -> Sequence[QKeySequence]:
    """What `Ctrl+O` or `standard:Open` is on this platform; nothing if the platform has no keys for it.

    Raises CommandError if the text names no keys.
    """
    if keys.startswith(_STANDARD):
        name = keys.removeprefix(_STANDARD)
        if name not in QKeySequence.StandardKey.__members__:
            raise CommandError(f"Qt has no standard keys for {name}")
        return QKeySequence.keyBindings(QKeySequence.StandardKey[name])
    made = QKeySequence.fromString(keys, _PORTABLE)
    if not all(made.toString(_PORTABLE).split(", ")):  # what Qt does not know is an empty text there
        raise CommandError(f"{keys!r} names no keys")
    return [made]


def spell(keys: str) -> list[str]:
    """The same, in one spelling for each sequence of keys."""
    return [made.toString(_PORTABLE) for made in sequences(keys)]


def all_of(command: Command) -> list[QKeySequence]:
    """All sequences of keys of a command, the one that is shown first."""
    return [made for keys in command.keys for made in sequences(keys)]


def shown(command: Command) -> str:
    """Its keys as a person of this platform reads them; empty if it has none."""
    found = all_of(command)
    return found[0].toString(QKeySequence.SequenceFormat.NativeText) if found else ""
