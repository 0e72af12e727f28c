"""Editors for inputs that come from a file, are files, or come from a generator function."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import QDir
from PySide6.QtWidgets import QCheckBox, QFileDialog, QPushButton, QWidget

from engine.job import Inputs, Job
from gui.form.fields import Choice, PathField
from gui.form.inputs.editor import Editor
from gui.form.section import Section

if TYPE_CHECKING:
    from engine.inputs.preview import Preview

FILTERS = "Data (*.csv *.tsv *.txt *.jsonl *.ndjson *.json *.parquet);;All files (*)"  # a filter, not a path
DETECT = "Detect"
ENCODINGS = (
    ("", DETECT),
    ("utf-8", "UTF-8"),
    ("cp1252", "Windows (cp1252)"),
    ("latin-1", "Latin 1"),
    ("utf-16", "UTF-16"),
)
DELIMITERS = (("", DETECT), (",", "Comma"), (";", "Semicolon"), ("\t", "Tab"), ("|", "Bar"), (" ", "Space"))


def browse_data(parent: QWidget, start: str) -> str:
    """A file with inputs."""
    found, _ = QFileDialog.getOpenFileName(parent, "Choose a file with inputs", start, FILTERS)
    return found


def browse_pattern(parent: QWidget, start: str) -> str:
    """All files of a folder, as a pattern; the file name part of the old pattern stays."""
    place = Path(start)
    names = place.name if "*" in place.name or "?" in place.name else "*"
    while "*" in str(place) or "?" in str(place):
        place = place.parent
    folder = QFileDialog.getExistingDirectory(parent, "Choose a folder", str(place))
    return str(Path(folder) / names) if folder else ""


class FileEditor(Editor):
    """A file of rows, lines or values and how it is read; fields left open show what was detected."""

    kinds: ClassVar = ("csv", "jsonl", "lines", "parquet")

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.types: dict[str, str] = {}
        self.path = PathField(browse_data, "Choose a file")
        self.delimiter = Choice(DELIMITERS)
        self.encoding = Choice(ENCODINGS)
        self.header = QCheckBox("The first row names the columns")
        section.add("inputs.path", "Da&ta file", self.path, focus=self.path.line, name="File with the inputs")
        section.add("inputs.header", "Header", self.header, name="The first row names the columns")
        section.add("inputs.delimiter", "Delimiter", self.delimiter)
        section.add("inputs.encoding", "Encoding", self.encoding)
        self.path.edited.connect(self._another)
        self.delimiter.chosen.connect(lambda: self.changed.emit("inputs.delimiter"))
        self.encoding.chosen.connect(lambda: self.changed.emit("inputs.encoding"))
        self.header.toggled.connect(lambda: self.changed.emit("inputs.header"))

    def rows(self, kind: str) -> tuple[str, ...]:
        read = {
            "csv": ("inputs.header", "inputs.delimiter", "inputs.encoding"),
            "jsonl": ("inputs.encoding",),
            "lines": ("inputs.encoding",),
        }
        return ("inputs.path", *read.get(kind, ()))

    def _another(self) -> None:
        """Another file has other columns."""
        if not self.section.loading:
            self.types = {}
        self.changed.emit("inputs.path")

    def set_type(self, column: str, kind: str) -> None:
        """Set the type of a column; empty means detected."""
        self.types = {name: given for name, given in self.types.items() if name != column}
        if kind:
            self.types[column] = kind
        self.changed.emit("inputs.types")

    def found(self, preview: Preview | None) -> None:
        """Show what was detected for the fields that are left open."""
        found = preview.found if preview else {}
        for choice, names, key in (
            (self.encoding, ENCODINGS, "encoding"),
            (self.delimiter, DELIMITERS, "delimiter"),
        ):
            value = found.get(key, "")
            name = dict(names).get(value.removesuffix("-sig"), value)
            choice.setItemText(0, f"{name} (detected)" if value else DETECT)

    def inputs(self, kind: str) -> Inputs:
        if kind == "parquet":
            return Inputs(kind, path=self.path.text())
        text = Inputs(kind, path=self.path.text(), encoding=self.encoding.value())
        if kind != "csv":
            return text
        return Inputs(
            kind,
            path=text.path,
            encoding=text.encoding,
            delimiter=self.delimiter.value(),
            header=self.header.isChecked(),
            types=self.types,
        )

    def fill(self, job: Job) -> None:
        inputs = job.inputs
        self.types = dict(inputs.types)
        self.path.set_text(inputs.path, job.folder)
        self.encoding.set_value(inputs.encoding)
        self.delimiter.set_value(inputs.delimiter)
        self.header.setChecked(inputs.header)


class PatternEditor(Editor):
    """Files that match a pattern."""

    kinds: ClassVar = ("files",)

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.pattern = PathField(browse_pattern, "photos/*.png, or photos/**/*.png")
        self.pattern.button.setToolTip("Choose a folder…")
        section.add("inputs.pattern", "Pattern", self.pattern, focus=self.pattern.line, name="File pattern")
        self.pattern.edited.connect(lambda: self.changed.emit("inputs.pattern"))

    def rows(self, kind: str) -> tuple[str, ...]:
        return ("inputs.pattern",)

    def inputs(self, kind: str) -> Inputs:
        return Inputs(kind, pattern=QDir.fromNativeSeparators(self.pattern.text()))

    def fill(self, job: Job) -> None:
        self.pattern.set_text(job.inputs.pattern, job.folder)


class GeneratorEditor(Editor):
    """A function beside the job's own that yields the inputs."""

    kinds: ClassVar = ("generator",)

    def __init__(self, section: Section) -> None:
        super().__init__(section)
        self.name = Choice()
        self.name.setPlaceholderText("Choose a function that yields")
        self.read = QPushButton("Read its first inputs")
        self.read.setToolTip("Runs the function in a separate process")
        section.add("inputs.generator", "From", self.name, name="Generator function")
        section.add_below(self.read)
        self.name.chosen.connect(lambda: self.changed.emit("inputs.generator"))

    def rows(self, kind: str) -> tuple[str, ...]:
        return ("inputs.generator",)

    def show(self, kind: str) -> None:
        super().show(kind)
        self.read.setVisible(kind == "generator")

    def offer(self, names: Sequence[str]) -> None:
        """List the functions; the chosen one stays."""
        chosen = self.name.value()
        self.name.blockSignals(True)
        self.name.set_choices([(name, name) for name in names])
        self.name.set_value(chosen)
        self.name.blockSignals(False)

    def inputs(self, kind: str) -> Inputs:
        return Inputs(kind, generator=self.name.value())

    def fill(self, job: Job) -> None:
        self.name.set_value(job.inputs.generator)
