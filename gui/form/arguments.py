"""Fields for the fixed value of a parameter, one for each kind of value."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QDate, Signal
from PySide6.QtWidgets import QCheckBox, QDateEdit, QFileDialog, QHBoxLayout, QLineEdit, QWidget

from engine.job import Parameter, parse_value
from engine.job.text import literal
from gui.form.fields import Choice, IntegerLine, PathField
from gui.kit import theme

if TYPE_CHECKING:
    from engine.source.kinds import Kind


class Argument(QWidget):
    """Holds one value."""

    changed = Signal()

    def __init__(self, field: QWidget) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field)
        self.setFocusProxy(field)

    def start_in(self, folder: Path) -> None:
        """Read relative paths in this folder."""

    def parameter(self) -> Parameter:
        """The value of the field. Raises ValueError if its text is not valid."""
        raise NotImplementedError

    def show_value(self, given: Parameter) -> bool:
        """Show a value; returns False if it is not of the field's kind."""
        raise NotImplementedError


class Line(Argument):
    """A value of one type, in a line of text; `needed` is the message for an invalid text."""

    def __init__(self, line: QLineEdit, of: type, needed: str = "") -> None:
        super().__init__(line)
        self.line = line
        self._of = of
        self._needed = needed
        line.textChanged.connect(self.changed)

    def parameter(self) -> Parameter:
        try:
            return Parameter(None, self._of(self.line.text()))
        except ValueError:
            raise ValueError(self._needed) from None

    def show_value(self, given: Parameter) -> bool:
        if type(given.value) is not self._of or given.form or len(str(given.value).splitlines()) > 1:
            return False
        self.line.setText(str(given.value))
        return self.line.text() == str(given.value)


class Whole(Line):
    """A whole number."""

    def __init__(self) -> None:
        super().__init__(IntegerLine(), int, "a whole number is needed, such as 640")
        self.line.setPlaceholderText("0")


class Real(Line):
    """A number."""

    def __init__(self) -> None:
        super().__init__(QLineEdit(placeholderText="0.5"), float, "a number is needed, such as 0.5")


class Truth(Argument):
    """True or False."""

    def __init__(self) -> None:
        self.box = QCheckBox("True")
        super().__init__(self.box)
        self.box.toggled.connect(lambda on: self.box.setText(str(on)))
        self.box.toggled.connect(self.changed)
        self.box.setText("False")

    def parameter(self) -> Parameter:
        return Parameter(None, self.box.isChecked())

    def show_value(self, given: Parameter) -> bool:
        if type(given.value) is not bool or given.form:
            return False
        self.box.setChecked(given.value)
        return True


class Text(Line):
    """A text in one line."""

    def __init__(self) -> None:
        super().__init__(QLineEdit(placeholderText="text"), str)


class PathValue(Argument):
    """A path, passed as a pathlib.Path."""

    def __init__(self) -> None:
        ways = {"A &file…": _browse_file, "A f&older…": _browse_folder}
        self.field = PathField(_browse_file, "A file or folder", ways)
        super().__init__(self.field)
        self.field.line.textChanged.connect(self.changed)

    def start_in(self, folder: Path) -> None:
        self.field.start_in(folder)

    def parameter(self) -> Parameter:
        return Parameter(None, self.field.text(), "path")

    def show_value(self, given: Parameter) -> bool:
        if given.form != "path":
            return False
        self.field.line.setText(given.value)
        return self.field.text() == given.value


class Day(Argument):
    """A date."""

    def __init__(self) -> None:
        self.edit = QDateEdit(QDate.currentDate())
        self.edit.setCalendarPopup(True)
        self.edit.setDisplayFormat("yyyy-MM-dd")
        super().__init__(self.edit)
        self.edit.dateChanged.connect(self.changed)

    def parameter(self) -> Parameter:
        chosen = self.edit.date()
        return Parameter(None, date(chosen.year(), chosen.month(), chosen.day()))

    def show_value(self, given: Parameter) -> bool:
        if not isinstance(given.value, date) or isinstance(given.value, datetime):
            return False
        day = QDate(given.value.year, given.value.month, given.value.day)
        self.edit.setDate(day)
        return self.edit.date() == day


class OneOf(Argument):
    """One of a set of values, or of an enum's members."""

    def __init__(self, values: Sequence[Any], form: str) -> None:
        self._values = list(values)
        self._form = form
        self.choice = Choice([(str(n), str(v) if form else repr(v)) for n, v in enumerate(values)])
        super().__init__(self.choice)
        self.choice.chosen.connect(self.changed)

    def parameter(self) -> Parameter:
        return Parameter(None, self._values[self.choice.currentIndex()], self._form)

    def show_value(self, given: Parameter) -> bool:
        same = [n for n, v in enumerate(self._values) if v == given.value and type(v) is type(given.value)]
        if given.form != self._form or not same:
            return False
        self.choice.setCurrentIndex(same[0])
        return True


class Literal(Argument):
    """Any value as a Python literal; a value without a literal form is kept as it is."""

    def __init__(self) -> None:
        self.line = QLineEdit(placeholderText="a Python value")
        self.line.setFont(theme.monospace())
        super().__init__(self.line)
        self._held: Parameter | None = None
        self.line.textChanged.connect(self.changed)

    def parameter(self) -> Parameter:
        return self._held if self._held is not None else Parameter(None, parse_value(self.line.text()))

    def show_value(self, given: Parameter) -> bool:
        text = "" if given.form else _literal(given.value)
        fits = bool(text) and len(text) < self.line.maxLength()
        self._held = None if fits else given
        self.line.setReadOnly(not fits)
        self.line.setText(text if fits else str(given.value)[:200])
        return True


def argument_for(kind: Kind, given: Parameter | None) -> Argument:
    """A field for values of a kind that can also show `given`, if there is one."""
    made = _made(kind)
    if given is not None and not made.show_value(given):
        made = Literal()
        made.show_value(given)
    return made


def _made(kind: Kind) -> Argument:
    if kind.name in ("choice", "enum") and kind.choices:
        return OneOf(kind.choices, "enum" if kind.name == "enum" else "")
    plain = {"int": Whole, "float": Real, "bool": Truth, "text": Text, "path": PathValue, "date": Day}
    return plain.get(kind.name, Literal)()


def _literal(value: object) -> str:
    try:
        return literal(value)
    except ValueError:  # no field for it, for example a time
        return ""


def _browse_file(parent: QWidget, start: str) -> str:
    found, _ = QFileDialog.getSaveFileName(
        parent, "Choose a file", start, options=QFileDialog.Option.DontConfirmOverwrite
    )
    return found


def _browse_folder(parent: QWidget, start: str) -> str:
    return QFileDialog.getExistingDirectory(parent, "Choose a folder", start)
