"""Keys as commands name them, as Qt names them, and as users read them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from PySide6.QtGui import QKeySequence

from gui.commands.registry import Command, CommandError

_STANDARD = "standard:"
_PORTABLE = QKeySequence.SequenceFormat.PortableText


@cache
def sequences(keys: str) -> Sequence[QKeySequence]:
    """What `Ctrl+O` or `standard:Open` is on this platform; empty if the platform has no keys for it.

    Raises CommandError if the text names no keys.
    """
    if keys.startswith(_STANDARD):
        name = keys.removeprefix(_STANDARD)
        if name not in QKeySequence.StandardKey.__members__:
            raise CommandError(f"Qt has no standard keys for {name}")
        return QKeySequence.keyBindings(QKeySequence.StandardKey[name])
    made = QKeySequence.fromString(keys, _PORTABLE)
    if not all(made.toString(_PORTABLE).split(", ")):  # Qt turns what it does not know into an empty text
        raise CommandError(f"{keys!r} names no keys")
    return [made]


def spell(keys: str) -> list[str]:
    """The same, with one spelling for each key sequence."""
    return [made.toString(_PORTABLE) for made in sequences(keys)]


def all_of(command: Command) -> list[QKeySequence]:
    """All key sequences of a command, the one that is shown first."""
    return [made for keys in command.keys for made in sequences(keys)]


def shown(command: Command) -> str:
    """Its keys as users of this platform know them; empty if it has none."""
    found = all_of(command)
    return found[0].toString(QKeySequence.SequenceFormat.NativeText) if found else ""
