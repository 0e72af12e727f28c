"""Try one: the button, the page, cancelling, and problems in the form."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.trial import Estimate, Trial
from gui.kit import words
from gui.shell.window import Window
from gui.trial.view import TrialPage, cost_words, whole_words
from tests.gui.test_window import typed


def tried(qtbot: QtBot, window: Window) -> TrialPage:
    window.page.header.buttons["trial.start"].click()
    qtbot.waitUntil(lambda: window.page.trials.busy)
    qtbot.waitUntil(lambda: not window.page.trials.busy, timeout=20_000)
    return window.page.trials.page


def test_one_input_is_tried_and_shown(qtbot: QtBot, window: Window) -> None:
    source = "import logging\ndef f(x):\n    print('said', x)\n    logging.info('noted')\n    return [x]"
    typed(window, source, 1000)
    page = tried(qtbot, window)
    assert window.page.stack.currentWidget() is page
    assert page.title.text() == "It works"
    assert (page.input.toPlainText(), page.value.toPlainText()) == ("0", "[0]")
    assert "1,000 tasks on" in page.whole.text()
    assert "noted" in page.log.toPlainText()
    assert "said 0" in page.output.toPlainText()
    assert not page.texts.isTabVisible(2)
    assert window.runs.model.rowCount() == 0
    qtbot.waitUntil(window.page.header.buttons["trial.start"].isEnabled)
    page.close_button.click()
    assert window.page.stack.currentWidget() is window.page.welcome


def test_a_run_takes_the_place_of_a_trial(qtbot: QtBot, window: Window) -> None:
    typed(window, "def f(x):\n    return x", 3)
    tried(qtbot, window)
    with qtbot.waitSignal(window.sessions.finished, timeout=20_000):
        QTest.keyClick(window, Qt.Key.Key_F5)
    assert window.page.stack.currentWidget() is window.page.views


def test_a_missing_package_is_named_with_the_line_that_installs_it(qtbot: QtBot, window: Window) -> None:
    typed(window, "import sklearn_none\ndef f(x):\n    return x", 3)
    page = tried(qtbot, window)
    assert page.title.text() == "Nothing ran"
    assert "package sklearn_none is not installed" in page.advice.text()
    page.copy.click()
    assert QGuiApplication.clipboard().text().endswith(" -m pip install sklearn_none")
    assert page.texts.currentIndex() == 0, "the traceback is one click away"
    page.texts.setCurrentIndex(2)
    assert "import sklearn_none" in page.trace.toPlainText()
    assert "sklearn_none" in window.page.form.function.rows["function.source"].problem.text()


def test_what_is_wrong_in_the_form_is_shown_there(qtbot: QtBot, window: Window) -> None:
    window.page.trials.try_one()
    qtbot.waitUntil(lambda: not window.page.trials.busy)
    assert window.page.stack.currentWidget() is window.page.welcome
    assert window.page.form.function.rows["function.file"].problem.isVisible()
    assert window.page.header.title.text() == "Nothing ran"


def test_a_trial_is_cancelled(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    typed(window, f"def f(x):\n    open({str(fifo)!r}).read()", 3)
    window.page.header.buttons["trial.start"].click()
    assert not window.page.header.buttons["trial.start"].isEnabled()
    qtbot.waitUntil(window.page.trials.page.cancel.isVisible)
    with fifo.open("w"):  # the function runs
        window.page.trials.page.cancel.click()
        qtbot.waitUntil(lambda: not window.page.trials.busy, timeout=20_000)
    assert window.page.trials.page.title.text() == "Cancelled"


def test_closing_the_window_ends_the_trial(qtbot: QtBot, window: Window, tmp_path: Path) -> None:
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    typed(window, f"def f(x):\n    open({str(fifo)!r}).read()", 3)
    window.page.trials.try_one()
    with fifo.open("w"):
        window.page.document.modified = False
        window.close()
    assert not window.isVisible()


@pytest.fixture
def hung(tmp_path: Path) -> tuple[Path, Path]:
    """An interpreter that says what it is, but hangs as a host; and the file that shows that it does."""
    python, asleep = tmp_path / "python3", tmp_path / "asleep"
    question = f'[ "$1" = -I ] && exec {sys.executable} "$@"'
    python.write_text(f"#!/bin/sh\n{question}\n/bin/sleep 600 & echo > {asleep}\nwait\n")
    python.chmod(0o755)
    return python, asleep


@pytest.mark.parametrize("end", ["cancel", "close page", "close window"])
def test_an_interpreter_that_hangs_holds_no_trial(
    qtbot: QtBot, window: Window, hung: tuple[Path, Path], end: str
) -> None:
    python, asleep = hung
    typed(window, "def f(x):\n    return x", 3)
    window.page.form.function.python.line.setText(str(python))
    page = window.page
    page.trials.try_one()
    qtbot.waitUntil(asleep.exists, timeout=20_000)
    page.document.modified = False
    if end == "cancel":
        page.trials.cancel()
        qtbot.waitUntil(lambda: not page.trials.busy, timeout=20_000)
        assert page.trials.page.title.text() == "Cancelled"
    elif end == "close page":
        window.pages.close(page)
        qtbot.waitUntil(lambda: window.page is not page)
    else:
        window.close()
        assert not window.isVisible()


def test_costs_in_words() -> None:
    found = Trial("ok", seconds=0.25, start=0.1, memory=300 << 20, size=1)
    assert (
        cost_words(found)
        == "250 ms, after a start of 100 ms; 300 MiB of memory in its worker; a result of 1 byte."
    )
    assert whole_words(Estimate(1, True, 1, 0.35, None, None)) == "1 task on 1 worker; less than a second."
    assert whole_words(Estimate(2000, True, 4, 130.0, 4 << 30, 5 << 20)) == (
        "2,000 tasks on 4 workers; about 2 minutes; 4.00 GiB of memory; results of 5.00 MiB."
    )
    assert whole_words(Estimate(7, False, 4, 0.1, None, None)).startswith("at least 7 tasks on 4 workers")
    assert "once they have been read" in whole_words(Estimate(None, True, 4, None, None, None))


def test_sizes_in_words() -> None:
    shown = {0: "0 bytes", 1023: "1,023 bytes", 1024: "1.00 KiB", 150 << 10: "150 KiB", 1 << 50: "1,024 TiB"}
    assert {count: words.size(count) for count in shown} == shown
