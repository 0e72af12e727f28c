"""The Parameters section: what each parameter of the function gets, from the input or a fixed value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from engine.job import Function, Job, Parameter, Problem, parse_value
from gui.form.fields import Choice
from gui.form.section import Section
from gui.kit.paths import expanded
from gui.kit.tips import plain_tip
from gui.kit.work import Latest

if TYPE_CHECKING:
    from engine.source.kinds import Kind
    from engine.syntax.functions import FunctionInfo, Param
    from gui.form.arguments import Argument

FIXED_TEXT = "Fixed:"
LEFT_OUT, FIXED, NONE, WHOLE = "", "value", "none", "whole"
"""Where an argument comes from; choices that begin with PART are parts of the input."""
PART = "part:"
LONGEST_NAME = 14
"""Characters of a name that its label shows."""
PASSED = {"one": "The input", "args": "From the input, by position", "kwargs": "From the input, by name"}
"""What a required parameter gets from each kind of call, if nothing else is chosen."""
_ANY_WIDTH = 2**24 - 1
"""Qt's maximum width of a widget."""


class ParameterField(QWidget):
    """One parameter: where its argument comes from, and its value if that is fixed."""

    changed = Signal()
    opened = Signal()
    """A field for a fixed value has appeared."""

    def __init__(
        self, param: Param, kind: Kind, given: Parameter | None, folder: Path, *, has_input: bool = True
    ) -> None:
        """Without `has_input`, its argument is a fixed value or left out. Paths are relative to `folder`."""
        super().__init__()
        self.param = param
        self._folder = folder
        self._has_input = has_input
        self._kind = kind
        self._parts: list[str | int] = []
        self._passed = ""
        self.source = Choice()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(6)
        self._row.addWidget(self.source, 1)
        self.setFocusProxy(self.source)
        self.argument: Argument | None = None
        self._fill(given)
        self.source.chosen.connect(self._choose)

    @property
    def required(self) -> bool:
        """Whether it has no default."""
        return self.param.default is None

    @property
    def takes_input(self) -> bool:
        """Whether the argument is the input or a part of it."""
        return self.source.value() == WHOLE or self.source.value().startswith(PART)

    def offer(self, parts: Sequence[str | int], passed: str) -> None:
        """Offer the parts of an input; `passed` says what the call passes if nothing is chosen here."""
        if (list(parts), passed) != (self._parts, self._passed):
            self._parts, self._passed = list(parts), passed
            self._list(self.source.value())

    def _list(self, chosen: str) -> None:
        choices = [(LEFT_OUT, self._absent()), (FIXED, FIXED_TEXT)]
        if self._has_input:
            choices.append((WHOLE, "The whole input"))
        if self._kind.optional:
            choices.insert(2, (NONE, "Fixed: None"))
        parts = list(self._parts)
        if chosen.startswith(PART) and (own := _part(chosen)) not in parts:
            parts.append(own)
        choices += [
            (_choice(part), f"From {part}" if isinstance(part, str) else f"Place {part}") for part in parts
        ]
        self.source.blockSignals(True)
        self.source.set_choices(choices)
        self.source.set_value(chosen)
        self.source.setCurrentIndex(max(0, self.source.currentIndex()))
        self.source.blockSignals(False)

    def _absent(self) -> str:
        """What a parameter gets if nothing is chosen for it."""
        if not self.required:
            return f"Default: {self.param.default}"
        return self._passed or "Nothing"

    def _fill(self, given: Parameter | None) -> None:
        if given is None:
            chosen = LEFT_OUT
        elif given.input is not None:
            chosen = WHOLE if given.input == "" else _choice(given.input)
        elif given.value is None and not given.form and self._kind.optional:
            chosen = NONE
        else:
            chosen = FIXED
        self._list(chosen)
        self._show_argument(given if chosen == FIXED else None)

    def _choose(self) -> None:
        is_fixed = self.source.value() == FIXED
        self._show_argument(None)
        default = self._default()
        if is_fixed and default is not None and self.argument is not None:
            self.argument.show_value(default)  # a value that a field of another kind cannot show
        self.changed.emit()
        if is_fixed:
            self.opened.emit()

    def _default(self) -> Parameter | None:
        """The parameter's default as a fixed value, if its text can be evaluated."""
        if self.required:
            return None
        try:
            return Parameter(None, parse_value(self.param.default or ""))
        except ValueError:
            return None

    def _show_argument(self, given: Parameter | None) -> None:
        """Show the field of the value if it is needed."""
        is_fixed = self.source.value() == FIXED
        self.source.setMaximumWidth(self._width_if_fixed() if is_fixed else _ANY_WIDTH)
        if not is_fixed:
            if self.argument is not None:
                self.argument.hide()
            return
        if self.argument is None:
            from gui.form.arguments import argument_for

            self.argument = argument_for(self._kind, given)
            self.argument.start_in(self._folder)
            self.argument.setAccessibleName(f"Value of {self.param.name}")
            self.argument.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            self.argument.changed.connect(self.changed)
            self._row.addWidget(self.argument, 1)
        self.argument.show()

    def _width_if_fixed(self) -> int:
        """Just wide enough to read, for the value needs the room."""
        metrics = self.source.fontMetrics()
        return metrics.horizontalAdvance(FIXED_TEXT) + 4 * metrics.height()

    def parameter(self) -> Parameter | None:
        """The content of the fields, None if it is left out. Raises ValueError."""
        chosen = self.source.value()
        if chosen == LEFT_OUT:
            return None
        if chosen == WHOLE:
            return Parameter("")
        if chosen == NONE:
            return Parameter(None, None)
        if chosen == FIXED:
            assert self.argument is not None
            return self.argument.parameter()
        return Parameter(_part(chosen))


