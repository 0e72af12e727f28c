"""The table of results, with column widths remembered for each function."""

from __future__ import annotations

import json
from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from engine.results.names import STAGE, UNENDED
from gui.kit.grid.area import GridArea
from gui.results.model import Column, ResultsModel
from gui.settings.store import Settings

_SETTING = "results/columns of functions"
_MOST = 100
"""Functions whose columns are remembered."""
_SAMPLES = {
    Column.INDEX: "0000000",
    Column.INPUT: "x" * 10,
    Column.STATUS: "Worker died" + "x" * 3,
    Column.RESULT: "x" * 17,
    Column.SECONDS: "9 min 59 s",
    Column.WORKER: "Worker",
    Column.STARTED: "00:00:00",
}
"""The default number of characters in a column."""
_SAMPLE_OF_KEY = "x" * 8
_SAMPLE_OF_STAGE = "x" * 12
_MOST_INPUT = 3
"""The largest share of the width that inputs get by default."""
_ELASTIC = (Column.RESULT, Column.INPUT)


class ResultsTable(GridArea):
    """Shows a ResultsModel. Result (or else Input) gets the remaining width."""

    def __init__(self, model: ResultsModel, parent: QWidget | None = None) -> None:
        super().__init__(model, "Results", _ELASTIC, parent)
        self.results = model
        self._settings = Settings(self)
        self._function = ""
        self._inputs = 0
        """The width that the first inputs need, as far as they are known."""
        self._has_fitted = False
        """Whether a screenful of inputs is known."""
        self._set_natural()
        self.header.edited.connect(self._remember)
        self.header.make_sortable()
        self.show_function("")
        model.modelReset.connect(self._start_fitting)
        model.dataChanged.connect(self._fit_input)
        model.columnsInserted.connect(self._arrange_keys)

    def _set_natural(self) -> None:
        """Set the default widths of columns in the current font."""
        widths: dict[int, int] = {
            column: self._cells.text_width(column, sample) for column, sample in _SAMPLES.items()
        }
        inputs = min(self._inputs, self.viewport().width() // _MOST_INPUT)
        widths[Column.INPUT] = max(widths[Column.INPUT], inputs)
        for column in range(len(Column), self.model.columnCount()):
            title = self.header.sectionSizeHint(column)
            is_stage = self.results.keys[column - len(Column)] == STAGE
            sample = _SAMPLE_OF_STAGE if is_stage else _SAMPLE_OF_KEY
            widths[column] = max(title, self._cells.text_width(column, sample))
        self.header.set_natural(widths)

    def dress(self) -> None:
        super().dress()
        self._start_fitting()
        self._set_natural()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._inputs and event.size().width() != event.oldSize().width():
            self._set_natural()

    def _arrange_keys(self) -> None:
        """Create columns for more keys."""
        if self._are_spread:
            self._inputs = 0
        self._set_natural()
        self.header.arrange()
        self.settle()

    @property
    def _are_spread(self) -> bool:
        """Whether keys of inputs have columns of their own: the room is theirs then."""
        return any(key.startswith("input") for key in self.results.keys)

    def _start_fitting(self) -> None:
        """Other inputs will be shown."""
        self._inputs, self._has_fitted = 0, False

    def _fit_input(self) -> None:
        """Rows are loaded: widen the column of inputs to the first screenful, within limits.

        During a run, rows come in one by one.
        """
        if self._has_fitted or not self.isVisible():
            return
        rows = range(self.top, min(self.top + self.page, self.model.total))
        self._has_fitted = len(rows) == self.page and all(map(self._has_input, rows))
        needed = 0 if self._are_spread else self.needed(Column.INPUT)
        if needed > self._inputs:
            self._inputs = needed
            self._set_natural()

    def _has_input(self, at: int) -> bool:
        """Whether a row has its input: that of a task which waits may come later."""
        row = self.results.row(at)
        return row is not None and (bool(row.input) or row.status not in UNENDED)

    def keep(self, row: int, y: int, *, selected: bool) -> None:
        """Scroll so that a row is at this height of the viewport, where it was in another order."""
        self.settle()
        self.scroll_to(row * self.row_height - y)
        if selected:
            self.go(row)

    def follow(self, was: int, row: int) -> None:
        """The order was made again, and the row `was` is this one now; -1 if that is not known.

        If it is seen, it stays where it is, and so does the cursor on it.
        """
        if was >= 0 and row >= 0 and self.top <= was <= self.top + self.page:
            self.results.shift_stale(row - was)
            to = self.position + (row - was) * self.row_height
            self.settle()
            self.scroll_to(to)
        if self.current >= 0:
            if row >= 0:
                self.selection.choose(row)
            else:
                self.clear_selection()
        self.settle()

    def show_function(self, name: str) -> None:
        """Results of this function are shown: restore its columns."""
        self._function = name
        self.header.restore(str(self._known().get(name, "")))
        self.settle()

    def _known(self) -> dict[str, Any]:
        try:
            known = json.loads(self._settings.text(_SETTING, "{}"))
        except ValueError:
            return {}
        return known if isinstance(known, dict) else {}

    def _remember(self) -> None:
        known = self._known()
        known.pop(self._function, None)
        known[self._function] = self.header.saved()
        self._settings.put(_SETTING, json.dumps(dict(list(known.items())[-_MOST:])))
