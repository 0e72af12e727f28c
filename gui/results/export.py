"""Export of results: which tasks are asked for, to which file, and the strip that shows how far it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
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

from engine.query.export import Export, Exported
from engine.query.run import Span
from engine.results.export import ENDINGS
from gui.kit import ask, words
from gui.kit.query import Query
from gui.kit.widgets import ElidedLabel
from gui.results.table import ResultsTable

ALL, SHOWN, SELECTED = "all", "shown", "selected"


@dataclass(frozen=True)
class Rows:
    """What a table shows: what can be exported."""

    total: int
    """Tasks of the run that have an outcome."""
    shown: int
    is_arranged: bool
    """Whether the rows are others than all tasks in their order."""
    selected: tuple[Span, ...]
    generation: int
    version: int
    handle: int

    @property
    def chosen(self) -> int:
        """How many rows are selected."""
        return sum(count for _, count in self.selected)


def rows_of(table: ResultsTable, total: int) -> Rows:
    """What a table shows of a run of this many tasks."""
    model = table.results
    selected = tuple((first, stop - first) for first, stop in table.selection.spans)
    return Rows(total, model.total, model.handle > 0, selected, model.generation, model.version, model.handle)


class ExportDialog(QDialog):
    """Asks which tasks are to be exported."""

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
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
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
        """Tick these."""
        self._ways[scope].setChecked(True)
        self._spread.setChecked(spread)

    @property
    def spread(self) -> bool:
        """Whether values with parts get columns for them."""
        return self._spread.isChecked()


class ExportStrip(QFrame):
    """Exports one file at a time, and says how far it is and what came of it."""

    ended = Signal()
    """The file is written, or not."""

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
        """Ask which of these are to be exported, and where to, and begin."""
        wanted = asked(self, folder, rows)
        if wanted is not None:
            scope, spread, path = wanted
            self.begin(folder, path, rows, scope, spread)

    def begin(self, folder: Path, path: Path, rows: Rows, scope: str, spread: bool) -> None:
        """Export tasks of the run in `folder` to a file, whose ending names the format."""
        self.close_run()
        self._path = path
        kind = ENDINGS.get(path.suffix.lower())
        if kind is None:
            known = ", ".join(ENDINGS)
            self._end(f"{path.name} was not written: the ending says the format, and may be {known}.")
            return
        self._total = {ALL: rows.total, SHOWN: rows.shown, SELECTED: rows.chosen}[scope]
        self._query = query = Query(folder, self)
        query.came_in_part.connect(self._go_on)
        query.answered.connect(self._finish)
        query.failed.connect(self._fail)
        handle, spans = (0, ()) if scope == ALL else (rows.handle, rows.selected * (scope == SELECTED))
        query.ask(
            "export",
            Export(
                folder,
                path,
                kind,
                spread=spread,
                handle=handle,
                rows=spans,
                generation=rows.generation,
                version=rows.version,
            ),
        )
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
        assert isinstance(exported, Exported)
        tasks = "1 task" if exported.tasks == 1 else f"{exported.tasks:,} tasks"
        self._end(f"Exported {tasks} to {self._path}")

    def _fail(self, _key: str, error: object) -> None:
        self._end(f"{self._path.name} was not written: {words.cause(error)}")

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
        """Give up what is being written; a file that is not whole does not appear."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self.hide()


def asked(parent: QWidget, folder: Path, rows: Rows) -> tuple[str, bool, Path] | None:
    """Which tasks are to be exported, whether they are spread, and where to; None if the person cancels."""
    dialog = ExportDialog(rows, parent)
    is_given = dialog.exec() == QDialog.DialogCode.Accepted
    scope, spread = dialog.scope, dialog.spread
    dialog.deleteLater()
    if not is_given:
        return None
    path = ask.results_to_save(parent, str(Path.home() / f"{folder.name}.csv"))
    return (scope, spread, Path(path)) if path else None
