"""The Inputs section: what the function is called with, with count and preview."""

from __future__ import annotations

import reprlib
from collections.abc import Sequence
from itertools import islice
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPlainTextEdit, QPushButton

from engine.job import Inputs, Job, Problem, parse_values, values_text
from gui import theme
from gui.form.fields import Choice, IntegerLine, Segmented
from gui.form.section import Section, text_label
from gui.work import Latest

AT_ONCE = 20_000
"""Characters up to which the list is parsed while it is typed."""
HELD = 5_000
"""Values of a job above which they are held as they are, not spread out as text."""
EDITABLE = 1_000_000
"""Characters of a list that can be edited as text without waiting for each key."""
EXCERPT = 100
"""Values of a held list that are shown."""
WIDE = 100
"""Columns of a long list."""
EDIT, ANEW = "Edit the list", "Type a new list instead"
SHOWN = 3
"""Calls in the preview."""
CALLS = (
    ("one", "One argument: f(x)"),
    ("args", "Its parts in turn: f(*x)"),
    ("kwargs", "Its parts by name: f(**x)"),
)

_short = reprlib.Repr()
_short.maxlist = _short.maxtuple = _short.maxset = 6
_short.maxstring = _short.maxlong = _short.maxother = 40


def written_call(name: str, value: Any, call: str) -> str:
    """A call as Python would write it."""
    if call == "args" and isinstance(value, list | tuple):
        return f"{name}({', '.join(map(_short.repr, value[:6]))}{', …' if len(value) > 6 else ''})"
    if call == "kwargs" and isinstance(value, dict):
        return f"{name}({', '.join(f'{key}={_short.repr(item)}' for key, item in islice(value.items(), 6))})"
    return f"{name}({_short.repr(value)})"


def preview(name: str, count: int, first: Sequence[Any], call: str) -> str:
    """How many inputs there are, and the first calls."""
    calls = [written_call(name, value, call) for value in first[:SHOWN]]
    return f"{count:,} input{'s' if count > 1 else ''}: {', '.join(calls)}{', …' if count > SHOWN else ''}"


def written_list(values: Sequence[Any]) -> str:
    """The values as a Python list: on one line where it is short, else one a line."""
    parts = [values_text([value])[1:-1] for value in values]
    line = f"[{', '.join(parts)}]"
    return (
        line
        if len(line) <= 60 or all(len(part) <= 8 for part in parts)
        else "[\n" + "".join(f"    {part},\n" for part in parts) + "]"
    )


def spread_list(values: Sequence[Any]) -> str | None:
    """All values as a Python list in lines of even length; None where that is too long to be edited."""
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


