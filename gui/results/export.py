"""Export of results: the dialog for which tasks and which file, and the progress strip."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFrame,
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from engine.query.code import AsCode, CodeText
from engine.query.export import Export, Exported
from engine.query.report import SaveReport
from engine.query.request import Request
from engine.query.run import Span
from engine.results.export import ENDINGS
from gui.kit import ask, words
from gui.kit.query import Query
from gui.kit.widgets import ElidedLabel
from gui.results.table import ResultsTable

ALL, SHOWN, SELECTED = "all", "shown", "selected"
REPORT = ".html"
"""The suffix of a report, which always has all tasks."""
COPY_CODE = 2
"""What the dialog returns if the user wants code instead of a file."""


@dataclass(frozen=True)
class Rows:
    """What a table shows: what can be exported."""

    total: int
    """Tasks of the run, except those left without an outcome."""
    shown: int
    is_arranged: bool
    """Whether the rows differ from all tasks in input order."""
    selected: tuple[Span, ...]
    generation: int
    version: int
    handle: int

    @property
    def chosen(self) -> int:
        """The number of selected rows."""
        return sum(count for _, count in self.selected)


def rows_of(table: ResultsTable, total: int) -> Rows:
    """The rows of a table, for a run with this many tasks."""
    model = table.results
    selected = tuple((first, stop - first) for first, stop in table.selection.spans)
    return Rows(total, model.total, model.handle > 0, selected, model.generation, model.version, model.handle)


class ExportDialog(QDialog):
    """Asks which tasks to export."""

    def __init__(self, rows: Rows, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export results")
        self._ways = {
            ALL: QRadioButton(f"&All tasks, in the order of the inputs ({rows.total:,})"),
            SHOWN: QRadioButton(f"The tasks s&hown, as they are filtered and sorted ({rows.shown:,})"),
            SELECTED: QRadioButton(f"The &selected tasks ({rows.chosen:,})"),
        }
        self._ways[SHOWN].setVisible(rows.is_arranged)
        self._ways[SELECTED].setVisible(rows.chosen > 0)
        self._spread = QCheckBox("A &column for each key of dicts, dataclasses and named tuples")
        is_some = rows.chosen > 1
        self._ways[SELECTED if is_some else SHOWN if rows.is_arranged else ALL].setChecked(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, parent=self)
        self._code = QPushButton("Copy as &Python")
        self._code.setToolTip("Copy lines of Python that load these results as the objects themselves")
        self._code.clicked.connect(lambda: self.done(COPY_CODE))
        buttons.addButton(self._code, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.addButton("Choose &file…", QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        for way in self._ways.values():
            whole.addWidget(way)
        whole.addSpacing(6)
        whole.addWidget(self._spread)
        whole.addSpacing(6)
        whole.addWidget(buttons)

    @property
    def scope(self) -> str:
        """Which tasks: `ALL`, `SHOWN` or `SELECTED`."""
        return next(scope for scope, way in self._ways.items() if way.isChecked())

    def choose(self, scope: str, spread: bool = False) -> None:
        """Select one."""
        self._ways[scope].setChecked(True)
        self._spread.setChecked(spread)

    @property
    def spread(self) -> bool:
        """Whether values with parts get a column for each part."""
        return self._spread.isChecked()


class ExportStrip(QFrame):
    """Exports one file at a time, and shows its progress and outcome."""

    ended = Signal()
    """Writing began or ended."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self._path = Path()
        self._total = 0
        self.said = ElidedLabel()
        self._progress = QProgressBar(textVisible=False)
        self._progress.setMaximumWidth(120)
        self._progress.setAccessibleName("Tasks written")
        self._button = QPushButton()
        self._button.setProperty("quiet", True)
        self._button.clicked.connect(self._press)
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 2, 6, 2)
        line.addWidget(self.said, 1)
        line.addWidget(self._progress)
        line.addWidget(self._button)
        self.hide()

    @property
    def is_busy(self) -> bool:
        """Whether a file is being written."""
        return self._query is not None

    def ask(self, folder: Path, rows: Rows) -> None:
        """Ask which tasks to export and where to, then begin."""
        wanted = asked(self, folder, rows)
        if wanted is None:
            return
        scope, spread, path = wanted
        if path is None:
            self.copy_code(folder, rows, scope)
        else:
            self.begin(folder, path, rows, scope, spread)

    def copy_code(self, folder: Path, rows: Rows, scope: str) -> None:
        """Copy Python code that loads tasks of the run in `folder`."""
        self._start(folder, Path(), 0)
        handle, spans = _named(rows, scope)
        self._ask(AsCode(folder, handle, spans, rows.generation, rows.version))

    def begin(self, folder: Path, path: Path, rows: Rows, scope: str, spread: bool) -> None:
        """Export tasks of the run in `folder` to a file, whose suffix decides the format."""
        total = {ALL: rows.total, SHOWN: rows.shown, SELECTED: rows.chosen}[scope]
        kind = ENDINGS.get(path.suffix.lower())
        if path.suffix.lower() == REPORT:
            self._start(folder, path, rows.total)
            self._ask(SaveReport(folder, path))
            self._show_progress()
            return
        self._start(folder, path, total)
        if kind is None:
            known = ", ".join([*ENDINGS, REPORT])
            self._end(f"{path.name} was not written: the ending sets the format and can be {known}.")
            return
        handle, spans = _named(rows, scope)
        self._ask(
            Export(
                folder,
                path,
                kind,
                spread=spread,
                handle=handle,
                rows=spans,
                generation=rows.generation,
                version=rows.version,
            )
        )
        self._show_progress()

    def _start(self, folder: Path, path: Path, total: int) -> None:
        self.close_run()
        self._path, self._total = path, total
        self._query = query = Query(folder, self)
        query.came_in_part.connect(self._go_on)
        query.answered.connect(self._finish)
        query.failed.connect(self._fail)

    def _ask(self, request: Request[Any]) -> None:
        assert self._query
        self._query.ask("export", request)

    def _show_progress(self) -> None:
        self._go_on("export", Exported(0))
        self._progress.show()
        self._button.setText("Cancel")
        self._button.setAccessibleName("Cancel the export")
        self.show()

    def _go_on(self, _key: str, exported: object) -> None:
        assert isinstance(exported, Exported)
        self.said.setText(f"Writing {self._path.name}: {exported.tasks:,} of {self._total:,} tasks")
        self._progress.setRange(0, 1000)
        self._progress.setValue(min(1000 * exported.tasks // max(self._total, 1), 1000))

    def _finish(self, _key: str, exported: object) -> None:
        if isinstance(exported, CodeText):
            self._copied(exported)
            return
        assert isinstance(exported, Exported)
        if self._path.suffix.lower() == REPORT:
            self._end(f"The report is in {self._path}")
            return
        tasks = "1 task" if exported.tasks == 1 else f"{exported.tasks:,} tasks"
        self._end(f"Exported {tasks} to {self._path}")

    def _copied(self, code: CodeText) -> None:
        QGuiApplication.clipboard().setText(code.text)
        which = "all results" if code.tasks < 0 else f"{code.tasks:,} result{'s' if code.tasks != 1 else ''}"
        self._end(f"Copied lines of Python that load {which}. Paste them into a script or notebook.")

    def _fail(self, _key: str, error: object) -> None:
        what = f"{self._path.name} was not written" if self._path.name else "Nothing was copied"
        self._end(f"{what}: {words.cause(error)}")

    def _end(self, said: str) -> None:
        self.close_run()
        self.said.setText(said)
        self._progress.hide()
        self._button.setText("Close")
        self._button.setAccessibleName("Close this message")
        self.show()
        self.ended.emit()

    def _press(self) -> None:
        if self.is_busy:
            self._end(f"{self._path.name} was not written: you cancelled it.")
        else:
            self.hide()

    def close_run(self) -> None:
        """Stop writing; an incomplete file never appears."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self.hide()


def _named(rows: Rows, scope: str) -> tuple[int, tuple[Span, ...]]:
    """The tasks as an order and rows of it."""
    return (0, ()) if scope == ALL else (rows.handle, rows.selected * (scope == SELECTED))


def asked(parent: QWidget, folder: Path, rows: Rows) -> tuple[str, bool, Path | None] | None:
    """Which tasks to export, whether to spread them, and where to: no path means code for the clipboard.

    None if the user cancels.
    """
    dialog = ExportDialog(rows, parent)
    ended = dialog.exec()
    scope, spread = dialog.scope, dialog.spread
    dialog.deleteLater()
    if ended == COPY_CODE:
        return scope, spread, None
    if ended != QDialog.DialogCode.Accepted:
        return None
    path = ask.results_to_save(parent, str(Path.home() / f"{folder.name}.csv"))
    return (scope, spread, Path(path)) if path else None
