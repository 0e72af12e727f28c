"""The Inputs section: what the function is called with, with count and preview."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from engine.inputs.written import Call
from engine.job import Function, Inputs, Job, Parameter, Problem
from gui.form.fields import Choice, Disclosure
from gui.form.inputs.editor import Editor, KindChooser
from gui.form.inputs.files import FileEditor, GeneratorEditor, PatternEditor
from gui.form.inputs.grid import GridEditor
from gui.form.inputs.table import PreviewTable
from gui.form.inputs.values import RangeEditor, ValuesEditor
from gui.form.section import Section
from gui.kit.widgets import WrappedText
from gui.kit.work import Latest

if TYPE_CHECKING:
    from engine.inputs.preview import Preview
    from engine.syntax.functions import Param

SHOWN = 3
"""Number of calls in the preview."""
LINE = 60
"""Characters up to which calls are shown side by side."""
CALLS = (
    ("one", "One argument: f(x)"),
    ("args", "Its items in order: f(*x)"),
    ("kwargs", "Its items by name: f(**x)"),
)
NAMED = ("csv", "parquet", "grid")
"""Kinds whose inputs have named parts."""
WORDS = {"csv": "row", "parquet": "row", "lines": "line", "files": "file", "grid": "combination"}
"""What an input of a kind is called, if not "input"."""


def counted(count: int, exact: bool, kind: str) -> str:
    """`12,345 rows`, or `At least 12,345 rows`."""
    word = WORDS.get(kind, "input")
    many = f"{count:,} {word}{'s' if count != 1 else ''}"
    return many if exact else f"At least {many}"


def described(count: int, exact: bool, kind: str, first: Sequence[Any], call: Call) -> str:
    """How many inputs there are, and the first calls."""
    calls = [call.written(value) for value in first[:SHOWN]]
    more = ["…"] if count > len(calls) or not exact else []
    between = ", " if sum(map(len, calls)) <= LINE else "\n"
    return counted(count, exact, kind) + (f":{between[-1]}{between.join([*calls, *more])}" if calls else "")


def _wants_path(annotation: str) -> bool:
    """Whether a parameter is annotated with Path, and not with str as well."""
    names = re.findall(r"\w+", annotation)
    return "Path" in names and "str" not in names


class InputsSection(Section):
    """The fields of `[inputs]`."""

    settled = Signal()
    """A list has been parsed."""
    parts_known = Signal()
    """Inputs have other parts than before."""

    def __init__(self) -> None:
        super().__init__("Inputs")
        self._plain_call = ""
        self._call = Call("f")
        self._function = Function()
        self._required: list[str] = []
        self._taker: Param | None = None
        self._folder = Path.home()
        self._looked: Preview | None = None
        self._looker = Latest(self, delay=200)
        self._looker.answered.connect(self._show_looked)
        self._looker.failed.connect(self._show_fault)
        self.kind = KindChooser()
        self.kind.setAccessibleName("Where the inputs come from")
        self.guard(self.kind)
        self.add_wide(self.kind)
        self.list = ValuesEditor(self)
        self.range = RangeEditor(self)
        self.file = FileEditor(self)
        self.files = PatternEditor(self)
        self.grid_editor = GridEditor(self)
        self.generator = GeneratorEditor(self)
        self._editors: tuple[Editor, ...] = (
            self.list, self.range, self.file, self.files, self.grid_editor, self.generator,
        )  # fmt: skip
        self.call = Choice(CALLS)
        self.table = PreviewTable()
        self.preview = WrappedText("Preview of the calls", "muted")
        self.add("inputs.call", "&Call", self.call, name="How an input becomes a call")
        self.add("inputs.types", "", self.table, name="The first inputs", wide=True)
        self.add("inputs.kind", "", self.preview, name="Preview of the calls")
        self.more = Disclosure("Para&meters")
        self.more.setToolTip("Choose what each parameter of the function gets")
        self.add_wide(self.more)
        self._connect()
        self._show_kind("none")

    def _connect(self) -> None:
        self.kind.chosen.connect(self._choose_kind)
        self.call.chosen.connect(self._choose_call)
        self.list.settled.connect(self.settled)
        self.list.called.connect(self.call.set_value)
        self.table.typed.connect(self.file.set_type)
        self.generator.read.clicked.connect(self._look)
        for editor in self._editors:
            editor.changed.connect(self._edited)

    @property
    def busy(self) -> bool:
        """Whether a long list is being parsed."""
        return self.list.busy

    @property
    def parts(self) -> list[str | int]:
        """Names or positions of the parts of an input, as far as they are known."""
        if self.kind.value() == "list":
            first = self.list.values[0] if self.list.values else None
            if isinstance(first, dict):
                return [key for key in first if isinstance(key, str)]
            return list(range(len(first))) if isinstance(first, list | tuple) else []
        if self._looked is None or self._looked.single:
            return []
        first = self._looked.items[0] if self._looked.items else None
        return list(range(len(first))) if isinstance(first, list) else list(self._looked.columns)

    def set_function(
        self, function: Function, names: Sequence[str], folder: Path, required: Sequence[str] = ()
    ) -> None:
        """The function, the ones beside it, the folder of relative paths, and its required parameters."""
        self._function = function
        self._required = list(required)
        self._folder = folder
        self.generator.offer([name for name in names if name != function.name])

    def set_call(self, name: str, parameters: dict[str, Parameter], by_place: frozenset[str]) -> None:
        """How previews write calls."""
        self._call = Call(name, "one", parameters, by_place)
        self._show_call()
        self._tell()

    def set_taker(self, param: Param | None) -> None:
        """The parameter that gets the whole input, if there is one."""
        if param != self._taker:
            self._taker = param
            self.told.emit()

    def notes(self) -> dict[str, str]:
        """Files are passed as text, which a parameter that is annotated with Path does not expect."""
        taker = self._taker
        if self.kind.value() != "files" or taker is None or not _wants_path(taker.annotation):
            return {}
        text = f"{taker.name} gets each path as a str, not as a Path: use Path({taker.name}) in the function."
        return {"inputs.pattern": text}

    def _choose_kind(self, kind: str) -> None:
        if not self.loading:
            self._set_default_call()
            if kind == "grid":
                self.grid_editor.offer(self._required)
        self._show_kind(kind)
        self.touch("inputs.kind")
        if not self.loading:
            for editor in self._editors:
                for key in editor.rows(kind) if kind in editor.kinds else ():
                    self.opened.emit(key)

    def _set_default_call(self) -> None:
        self._plain_call = ""
        self.call.blockSignals(True)
        self.call.set_value(replace(self.inputs(), call="").called if self.kind.value() != "none" else "one")
        self.call.blockSignals(False)

    def _show_kind(self, kind: str) -> None:
        for editor in self._editors:
            editor.show(kind)
        self._show_call()
        self._forget()
        if kind != "generator":
            self._look()

    def _show_call(self) -> None:
        """Ask how inputs become calls only if there is a choice: not if the parameters decide it."""
        kind = self.kind.value()
        chosen = any(source.input is not None for source in self._call.parameters.values())
        parted = kind in ("list", "jsonl", "generator", *NAMED) or self.call.value() != "one"
        self.rows["inputs.call"].show(kind != "none" and parted and not chosen)

    def _choose_call(self) -> None:
        self._tell()
        self.touch("inputs.call")

    def _edited(self, key: str) -> None:
        kind = self.kind.value()
        if key == "inputs.header" and not self.loading:
            self._set_default_call()
        if kind in ("list", "range"):
            self._tell()
            self.parts_known.emit()
        elif not self.loading and kind != "generator":
            self._look()
        if key:
            self.touch(key)

    # What the inputs are

    def _forget(self) -> None:
        self._looker.drop()
        self._show_looked(None)

    def _look(self) -> None:
        """Read the first inputs, off the thread."""
        kind = self.kind.value()
        inputs = self.inputs()
        if kind in ("none", "list", "range") or self.problems():
            self._forget()
            return
        if not (inputs.path or inputs.pattern or inputs.grid or inputs.generator):
            self._forget()
            return
        from engine.inputs.preview import PEEKED, preview

        function = self._function if kind in PEEKED else Function()
        job = Job(function, inputs, folder=self._folder)
        if kind in PEEKED:
            self.preview.setText("Reading the first inputs…")
            self.preview.show()
        self._looker.ask(lambda: preview(job))

    def _show_looked(self, looked: Preview | None) -> None:
        before = self.parts
        self._looked = looked
        self.file.found(looked)
        self.table.show_preview(looked)
        self.rows["inputs.types"].show(looked is not None and bool(looked.columns))
        self._tell()
        if self.parts != before:
            self.parts_known.emit()

    def _show_fault(self, error: Exception) -> None:
        from engine.inputs.preview import PEEKED, Unreadable

        if not isinstance(error, Unreadable | OSError):
            raise error
        self._show_looked(None)
        if self.kind.value() in PEEKED:  # for all other kinds the check of the job reports it
            self.preview.setText(str(error))
            self.preview.show()

    def _tell(self) -> None:
        text = self._words()
        self.preview.setText(text)
        self.preview.setVisible(bool(text))

    def _words(self) -> str:
        """The count and the first calls, in words."""
        kind = self.kind.value()
        call = replace(self._call, called=self.inputs().called)
        if kind == "none":
            return f"One call: {replace(call, called='args').written(())}"
        if kind == "list":
            return self._words_of_list(call)
        if kind == "range":
            return self._words_of_range(call)
        if self._looked is None:
            return ""
        looked = self._looked
        text = described(looked.count, looked.exact, kind, looked.items, call)
        if looked.bad:
            text += f"\n{len(looked.bad):,} of the first {len(looked.rows):,} cannot be read, and will fail."
        return text

    def _words_of_list(self, call: Call) -> str:
        values = self.list.values
        if self.list.reading:
            return "Reading the list…"
        if self.list.fault:
            return ""
        if not values:
            return "No values yet. Type them separated by commas, such as 1, 2, 3 or 'a.png', 'b.png'."
        return described(len(values), True, "list", values[:SHOWN], call)

    def _words_of_range(self, call: Call) -> str:
        inputs = self.range.inputs("range")
        if not self.range.whole or not inputs.step:
            return ""
        count = inputs.count or 0
        if not count:
            return f"No inputs: there are no numbers from {inputs.start:,} up to {inputs.stop:,} (excluded)."
        first = [inputs.start + nth * inputs.step for nth in range(min(count, SHOWN))]
        return described(count, True, "range", first, replace(call, called="one"))

    def problems(self) -> list[Problem]:
        kind = self.kind.value()
        return [problem for editor in self._editors if kind in editor.kinds for problem in editor.problems()]

    def inputs(self) -> Inputs:
        """The inputs that the fields hold; a text that does not parse counts as the default."""
        kind, call = self.kind.value(), self.call.value()
        if kind == "none":
            return Inputs(call=self._plain_call)
        editor = next(editor for editor in self._editors if kind in editor.kinds)
        held = editor.inputs(kind)
        return replace(held, call=self._plain_call if call == held.called else call)

    def fill(self, job: Job) -> None:
        inputs = job.inputs
        self._folder = job.folder
        self.kind.set_value(inputs.kind)
        for editor in self._editors:
            editor.fill(job)
        self._plain_call = inputs.call
        if inputs.call != replace(inputs, call="").called and inputs.kind != "none":
            self._plain_call = ""
        self.call.set_value(inputs.called if inputs.kind != "none" else "one")
        self._show_kind(self.kind.value())
