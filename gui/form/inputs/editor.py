"""What an editor for a kind of inputs is, and the chooser of the kind."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from engine.job import Inputs, Job, Problem
from gui.form.fields import Choice, Segmented
from gui.form.section import Section

PLAIN = (("none", "None"), ("list", "List"), ("range", "Range"))
MORE = "more"
OTHERS = (
    ("csv", "Rows of a CSV file"),
    ("jsonl", "JSON lines"),
    ("lines", "Lines of a text file"),
    ("parquet", "Rows of a Parquet file"),
    ("files", "Files that match a pattern"),
    ("grid", "Grid: combinations of values"),
    ("generator", "What a generator function yields"),
)


class Editor(QObject):
    """Edits the inputs of some kinds, in rows of the section."""

    kinds: ClassVar[tuple[str, ...]] = ()
    changed = Signal(str)
    """The field of this key changed."""

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.section = section

    def rows(self, kind: str) -> tuple[str, ...]:
        """The keys of the rows that inputs of a kind need."""
        raise NotImplementedError

    def show(self, kind: str) -> None:
        """Show what is needed for a kind, in rows and besides."""
        shown = self.rows(kind) if kind in self.kinds else ()
        for each in self.kinds:
            for key in self.rows(each):
                self.section.rows[key].show(key in shown)

    def inputs(self, kind: str) -> Inputs:
        """What the fields hold; where a text does not parse, the default stands in its place."""
        raise NotImplementedError

    def problems(self) -> list[Problem]:
        """What the fields hold that no job can."""
        return []

    def fill(self, job: Job) -> None:
        """Show the inputs of `job`."""
        raise NotImplementedError


class KindChooser(QWidget):
    """The plain kinds side by side, all others in a list behind the last button."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._plain = Segmented([*PLAIN, (MORE, "More…")], "Inputs")
        self.others = Choice(OTHERS)
        self.others.setAccessibleName("Where the inputs come from")
        self.others.setVisible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        box.addWidget(self._plain)
        box.addWidget(self.others)
        self.setFocusProxy(self._plain)
        self._plain.chosen.connect(self._choose)
        self.others.chosen.connect(lambda: self._plain.value() == MORE and self.chosen.emit(self.value()))

    def value(self) -> str:
        """The kind chosen."""
        plain = self._plain.value()
        return self.others.value() if plain == MORE else plain

    def set_value(self, kind: str) -> None:
        """Choose a kind."""
        if kind not in dict(PLAIN):
            self.others.set_value(kind)
        self._plain.set_value(kind if kind in dict(PLAIN) else MORE)

    def button(self, kind: str) -> QAbstractButton:
        """The button of a plain kind, or of all others."""
        return self._plain.button(kind if kind in dict(PLAIN) else MORE)

    def _choose(self, plain: str) -> None:
        self.others.setVisible(plain == MORE)
        self.chosen.emit(self.value())
