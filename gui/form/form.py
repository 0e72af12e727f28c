"""The form: its sections together make one job."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.job import Inputs, Job, Parameter, Problem, new_job
from gui.form.anchor import Anchor
from gui.form.function import FunctionSection
from gui.form.inputs import InputsSection
from gui.form.log import LogSection
from gui.form.parameters import ParametersSection, SetupSection
from gui.form.pool import PoolSection
from gui.form.section import FieldRow, Section
from gui.kit.paths import expanded
from gui.kit.tab_order import move_focus

if TYPE_CHECKING:
    from engine.source.notes import Note
    from engine.syntax.functions import FunctionInfo, Param


class State(NamedTuple):
    """The content of all fields."""

    job: Job
    adrift: bool
    """The job has no folder yet."""


class Form(QScrollArea):
    """Shows and edits a job. Problems stay hidden until their field was touched or `reveal` was called."""

    changed = Signal()
    """The user changed something."""
    reread = Signal()
    """The function's file changed on disk: the job must be checked again."""
    settled = Signal()
    """No field is being parsed any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inner = QWidget()
        self.setObjectName("form")
        self.setAccessibleName("Job")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bar = self.verticalScrollBar()
        bar.rangeChanged.connect(
            lambda least, most: bar.setEnabled(least < most)
        )  # drawn only while it scrolls
        self._folder: Path | None = None
        self._problems: list[Problem] = []
        self._notes: dict[str, str] = {}
        self._touched: set[str] = set()
        self._fresh: set[str] = set()
        """Keys of fields that have just appeared: an empty one is not a mistake yet."""
        self._is_chosen = False
        """Whether the user has just chosen a function whose signature is not known yet."""
        self._revealed = False
        self.function = FunctionSection()
        self.setup = SetupSection()
        self.inputs = InputsSection()
        self.parameters = ParametersSection()
        self.pool = PoolSection()
        self.log = LogSection()
        self.sections: tuple[Section, ...] = (
            self.function, self.setup, self.inputs, self.parameters, self.pool, self.log,
        )  # fmt: skip
        self._inner.setObjectName("sections")
        box = QVBoxLayout(self._inner)
        box.setContentsMargins(2, 0, 8, 8)
        box.setSpacing(10)
        for section in self.sections:
            box.addWidget(section)
            section.changed.connect(self._change)
            section.opened.connect(self._open)
            section.told.connect(self._tell)
        box.addStretch(1)
        self.setWidget(self._inner)
        Anchor(self, self._inner)
        self.function.renamed.connect(self._rename)
        self.function.setup.textChanged.connect(self._set_up)
        self.inputs.parts_known.connect(self._offer)
        self.inputs.more.toggled.connect(self._unfold)
        self.parameters.changed.connect(self._rename)
        self.function.reread.connect(self._reread)
        self.inputs.settled.connect(self.settled)
        self._align()
        self.set_job(new_job(), adrift=True)

    def job(self) -> Job:
        """The job that the fields hold."""
        function = self.function.function()
        folder = self._folder
        if folder is None:
            chosen = expanded(function.file) if function.file else Path()
            folder = chosen.parent if chosen.is_absolute() else Path.home()
        sections = self.inputs.inputs(), self.pool.run(), self.log.log()
        setup = self.setup.parameters() if function.setup else {}
        return Job(function, *sections, folder, self.parameters.parameters(), setup)

    def set_job(self, job: Job, *, reveal: bool = False, adrift: bool = False) -> None:
        """Show `job`. An `adrift` job has no folder yet and takes that of its Python file."""
        self._folder = None if adrift else job.folder
        self._problems = []
        self._notes = {}
        self._touched = set()
        self._fresh.clear()
        self._is_chosen = False
        self._revealed = reveal
        for section in self.sections:
            section.set_job(job)
        self._rename()
        self.inputs.more.setChecked(bool(job.parameters))
        self._tell()

    def state(self) -> State:
        """The content of the fields, for `restore`."""
        return State(self.job(), self._folder is None)

    def restore(self, state: State) -> None:
        """Put back the content of the fields, as if the user had changed them."""
        touched, unfolded, focus = self._touched, self.pool.advanced.isChecked(), self.focusWidget()
        self.set_job(state.job, reveal=self._revealed, adrift=state.adrift)
        self._touched = touched
        if unfolded:  # the focused field must not fold away
            self.pool.advanced.setChecked(True)
        if focus is not None and focus.isVisible():
            focus.setFocus()
        self.changed.emit()

    def choose_file(self, path: Path) -> None:
        """Take the function from this Python file, as if the user had chosen it in the form."""
        self.function.way.set_value("file")
        self.function.file.line.setText(str(path))

    def expect_inputs(self) -> None:
        """The function came with an opened file: choose the kind of inputs that it needs."""
        self._is_chosen = True
        self._take_kind(self.function.chosen())

    def choose_data(self, path: Path, kind: str) -> None:
        """Take the inputs from this file, as if the user had chosen it in the form."""
        state = self.state()
        self.restore(State(state.job.with_(inputs=Inputs(kind, path=str(path))), state.adrift))

    @property
    def busy(self) -> bool:
        """Whether a text is still being parsed; `settled` follows."""
        return self.inputs.busy

    @property
    def empty(self) -> bool:
        """Whether no function was chosen yet."""
        function = self.function.function()
        return not (function.file or function.import_path or function.source.strip())

    def own_problems(self) -> list[Problem]:
        """What is wrong with the fields themselves, so that it cannot be in a job."""
        return [problem for section in self.sections for problem in section.problems()]

    def all_problems(self, found: Iterable[Problem]) -> list[Problem]:
        """The form's own problems and those `found` in its job, in the order of the fields.

        If a field does not parse, problems with its stand-in value are ignored.
        """
        own = self.own_problems()
        unparsed = {self._key(problem.key) for problem in own}
        order = [key for section in self.sections for key in section.rows]
        both = [*own, *(problem for problem in found if self._key(problem.key) not in unparsed)]
        return sorted(both, key=lambda problem: order.index(self._key(problem.key)))

    def show_problems(self, problems: Iterable[Problem]) -> None:
        """Show each problem beside its field, replacing earlier ones."""
        self._problems = list(problems)
        self._tell()

    def show_notes(self, notes: Iterable[Note]) -> None:
        """Show what could not be read beside its field, until the field changes."""
        self._notes = {}
        for note in notes:
            text = f"Line {note.line}: {note.message}" if note.line else note.message
            key = self._field(note.key)
            self._notes[key] = f"{self._notes[key]}\n{text}" if key in self._notes else text
        self._tell()

    def reveal(self) -> None:
        """From now on show all problems, even beside untouched fields."""
        self._revealed = True
        self._fresh.clear()
        self._tell()

    def focus_problem(self, key: str) -> None:
        """Scroll to the field of `key` and focus it."""
        if key in self.parameters.rows:
            self.inputs.more.setChecked(True)
        row = self._row(self._key(key))
        for section in self.sections:
            section.expose(self._key(key))
        row.focus.setFocus()
        self.ensureWidgetVisible(row.problem if row.problem.isVisible() else row.focus, 20, 40)
        self.ensureWidgetVisible(row.focus, 20, 20)

    def _change(self, key: str) -> None:
        self._fresh.discard(self._key(key))
        self._touched.add(self._key(key))
        self._is_chosen = self._is_chosen or key.startswith("function")
        if key == "function":
            self._touched |= set(self.function.rows)
        if key in ("function", "function.name", "inputs.kind"):  # found for other inputs
            void = ("inputs", "parameters")
            self._problems = [p for p in self._problems if p.key.partition(".")[0] not in void]
        if key in ("inputs.kind", "inputs.call"):
            self._offer()
        self._notes.pop(self._field(key), None)
        self._tell()
        self.changed.emit()

    def _open(self, key: str) -> None:
        self._fresh.add(self._key(key))
        self._tell()

    def _unfold(self, open_: bool) -> None:
        self.parameters.unfold(open_)
        self._align()
        self._tell()

    def _reread(self) -> None:
        self._touched |= {"function.file", "function.name"}
        self.reread.emit()

    def _set_up(self) -> None:
        """Show the parameters of the set-up."""
        function = self.function.function()
        folder = self._folder or (expanded(function.file).parent if function.file else Path.home())
        self.setup.set_function(self.function.set_up_by(), function, folder)
        self.setup.unfold(bool(function.setup))
        self._align()

    def _rename(self) -> None:
        job = self.job()
        self._set_up()
        info = self.function.chosen()
        by_place = [p.name for p in info.params if p.kind == "positional-only"] if info else []
        beside = [info.name for info in self.function.known]
        self.inputs.set_function(job.function, beside, job.folder, _required(info))
        self.parameters.set_function(info, job.function, job.folder)
        self._take_kind(info)
        self._offer()
        self.inputs.more.setVisible(self.parameters.wanted)
        self.inputs.set_call(self.function.call_name(), job.parameters, frozenset(by_place))
        self.inputs.set_taker(_taker(info, job.parameters))

    def _offer(self) -> None:
        """Say what the parameters may get from an input."""
        inputs = self.inputs.inputs()
        self.parameters.offer(self.inputs.parts, "" if inputs.kind == "none" else inputs.called)

    def _take_kind(self, info: FunctionInfo | None) -> None:
        """A function that was just chosen and needs an argument also needs inputs."""
        if info is not None and self._is_chosen and not self.inputs.loading:
            self._is_chosen = False
            if _required(info) and self.inputs.inputs() == Inputs() and not self.parameters.parameters():
                self.inputs.loading = not self._touched  # opening a file does not modify it
                self.inputs.kind.set_value("list")
                self.inputs.loading = False

    def _tell(self) -> None:
        said: dict[str, str] = {}
        for problem in self.all_problems(self._problems):
            key = self._key(problem.key)
            is_due = (self._revealed or key in self._touched) and key not in self._fresh
            if problem.key.startswith("parameters.") and key == "inputs.kind":  # folded away
                is_due = self._revealed or self._are_inputs_given
            if is_due and problem.message not in said.get(key, ""):
                said[key] = f"{said[key]}\n{problem.message}" if key in said else problem.message
        for section in self.sections:
            own = section.notes()
            for key, row in section.rows.items():
                notes = filter(None, (self._notes.get(key, ""), own.get(key, "")))
                row.tell(said.get(key, ""), "\n".join(notes))

    @property
    def _are_inputs_given(self) -> bool:
        """Whether the user has chosen more than a kind of inputs, or no inputs at all."""
        if self.inputs.kind.value() == "none":
            return "inputs.kind" in self._touched
        return any(key in self._touched for key in self.inputs.rows if key != "inputs.kind")

    def _key(self, key: str) -> str:
        """The key of the row in which `key` is shown now."""
        field = self._field(key)
        hidden = field in self.inputs.rows and not self.inputs.rows[field].shown
        folded = field in self.parameters.rows and not self.parameters.open
        return "inputs.kind" if hidden or folded else field

    def _field(self, key: str) -> str:
        """The key of the row for `key`: its own, or the one that represents it."""
        if key == "function":
            return f"function.{self.function.way.value()}"
        for section in self.sections:
            if key in section.rows:
                return key
        heads = {
            "inputs": "inputs.kind",
            "parameters": "inputs.kind",
            "run": "run.mode",
            "log": "log.file",
            "setup": "function.setup",
        }
        return heads.get(key.partition(".")[0], f"function.{self.function.way.value()}")

    def _row(self, key: str) -> FieldRow:
        return next(section.rows[key] for section in self.sections if key in section.rows)

    def _align(self) -> None:
        """Use one label width in all sections, so that all fields are aligned."""
        width = max(section.label_width() for section in self.sections)
        for section in self.sections:
            section.grid.setColumnMinimumWidth(0, width)
        self.setMinimumWidth(
            self._inner.minimumSizeHint().width() + self.verticalScrollBar().sizeHint().width()
        )

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002
        return move_focus(self._inner, forward=next) or super().focusNextPrevChild(next)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._align()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "sections"):
            self._align()


def _required(info: FunctionInfo | None) -> list[str]:
    """The parameters that need an argument."""
    params = info.params if info else ()
    return [param.name for param in params if param.default is None and not param.kind.startswith("var-")]


def _taker(info: FunctionInfo | None, given: Mapping[str, Parameter]) -> Param | None:
    """The parameter that gets the input as a whole: the one that asks for it, else the first."""
    params = [param for param in info.params if not param.kind.startswith("var-")] if info else []
    taken = {name: parameter.input for name, parameter in given.items() if parameter.input is not None}
    if taken:
        return next((param for param in params if taken.get(param.name) == ""), None)
    return next((p for p in params if p.kind != "keyword-only" and p.name not in given), None)
