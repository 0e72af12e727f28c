"""Editors for values typed as Python literals, and for a range."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from engine.job import Inputs, Job, Problem, parse_values, values_text
from gui.form.fields import IntegerLine
from gui.form.inputs.editor import Editor
from gui.form.section import Section
from gui.kit import theme
from gui.kit.work import Latest

AT_ONCE = 20_000
"""Characters up to which the list is parsed while it is being typed."""
HELD = 5_000
"""Values of a job above which they are kept as they are, not spread out as text."""
EDITABLE = 1_000_000
"""Characters of a list that can be edited as text without lag."""
EXCERPT = 100
"""Values of a kept list that are shown."""
WIDE = 100
"""Columns of a long list."""
EDIT, RETYPE = "Edit the list", "Type a new list instead"


def written_list(values: Sequence[Any]) -> str:
    """The values as a Python list: on one line if it is short, else one per line."""
    parts = [values_text([value])[1:-1] for value in values]
    line = f"[{', '.join(parts)}]"
    return (
        line
        if len(line) <= 60 or all(len(part) <= 8 for part in parts)
        else "[\n" + "".join(f"    {part},\n" for part in parts) + "]"
    )


def spread_list(values: Sequence[Any]) -> str | None:
    """All values as a Python list in lines of even length; None if that is too long to edit."""
    lines = ["["]
    line, length = "   ", 0
    for value in values:
        part = values_text([value])[1:-1]
        length += len(part) + 2
        if length > EDITABLE:
            return None
        if len(line) + len(part) > WIDE and line.strip():
            lines.append(line)
            line = "   "
        line += f" {part},"
    return "\n".join([*lines, line, "]"])


class CellsEdit(QPlainTextEdit):
    """A text field that takes spreadsheet cells, pasted or dropped, as Python values."""

    called = Signal(str)
    """Cells were pasted whose rows should be passed as `args` or `kwargs`."""

    def insertFromMimeData(self, source: QMimeData) -> None:
        from engine.inputs.cells import from_cells

        pasted = from_cells(source.text()) if source.hasText() else None
        if pasted is None:
            super().insertFromMimeData(source)
            return
        cursor = self.textCursor()
        whole = len(cursor.selectedText()) == len(self.toPlainText().strip())
        text = written_list(pasted.values)
        cursor.insertText(text if whole else text[1:-1].strip())
        self.called.emit(pasted.call)


class ValuesEditor(Editor):
    """A list of values, as text if that is short, else kept as it is."""

    kinds: ClassVar = ("list",)
    called = Signal(str)
    settled = Signal()
    """A list has been parsed."""

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.values: tuple[Any, ...] = ()
        self.reading = False
        """Whether a long list is being parsed."""
        self.fault = ""
        self._held = False
        self._parser = Latest(self, delay=200)
        self._parser.answered.connect(self._parsed)
        self._parser.settled.connect(self.settled)
        self._writer = Latest(self)
        self._writer.answered.connect(self._written)
        self.text = CellsEdit(placeholderText="[1, 2, 3] or 'a.png', 'b.png', or cells of a spreadsheet")
        self.text.setObjectName("values")
        self.text.setFont(theme.monospace())
        self.text.setTabChangesFocus(True)
        self.text.setFixedHeight(round(5.2 * self.text.fontMetrics().lineSpacing()) + 10)
        self.release = QPushButton(EDIT)
        section.add("inputs.values", "Val&ues", self.text, name="Values, as a Python literal")
        section.add_below(self.release)
        self.text.textChanged.connect(self._edited)
        self.text.called.connect(self.called)
        self.release.clicked.connect(self._release)

    @property
    def busy(self) -> bool:
        """Whether a long list is being parsed."""
        return self._parser.busy

    def rows(self, kind: str) -> tuple[str, ...]:
        return ("inputs.values",)

    def show(self, kind: str) -> None:
        super().show(kind)
        self.release.setVisible(kind == "list" and self._held)

    def _edited(self) -> None:
        if self.section.loading or self._held:
            return
        text = self.text.toPlainText()
        if len(text) <= AT_ONCE:
            self._parser.drop()
            self._parsed(_parse(text))
        else:
            self.fault = ""
            self.reading = True
            self.changed.emit("")
            self._parser.ask(lambda: _parse(text))

    def _parsed(self, outcome: tuple[tuple[Any, ...], str]) -> None:
        self.reading = False
        self.values, self.fault = outcome
        self.changed.emit("inputs.values")

    def _release(self) -> None:
        """Make a kept list editable: all of it or, if the user agrees, a new one in its place."""
        if self.release.text() == RETYPE:
            self._hold(False)
            self.text.clear()
            self.text.setFocus()
            return
        values = self.values
        self.release.setEnabled(False)
        self._writer.ask(lambda: spread_list(values))

    def _written(self, text: str | None) -> None:
        self.release.setEnabled(True)
        if text is None:
            self.release.setText(RETYPE)
            self._excerpt("The list is too long to edit here. ")
            return
        self.text.setPlainText(text)  # while it is kept: writing the job does not change values
        self._hold(False)
        self.text.setFocus()

    def _excerpt(self, why: str = "") -> None:
        """Show the first values of a kept list."""
        told = f"# {why}These are the first {EXCERPT} of {len(self.values):,} values."
        self.text.setPlainText(f"{told}\n{written_list(self.values[:EXCERPT])}")

    def _hold(self, held: bool) -> None:
        self._held = held
        self.text.setReadOnly(held)
        self.release.setText(EDIT)
        self.release.setEnabled(True)
        self.release.setVisible(held and not self.text.isHidden())

    def inputs(self, kind: str) -> Inputs:
        return Inputs(kind, self.values)

    def problems(self) -> list[Problem]:
        return [Problem("inputs.values", self.fault)] if self.fault else []

    def fill(self, job: Job) -> None:
        self._parser.drop()
        self._writer.drop()
        self.reading = False
        self.values, self.fault = job.inputs.values, ""
        self._hold(len(self.values) > HELD)
        if self._held:
            self._excerpt()
        else:
            self.text.setPlainText(written_list(self.values) if self.values else "")


class RangeEditor(Editor):
    """Integers from a start up to an end, which is excluded."""

    kinds: ClassVar = ("range",)

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.start, self.stop, self.step = IntegerLine(), IntegerLine(), IntegerLine()
        section.add("inputs.start", "Fr&om", self.start, name="Range from")
        section.add("inputs.stop", "Up &to (excluded)", self.stop, name="Range up to, excluded")
        section.add("inputs.step", "Step", self.step, name="Range step")
        self.stop.setToolTip("The range ends before this number")
        self.step.setToolTip("From one input to the next")
        for key in ("start", "stop", "step"):
            line: IntegerLine = getattr(self, key)
            line.textChanged.connect(lambda _text, key=key: self.changed.emit(f"inputs.{key}"))

    def rows(self, kind: str) -> tuple[str, ...]:
        return ("inputs.start", "inputs.stop", "inputs.step")

    @property
    def whole(self) -> bool:
        """Whether each field holds a number."""
        return all(line.value() is not None for line in (self.start, self.stop, self.step))

    def inputs(self, kind: str) -> Inputs:
        start, stop, step = (line.value() for line in (self.start, self.stop, self.step))
        return Inputs(kind, (), start or 0, stop or 0, 1 if step is None else step)

    def problems(self) -> list[Problem]:
        return [
            Problem(f"inputs.{key}", f"{label} needs a whole number, such as {such}.")
            for key, label, such, line in (
                ("start", "The start", "0", self.start),
                ("stop", "The end", "100", self.stop),
                ("step", "The step", "1", self.step),
            )
            if line.value() is None
        ]

    def fill(self, job: Job) -> None:
        inputs = job.inputs
        for line, number in ((self.start, inputs.start), (self.stop, inputs.stop), (self.step, inputs.step)):
            line.setText(str(number))


def _parse(text: str) -> tuple[tuple[Any, ...], str]:
    """The values in `text`, or why it has none."""
    if not text.strip():
        return (), ""
    try:
        return parse_values(text), ""
    except ValueError as error:
        return (), f"Not valid Python values: {error}."
