"""Every button and field of the window has a name, and texts are read as they stand."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QCheckBox, QLabel, QLineEdit, QPushButton, QSpinBox, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.shell.window import Window
from tests.accessibility import faults


def test_the_window(window: Window) -> None:
    assert faults(window) == []


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


def test_a_label_that_is_read_as_something_else_is_found(pane: QWidget) -> None:
    assert put(pane, called("Finished", QLabel("<b>Finished</b>"))) == []
    assert "is read as 'State' in place of 'Running'" in put(pane, called("State", QLabel("Running")))[0]
