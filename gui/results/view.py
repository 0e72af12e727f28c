"""The results of a run, live or saved: the filter, the errors, the table, and the details of one task."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from engine.query.arrange import Arranging
from engine.query.run import Facts
from engine.results.names import STAGE, UNENDED
from engine.runs import RunFacts
from gui.details.view import Details
from gui.kit import words
from gui.kit.columns import Index
from gui.kit.empty import EmptyNote
from gui.kit.query import Query
from gui.results import export
from gui.results.completion import as_column
from gui.results.copying import RowsMenu
from gui.results.counting import OF_COUNTING, Counting
from gui.results.errors import ErrorsPane
from gui.results.filter import Chosen, FilterBar
from gui.results.going import Going
from gui.results.model import ResultsModel
from gui.results.reader import ResultsReader, Wanted
from gui.results.retrying import KEY, Retrying
from gui.results.rows import Row
from gui.results.table import ResultsTable

_OF_READER = ("grow", "arrange", "keep", "rows", "forget")
"""Keys of the reader's questions."""
NO_RUN = "Results appear here as tasks finish."
NO_RESULTS = "No task of this run has a result."
NO_RESULTS_YET = "No task has a result yet."
NO_MATCH = "No task matches the filter."


class ResultsView(QWidget):
    """Shows one run folder at a time, from `show_run` to `close_run`."""

    log_asked = Signal()
    """Show what the selected task logged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._query: Query | None = None
        self._is_named = self._is_running = False
        """Whether the function of the run is known; whether there may be results that are not counted yet."""
        self._task = -1
        """The task with the cursor, if it is known."""
        self._detailed: Row | None = None
        """What the details show, as the table knew it."""
        self._kept = (0, False)
        """The distance of the kept task from the upper edge, and whether it was selected."""
        self._sort = self._shown_sort = (-1, False)
        """Column and whether descending: as the header shows, and as the rows are."""
        self._shown_filter = Chosen()
        """The current filter."""
        self._counted = (0, 0)
        self.model = ResultsModel(self)
        self.reader = ResultsReader(self.model, self)
        self.filter = FilterBar()
        self.errors = ErrorsPane()
        self.table = ResultsTable(self.model)
        self.details = Details()
        self.exports = export.ExportStrip()
        self.retrying = Retrying(self.table, self)
        self._rows_menu = RowsMenu(self.table, self.retrying, self)
        self._note = EmptyNote(self.table)
        self._strip = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True, margin=4)
        self._strip.setProperty("note", True)
        self._strip.hide()
        self._counting = Counting(self.filter, self.errors, self)
        self._going = Going(self.table, self.model, self)
        self._lay_out()
        self._connect()
        self._note.say(NO_RUN)

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical, childrenCollapsible=False)
        for pane, share in ((self.errors, 1), (self.table, 3), (self.details, 2)):
            splitter.addWidget(pane)
            splitter.setStretchFactor(splitter.count() - 1, share)
        self.errors.hide()
        self.filter.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.filter)
        whole.addWidget(splitter, 1)
        whole.addWidget(self.exports)
        whole.addWidget(self._strip)

    def _connect(self) -> None:
        self._counting.counted.connect(self._say_found)
        self._going.said.connect(self._say)
        self.reader.taken_in.connect(self._taken_in)
        self.reader.progressed.connect(self._progressed)
        self.reader.arranged.connect(self._arranged)
        self.reader.gone.connect(self.reread)
        self.reader.changed.connect(self._renew)
        self.reader.renewed.connect(self.table.follow)
        self.reader.failed.connect(self._not_read)
        self.filter.changed.connect(self._arrange)
        self.filter.cancelled.connect(self.cancel)
        self.filter.left.connect(self.table.setFocus)
        self.filter.errors_toggled.connect(self.show_errors)
        self.errors.closed.connect(partial(self.show_errors, False))
        self.errors.chosen.connect(self.filter.choose_group)
        self.model.dataChanged.connect(self._pages_came)
        self.model.columnsInserted.connect(self._offer_keys)
        self.table.header.sort_asked.connect(self.sort_by)
        self.table.current_changed.connect(self._select)
        self.table.copy_asked.connect(partial(self.copy, "tsv"))
        self.table.menu_asked.connect(self._menu)
        self._rows_menu.said.connect(self._say)
        self.retrying.said.connect(self._say)
        self.retrying.allowed_changed.connect(self.details.allow_retry)
        self.retrying.allowed_changed.connect(self.errors.allow_retry)
        self.details.retry_asked.connect(self.retrying.task)
        self.errors.retry_asked.connect(
            lambda group: self.retrying.group(group) if group else self.retrying.failed()
        )
        self.table.left.connect(self._leave)
        self.details.log_asked.connect(self.log_asked)
        self.details.closed.connect(self._leave)

    # the run

    def show_run(self, folder: Path | None) -> None:
        """Show this run from its beginning; None shows none."""
        self.close_run()
        if folder is None:
            return
        self._note.say("")
        self.filter.show()
        self.details.show_run(folder)
        self._query = query = Query(folder, self)
        query.answered.connect(self._answered)
        query.failed.connect(self._failed)
        self._rows_menu.open(query)
        self.retrying.open(query)
        self._counting.open(query)
        self._going.open(query)
        self.reader.open(query)

    def grew(self) -> None:
        """The run may have more results: check soon."""
        self._is_running = True
        self.reader.grew()

    def over(self) -> None:
        """The run has ended."""
        self._is_running = False
        self._say_found()

    def reread(self) -> None:
        """Rows are outdated: read all again, with the same filter and order."""
        self._arrange()

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self._counting.close_run()
        self._going.close_run()
        self._rows_menu.close_run()
        self.retrying.close_run()
        self.reader.close()
        self._is_named = self._is_running = False
        self._task, self._kept, self._counted = -1, (0, False), (0, 0)
        self._shown_filter = Chosen()
        self.filter.start_over()
        self.filter.hide()
        self._show_sort((-1, False))
        self._shown_sort = self._sort
        self.exports.close_run()
        self.details.close_run()
        self._say("")
        self._note.say(NO_RUN)

    def _answered(self, key: str, answer: object) -> None:
        if isinstance(answer, RunFacts):
            self._is_named = True
            self._is_running = self._is_running or answer.state == "running"
            self.table.show_function(f"{answer.name} in {answer.folder}")

    def _failed(self, key: str, error: object) -> None:
        if key in ("facts", *OF_COUNTING, KEY) or key.partition(" ")[0] in _OF_READER:
            return  # whoever asked says why
        if not self.reader.is_lost(error):
            self._say(f"Part of this run cannot be read: {words.cause(error)}")

    def _not_read(self, key: str, error: object) -> None:
        """The rows cannot be read, or not in the wanted order."""
        cause = words.cause(error)
        if key == "arrange":
            self._go_back()
            self._say(f"The results cannot be shown in this way: {cause}")
        elif self.model.total:
            self._say(f"Part of this run cannot be read: {cause}")
        else:
            self._note.say(f"This run cannot be read: {cause}")

    def _taken_in(self) -> None:
        self._going.rows_came()
        self._say_found()
        if self._query and not self._is_named:
            self._query.ask("facts", Facts(self._query.source))
        counted = self.model.generation, self.model.version
        if (self._is_running or counted != self._counted) and not self._counting.is_due:
            self._counted = counted
            self._counting.soon()

    # filter and order

    @property
    def _wanted(self) -> Wanted:
        column, descending = self._sort
        sort = self.model.sorted_by(column) if column >= 0 else ""
        if descending:
            sort += ":desc"
        elif ":" in sort:  # a key
            sort += ":asc"
        return Wanted(self.filter.where, "" if sort == "index" else sort, self.filter.group)

    def _arrange(self) -> None:
        """Show the wanted tasks, and keep the user's place in view."""
        self._say("")
        if self._query is None:
            return
        task, top = self._task, self.table.top
        is_selected = self.table.current >= 0 and task >= 0
        if is_selected:
            y = self.table.cell_rect(self.table.current, 0).y()
            is_seen = 0 <= y < self.table.viewport().height()
            self._kept = (y if is_seen else self.table.viewport().height() // 2, True)
        elif not self.reader.is_arranging:
            row = self.model.row(top) if top and self.reader.wanted.sort == self._wanted.sort else None
            task, self._kept = (row.index if row else -1), (0, False)
        else:
            task = self.reader.kept
        self.reader.arrange(self._wanted, task)

    def _arranged(self, row: int) -> None:
        """The rows are in the wanted order. If the user did something since, that takes precedence."""
        self._shown_filter, self._shown_sort = self.filter.chosen, self._sort
        self.filter.show_progress(0, 0)
        y, is_selected = self._kept
        if row >= 0 and self.table.current < 0 and self.table.top == 0:
            self.table.keep(row, y, selected=is_selected)
        if self.table.current < 0:
            self._task = -1
            self.details.clear()

    def _renew(self) -> None:
        """Move tasks that have ended to where they belong, unless that would lose a selection."""
        if self.reader.is_arranging:
            return
        if len(self.table.selection) > 1 or (self.table.current >= 0 and self._task < 0):
            self.reader.put_off()
            return
        task, top = self._task, self.table.top
        if self.table.current < 0:
            row = self.model.row(top) if top else None
            # What has no outcome yet may go elsewhere, while those around it stay.
            task = row.index if row and row.status not in UNENDED else -1
        self.reader.renew(task)

    def _progressed(self, news: Arranging) -> None:
        self.filter.show_progress(news.done, max(self.filter.total, news.done, 1))
        self._say_found()

    def cancel(self) -> None:
        """Go back to the tasks that were shown; to all if those are gone."""
        is_whole = self.reader.cancel()
        if not is_whole:
            self._shown_filter, self._shown_sort = Chosen(), (-1, False)
        self._go_back()
        if not is_whole:
            self._arrange()

    def _go_back(self) -> None:
        self.filter.restore(self._shown_filter)
        self._show_sort(self._shown_sort)
        self.filter.show_progress(0, 0)

    def _say_found(self) -> None:
        """Show how many rows there are of how many tasks; if there are none, why."""
        shown, total = self.reader.shown, self.filter.total
        if shown.is_filter:
            self.filter.found.setText(f"{self.model.total:,} of {max(total, self.model.total):,}")
        else:
            self.filter.found.setText("")
        if self.model.total or self.reader.is_arranging:
            self._note.say("")
        else:
            none = NO_RESULTS_YET if self._is_running else NO_RESULTS
            self._note.say(NO_MATCH if shown.is_filter else none)

    def sort_by(self, column: int, descending: bool = False) -> None:
        """Sort by a column; -1 is input order."""
        self._show_sort((column, descending))
        if self._wanted != self.reader.wanted:
            self._arrange()
        else:
            self._shown_sort = self._sort

    def _show_sort(self, sort: tuple[int, bool]) -> None:
        if sort != self._sort:
            self._sort = sort
            self.model.show_sort(*sort)
        self.table.header.show_sort(*sort)

    def focus_filter(self) -> None:
        """Let the user type conditions."""
        self.filter.focus_field()

    def show_errors(self, shown: bool) -> None:
        """Show or hide the groups of failures."""
        self._counting.show_errors(shown)

    def toggle_errors(self) -> None:
        """Toggle the groups of failures."""
        is_shown = self.errors.isHidden()
        self.show_errors(is_shown)
        (self.errors.table if is_shown else self.table).setFocus()

    # one task

    def go_to(self, task: int) -> None:
        """Select a task; if it has no result and all are shown, the one next to it."""
        self._going.to(task)

    def go_to_failed(self, *, backwards: bool = False) -> None:
        """Select the next or previous failed task."""
        self._going.to_failed(backwards=backwards)

    def _select(self, row: int) -> None:
        self._say("")
        self.reader.keep_selected()
        self._task = -1
        self._show_details(row)

    def _show_details(self, number: int) -> None:
        row = self.model.row(number) if number >= 0 else None
        appears = self.details.isHidden()
        if row is None or (row == self._detailed and row.index == self._task and not appears):
            return
        self._task, self._detailed = row.index, row
        self.details.show_row(row)
        if appears:  # the details take room from the table
            QTimer.singleShot(0, self.table, lambda: self.table.show_row(self.table.current))

    def _offer_keys(self) -> None:
        """Offer the parts that have columns to conditions."""
        self.filter.field.keys = [as_column(key) for key in self.model.keys if key != STAGE]

    def _pages_came(self, top: Index, bottom: Index) -> None:
        if top.row() <= self.table.current <= bottom.row():
            self._show_details(self.table.current)

    def _leave(self) -> None:
        self._task = -1
        self.table.clear_selection()
        self.details.clear()
        self.table.setFocus()

    # copies and files

    def copy(self, style: str) -> None:
        """Copy the selected rows."""
        self._rows_menu.copy(style)

    def export(self) -> None:
        """Export results to a file that the user chooses."""
        if self._query:
            self.exports.ask(self._query.source, export.rows_of(self.table, self.filter.total))

    def copy_code(self) -> None:
        """Copy code that loads the selected results, if there are several, else those shown."""
        if self._query:
            rows = export.rows_of(self.table, self.filter.total)
            scope = export.SELECTED if rows.chosen > 1 else export.SHOWN if rows.is_arranged else export.ALL
            self.exports.copy_code(self._query.source, rows, scope)

    def _menu(self, row: int, column: int, at: QPoint) -> None:
        self._rows_menu.show_for(row, column, at, self.sort_by, self._sort[0] >= 0)

    def _say(self, text: str) -> None:
        self._strip.setText(text)
        self._strip.setVisible(bool(text))
