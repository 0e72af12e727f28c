"""The arguments of a script: a field for each argument that its argparse defines, and one for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from gui.form.fields import Choice
from gui.form.section import Section
from gui.kit import theme
from gui.kit.tips import plain_tip

if TYPE_CHECKING:
    from engine.source.arguments import Argument

REST = "script.arguments"


class ArgumentsSection(Section):
    """The arguments, with their defaults."""

    def __init__(self) -> None:
        super().__init__("Arguments")
        self._arguments: Sequence[Argument] = ()
        self._fields: dict[str, QWidget] = {}
        self._add_rest("")

    def show_arguments(self, arguments: Sequence[Argument]) -> None:
        """Show these arguments at their defaults."""
        if arguments == self._arguments:
            return
        rest = self.rest.text()
        for key in list(self.rows):
            self.remove(key)
        self._arguments, self._fields = arguments, {}
        for argument in arguments:
            field = self._field(argument)
            field.setToolTip(plain_tip(argument.help))
            self._fields[argument.name] = field
            self.add(self._key(argument), argument.name, field, name=argument.name)
        self._add_rest(rest)

    def _add_rest(self, text: str) -> None:
        self.rest = QLineEdit(text)
        self.rest.setFont(theme.monospace())
        self.rest.setPlaceholderText("As you would type them in a terminal")
        self.add(REST, "&More" if self._arguments else "&Arguments", self.rest)

    def words(self) -> list[str] | None:
        """The words of the command line; None if a field is wrong, which is shown beside it."""
        from engine.source.arguments import BadArguments, words

        for row in self.rows.values():
            row.tell("", "")
        values = {name: _value(field) for name, field in self._fields.items()}
        try:
            return words(list(self._arguments), values, self.rest.text())
        except BadArguments as error:
            row = self.rows.get(f"script.argument.{error.name}", self.rows[REST])
            row.tell(str(error), "")
            row.focus.setFocus()
            return None

    @staticmethod
    def _key(argument: Argument) -> str:
        return f"script.argument.{argument.name}"

    @staticmethod
    def _field(argument: Argument) -> QWidget:
        if argument.kind == "switch":
            box = QCheckBox(argument.help.split(". ")[0])
            box.setChecked(argument.on)
            return box
        if argument.kind == "choice":
            choices = [(choice, choice) for choice in argument.choices]
            field = Choice([("", ""), *choices] if not argument.default else choices)
            field.set_value(argument.default)
            return field
        line = QLineEdit(argument.default)
        line.setPlaceholderText("" if argument.default else "needed" if argument.required else "not given")
        return line


def _value(field: QWidget) -> str | bool:
    if isinstance(field, QCheckBox):
        return field.isChecked()
    if isinstance(field, Choice):
        return field.value()
    assert isinstance(field, QLineEdit)
    return field.text()
