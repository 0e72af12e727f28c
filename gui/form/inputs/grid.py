"""The editor of a grid: names with their values, and how they are combined."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QToolButton, QVBoxLayout, QWidget

from engine.job import Inputs, Job, Problem, parse_values, values_text
from gui.form.fields import Segmented
from gui.form.inputs.editor import Editor
from gui.form.section import Section
from gui.kit import icons, theme

HELD = 1_000
"""Values of a name above which they are kept as they are, not spread out as text."""
LONGEST = 20_000
"""Characters that can be typed for one name."""


def written(values: tuple[Any, ...]) -> str:
    """Values separated by commas, as `parse_values` reads them."""
    text = values_text(values)[1:-1]
    return f"{text}," if len(values) == 1 and not isinstance(values[0], int | float | str) else text


class GridRow(QWidget):
    """One name and its values."""

    changed = Signal()
    removed = Signal()

    def __init__(self, name: str = "", values: tuple[Any, ...] = ()) -> None:
        super().__init__()
        self._held = values if len(values) > HELD else None
        self.name = QLineEdit(name, placeholderText="name")
        self.name.setAccessibleName("Name in the grid")
        self.values = QLineEdit(placeholderText="1, 2, 3 or range(10)", maxLength=LONGEST)
        self.values.setAccessibleName("Values of this name")
        self.values.setFont(theme.monospace())
        if self._held is None:
            self.values.setText(written(values))
        else:
            self.values.setText(f"{len(values):,} values, as in the job")
            self.values.setReadOnly(True)
        remove = QToolButton()
        remove.setIcon(icons.icon("close"))
        remove.setToolTip("Remove this name")
        remove.setAccessibleName("Remove this name")
        remove.setProperty("quiet", True)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(4)
        line.addWidget(self.name, 2)
        line.addWidget(self.values, 5)
        line.addWidget(remove)
        self.name.textChanged.connect(self.changed)
        self.values.textChanged.connect(self.changed)
        remove.clicked.connect(self.removed)

    @property
    def blank(self) -> bool:
        """Whether nothing has been typed."""
        return not self.name.text().strip() and not self.values.text().strip()

    def parsed(self) -> tuple[Any, ...]:
        """The values. Raises ValueError."""
        if self._held is not None:
            return self._held
        text = self.values.text()
        return parse_values(text) if text.strip() else ()


class GridEditor(Editor):
    """A row for each name."""

    kinds: ClassVar = ("grid",)

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.lines: list[GridRow] = []
        self._box = QVBoxLayout()
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(4)
        self.add = QPushButton("Add a name")
        self.combine = Segmented([("product", "All combinations"), ("zip", "In step")], "Combine")
        self.combine.button("zip").setToolTip(
            "The first values of all names, then the second ones, and so on"
        )
        self._field = QWidget()
        box = QVBoxLayout(self._field)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(self._box)
        box.addWidget(self.add)
        section.add("inputs.grid", "Values", self._field, focus=self.add, name="Add a name to the grid")
        section.add("inputs.combine", "Combine", self.combine)
        self.add.clicked.connect(self._add_blank)
        self.combine.chosen.connect(lambda: self.changed.emit("inputs.combine"))

    def rows(self, kind: str) -> tuple[str, ...]:
        return ("inputs.grid", "inputs.combine")

    def offer(self, names: Sequence[str]) -> None:
        """If nothing has been typed, show a row for each of these names."""
        if names and all(row.blank for row in self.lines):
            self._clear()
            for name in names:
                self._append(GridRow(name))

    def _clear(self) -> None:
        for row in self.lines:
            row.setParent(None)
            row.deleteLater()
        self.lines = []

    def _add_blank(self) -> None:
        self._append(GridRow()).name.setFocus()

    def _append(self, row: GridRow) -> GridRow:
        row.changed.connect(lambda: self.changed.emit("inputs.grid"))
        row.removed.connect(lambda: self._remove(row))
        self.lines.append(row)
        self._box.addWidget(row)
        return row

    def _remove(self, row: GridRow) -> None:
        self.lines.remove(row)
        row.setParent(None)
        row.deleteLater()
        self.changed.emit("inputs.grid")

    def inputs(self, kind: str) -> Inputs:
        grid: dict[str, tuple[Any, ...]] = {}
        for row in self.lines:
            if not row.blank:
                try:
                    grid[row.name.text()] = row.parsed()
                except ValueError:  # `problems` reports it
                    grid[row.name.text()] = ()
        return Inputs(kind, grid=grid, combine=self.combine.value())

    def problems(self) -> list[Problem]:
        names: set[str] = set()
        for row in self.lines:
            name = row.name.text()
            if row.blank:
                continue
            if name in names:
                return [Problem("inputs.grid", f'"{name}" appears twice: give it once.')]
            names.add(name)
            try:
                row.parsed()
            except ValueError as error:
                return [Problem("inputs.grid", f"{name or 'The values'}: not valid Python values: {error}.")]
        return []

    def fill(self, job: Job) -> None:
        self._clear()
        for name, values in job.inputs.grid.items():
            self._append(GridRow(name, values))
        if not self.lines:
            self._append(GridRow())
        self.combine.set_value(job.inputs.combine)
