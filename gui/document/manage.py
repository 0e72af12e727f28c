"""The dialog in which presets are opened, renamed, duplicated and deleted."""

from __future__ import annotations

from typing import Any, Protocol

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.kit.empty import EmptyNote
from gui.kit.widgets import text_label


class Shelf(Protocol):
    """The presets, as the dialog uses them."""

    changed: Any
    names: list[str]

    def open(self, name: str) -> None: ...
    def rename(self, name: str, other: str) -> None: ...
    def duplicate(self, name: str) -> None: ...
    def delete(self, name: str) -> None: ...


class ManagePresets(QDialog):
    """Lists the presets; names are edited in place."""

    def __init__(self, parent: QWidget, shelf: Shelf) -> None:
        super().__init__(parent)
        self.setWindowTitle("Presets")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(420, 320)
        self._shelf = shelf
        self.list = QListWidget()
        self.list.setObjectName("presets")
        self.list.setAccessibleName("Presets")
        self.list.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.SelectedClicked
        )
        self._note = EmptyNote(self.list)
        self.show_it = QPushButton("&Open")
        self.name_it = QPushButton("&Rename")
        self.duplicate = QPushButton("&Duplicate")
        self.delete = QPushButton("De&lete")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=self)
        side = QVBoxLayout()
        for button in (self.show_it, self.name_it, self.duplicate, self.delete):
            button.setAutoDefault(False)
            side.addWidget(button)
        side.addStretch(1)
        side.addWidget(close)
        self.problem = text_label("problem", selectable=True)
        self.problem.hide()
        row = QHBoxLayout()
        row.addWidget(self.list, 1)
        row.addLayout(side)
        whole = QVBoxLayout(self)
        whole.addLayout(row, 1)
        whole.addWidget(self.problem)
        self.show_it.clicked.connect(self._open)
        self.name_it.clicked.connect(lambda: self.list.editItem(self.list.currentItem()))
        self.duplicate.clicked.connect(lambda: shelf.duplicate(self._name()))
        self.delete.clicked.connect(lambda: shelf.delete(self._name()))
        close.rejected.connect(self.reject)
        self.list.itemDoubleClicked.connect(self._open)
        self.list.currentItemChanged.connect(self._enable)
        self.list.itemChanged.connect(self._renamed)
        shelf.changed.connect(self._fill)
        self._fill()

    def tell(self, problem: str) -> None:
        """Report what could not be done."""
        self.problem.setText(problem)
        self.problem.show()

    def _name(self) -> str:
        item = self.list.currentItem()
        return item.data(Qt.ItemDataRole.UserRole) if item else ""

    def _shows(self, names: list[str]) -> bool:
        items = [self.list.item(row) for row in range(self.list.count())]
        return [(item.text(), item.data(Qt.ItemDataRole.UserRole)) for item in items] == [
            (n, n) for n in names
        ]

    def _fill(self) -> None:
        """List the presets and restore the selection; if that preset is gone, select the one in its place."""
        if self.list.count() and self._shows(self._shelf.names):
            return  # listing them again would lose a name that is being edited
        chosen, place = self._name(), max(0, self.list.currentRow())
        self.list.blockSignals(True)
        self.list.clear()
        for name in self._shelf.names:
            item = QListWidgetItem(name, self.list)
            item.setData(Qt.ItemDataRole.UserRole, name)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        names = self._shelf.names
        self.list.setCurrentRow(names.index(chosen) if chosen in names else min(place, len(names) - 1))
        self.list.blockSignals(False)
        self._note.say(
            "" if names else "No presets yet. To keep a job as one, use File ▸ Presets ▸ Save as preset."
        )
        self._enable()

    def _enable(self) -> None:
        for button in (self.show_it, self.name_it, self.duplicate, self.delete):
            button.setEnabled(bool(self._name()))

    def _renamed(self, item: QListWidgetItem) -> None:
        name: str = item.data(Qt.ItemDataRole.UserRole)
        self.problem.hide()
        if item.text().strip() != name:
            self._shelf.rename(name, item.text())

    def _open(self) -> None:
        if name := self._name():
            self.accept()
            self._shelf.open(name)
