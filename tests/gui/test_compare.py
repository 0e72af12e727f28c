"""The compare page: announced first, measured, cancelled, and its advice applied to the form."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.compare import Comparison, Measured, Options, Plan, Way
from engine.compare.fit import Curve
from engine.compare.lines import lines
from engine.compare.machine import Machine
from engine.compare.verdict import verdict
from gui.compare import thread
from gui.compare.chart import SpeedUpChart
from gui.compare.model import Column, WaysModel
from gui.compare.view import advice_words
from gui.shell.pages.compare import ComparePage
from gui.shell.pages.job import JobPage
from gui.shell.window import Window
from tests.gui.test_window import typed


@pytest.fixture(autouse=True)
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each way is measured once, with few inputs."""
    monkeypatch.setattr(thread, "OPTIONS", Options(sample=8, budget=0.01))


def compared(qtbot: QtBot, window: Window) -> ComparePage:
    """The page that compares the front job, with the calls that it would make."""
    window.faces.action("compare.open").trigger()
    page = window.page
    assert isinstance(page, ComparePage)
    qtbot.waitUntil(page.buttons["compare.begin"].isEnabled)
    return page


def test_what_is_measured_is_said_first_and_then_used(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    source = f"import time\ndef f(x):\n    open({str(calls)!r}, 'a').write('x')\n    time.sleep(0.05)"
    typed(window, source, 200)
    job = window.page
    page = compared(qtbot, window)
    assert page.view.said.text().startswith("Calls f on its 200 inputs: ")
    assert not calls.exists()
    assert not page.buttons["compare.use"].isEnabled()
    page.buttons["compare.begin"].click()
    qtbot.waitUntil(page.buttons["compare.use"].isEnabled, timeout=60_000)
    assert page.view.advice.text().startswith("Threads in one process, ")
    assert page.view.reason.text()
    assert page.view.model.rowCount() >= 4
    assert "threads" in page.view.chart.accessibleDescription()
    page.buttons["compare.use"].click()
    assert window.page is job
    run = job.form.pool.run()
    assert run.mode == "threads"
    assert run.workers == page.view.verdict.workers
    assert job.modified
    job.history.undo()
    assert job.form.pool.run().mode == "pool"


def test_a_comparison_is_cancelled(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    typed(window, f"def f(x):\n    open({str(fifo)!r}).read()", 3)
    page = compared(qtbot, window)
    page.buttons["compare.begin"].click()
    assert page.buttons["compare.cancel"].isEnabled() or page.view.busy
    with fifo.open("w"):  # the function runs
        qtbot.waitUntil(page.buttons["compare.cancel"].isEnabled)
        page.buttons["compare.cancel"].click()
        qtbot.waitUntil(lambda: not page.view.busy)
    qtbot.waitUntil(page.buttons["compare.begin"].isEnabled)
    assert page.view.verdict is None


def test_closing_the_page_ends_it(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    typed(window, f"def f(x):\n    open({str(fifo)!r}).read()", 3)
    page = compared(qtbot, window)
    page.begin()
    with fifo.open("w"):
        window.pages.close(page)
    assert isinstance(window.page, JobPage)


def test_what_cannot_be_compared_is_said(qtbot: QtBot, window: Window) -> None:
    typed(window, "import not_there_at_all\ndef f(x):\n    return x", 3)
    page = compared(qtbot, window)
    page.begin()
    qtbot.waitUntil(page.banner.isVisible)
    qtbot.waitUntil(lambda: not page.view.busy)
    assert "not_there_at_all" in page.banner.text.text()


def test_an_advice_goes_to_a_new_page_if_its_job_was_closed(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x", 3)
    job = window.page
    page = compared(qtbot, window)
    page.view.verdict = judged(2.0).verdict
    job.document.modified = False
    window.pages.close(job)
    window.pages.use_advice(page)
    assert isinstance(window.page, JobPage)
    assert window.page is not job
    assert window.page.form.pool.run().mode == "pool"
    assert "def f" in window.page.form.job().function.source


def judged(threads: float, *more: tuple[Way, float]) -> Comparison:
    """A given comparison: 2 processes are 3 times as fast as in turn."""
    ways = [(Way("serial"), 1.0), (Way("threads", 2), threads), (Way("pool", 1), 1.0), (Way("pool", 2), 3.0)]
    found = [
        Measured(way, 10, 0, 0.1, 0.05 / times, 0.05 / times, 0.05, 0.05, cpu=0.05, memory=20 << 20)
        for way, times in [*ways, *more, *ways]
    ]
    made = tuple(lines(found))
    plan = Plan("f", 1_000, tuple(line.way for line in made), 400, sample=10)
    reached = verdict(made, 1_000, Machine(2))
    return Comparison(plan, tuple(found), made, 1.0, Curve(0.1, 0.01), reached, 80, 2)


def test_the_table_is_a_sound_model(qtmodeltester: ModelTester) -> None:
    model = WaysModel()
    qtmodeltester.check(model)
    for found in (judged(1.0), judged(1.0, (Way("threads", 8), 6.0)), judged(1.0)):
        model.show_comparison(found)
        assert model.rowCount() == len(found.lines)
    assert model.cell(0, Column.WAY).text == "In turn"
    assert model.cell(3, Column.SPEED_UP).text == "3.00 ×"
    assert model.cell(3, Column.WAY).ink == "accent"


@pytest.mark.parametrize("more", [(), ((Way("threads", 100), 60.0),)])
def test_the_chart_draws_few_and_many_workers(qtbot: QtBot, more: tuple[tuple[Way, float], ...]) -> None:
    chart = SpeedUpChart()
    qtbot.addWidget(chart)
    chart.resize(400, 300)
    empty = chart.grab().toImage()
    chart.show_comparison(judged(1.5, *more))
    assert chart.grab().toImage() != empty
    assert "2 processes: 3.00 times" in chart.accessibleDescription()


def test_the_advice_names_mode_size_and_time() -> None:
    found = judged(1.0).verdict
    assert found is not None
    assert advice_words(found).startswith("A pool of workers, 2 workers: about 16")
