"""Deletes runs: the question, the move to the trash, the undo, and what could be deleted."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QMessageBox, QWidget

from gui.kit.in_order import InOrder
from gui.runs.trash import Gone, Trash
from gui.runs.undo_bar import UndoBar
from gui.runs.words import described

if TYPE_CHECKING:
    from engine.runs import RunSummary

_NAMED = 8
"""Runs that a question names."""


class Deleting(QObject):
    """Moves runs to the trash if the user confirms, and brings them back."""

    leaving = Signal(list)
    """Folders that are about to go: close them everywhere."""
    changed = Signal()
    """The list of folders has changed."""

    def __init__(self, pane: QWidget, worker: InOrder) -> None:
        super().__init__(pane)
        self._pane = pane
        self._gone: list[Gone] = []
        self.bar = UndoBar()
        self._trash = Trash(worker, self)
        self._trash.moved.connect(self._moved)
        self._trash.restored.connect(self.changed)
        self._trash.failed.connect(self.tell)
        self.bar.undone.connect(self.undo)

    def ask(self, runs: Sequence[RunSummary]) -> QMessageBox:
        """Ask whether to move runs to the trash, and do it if the answer is yes."""
        what = f"“{runs[0].name}”" if len(runs) == 1 else f"{len(runs):,} runs"
        box = QMessageBox(QMessageBox.Icon.Question, "Move to trash", f"Move {what} to the trash?")
        box.setParent(self._pane.window(), Qt.WindowType.Dialog)
        box.setTextFormat(Qt.TextFormat.PlainText)
        names = [described(run) for run in runs[:_NAMED]]
        if len(runs) > _NAMED:
            names.append(f"and {len(runs) - _NAMED:,} more")
        box.setInformativeText("\n".join([*names, "", "This includes results, log and output."]))
        yes = box.addButton("Move to trash", QMessageBox.ButtonRole.AcceptRole)
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        folders = [run.folder for run in runs]
        yes.clicked.connect(lambda: self.delete(folders))
        box.open()
        return box

    def delete(self, folders: Sequence[Path]) -> None:
        """Move runs to the trash."""
        self.leaving.emit(list(folders))
        self._trash.put(folders)

    def _moved(self, gone: list[Gone]) -> None:
        self._gone = [one for one in gone if one.place is not None]
        what = gone[0].folder.name if len(gone) == 1 else f"{len(gone):,} runs"
        self.bar.offer(f"In the trash: {what}", can_undo=self.can_undo)
        self.changed.emit()

    @property
    def can_undo(self) -> bool:
        """Whether the last trashed runs can be brought back."""
        return bool(self._gone)

    def undo(self) -> None:
        """Bring back the runs that were trashed last."""
        self.bar.hide()
        gone, self._gone = self._gone, []
        if gone:
            self._trash.take_back(gone)

    def show_space(self, runs: Sequence[RunSummary]) -> None:
        """Show how much disk space these runs take, and what could be deleted."""
        from gui.runs.space import Space

        dialog = Space(self._pane.window(), runs)
        dialog.delete_asked.connect(self.delete)
        dialog.open()

    def tell(self, title: str, text: str) -> None:
        """Report what was not done, and why."""
        box = QMessageBox(QMessageBox.Icon.Warning, title, title, parent=self._pane.window())
        box.setTextFormat(Qt.TextFormat.PlainText)
        box.setInformativeText(text)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()
