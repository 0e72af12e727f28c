"""The arguments of a script: a field for each argument that its argparse defines, and one for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from gui.form.fields import Choice
from gui.form.section import FieldRow, Section
from gui.kit import theme
from gui.kit.quiet import quiet_button
from gui.kit.tips import plain_tip
from gui.kit.widgets import ElidedCheckBox

if TYPE_CHECKING:
    from engine.source.arguments import Argument, Values

REST = "script.arguments"
WIDEST_NAME = 130
"""Pixels of the name of an argument beside its field; a longer one is cut, and its tooltip has all of it."""


class ArgumentsSection(Section):
    """The arguments, with their defaults."""

    def __init__(self) -> None:
        super().__init__("Arguments")
        self._arguments: list[Argument] = []
        self._fields: dict[str, QWidget] = {}
        self.defaults = quiet_button("Use the defaults", "Forget the arguments of the last run")
        self.defaults.clicked.connect(lambda: self.give(()))
        self.defaults.hide()
        self._add_rest("")
        layout = self.layout()
        assert layout is not None
        layout.addWidget(self.defaults)

    def show_arguments(self, arguments: Sequence[Argument]) -> None:
        """Show these arguments: at their defaults, or with what the user has typed for them."""
        if list(arguments) == self._arguments:
            return
        defaults = {one.name: _default(one) for one in self._arguments}
        typed = {name: value for name, value in self._values().items() if value != defaults[name]}
        rest = self.rest.text()
        for key in list(self.rows):
            self.remove(key)
        self._arguments, self._fields = list(arguments), {}
        for argument in arguments:
            field = self._fields[argument.name] = self._field(argument)
            field.setToolTip(plain_tip(argument.help))
            row = self.add(self._key(argument), self._short(argument.name), field, name=argument.name)
            self._clear_when_edited(row)
            if row.label is not None:
                row.label.setToolTip(plain_tip(argument.name))
        self._add_rest(rest)
        self._put(typed)

    def give(self, words: Sequence[str]) -> None:
        """Put the words of a command line into the fields; none of them gives the defaults."""
        from engine.source.arguments import taken_apart

        values, rest = taken_apart(self._arguments, words)
        self._put({one.name: _default(one) for one in self._arguments} | values)
        self.rest.setText(rest)
        self.rest.setCursorPosition(0)
        self.defaults.setVisible(bool(words))

    def words(self) -> list[str] | None:
        """The words of the command line; None if a field is wrong, which is shown beside it."""
        from engine.source.arguments import BadArguments, words

        for row in self.rows.values():
            row.tell("", "")
        try:
            return words(self._arguments, self._values(), self.rest.text())
        except BadArguments as error:
            row = self.rows.get(f"script.argument.{error.name}", self.rows[REST])
            row.tell(str(error), "")
            row.focus.setFocus()
            return None

    def _add_rest(self, text: str) -> None:
        self.rest = QLineEdit(text)
        self.rest.setFont(theme.monospace())
        self.rest.setPlaceholderText("As you would type them in a terminal")
        self._clear_when_edited(self.add(REST, "&More" if self._arguments else "&Arguments", self.rest))

    def _clear_when_edited(self, row: FieldRow) -> None:
        """Take back what is said about a field when it changes."""
        if isinstance(row.field, QLineEdit):
            row.field.textEdited.connect(lambda: row.tell("", ""))

    def _values(self) -> Values:
        return {name: _value(field) for name, field in self._fields.items()}

    def _put(self, values: Values) -> None:
        for name, field in self._fields.items():
            value = values.get(name)
            if isinstance(field, QCheckBox) and isinstance(value, bool):
                field.setChecked(value)
            elif isinstance(field, Choice) and isinstance(value, str):
                field.set_value(value)
            elif isinstance(field, QLineEdit) and isinstance(value, str):
                field.setText(value)
                field.setCursorPosition(0)

    def _short(self, name: str) -> str:
        cut = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, WIDEST_NAME)
        return cut.replace("&", "&&")

    @staticmethod
    def _key(argument: Argument) -> str:
        return f"script.argument.{argument.name}"

    @staticmethod
    def _field(argument: Argument) -> QWidget:
        if argument.kind == "switch":
            box = ElidedCheckBox(argument.help.split(". ")[0])
            box.setChecked(argument.on)
            return box
        if argument.kind == "choice":
            choices = [(choice, choice) for choice in argument.choices]
            field = Choice(choices if argument.default else [("", _unset(argument)), *choices])
            field.set_value(argument.default)
            return field
        line = QLineEdit(argument.default)
        line.setPlaceholderText("" if argument.default else _unset(argument))
        return line


def _unset(argument: Argument) -> str:
    return "needed" if argument.required else "not given"


def _default(argument: Argument) -> str | bool:
    return argument.on if argument.kind == "switch" else argument.default


def _value(field: QWidget) -> str | bool:
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, Choice):
        return field.value()
    assert isinstance(field, QLineEdit)
    return field.text()