class InputsSection(Section):
    """Fields of `[inputs]`."""

    settled = Signal()
    """A list that was being parsed is parsed."""

    def __init__(self) -> None:
        super().__init__("Inputs")
        self._values: tuple[Any, ...] = ()
        self._held = False
        self._fault = ""
        self._plain_call = ""
        self._name = "f"
        self._parser = Latest(self, delay=200)
        self._parser.answered.connect(self._parsed)
        self._parser.settled.connect(self.settled)
        self._writer = Latest(self)
        self._writer.answered.connect(self._written)
        self.kind = Segmented([("none", "None"), ("list", "List of values"), ("range", "Range")], "Inputs")
        self.values = QPlainTextEdit(placeholderText="[1, 2, 3] or 'a.png', 'b.png'")
        self.values.setObjectName("values")
        self.values.setFont(theme.monospace())
        self.values.setTabChangesFocus(True)
        self.values.setFixedHeight(round(5.2 * self.values.fontMetrics().lineSpacing()) + 10)
        self.release = QPushButton(EDIT)
        self.start, self.stop, self.step = IntegerLine(), IntegerLine(), IntegerLine()
        self.call = Choice(CALLS)
        self.preview = text_label("muted")
        self._lay_out()
        self._connect()
        self._show_kind("none")

    def _lay_out(self) -> None:
        self.add_wide(self.kind)
        self.add("inputs.values", "Val&ues", self.values, name="Values, as a Python literal")
        self.add_below(self.release)
        self.add("inputs.start", "Fr&om", self.start, name="Range from")
        self.add("inputs.stop", "&To below", self.stop, name="Range to below")
        self.add("inputs.step", "Step", self.step, name="Range step")
        self.stop.setToolTip("The range ends before this number")
        self.step.setToolTip("From one input to the next")
        self.add("inputs.call", "&Call", self.call, name="How an input becomes a call")
        self.add("inputs.kind", "", self.preview, name="Preview of the calls")
        self.preview.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def _connect(self) -> None:
        self.kind.chosen.connect(self._choose_kind)
        self.values.textChanged.connect(self._edited)
        self.release.clicked.connect(self._release)
        self.call.chosen.connect(self._choose_call)
        for key in ("start", "stop", "step"):
            line: IntegerLine = getattr(self, key)
            line.textChanged.connect(lambda _text, key=key: self._limit(key))

    @property
    def busy(self) -> bool:
        """Whether a long list is being parsed."""
        return self._parser.busy

    def set_name(self, name: str) -> None:
        """The function that previews call."""
        self._name = name
        self._preview()

    def _choose_kind(self, kind: str) -> None:
        self._show_kind(kind)
        self.touch("inputs.kind")

    def _show_kind(self, kind: str) -> None:
        self.rows["inputs.values"].show(kind == "list")
        self.release.setVisible(kind == "list" and self._held)
        for key in ("start", "stop", "step"):
            self.rows[f"inputs.{key}"].show(kind == "range")
        self.rows["inputs.call"].show(kind == "list" or (kind == "range" and self.call.value() != "one"))
        self._preview()

    def _choose_call(self) -> None:
        self._preview()
        self.touch("inputs.call")

    def _limit(self, key: str) -> None:
        self._preview()
        self.touch(f"inputs.{key}")

    def _edited(self) -> None:
        if self.loading or self._held:
            return
        text = self.values.toPlainText()
        if len(text) <= AT_ONCE:
            self._parser.drop()
            self._parsed(_parse(text))
        else:
            self._fault = ""
            self.preview.setText("Reading the list…")
            self._parser.ask(lambda: _parse(text))

    def _parsed(self, outcome: tuple[tuple[Any, ...], str]) -> None:
        self._values, self._fault = outcome
        self._preview()
        self.touch("inputs.values")

    def _release(self) -> None:
        """Let a held list be edited: all of it, or, on the person's word, a new one in its place."""
        if self.release.text() == ANEW:
            self._hold(False)
            self.values.clear()
            self.values.setFocus()
            return
        values = self._values
        self.release.setEnabled(False)
        self._writer.ask(lambda: spread_list(values))

    def _written(self, text: str | None) -> None:
        self.release.setEnabled(True)
        if text is None:
            self.release.setText(ANEW)
            self._excerpt("The list is too long to be edited here. ")
            return
        self.values.setPlainText(text)  # while it is held: no value changes by being written
        self._hold(False)
        self.values.setFocus()

    def _excerpt(self, why: str = "") -> None:
        """Show the first values of a held list."""
        told = f"# {why}These are the first {EXCERPT} of {len(self._values):,} values."
        self.values.setPlainText(f"{told}\n{written_list(self._values[:EXCERPT])}")

    def _hold(self, held: bool) -> None:
        self._held = held
        self.values.setReadOnly(held)
        self.release.setText(EDIT)
        self.release.setEnabled(True)
        self.release.setVisible(held and self.kind.value() == "list")

    def _preview(self) -> None:
        kind, call = self.kind.value(), self.call.value()
        if kind == "none":
            text = f"One call: {self._name}()"
        elif kind == "list":
            text = preview(self._name, len(self._values), self._values, call)
            if self._fault:
                text = ""
            elif not self._values:
                text = "No values yet. Type them with commas between, such as 1, 2, 3 or 'a.png', 'b.png'."
        else:
            start, stop, step = (line.value() for line in (self.start, self.stop, self.step))
            if start is None or stop is None or not step:
                text = ""
            else:
                count = Inputs("range", start=start, stop=stop, step=step).count or 0
                first = [start + nth * step for nth in range(min(count, SHOWN))]
                text = preview(self._name, count, first, "one")
                if not count:
                    text = f"No inputs: there is no number from {start:,} to below {stop:,}."
        self.preview.setText(text)
        self.preview.setVisible(bool(text))

    def problems(self) -> list[Problem]:
        kind = self.kind.value()
        if kind == "list" and self._fault:
            return [Problem("inputs.values", self._fault)]
        if kind == "range":
            return [
                Problem(f"inputs.{key}", f"{label} needs a whole number, such as {such}.")
                for key, label, such, line in (
                    ("start", "The start", "0", self.start),
                    ("stop", "The end", "100", self.stop),
                    ("step", "The step", "1", self.step),
                )
                if line.value() is None
            ]
        return []

    def inputs(self) -> Inputs:
        """What the fields hold; where a text does not parse, the default stands in its place."""
        kind, call = self.kind.value(), self.call.value()
        call = self._plain_call if call == "one" else call
        if kind == "list":
            return Inputs(kind, self._values, call=call)
        if kind == "range":
            start, stop, step = (line.value() for line in (self.start, self.stop, self.step))
            return Inputs(kind, (), start or 0, stop or 0, 1 if step is None else step, call)
        return Inputs(call=self._plain_call)

    def fill(self, job: Job) -> None:
        inputs = job.inputs
        self._parser.drop()
        self._values, self._fault = inputs.values, ""
        self.kind.set_value(inputs.kind)
        self._writer.drop()
        self._hold(len(inputs.values) > HELD)
        if self._held:
            self._excerpt()
        else:
            self.values.setPlainText(written_list(inputs.values) if inputs.values else "")
        for line, number in ((self.start, inputs.start), (self.stop, inputs.stop), (self.step, inputs.step)):
            line.setText(str(number))
        self._plain_call = inputs.call if inputs.call in ("", "one") else ""
        self.call.set_value(inputs.call or "one")
        self._show_kind(self.kind.value())


def _parse(text: str) -> tuple[tuple[Any, ...], str]:
    """The values in `text`, or why there are none."""
    if not text.strip():
        return (), ""
    try:
        return parse_values(text), ""
    except ValueError as error:
        return (), f"These are no Python values: {error}."
