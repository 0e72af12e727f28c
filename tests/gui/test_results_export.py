"""Results exported from the window: all, those shown, those selected; progress, cancel, failures."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from gui.kit import ask
from gui.results.export import ALL, COPY_CODE, SELECTED, SHOWN, ExportDialog, rows_of
from gui.results.model import Column
from gui.results.view import ResultsView
from tests.gui.growing import Growing

_PATIENCE = 30_000
Answer = Callable[[str, Path], None]


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Growing]:
    (tmp_path / "run").mkdir()
    growing = Growing(tmp_path / "run")
    for first in range(0, 100, 10):
        growing.add(first, 10)
    yield growing
    growing.store.close()


@pytest.fixture
def view(qtbot: QtBot, growing: Growing) -> Iterator[ResultsView]:
    view = ResultsView()
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    view.show_run(growing.folder)
    qtbot.waitUntil(lambda: view.model.total == 100 and view.filter.total == 100, timeout=_PATIENCE)
    yield view
    view.close_run()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Answers the dialog, and names the file."""

    def answer(scope: str, path: Path) -> None:
        def accept(dialog: ExportDialog) -> int:
            assert dialog._ways[scope].isVisibleTo(dialog)
            dialog.choose(scope)
            return QDialog.DialogCode.Accepted

        monkeypatch.setattr(ExportDialog, "exec", accept)
        monkeypatch.setattr(ask, "results_to_save", lambda *_: str(path))

    return answer


def export(view: ResultsView, qtbot: QtBot) -> str:
    """Export, and return the final message."""
    view.export()
    qtbot.waitUntil(lambda: not view.exports.is_busy, timeout=_PATIENCE)
    assert view.exports.isVisible()
    return view.exports.said.text()


def exported(path: Path) -> list[int]:
    with path.open(newline="") as file:
        return [int(row["index"]) for row in csv.DictReader(file)]


def test_all_tasks(view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer) -> None:
    answer(ALL, tmp_path / "out.csv")
    view.sort_by(Column.INDEX, descending=True)
    qtbot.waitUntil(lambda: not view.reader.is_arranging, timeout=_PATIENCE)
    assert export(view, qtbot) == f"Exported 100 tasks to {tmp_path / 'out.csv'}"
    assert exported(tmp_path / "out.csv") == list(range(100))
    qtbot.mouseClick(view.exports._button, Qt.MouseButton.LeftButton)
    assert view.exports.isHidden()


def test_the_tasks_shown_in_their_order(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    view.sort_by(Column.INDEX, descending=True)
    view.filter.field.setText("index<3")
    view.filter._enter()
    qtbot.waitUntil(lambda: not view.reader.is_arranging, timeout=_PATIENCE)
    answer(SHOWN, tmp_path / "out.jsonl")
    export(view, qtbot)
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert [json.loads(line)["index"] for line in lines] == [2, 1, 0]


@pytest.mark.parametrize("descending", [False, True])
def test_the_selected_tasks(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, growing: Growing, answer: Answer, descending: bool
) -> None:
    view.sort_by(Column.INDEX, descending=descending)
    qtbot.waitUntil(lambda: not view.reader.is_arranging, timeout=_PATIENCE)
    view.table.go(8)
    view.table.go(12, extend=True)
    view.table.selection.toggle(50)
    answer(SELECTED, tmp_path / "out.csv")
    assert export(view, qtbot).startswith("Exported 6 tasks")
    chosen = [8, 9, 10, 11, 12, 50]
    assert exported(tmp_path / "out.csv") == ([99 - row for row in chosen] if descending else chosen)


def test_selected_rows_are_those_that_stood_there_when_they_were_chosen(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, growing: Growing, answer: Answer
) -> None:
    growing.add(200, 10)
    view.grew()
    qtbot.waitUntil(lambda: view.model.total == 110, timeout=_PATIENCE)
    view.table.go(105)
    rows = rows_of(view.table, view.filter.total)
    growing.add(150, 10)
    view.grew()
    qtbot.waitUntil(lambda: view.model.total == 120, timeout=_PATIENCE)
    view.exports.begin(growing.folder, tmp_path / "out.csv", rows, SELECTED, False)
    qtbot.waitUntil(lambda: not view.exports.is_busy, timeout=_PATIENCE)
    assert exported(tmp_path / "out.csv") == [205]


def test_an_ending_that_is_no_format_is_refused(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    answer(ALL, tmp_path / "out.xls")
    assert "out.xls was not written: the ending sets the format" in export(view, qtbot)
    assert not (tmp_path / "out.xls").exists()


def test_a_file_that_cannot_be_written_says_why(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    answer(ALL, tmp_path / "none" / "out.csv")
    assert "out.csv was not written: " in export(view, qtbot)


def test_a_cancelled_export_leaves_nothing(
    view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer
) -> None:
    answer(ALL, tmp_path / "out.csv")
    view.export()
    assert view.exports.is_busy
    assert view.exports.said.text() == "Writing out.csv: 0 of 100 tasks"
    qtbot.mouseClick(view.exports._button, Qt.MouseButton.LeftButton)
    assert "you cancelled it" in view.exports.said.text()
    assert not view.exports.is_busy
    qtbot.waitUntil(lambda: not list(tmp_path.glob("*.partial")), timeout=_PATIENCE)


def test_who_cancels_the_dialog_exports_nothing(view: ResultsView, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ExportDialog, "exec", lambda _: QDialog.DialogCode.Rejected)
    view.export()
    assert view.exports.isHidden()


def test_only_what_there_is_can_be_chosen(view: ResultsView) -> None:
    dialog = ExportDialog(rows_of(view.table, 100), view)
    shown = [scope for scope, way in dialog._ways.items() if way.isVisibleTo(dialog)]
    assert (shown, dialog.scope, dialog.spread) == ([ALL], ALL, False)
    dialog.deleteLater()


def test_a_report_is_saved(view: ResultsView, qtbot: QtBot, tmp_path: Path, answer: Answer) -> None:
    answer(ALL, tmp_path / "out.html")
    assert export(view, qtbot) == f"The report is in {tmp_path / 'out.html'}"
    assert "<svg" in (tmp_path / "out.html").read_text("utf-8")


def test_code_loads_what_is_selected_or_all(
    view: ResultsView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def loaded() -> list[int]:
        qtbot.waitUntil(lambda: not view.exports.is_busy, timeout=_PATIENCE)
        assert view.exports.said.text().startswith("Copied lines of Python that load ")
        namespace: dict[str, Any] = {}
        exec(QGuiApplication.clipboard().text(), namespace)
        return [result.task for result in namespace["results"] if result.status == "ok"]

    monkeypatch.setattr(ExportDialog, "exec", lambda _: COPY_CODE)
    view.export()
    assert loaded() == list(range(100))
    view.table.go(8)
    view.table.go(10, extend=True)
    view.copy_code()
    assert loaded() == [8, 9, 10]
    view.table.selection.toggle(50)
    view.copy_code()
    assert loaded() == [8, 9, 10, 50]
    assert "[8, 9, 10, 50]" in QGuiApplication.clipboard().text()