class ParametersSection(Section):
    """The fields of `[parameters]`: a row for each parameter that the function has or the job names."""

    title: ClassVar[str] = "Parameters"
    table: ClassVar[str] = "parameters"
    """The table of the job file that it holds."""
    has_input: ClassVar[bool] = True
    """Whether an argument may come from the input."""

    def __init__(self) -> None:
        super().__init__(self.title)
        self._given: dict[str, Parameter] = {}
        self._info: FunctionInfo | None = None
        self._kinds: dict[str, Kind] = {}
        self._parts: list[str | int] = []
        self._call = ""
        self._folder = Path.home()
        self.fields: dict[str, ParameterField] = {}
        self._kinds_finder = Latest(self)
        self._kinds_finder.answered.connect(self._show_kinds)
        self.open = False
        self.setVisible(False)

    @property
    def wanted(self) -> bool:
        """Whether there is a parameter that could be given something."""
        return bool(self._given) or bool(self._params())

    def unfold(self, open_: bool) -> None:
        """Show or hide the rows."""
        self.open = open_
        self.setVisible(open_ and bool(self.fields))

    def set_function(self, info: FunctionInfo | None, function: Function, folder: Path) -> None:
        """Show the parameters of another function."""
        if info == self._info:
            return
        self._info, self._folder = info, folder
        self._keep()
        self._build()
        if info is not None and info.params:
            self._kinds_finder.ask(lambda: kinds_of(info, function, folder))

    def offer(self, parts: Sequence[str | int], call: str) -> None:
        """Offer the parts of an input; `call` says how the call passes it, empty if there is none."""
        self._parts, self._call = list(parts), call
        if not self.has_input or any(field.takes_input for field in self.fields.values()):
            call = ""
        first = next(
            (name for name, field in self.fields.items() if field.param.kind != "keyword-only"), None
        )
        for name, field in self.fields.items():
            is_passed = name == first if call == "one" else bool(call)
            field.offer(self._parts, PASSED[call] if is_passed else "")

    def _params(self) -> list[Param]:
        return [p for p in self._info.params if not p.kind.startswith("var-")] if self._info else []

    def _show_kinds(self, kinds: dict[str, Kind]) -> None:
        if kinds != self._kinds:
            self._kinds = kinds
            self._keep()
            self._build()

    def _keep(self) -> None:
        self._given = self.parameters()

    def _build(self) -> None:
        for name in self.fields:
            self.remove(f"{self.table}.{name}")
        self.fields = {}
        if self.wanted:
            self._fill_rows()
        self.unfold(self.open)

    def _fill_rows(self) -> None:
        from engine.source.kinds import Kind
        from engine.syntax.functions import Param

        params = self._params()
        known = {param.name for param in params}
        params += [Param(name, "keyword-only") for name in self._given if name not in known]
        for param in params:
            name = param.name
            kind, given = self._kinds.get(name, Kind()), self._given.get(name)
            field = ParameterField(param, kind, given, self._folder, has_input=self.has_input)
            field.changed.connect(lambda name=name: self.touch(f"{self.table}.{name}"))
            field.opened.connect(lambda name=name: self.opened.emit(f"{self.table}.{name}"))
            self.fields[name] = field
            short = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
            label = f"{short} *" if field.required else short
            row = self.add(f"{self.table}.{name}", label, field, focus=field.source, name=name)
            if row.label is not None:
                row.label.setToolTip(plain_tip(f"{param}, required" if field.required else str(param)))
        self.offer(self._parts, self._call)

    def parameters(self) -> dict[str, Parameter]:
        """The content of the fields; a parameter that does not parse stays as it was."""
        found: dict[str, Parameter] = {}
        for name, field in self.fields.items():
            try:
                held = field.parameter()
            except ValueError:  # `problems` reports it
                held = self._given.get(name)
            if held is not None:
                found[name] = held
        return found

    def problems(self) -> list[Problem]:
        found: list[Problem] = []
        for name, field in self.fields.items():
            try:
                field.parameter()
            except ValueError as error:
                found.append(Problem(f"{self.table}.{name}", f"Not a valid value for {name}: {error}."))
        return found

    def fill(self, job: Job) -> None:
        self._given = dict(self.given_by(job))
        self._build()

    def given_by(self, job: Job) -> Mapping[str, Parameter]:
        """What a job says about the parameters."""
        return job.parameters


class SetupSection(ParametersSection):
    """The fields of `[setup]`: what the set-up gets for its parameters; hidden if it has none."""

    title = "Set-up"
    table = "setup"
    has_input = False

    def given_by(self, job: Job) -> Mapping[str, Parameter]:
        return job.setup

    def problems(self) -> list[Problem]:
        return super().problems() if self.open else []


def kinds_of(info: FunctionInfo, function: Function, folder: Path) -> dict[str, Kind]:
    """The kinds of a function's parameters, from the text of its module."""
    from engine.source.kinds import kinds_in
    from engine.syntax import read_source

    try:
        text = function.source or read_source(folder / expanded(function.file))
        return kinds_in(text, info.params)
    except (OSError, SyntaxError, ValueError):  # reported beside the function
        return {}


def _choice(part: str | int) -> str:
    return f"{PART}{'#' if isinstance(part, int) else '='}{part}"


def _part(choice: str) -> str | int:
    sign, text = choice[len(PART)], choice[len(PART) + 1 :]
    return int(text) if sign == "#" else text
