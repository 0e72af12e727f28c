"""Every button and field of the window has a name, and texts are read as shown."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import (
    QApplication,
    QButtonGroup,
    QCheckBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from engine.runs import LOG
from gui.shell.window import Window
from tests.accessibility import faults
from tests.gui.doing import press, wait_for_end
from tests.running import make_job, run_job


def test_the_window(window: Window) -> None:
    assert faults(window) == []


def test_every_kind_of_page_and_what_a_run_and_a_trial_show(
    qtbot: QtBot, window: Window, tmp_path: Path
) -> None:
    folder = run_job(make_job(tmp_path, "def f(x):\n    return 1 / x", inputs=range(3))).folder
    for path in (folder, folder / LOG, tmp_path / "user_code.py"):
        before = window.page
        window.opener.open(path)
        qtbot.waitUntil(lambda before=before: window.page is not before)
    window.page.form.inputs.kind.set_value("grid")
    window.page.form.inputs.kind.set_value("csv")
    window.page.form.inputs.kind.set_value("range")
    window.page.form.inputs.range.stop.setText("3")
    window.page.form.inputs.more.setChecked(True)
    wait_for_end(qtbot, window, window.page.run)
    window.page.trials.try_one()
    qtbot.waitUntil(lambda: not window.page.trials.busy, timeout=30_000)
    assert faults(window) == []


@pytest.mark.parametrize("id_", ["help.guide", "help.about", "preset.manage"])
def test_what_opens_beside_the_window(qtbot: QtBot, window: Window, id_: str) -> None:
    before = QApplication.topLevelWidgets()
    press(window, id_)
    opened = [widget for widget in QApplication.topLevelWidgets() if widget not in before]
    assert opened
    assert [fault for widget in opened for fault in faults(widget)] == []
    for widget in opened:
        widget.close()


@pytest.fixture
def pane(qtbot: QtBot) -> QWidget:
    pane = QWidget()
    QVBoxLayout(pane)
    qtbot.addWidget(pane)
    return pane


def called(name: str, widget: QWidget) -> QWidget:
    widget.setAccessibleName(name)
    return widget


def put(pane: QWidget, widget: QWidget) -> list[str]:
    layout = pane.layout()
    assert layout
    layout.addWidget(widget)
    return faults(pane)


def test_what_has_no_name_is_found(pane: QWidget) -> None:
    assert put(pane, QPushButton("Run")) == []
    assert put(pane, called("Workers", QSpinBox())) == []
    assert put(pane, QCheckBox("&Keep")) == []
    field, label = QLineEdit(), QLabel("File")
    assert put(pane, field) == ["QLineEdit < QWidget '': has no name"]
    label.setBuddy(field)
    assert put(pane, label) == []


def test_choices_that_are_no_radio_buttons_are_found(pane: QWidget) -> None:
    group = QButtonGroup(pane)
    for kind in (QRadioButton, QPushButton):
        button = kind(kind.__name__)
        button.setCheckable(True)
        group.addButton(button)
        found = put(pane, button)
    assert found == ["QPushButton < QWidget 'QPushButton': is one of several choices, and no radio button"]


def test_a_label_that_is_read_as_something_else_is_found(pane: QWidget) -> None:
    assert put(pane, called("Finished", QLabel("<b>Finished</b>"))) == []
    assert "is read as 'State' in place of 'Running'" in put(pane, called("State", QLabel("Running")))[0]
