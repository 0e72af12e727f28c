"""What a user does in the window and sees there, for tests on the offscreen platform."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from gui.form.section import Section
from gui.shell.pages.job import JobPage
from gui.shell.window import Window

PATIENCE = 60_000
"""Milliseconds that anything may take on a busy machine."""
UNREAD = {"…", "Running", "Waiting"}
_Modifier = Qt.KeyboardModifier


class Hands:
    """A user of one window."""

    def __init__(self, qtbot: QtBot, window: Window) -> None:
        self._qtbot = qtbot
        self.window = window

    def wait(self, condition: Callable[[], bool]) -> None:
        """Wait until the condition holds."""
        self._qtbot.waitUntil(condition, timeout=PATIENCE)

    # what a user does

    def click(self, widget: QWidget, at: QPoint | None = None) -> None:
        """Click a widget."""
        assert widget.isVisible()
        self.wait(widget.isEnabled)
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton, pos=at or widget.rect().center())

    def type(self, field: QWidget, text: str) -> None:
        """Replace the text of a field by typing."""
        field.setFocus()
        QTest.keyClick(field, Qt.Key.Key_A, _Modifier.ControlModifier)
        QTest.keyClick(field, Qt.Key.Key_Delete)
        QTest.keyClicks(field, text)

    def open(self, path: Path) -> None:
        """Open a file, and wait until it is read and its functions are listed."""
        with self._qtbot.waitSignal(self.window.opener.reader.settled, timeout=PATIENCE):
            self.window.opener.open(path)
        if isinstance(self.window.page, JobPage):
            self.wait(lambda: not self.window.page.form.function._finder.busy)

    def browse(self, path: Path) -> None:
        """Choose the function's file in the dialog behind the button beside File."""
        timer = QTimer(interval=20)
        timer.timeout.connect(lambda: _choose_in_dialog(path))
        timer.start()
        self.click(self.window.page.form.function.file.button)
        timer.stop()

    def choose_function(self, name: str) -> None:
        """Choose a function with the arrow keys, once the file's functions are listed."""
        field = self.window.page.form.function.name
        self.wait(lambda: field.findData(name) >= 0)
        field.setFocus()
        for _ in range(field.count()):
            if field.value() != name:
                QTest.keyClick(field, Qt.Key.Key_Down)
        assert field.value() == name

    def type_values(self, text: str) -> None:
        """Choose a list of values, and type it."""
        inputs = self.window.page.form.inputs
        inputs.kind.setFocus()
        QTest.keyClick(inputs.kind, Qt.Key.Key_Home)
        assert inputs.kind.value() == "list"
        self.type(inputs.list.text, text)

    def run(self) -> Path:
        """Press Run and wait for the run's end; returns the run folder."""
        with self._qtbot.waitSignal(self.window.sessions.finished, timeout=PATIENCE):
            self.click(self.window.page.header.buttons["run.start"])
        folder = self.window.page.shown.folder
        assert folder is not None, self.window.page.header.detail.text() + self.window.page.banner.text.text()
        return folder

    def press_run_in_vain(self) -> None:
        """Press Run, which is refused: nothing runs and no run folder is left."""
        window = self.window
        self.click(window.page.header.buttons["run.start"])
        self.wait(lambda: window.page.header.state == "refused" and not window.sessions.live)
        assert window.page.shown.folder is None
        assert not window.root.exists() or not list(window.root.iterdir())

    def press_run_and_see(self, results: int) -> None:
        """Press Run and wait until this many results are there; the run continues."""
        self.click(self.window.page.header.buttons["run.start"])
        self.wait(lambda: self.window.page.views.results.filter.ended >= results)
        assert self.window.sessions.live

    def open_newest_run(self) -> Path:
        """Click the newest saved run, and wait until it is shown."""
        table = self.window.runs.table
        if not table.isVisible():  # the screen is narrow
            QTest.keyClick(self.window, Qt.Key.Key_R, _Modifier.ControlModifier | _Modifier.ShiftModifier)
        self.wait(lambda: table.model().rowCount() > 0)
        folder = self.window.runs.model.run(0).folder
        with self._qtbot.waitSignal(self.window.opener.reader.settled, timeout=PATIENCE):
            self.click(table.viewport(), table.visualRect(table.model().index(0, 0)).center())
        assert self.window.page.shown.folder == folder
        return folder

    # what a user sees

    @property
    def title(self) -> str:
        """The state that the header shows."""
        return self.window.page.header.title.text()

    def rows(self, count: int) -> list[list[str]]:
        """The cells of the results table, once it has this many rows and all have ended."""
        model = self.window.page.views.results.model
        shown: list[list[str]] = []

        def complete() -> bool:
            shown[:] = [
                [model.data(model.index(row, column)) for column in range(model.columnCount())]
                for row in range(model.rowCount())
            ]
            return len(shown) == count and not any(not UNREAD.isdisjoint(row) for row in shown)

        self.click(self.window.page.views.tabBar(), self.window.page.views.tabBar().tabRect(0).center())
        self.wait(complete)
        return shown

    def log(self, count: int) -> list[str]:
        """The lines in the Log tab, once there are this many."""
        area = self.window.page.views.log.area
        self.click(self.window.page.views.tabBar(), self.window.page.views.tabBar().tabRect(1).center())
        self.wait(lambda: area.total == count and None not in map(area.line, range(count)))
        return [line for line in map(area.line, range(count)) if line is not None]


def _choose_in_dialog(path: Path) -> None:
    dialog = QApplication.activeModalWidget()
    if isinstance(dialog, QFileDialog):
        dialog.findChild(QLineEdit, "fileNameEdit").setText(str(path))
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Open).click()


def problem(section: Section, key: str) -> str:
    """The visible message beside a field; empty if there is none."""
    label = section.rows[key].problem
    return label.text() if label.isVisible() else ""
