"""The Function section: which function runs, from a file, by import path or typed in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt, Signal
from PySide6.QtWidgets import QCompleter, QFrame, QLineEdit, QPushButton, QVBoxLayout

from engine.job import Function, Job
from gui.form.editor import SourceEditor
from gui.form.fields import Choice, PathField, Segmented, browse_python
from gui.form.python import PythonField
from gui.form.section import Section
from gui.form.watch import FileWatch
from gui.kit import theme
from gui.kit.paths import expanded
from gui.kit.widgets import WrappedText
from gui.kit.work import Latest

if TYPE_CHECKING:
    from engine.syntax.functions import FunctionInfo

BOOK = ".ipynb"
LARGEST_BOOK = 64 * 2**20
"""Notebooks contain pictures too; only their code is read."""
LARGEST = 8 * 2**20
"""Bytes of source up to which functions are searched for."""
DOC = 600
"""Characters of a docstring that are shown."""


@dataclass(frozen=True)
class Found:
    """The functions found in a source, and the line of a syntax error."""

    functions: Sequence[FunctionInfo] = ()
    fault: int = 0
    read: bool = False
    """Whether the source exists and is valid Python."""
    warning: str = ""
    """Code that each worker would run again."""
    stamp: tuple[int, ...] = ()
    """Changes when the file does; empty if there is no file."""


def find(text: str) -> Found:
    """The functions in `text`."""
    from engine.source.unguarded import unguarded, warning
    from engine.syntax.functions import functions

    try:
        return Found(functions(text), read=True, warning=warning(unguarded(text)))
    except SyntaxError as error:
        return Found(fault=error.lineno or 0)


def find_in_file(path: Path, known: tuple[int, ...] | None = None) -> Found | None:
    """The functions in a file; none if it cannot be read, which the check of the job explains.

    Returns None if the file still has the stamp `known`.
    """
    from engine.syntax import read_source

    stamp: tuple[int, ...] = ()
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp == known:
            return None
        book = path.suffix == BOOK
        if not path.is_file() or status.st_size > (LARGEST_BOOK if book else LARGEST):
            return Found(stamp=stamp)
        found = find(read_source(path))
        return replace(found, stamp=stamp, warning="" if book else found.warning)
    except (OSError, SyntaxError, ValueError):
        return None if stamp == known else Found(stamp=stamp)


class FunctionSection(Section):
    """Fields of `[function]`."""

    reread = Signal()
    """The file changed on disk and was read again."""
    renamed = Signal()
    """Another function is shown; previews with its name must be updated."""

    def __init__(self) -> None:
        super().__init__("Function")
        self._folder = Path.home()
        self._text = ""
        self._given = ""
        """The name that came with the job: kept even if the source lacks it, until the source changes."""
        self._found = Found()
        self._again = False
        """Whether the file is being read again because it changed."""
        self._finder = Latest(self, delay=120)
        self._finder.answered.connect(self._show_found)
        self.way = Segmented(
            [("file", "File"), ("import", "Import path"), ("source", "Source")], "Where the function is"
        )
        self.file = PathField(browse_python, "Choose or drop a .py or .ipynb file")
        self.import_path = QLineEdit(placeholderText="module:function, such as math:sqrt")
        self.source = SourceEditor()
        self.source.setPlaceholderText("def f(x):\n    return x * x")
        self.large = QPushButton("Edit in a large window…")
        self.large.setProperty("quiet", True)
        self.name = Choice()
        self.signature = WrappedText("Signature")
        self.signature.setFont(theme.monospace())
        self.doc = WrappedText("Description of the function", "muted")
        self.about = QFrame()
        self.setup = QLineEdit(placeholderText="None, or a function such as load_model")
        self.setup.setToolTip(
            "Called in each worker before its first task; its result goes to the parameter with its name"
        )
        self._completer = QCompleter(self)
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self._completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setup.setCompleter(self._completer)
        self.python = PythonField()
        self._watch = FileWatch(self)
        self._watch.changed.connect(self._look_again)
        self._lay_out()
        self._connect()
        self._show_way("file")

    def _lay_out(self) -> None:
        self.add_wide(self.way)
        self.add("function.file", "F&ile", self.file, focus=self.file.line, name="Python file")
        self.add("function.import", "&Path", self.import_path, name="Import path")
        self.add("function.source", "Co&de", self.source, name="Source of the function")
        self.add_below(self.large)
        self.add("function.name", "Fu&nction", self.name)
        self.about.setObjectName("preview")
        box = QVBoxLayout(self.about)
        box.setContentsMargins(8, 6, 8, 6)
        box.setSpacing(3)
        box.addWidget(self.signature)
        box.addWidget(self.doc)
        self.add_below(self.about)
        self.add("function.setup", "Set-up", self.setup)
        self.add("function.python", "P&ython", self.python, focus=self.python.box, name="Python interpreter")

    def _connect(self) -> None:
        self.way.chosen.connect(self._choose_way)
        self.file.edited.connect(lambda: self._edited("function.file"))
        self.source.textChanged.connect(self._source_edited)
        self.large.clicked.connect(self._edit_large)
        self.import_path.textChanged.connect(lambda: self._edited("function.import"))
        self.name.chosen.connect(self._choose_name)
        self.setup.textChanged.connect(lambda: self.touch("function.setup"))
        self.python.edited.connect(lambda: self.touch("function.python"))

    def _edited(self, key: str) -> None:
        self._drop_given()
        self._look()
        self.renamed.emit()
        self.touch(key)

    def _edit_large(self) -> None:
        from gui.form.large import LargeEditor

        LargeEditor(self.source).open()

    def _source_edited(self) -> None:
        text = self.source.toPlainText()
        if text != self._text:  # Qt reports a change of highlighting as a change of the text
            self._text = text
            self._edited("function.source")

    def _drop_given(self) -> None:
        if not self.loading:
            self._given = ""

    def _choose_way(self, way: str) -> None:
        self._drop_given()
        self._show_way(way)
        self._look()
        self.renamed.emit()
        self.touch("function")

    def _choose_name(self) -> None:
        self._describe()
        self.renamed.emit()
        self.touch("function.name")

    def _show_way(self, way: str) -> None:
        for key in ("file", "import", "source"):
            self.rows[f"function.{key}"].show(key == way)
        self.large.setVisible(way == "source")
        self.rows["function.name"].show(way != "import")
        self._offer(self.name.value())

    def _path(self) -> Path | None:
        """The path of the function's file."""
        if self.way.value() != "file" or not self.file.text():
            return None
        return self._folder / expanded(self.file.text())

    def _look(self) -> None:
        """Search for functions, off the thread."""
        path = self._path()
        self.python.set_near(path)
        if path is not None:
            self._finder.ask(lambda: find_in_file(path))
        elif self.way.value() == "source" and self.source.toPlainText().strip():
            text = self.source.toPlainText()
            self._finder.ask(lambda: find(text))
        else:
            self._finder.drop()
            self._show_found(Found())

    def _look_again(self) -> None:
        """The file may have changed: read it again and keep the chosen name."""
        path, stamp = self._path(), self._found.stamp
        if path is not None:
            self._given = self.name.value()
            self._again = True
            self._finder.ask(lambda: find_in_file(path, stamp))

    def _show_found(self, found: Found | None) -> None:
        self._watch.watch(self._path())
        again, self._again = self._again, False
        if found is None:
            return
        self._found = found
        self.source.mark(found.fault if self.way.value() == "source" else 0)
        before = self.name.value()
        self._offer(before)
        self._describe()
        self.renamed.emit()
        self.told.emit()
        if self.name.value() != before:
            self.touch("function.name")
        if again:
            self.reread.emit()

    def notes(self) -> dict[str, str]:
        """What each worker would run again, shown beside the file or the source."""
        return {f"function.{self.way.value()}": self._found.warning}

    def mark_source(self, trace: str) -> None:
        """Mark the line of typed source where the traceback `trace` ends."""
        lines = re.findall(r'File "<typed_source>", line (\d+)', trace)
        if lines and self.way.value() == "source":
            self.source.mark(int(lines[-1]))

    def _offer(self, name: str) -> None:
        """List the functions found; choose `name`, or the only one."""
        source = self.way.value() == "source"
        choices = [(info.name, _signature(info)) for info in self._found.functions]
        if source:
            choices.insert(0, ("", "The last one defined"))
        self._completer.setModel(QStringListModel([info.name for info in self._found.functions], self))
        names = [value for value, _ in choices]
        if name and name not in names and self._found.functions and name != self._given:
            name = ""
        if not name and len(choices) == 1 and not source:
            name = names[0]
        self.name.blockSignals(True)
        self.name.set_choices(choices)
        none = "No function in this file" if self._found.read else "No function found yet"
        self.name.setPlaceholderText("Choose a function" if choices else none)
        self.name.set_value(name)
        self.name.blockSignals(False)

    def chosen(self) -> FunctionInfo | None:
        """What is known about the chosen function."""
        name = self.name.value()
        known = self._found.functions
        if not name and self.way.value() == "source" and known:
            from engine.syntax.functions import last_defined

            return last_defined(known)
        return next((info for info in known if info.name == name), None)

    @property
    def known(self) -> Sequence[FunctionInfo]:
        """What is known about all functions."""
        return self._found.functions

    @property
    def is_chosen(self) -> bool:
        """Whether exactly one function is chosen."""
        return self.way.value() != "file" or bool(self.name.value())

    def own_name(self) -> str:
        """The function's name, empty if none is chosen."""
        if self.way.value() == "import":
            return self.import_path.text().strip().rpartition(":")[2]
        info = self.chosen()
        return info.name if info else self.name.value()

    def call_name(self) -> str:
        """The function's name as previews of calls show it."""
        return self.own_name() or "f"

    def title(self) -> str:
        """A name for the job: that of the function, or of its file; empty if there is neither."""
        is_file = self.way.value() == "file"
        return self.own_name() or (expanded(self.file.text()).name if is_file else "")

    def _describe(self) -> None:
        info = self.chosen() if self.way.value() != "import" else None
        self.about.setVisible(info is not None)
        if info is None:
            return
        self.signature.setText(_signature(info))
        doc = info.doc.strip()
        self.doc.setText(doc if len(doc) <= DOC else doc[:DOC].rstrip() + "…")
        self.doc.setVisible(bool(doc))

    def function(self) -> Function:
        """What the fields hold."""
        way, python, setup = self.way.value(), self.python.text(), self.setup.text().strip()
        if way == "import":
            return Function(import_path=self.import_path.text().strip(), python=python, setup=setup)
        held = Function(name=self.name.value(), python=python, setup=setup)
        if way == "source":
            return replace(held, source=self.source.toPlainText())
        return replace(held, file=self.file.text())

    def set_up_by(self) -> FunctionInfo | None:
        """What is known about the set-up function."""
        name = self.setup.text().strip()
        return next((info for info in self._found.functions if info.name == name), None)

    def fill(self, job: Job) -> None:
        function = job.function
        self.setup.setText(function.setup)
        self._folder = job.folder
        self._given = function.name
        self._found = Found()
        self.way.set_value("import" if function.import_path else "source" if function.source else "file")
        self.file.set_text(function.file, job.folder)
        self.import_path.setText(function.import_path)
        self.source.setPlainText(function.source)
        self.python.set_text(function.python, job.folder)
        self._offer(function.name)
        self._show_way(self.way.value())
        self._describe()
        self._look()


def _signature(info: FunctionInfo) -> str:
    return f"async {info.signature}" if info.is_async else info.signature
