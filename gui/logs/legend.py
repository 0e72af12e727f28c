"""Which letter and colour each of several files has."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.logs import inks
from gui.logs.gutter import letter

MOST = 12
"""Files that are named; a line's tip names any of them."""


class Legend(QLabel):
    """One line, hidden if there is only one file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: Sequence[str] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setContentsMargins(6, 2, 6, 2)
        self.setAccessibleName("Files")
        self.hide()

    def show_names(self, names: Sequence[str]) -> None:
        """Show these files, or nothing if there are none."""
        self._names = names
        said = ", ".join(f"{letter(n)} {name}" for n, name in enumerate(names))
        self.setAccessibleDescription(said)
        self._write()
        self.setVisible(bool(names))

    def _write(self) -> None:
        parts = [
            f'<span style="color:{inks.of_source(n).name()}"><b>{letter(n)}</b></span> {escape(name)}'
            for n, name in enumerate(self._names[:MOST])
        ]
        more = len(self._names) - MOST
        self.setText(" &nbsp;&nbsp; ".join(parts + ([f"and {more} more"] if more > 0 else [])))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._write()


def names_of(paths: Sequence[Path]) -> list[str]:
    """The names of files, with as many folders as tell them apart."""
    names = [path.name for path in paths]
    for depth in range(2, max(len(path.parts) for path in paths) + 1):
        same = {name for name in names if names.count(name) > 1}
        if not same:
            break
        names = [
            "/".join(path.parts[-depth:]) if name in same else name
            for path, name in zip(paths, names, strict=True)
        ]
    return names
