"""The base class of editors for a kind of inputs, and the list of kinds."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QObject, QSize, Qt, Signal
from PySide6.QtWidgets import QStyledItemDelegate

from engine.job import Inputs, Job, Problem
from gui.form.fields import Choice
from gui.form.section import Section
from gui.kit import icons

KINDS = (
    ("list", "A list of values"),
    ("range", "A range of numbers"),
    ("files", "Files that match a pattern"),
    ("csv", "Rows of a CSV file"),
    ("lines", "Lines of a text file"),
    ("jsonl", "JSON lines"),
    ("parquet", "Rows of a Parquet file"),
    ("grid", "A grid: combinations of values"),
    ("generator", "What a generator function yields"),
    ("none", "None: one call without an input"),
)


class Editor(QObject):
    """Edits inputs of certain kinds, in rows of the section."""

    kinds: ClassVar[tuple[str, ...]] = ()
    changed = Signal(str)
    """The field of this key changed."""

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.section = section

    def rows(self, kind: str) -> tuple[str, ...]:
        """The keys of the rows that a kind needs."""
        raise NotImplementedError

    def show(self, kind: str) -> None:
        """Show what a kind needs, in rows and elsewhere."""
        shown = self.rows(kind) if kind in self.kinds else ()
        for each in self.kinds:
            for key in self.rows(each):
                self.section.rows[key].show(key in shown)

    def inputs(self, kind: str) -> Inputs:
        """The inputs that the fields hold; a text that does not parse counts as the default."""
        raise NotImplementedError

    def problems(self) -> list[Problem]:
        """What is wrong with the fields themselves."""
        return []

    def fill(self, job: Job) -> None:
        """Show the inputs of `job`."""
        raise NotImplementedError


class KindChooser(Choice):
    """All kinds of inputs in one list."""

    def __init__(self) -> None:
        super().__init__(KINDS)
        self.setItemDelegate(
            QStyledItemDelegate(self)
        )  # draws the icon of the highlighted row in its colours
        self.view().setIconSize(self.iconSize())
        for row, (kind, _) in enumerate(KINDS):
            self.setItemIcon(row, icons.icon(f"input-{kind}", "muted"))
            self.setItemData(row, QSize(0, self.fontMetrics().height() + 8), Qt.ItemDataRole.SizeHintRole)
        self.setMaxVisibleItems(len(KINDS))
