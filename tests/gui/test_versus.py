"""The page of two runs side by side."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.shell.pages.run import RunPage
from gui.shell.pages.versus import VersusPage
from gui.shell.window import Window
from tests.running import make_job, run_job

PATIENCE = 30_000


@pytest.mark.usefixtures("own_query_processes")
def test_two_runs_are_compared_from_the_list(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    for number, source in enumerate(("def f(x): return x", "def f(x): return 1 // (2 - x)")):
        (tmp_path / str(number)).mkdir()
        run_job(make_job(tmp_path / str(number), source, inputs=range(4)))
    window.runs.refresh()
    qtbot.waitUntil(lambda: window.runs.model.rowCount() == 2, timeout=PATIENCE)
    window.runs.table.select_rows([0, 1], 0)
    newer = window.runs.model.run(0).folder
    qtbot.waitUntil(lambda: window.registry.can("list.compare"), timeout=PATIENCE)
    window.registry.run("list.compare")
    page = window.page
    assert isinstance(page, VersusPage)
    qtbot.waitUntil(lambda: page.view.found is not None, timeout=PATIENCE)
    view = page.view
    assert page.title == "f: two runs"
    assert "1 new failure, 0 fixed" in view.verdict.text()
    assert "-def f(x): return x" in view.code.toPlainText()
    assert [chip.text() for chip in view.kinds.buttons()][:2] == ["New failures  1", "Other results  1"]
    assert view.tasks.item(0, 3).text().startswith("ZeroDivisionError")
    view.tasks.opened.emit(0)
    qtbot.waitUntil(lambda: isinstance(window.page, RunPage), timeout=PATIENCE)
    assert window.page.shown.folder == newer
    results = window.page.views.results
    qtbot.waitUntil(lambda: results.table.current == 2, timeout=PATIENCE)
    window.pages.let_go([newer])
    assert not any(isinstance(one, VersusPage | RunPage) for one in window.pages.all)


@pytest.mark.usefixtures("own_query_processes")
def test_what_cannot_be_compared_is_told(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    window.pages.show_versus(tmp_path / "no", tmp_path / "none")
    page = window.page
    assert isinstance(page, VersusPage)
    qtbot.waitUntil(lambda: "cannot be compared" in page.view.verdict.text(), timeout=PATIENCE)
