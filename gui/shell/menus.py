"""The menus and their shortcuts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from gui.kit import icons

if TYPE_CHECKING:
    from gui.shell.window import Window

Key = QKeySequence.StandardKey


class Menus:
    """Builds the menu bar of a window, and keeps the actions that change."""

    def __init__(self, window: Window) -> None:
        self._window = window
        self._file()
        self._edit()
        self._run()
        self._view()
        self._help()
        window.settings.recent_changed.connect(self.list_recent)
        self.list_recent()

    def _file(self) -> None:
        window, menu = self._window, self._menu("&File")
        self.new = self._add(menu, "&New", window.new, Key.New, "new")
        self.open = self._add(menu, "&Open…", window.open_asked, Key.Open, "open")
        self.open_run = self._add(menu, "Open r&un folder…", window.open_run_asked, icon="runs")
        self.recent = menu.addMenu("Open &recent")
        self.presets = menu.addMenu("&Presets")
        window.presets.changed.connect(self.list_presets)
        self.list_presets()
        menu.addSeparator()
        self.save = self._add(menu, "&Save", window.document.save, Key.Save, "save")
        self.save_as = self._add(menu, "Save &as…", window.document.save_as, "Ctrl+Shift+S")
        menu.addSeparator()
        self.close = self._add(menu, "&Close", window.close, Key.Close)
        self.quit = self._add(menu, "&Quit", window.close, "Ctrl+Q", "quit")
        self.quit.setMenuRole(QAction.MenuRole.QuitRole)

    def _edit(self) -> None:
        copying, history, menu = self._window.copying, self._window.history, self._menu("&Edit")
        self.undo = self._add(menu, "&Undo", history.undo, Key.Undo)
        self.redo = self._add(menu, "&Redo", history.redo)
        self.redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        history.changed.connect(self._tell_history)
        self._tell_history()
        menu.addSeparator()
        self.copy_script = self._add(menu, "Copy as &Python script", copying.script, "Ctrl+Shift+C")
        self.copy_command = self._add(menu, "Copy as &command", copying.command)

    def _run(self) -> None:
        window, menu = self._window, self._menu("&Run")
        self.run = self._add(menu, "&Run", window.live.run, "F5", "run")
        self.try_one = self._add(menu, "&Try one", window.trials.try_one, "Ctrl+F5")
        controls = window.live.controls
        self.pause = self._add(menu, "&Pause", controls.pause, "F6", "pause")
        self.stop = self._add(menu, "&Stop", controls.stop, "Shift+F5", "stop")
        self.finish = self._add(menu, "Stop after &what runs now", controls.finish)
        self.kill = self._add(menu, "Stop at &once", controls.kill)
        menu.addSeparator()
        self.retry = self._add(menu, "Retry failed tas&ks", controls.retry, icon="retry")
        menu.addSeparator()
        self.reveal = self._add(menu, "Show run &folder", window.live.reveal_folder, icon="open")
        self.reveal.setEnabled(False)

    def _view(self) -> None:
        window, menu = self._window, self._menu("&View")
        self.runs_pane = self._toggle(menu, "Saved r&uns", window.show_runs_pane, "Ctrl+Shift+R")
        self.form_pane = self._toggle(menu, "&Form", window.show_form_pane, "Ctrl+Shift+F")
        menu.addSeparator()
        self.results = self._add(
            menu, "&Results", lambda: window.tabs.setCurrentIndex(0), "Ctrl+1", "results"
        )
        self.log = self._add(menu, "&Log", lambda: window.tabs.setCurrentIndex(1), "Ctrl+2", "log")
        self.workers = self._add(
            menu, "&Workers", lambda: window.tabs.setCurrentIndex(2), "Ctrl+3", "workers"
        )
        menu.addSeparator()
        colors = menu.addMenu("&Colours")
        self._group = QActionGroup(window)
        self.schemes: dict[str, QAction] = {}
        for scheme, text in (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark")):
            action = self._add(colors, text, lambda scheme=scheme: window.choose_scheme(scheme))
            action.setCheckable(True)
            self._group.addAction(action)
            self.schemes[scheme] = action

    def _help(self) -> None:
        window, menu = self._window, self._menu("&Help")
        self.guide = self._add(menu, "&Guide", window.show_guide, Key.HelpContents, "help")
        self.about = self._add(menu, "&About Poolhouse", window.show_about, icon="info")
        self.about.setMenuRole(QAction.MenuRole.AboutRole)

    def _tell_history(self) -> None:
        self.undo.setEnabled(self._window.history.can_undo)
        self.redo.setEnabled(self._window.history.can_redo)

    def _menu(self, title: str) -> QMenu:
        return self._window.menuBar().addMenu(title)

    def _add(
        self,
        menu: QMenu,
        text: str,
        do: Callable[[], object],
        key: QKeySequence.StandardKey | str | None = None,
        icon: str = "",
    ) -> QAction:
        action = QAction(text, self._window)
        if icon:
            action.setIcon(icons.icon(icon))
        if key is not None:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False: do())
        menu.addAction(action)
        return action

    def _toggle(self, menu: QMenu, text: str, do: Callable[[bool], object], key: str) -> QAction:
        action = QAction(text, self._window, checkable=True, checked=True)
        action.setShortcut(QKeySequence(key))
        action.triggered.connect(do)
        menu.addAction(action)
        return action

    def list_presets(self) -> None:
        """List the presets anew."""
        shelf = self._window.presets
        self.presets.clear()
        for name in shelf.names:
            action = self.presets.addAction(name.replace("&", "&&"))
            action.triggered.connect(lambda _on=False, name=name: shelf.open(name))
        self.presets.addSeparator()
        self.presets.addAction("&Save as preset…", shelf.save)
        self.presets.addAction("&Manage presets…", shelf.manage)

    def list_recent(self) -> None:
        """List the recent files anew."""
        settings = self._window.settings
        self.recent.clear()
        for nth, path in enumerate(settings.recent, 1):
            text = f"&{nth}  {_short(path)}".replace("&10", "1&0")
            action = self.recent.addAction(text)
            action.setToolTip(str(path))
            action.triggered.connect(lambda _on=False, path=path: self._window.open(path))
        self.recent.addSeparator()
        self.recent.addAction("&Clear", settings.clear_recent)
        self.recent.setEnabled(bool(settings.recent))


def _short(path: Path) -> str:
    """A path as a menu shows it: its last parts."""
    text = str(path.relative_to(Path.home())) if path.is_relative_to(Path.home()) else str(path)
    text = text if len(text) <= 60 else f"…{text[-59:]}"
    return text.replace("&", "&&")
