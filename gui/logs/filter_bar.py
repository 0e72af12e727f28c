"""The filter: by level, text, logger, process, thread, task, exception and time."""

from __future__ import annotations

import re

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QKeyEvent, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMenu,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.query.log import LogWanted
from gui.commands.registry import escaped
from gui.kit.quiet import close_button
from gui.kit.widgets import WheelGuard, restyle
from gui.logs import inks, saved, terms
from gui.logs.conditions import TIMES, Conditions, are_in, edit_for
from gui.logs.find_bar import HowMeant
from gui.settings import SAVED_ON_KEYS
from gui.settings.store import Settings

_WAIT = 300
ALL = LogWanted()


class FilterBar(QWidget):
    """Reports the filter by `wanted_changed`, after a pause in typing."""

    wanted_changed = Signal(LogWanted)
    closed = Signal()

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.level = QComboBox()
        self.level.setAccessibleName("Lowest level")
        self.level.addItems(["All levels", *(f"{name} and above" for name in inks.LEVELS[1:])])
        self.level.installEventFilter(WheelGuard(self.level))
        self.include = edit_for(
            "With this text", "Only records with this text: a AND b OR c has both a and one of b and c"
        )
        self.exclude = edit_for("Without this text", "No records with this text; with any of several: a OR b")
        self.how = HowMeant()
        self._conditions: Conditions | None = None
        """Made when they are first needed: many logs are opened, few are filtered by them."""
        self.count = QLabel(textFormat=Qt.TextFormat.PlainText)
        self.count.setProperty("muted", True)
        self.more = QToolButton()
        self.kept = QToolButton()
        self._from = (0, 0)
        """The file and line before which nothing is shown."""
        self._wait = QTimer(self, singleShot=True, interval=_WAIT)
        self._said = ALL
        self._lay_out()
        self._connect()
        self.hide()

    def _lay_out(self) -> None:
        self.more.setText("More")
        self.more.setAccessibleName("More conditions")
        self.more.setCheckable(True)
        self.more.setProperty("quiet", True)
        self.kept.setText("Saved")
        self.kept.setAccessibleName("Saved filters")
        self.kept.setProperty("quiet", True)
        self.kept.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.kept)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.kept.setMenu(menu)
        close = close_button("Show all records", "Esc")
        close.clicked.connect(self.close_bar)
        row = QHBoxLayout()
        for widget, stretch in (
            (self.level, 0), (self.include, 2), (self.exclude, 2), (self.how, 0), (self.more, 0),
            (self.kept, 0), (self.count, 0), (close, 0),
        ):  # fmt: skip
            row.addWidget(widget, stretch)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(6, 3, 6, 3)
        self._whole.setSpacing(4)
        self._whole.addLayout(row)

    @property
    def conditions(self) -> Conditions:
        """The fields behind More."""
        if self._conditions is None:
            made = self._conditions = Conditions()
            made.typed.connect(self._wait.start)
            made.changed.connect(self._say)
            made.setVisible(False)
            self._whole.addWidget(made)
            made.setVisible(self.more.isChecked())
        return self._conditions

    def _connect(self) -> None:
        self._wait.timeout.connect(self._say)
        for edit in (self.include, self.exclude):
            edit.textChanged.connect(self._wait.start)
        self.level.currentIndexChanged.connect(self._say)
        self.how.changed.connect(self._say)
        self.more.toggled.connect(self._show_more)

    def _show_more(self, shown: bool) -> None:
        self.conditions.setVisible(shown)

    @property
    def wanted(self) -> LogWanted:
        """The current filter; while it is invalid, the last valid one."""
        try:
            return self._made()
        except ValueError:
            return self._said

    def _made(self) -> LogWanted:
        """The filter in the fields. Raises ValueError if it is invalid."""
        every, either = terms.included(self.include.text(), self.how.pattern)
        none = terms.excluded(self.exclude.text(), self.how.pattern)
        return LogWanted(
            level=self.level.currentIndex(),
            every=every,
            any=either,
            none=none,
            from_file=self._from[0],
            from_line=self._from[1],
            **(self._conditions.values() if self._conditions else {}),
        )

    def show_wanted(self, wanted: LogWanted) -> None:
        """Show and apply a filter, such as a saved one."""
        for widget in (self.level, self.include, self.exclude, self.how):
            widget.blockSignals(True)
        self.level.setCurrentIndex(wanted.level)
        self.include.setText(terms.of_included(wanted.every, wanted.any))
        self.exclude.setText(terms.of_excluded(wanted.none))
        self._from = (wanted.from_file, wanted.from_line)
        pattern = next(iter(wanted.patterns), None)
        if pattern:
            self.how.regex.setChecked(not pattern.literal)
            self.how.word.setChecked(pattern.word)
            self.how.case.setChecked(not pattern.ignore_case)
        for widget in (self.level, self.include, self.exclude, self.how):
            widget.blockSignals(False)
        if self._conditions or are_in(wanted):
            self.conditions.show_wanted(wanted)
        if are_in(wanted):
            self.more.setChecked(True)
        self._say()

    def add(self, text: str, *, without: bool) -> None:
        """Add a text that records must have, or must not have."""
        edit, word = (self.exclude, "OR") if without else (self.include, "AND")
        if self.how.regex.isChecked():
            text = re.escape(text)
        edit.setText(f"{edit.text()} {word} {text}" if edit.text() else text)
        self._say()

    def _fill(self, menu: QMenu) -> None:
        """Fill the menu of saved filters."""
        menu.clear()
        kept = saved.filters(self._settings)
        for n, (name, wanted) in enumerate(kept.items(), 1):
            keys = f"\tAlt+{n}" if n <= SAVED_ON_KEYS else ""
            menu.addAction(escaped(name) + keys).triggered.connect(
                lambda _=False, wanted=wanted: self.show_wanted(wanted)
            )
        menu.addSeparator()
        keep = menu.addAction("Save this filter…")
        keep.setEnabled(self.wanted != ALL)
        keep.triggered.connect(self._keep)
        forget = menu.addMenu("Forget")
        forget.setEnabled(bool(kept))
        for name in kept:
            forget.addAction(escaped(name)).triggered.connect(
                lambda _=False, name=name: saved.keep_filter(self._settings, name, None)
            )

    def _keep(self) -> None:
        asked = QInputDialog(self)
        asked.setWindowTitle("Save the filter")
        asked.setLabelText("Name of the filter:")
        asked.textValueSelected.connect(self.keep_as)
        asked.open()

    def keep_as(self, name: str) -> None:
        """Save the filter under a name."""
        if name.strip():
            saved.keep_filter(self._settings, name.strip(), self.wanted)

    def begin(self) -> None:
        """Let the user type."""
        self.show()
        self.include.setFocus()
        self.include.selectAll()

    def close_bar(self) -> None:
        """Show all records again."""
        self.show_wanted(ALL)
        self.more.setChecked(False)
        self.hide()
        self.closed.emit()

    def _say(self) -> None:
        self._wait.stop()
        try:
            wanted = self._made()
        except ValueError as error:
            self.fault(str(error))
            return
        if wanted != self._said:
            self._said = wanted
            self.fault("")
            self.count.clear()
            self.wanted_changed.emit(wanted)

    def fault(self, text: str) -> None:
        """Show what is wrong with a condition beside its field; an empty text clears it."""
        about_time = "is not a time" in text or "counts from the last record" in text
        further = self._conditions.fields if self._conditions else {}
        meant = [further[name] for name in TIMES if further] if about_time else [self.include, self.exclude]
        wrong = [edit for edit in meant if text and edit.text()]
        for edit in (self.include, self.exclude, *further.values()):
            restyle(edit, "fault", edit in wrong)
        if text:
            self.count.setText(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._say()
        else:
            super().keyPressEvent(event)
