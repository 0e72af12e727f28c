"""What Qt shows of commands: actions, buttons, menus and keys that follow the flags."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QIcon, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QMainWindow, QMenu, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from gui.commands import Command, CommandError, Context, Registry
from gui.commands.actions import Actions, in_a_moment
from gui.commands.buttons import dress, push_button
from gui.commands.keys import sequences, shown, spell
from gui.commands.menus import SEPARATOR, Listing, Submenu, build, fill_bar, offer_at_pointer


class Desk:
    """A window with commands."""

    def __init__(self, qtbot: QtBot) -> None:
        self.window = QMainWindow()
        qtbot.addWidget(self.window)
        self.done: list[str] = []
        self.context = Context(in_a_moment(self.window))
        self.context.declare("live", "shown", "dark")
        self.registry = Registry(self.context, spell)
        self.actions = Actions(self.registry, self.window, lambda name: QIcon())

    def add(self, id_: str, text: str, **more: Any) -> None:
        self.registry.add(Command(id_, text, lambda: self.done.append(id_), **more))

    def expose(self, qtbot: QtBot) -> None:
        self.window.show()
        self.window.activateWindow()
        qtbot.waitUntil(self.window.isActiveWindow)


@pytest.fixture
def desk(qtbot: QtBot) -> Desk:
    return Desk(qtbot)


def texts(menu: QMenu) -> list[str]:
    return [action.text() for action in menu.actions()]


def opened(menu: QMenu) -> Sequence[QAction]:
    menu.aboutToShow.emit()
    return menu.actions()


def test_all_faces_of_a_command_follow_the_flags(qtbot: QtBot, desk: Desk) -> None:
    desk.add("stop", "&Stop", keys="Shift+F5", tip="End the run", when="live")
    action = desk.actions.action("stop")
    push, tool = push_button(desk.actions, "stop"), dress(QToolButton(), desk.actions, "stop")
    qtbot.addWidget(push)
    qtbot.addWidget(tool)
    assert not any(face.isEnabled() for face in (action, push, tool))
    assert push.text() == "Stop"
    assert push.toolTip() == "End the run (Shift+F5)"
    assert tool.accessibleName() == "Stop"
    desk.context["live"] = True
    qtbot.waitUntil(push.isEnabled)
    assert tool.isEnabled()
    push.click()
    tool.click()
    action.trigger()
    assert desk.done == ["stop"] * 3


def test_a_press_that_comes_after_the_flag_has_gone_does_nothing(qtbot: QtBot, desk: Desk) -> None:
    desk.add("stop", "Stop", when="live")
    button = push_button(desk.actions, "stop")
    qtbot.addWidget(button)
    desk.context["live"] = True
    qtbot.waitUntil(button.isEnabled)
    desk.context["live"] = False
    button.click()
    assert desk.done == []


def test_a_tick_follows_its_flag_alone(qtbot: QtBot, desk: Desk) -> None:
    desk.add("show", "Show", checked="shown")
    button = push_button(desk.actions, "show")
    qtbot.addWidget(button)
    button.click()
    assert not button.isChecked()  # nobody has set the flag
    assert not desk.actions.action("show").isChecked()
    desk.context["shown"] = True
    qtbot.waitUntil(button.isChecked)


def test_choices_of_a_group_exclude_each_other(qtbot: QtBot, desk: Desk) -> None:
    for name, when in (("light", "not dark"), ("dark", "dark")):
        dark = name == "dark"
        desk.registry.add(
            Command(
                name,
                name,
                lambda dark=dark: desk.context.update({"dark": dark}),
                checked=when,
                group="scheme",
            )
        )
    light, dark = desk.actions.action("light"), desk.actions.action("dark")
    assert (light.isChecked(), dark.isChecked()) == (True, False)
    dark.trigger()
    qtbot.waitUntil(lambda: not light.isChecked())
    assert dark.isChecked()
    light.trigger()
    qtbot.waitUntil(light.isChecked)
    assert dark.actionGroup() is light.actionGroup()


def test_keys_work_in_no_menu_too_and_in_their_pane_only(qtbot: QtBot, desk: Desk) -> None:
    desk.add("run", "Run", keys=("F5", "Ctrl+R"))
    desk.add("find", "Find", keys="F3", scope="log")
    pane, other = QLineEdit(desk.window), QLineEdit(desk.window)
    other.move(0, 40)
    desk.actions.install()
    desk.actions.bind("log", pane)
    desk.expose(qtbot)
    other.setFocus()
    QTest.keyClick(other, Qt.Key.Key_F5)
    QTest.keyClick(other, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(other, Qt.Key.Key_F3)
    assert desk.done == ["run", "run"]
    pane.setFocus()
    QTest.keyClick(pane, Qt.Key.Key_F3)
    assert desk.done == ["run", "run", "find"]


def test_menus_hold_commands_submenus_and_listings(qtbot: QtBot, desk: Desk) -> None:
    desk.add("new", "&New", keys="Ctrl+N")
    desk.add("clear", "&Clear", when="shown")
    recent = ["a.pool", "b & c.pool"]

    def entries() -> list[Command | str]:
        made = [Command(name, name.replace("&", "&&"), lambda n=name: desk.done.append(n)) for name in recent]
        return [*made, SEPARATOR, "clear"]

    menus = [
        Submenu("&File", ["new", SEPARATOR, Listing("&Recent", entries, "live"), Submenu("M", ["clear"])])
    ]
    fill_bar(desk.window.menuBar(), desk.actions, menus)
    file = desk.window.menuBar().actions()[0].menu()
    assert isinstance(file, QMenu)
    assert texts(file) == ["&New", "", "&Recent", "M"]
    listing = file.actions()[2].menu()
    assert isinstance(listing, QMenu)
    opened(file)
    assert not listing.isEnabled()
    desk.context["live"] = True
    opened(file)
    assert listing.isEnabled()
    assert [action.text() for action in opened(listing)] == ["a.pool", "b && c.pool", "", "&Clear"]
    listing.actions()[1].trigger()
    recent.pop()
    assert len(opened(listing)) == 3
    assert desk.done == ["b & c.pool"]
    assert desk.actions.action("clear").text() == "&Clear"  # clearing the list has not deleted it


def test_a_menu_opens_with_the_flags_as_they_are_at_that_moment(qtbot: QtBot, desk: Desk) -> None:
    desk.add("stop", "Stop", when="live")
    menu = build(desk.actions, ["stop"], desk.window)
    desk.context["live"] = True
    assert opened(menu)[0].isEnabled()


def test_a_context_menu_opens_where_it_was_asked_for(qtbot: QtBot, desk: Desk) -> None:
    desk.add("stop", "Stop")
    button = QPushButton("here", desk.window)
    offer_at_pointer(button, desk.actions, ["stop"])
    desk.expose(qtbot)
    button.customContextMenuRequested.emit(QPoint(3, 4))
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    assert menu.pos() == button.mapToGlobal(QPoint(3, 4))
    assert texts(menu) == ["Stop"]
    menu.close()


def test_roles_of_the_menu_of_macos(desk: Desk) -> None:
    desk.add("quit", "Quit", role="quit")
    desk.add("config", "Config", tip="")
    assert desk.actions.action("quit").menuRole() == QAction.MenuRole.QuitRole
    assert desk.actions.action("config").menuRole() == QAction.MenuRole.NoRole


def test_keys_by_name(qapp: QApplication) -> None:
    assert QKeySequence("Ctrl+O") in sequences("standard:Open")
    assert shown(Command("a", "A", list, keys=("Ctrl+Shift+S", "F2"))) == "Ctrl+Shift+S"
    assert shown(Command("a", "A", list)) == ""
    for wrong in ("Ctrl+Nonsense", "standard:Nonsense", ""):
        with pytest.raises(CommandError):
            sequences(wrong)


def test_real_keys_clash_with_standard_ones(desk: Desk) -> None:
    desk.add("open", "Open", keys="standard:Open")
    with pytest.raises(CommandError, match="Ctrl\\+O"):
        desk.add("other", "Other", keys="Ctrl+O")


def test_a_window_that_goes_is_no_longer_told(qtbot: QtBot) -> None:
    context = Context()
    context.declare("live")
    window = QMainWindow()
    registry = Registry(context, spell)
    registry.add(Command("stop", "Stop", list, when="live"))
    actions = Actions(registry, window, lambda name: QIcon())
    action = actions.action("stop")
    context["live"] = True
    assert action.isEnabled()
    with qtbot.waitSignal(window.destroyed):
        window.deleteLater()
    context["live"] = False
    assert not context._listeners
