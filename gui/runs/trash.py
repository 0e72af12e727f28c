"""Moves runs to the trash, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QFile, QObject, QStandardPaths, Signal

from gui.kit import words
from gui.kit.in_order import InOrder

A = TypeVar("A")
B = TypeVar("B")
_TOLD = 5
"""Errors that are shown at once."""


@dataclass(frozen=True)
class Gone:
    """A run in the trash."""

    folder: Path
    """Where it was."""
    place: Path | None
    """Where it is; None if the system does not say: then only its own trash can bring it back."""


class Trash(QObject):
    """Moves run folders off the GUI thread, several at a time."""

    moved = Signal(object)
    """What is in the trash now: a list of Gone."""
    restored = Signal()
    """The runs are back."""
    failed = Signal(str, str)
    """What was not done, and why."""

    def __init__(self, worker: InOrder, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker

    def put(self, folders: Sequence[Path]) -> None:
        """Move runs to the trash."""
        which = list(folders)
        self._worker.do(lambda: _all(move_to_trash, which), self._tell_moved)

    def take_back(self, gone: Sequence[Gone]) -> None:
        """Bring runs back from the trash."""
        which = list(gone)
        self._worker.do(lambda: _all(restore, which), self._tell_restored)

    def _tell_moved(self, outcome: tuple[list[Gone], list[str]]) -> None:
        gone, faults = outcome
        if gone:
            self.moved.emit(gone)
        self._tell_faults("moved to the trash", faults)

    def _tell_restored(self, outcome: tuple[list[None], list[str]]) -> None:
        back, faults = outcome
        if back:
            self.restored.emit()
        self._tell_faults("brought back", faults)

    def _tell_faults(self, what: str, faults: list[str]) -> None:
        if faults:
            who = "A run was" if len(faults) == 1 else f"{len(faults):,} runs were"
            self.failed.emit(f"{who} not {what}.", "\n".join(faults[:_TOLD]))


def _all(move: Callable[[A], B], which: Sequence[A]) -> tuple[list[B], list[str]]:
    """Move them one after the other; returns successes and errors."""
    moved: list[B] = []
    faults: list[str] = []
    for one in which:
        try:
            moved.append(move(one))
        except OSError as error:
            faults.append(words.cause(error))
    return moved, faults


def move_to_trash(folder: Path) -> Gone:
    """Move a folder to the trash. Raises OSError if it does not exist or the trash refuses it."""
    data = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    Path(data).mkdir(parents=True, exist_ok=True)  # Qt creates only the trash inside it
    file = QFile(str(folder))
    if not file.moveToTrash():
        if folder.exists():
            raise OSError(f"{file.errorString()}. You can delete {folder} yourself.")
        return Gone(folder, None)
    place = Path(file.fileName())
    return Gone(folder, place if place != folder and place.exists() else None)


def restore(gone: Gone) -> None:
    """Move a run back to where it was. Raises OSError."""
    if gone.place is None or not gone.place.exists():
        raise FileNotFoundError(f"{gone.folder.name} is not in the trash any more.")
    if gone.folder.exists():
        raise FileExistsError(f"There is another {gone.folder} now.")
    gone.folder.parent.mkdir(parents=True, exist_ok=True)
    gone.place.rename(gone.folder)
    with suppress(OSError):  # the metadata of the freedesktop.org trash
        (gone.place.parent.parent / "info" / f"{gone.place.name}.trashinfo").unlink(missing_ok=True)
