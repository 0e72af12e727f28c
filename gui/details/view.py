"""The pane below the results table: one task in full, and what can be done with it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QEvent, Qt, QUrl, Signal
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.query.detail import INPUT, VALUE, Attempt, Detail, ReadTask, ReadText, Saved, SaveText, Text
from engine.results.names import UNENDED
from gui.details.page import OPEN, TURN, Page, target_of
from gui.kit import ask, words
from gui.kit.mark import Mark
from gui.kit.query import Query
from gui.kit.quiet import close_button, quiet_button
from gui.kit.widgets import ElidedLabel
from gui.kit.work import Latest
from gui.settings.store import Settings

_LEAST = 200
"""The least width: the layout would ask for room for all texts of the buttons."""
_MARGINS = 16
_FACTS = 120
"""The width that the facts have at least if they are beside the buttons."""


RETRY = "Run this task again"
DEBUG = "Copy the line that runs this task under pdb, for a terminal"


class Shown(Protocol):
    """What the table knows about a task."""

    @property
    def index(self) -> int: ...
    @property
    def status(self) -> str: ...
    @property
    def input(self) -> str: ...
    @property
    def value(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def worker(self) -> int: ...


class Details(QFrame):
    """Shows one task of the run set by `show_run`."""

    closed = Signal()
    retry_asked = Signal(int)
    """Run the task again."""
    log_asked = Signal()
    """Show in the log what the task logged."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the selected task")
        self._query: Query | None = None
        self._row: Shown | None = None
        self._detail: Detail | None = None
        self._turned: dict[str, Text] = {}
        """The pages of texts that are not on their first page."""
        self._sign = Mark(16)
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setProperty("heading", True)
        self._facts = ElidedLabel("muted")
        self.page = Page()
        self.page.anchorClicked.connect(self._follow)
        self._copy = quiet_button("Copy call", "Copy this task as a function call")
        self._copy.clicked.connect(self.copy_call)
        self._debug = quiet_button("Copy debug command", DEBUG)
        self._debug.clicked.connect(self.copy_debug)
        self._save = quiet_button("Save result…", "Write the whole result to a file")
        self._save.clicked.connect(self.save)
        self._log = quiet_button("Show in log", "Show what this task logged in the log (Ctrl+T)")
        self._log.clicked.connect(self.log_asked)
        self._retry = quiet_button("Retry", RETRY)
        self._retry.clicked.connect(self._ask_retry)
        self._may_retry = False
        self._said = QLabel(textFormat=Qt.TextFormat.PlainText, wordWrap=True, margin=4)
        self._said.setProperty("note", True)
        self._said.hide()
        self._editing = Latest(self)
        self._editing.answered.connect(self._say)
        self._painting = Latest(self)
        self._painting.answered.connect(self._show_picture)
        self._lay_out()
        self.setMinimumWidth(_LEAST)
        self.clear()

    def _lay_out(self) -> None:
        close = close_button("Close the details", "Esc", ink="muted")
        close.clicked.connect(self.closed)
        told = QHBoxLayout()
        told.addWidget(self._sign)
        told.addWidget(self._title)
        told.addSpacing(8)
        told.addWidget(self._facts, 1)
        self._buttons = QHBoxLayout()
        self._buttons.addStretch(1)
        for button in (self._retry, self._log, self._copy, self._debug, self._save, close):
            self._buttons.addWidget(button)
        head = self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        head.addLayout(told, 1)
        head.addLayout(self._buttons)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 4, 4, 4)
        whole.addLayout(head)
        whole.addWidget(self.page, 1)
        whole.addWidget(self._said)

    def event(self, event: QEvent) -> bool:
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._fit()
        return done

    def _fit(self) -> None:
        """Put the buttons below the title if they do not fit beside it, with short texts if still need be."""
        measure = self.fontMetrics().horizontalAdvance
        names = self._names()
        row = self._buttons.sizeHint().width() + sum(
            measure(name) - measure(button.text()) for button, name, _ in names if not button.isHidden()
        )
        for button, name, brief in names:
            button.setText(name if row + _MARGINS <= self.width() else brief)
            button.setAccessibleName(name.removesuffix("…"))
        beside = self._title.sizeHint().width() + row + _FACTS <= self.width()
        way = QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom
        if way != self._head.direction():
            self._head.setDirection(way)

    def _names(self) -> tuple[tuple[QToolButton, str, str], ...]:
        """The names of buttons, and what they say if there is little room."""
        return (
            (self._log, "Show in log", "Log"),
            (self._copy, "Copy call", "Call"),
            (self._debug, "Copy debug command", "Debug"),
            (self._save, "Save input…" if self._part == INPUT else "Save result…", "Save…"),
        )

    # the run

    def show_run(self, folder: Path) -> None:
        """Show tasks of this run."""
        self.close_run()
        self._query = Query(folder, self)
        self._query.answered.connect(self._answered)
        self._query.failed.connect(self._failed)

    def close_run(self) -> None:
        """Show nothing, and stop asking."""
        if self._query:
            self._query.end()
            self._query.deleteLater()
            self._query = None
        self.clear()

    def allow_retry(self, allowed: bool, why: str = "") -> None:
        """Whether tasks can be run again now; if not, perhaps why."""
        self._may_retry = allowed
        self._retry.setEnabled(allowed)
        self._retry.setToolTip(why or RETRY)
        self._debug.setToolTip(why or DEBUG)

    def _ask_retry(self) -> None:
        if self._row is not None:
            self.retry_asked.emit(self._row.index)

    def clear(self) -> None:
        """Show no task."""
        self._row = self._detail = None
        self._turned.clear()
        self._drop_picture()
        self.hide()

    def _drop_picture(self) -> None:
        self._painting.drop()
        self.page.show_picture(None)

    def show_row(self, row: Shown) -> None:
        """Show a task with what the table knows; the rest follows."""
        is_other = self._row is None or row.index != self._row.index
        if is_other:
            self._detail = None
            self._turned.clear()
            self._drop_picture()
            self._say("")
            self.page.show_detail(_known(row), self._turned)
        self._row = row
        self._show_head(row)
        self.show()
        if is_other:
            self.page.verticalScrollBar().setValue(0)  # when it appears, it has no height yet, and scrolls
        if self._query:
            self._query.ask("task", ReadTask(self._query.source, row.index))

    def _show_head(self, row: Shown) -> None:
        fine, waits = row.status == "ok", row.status in UNENDED[1:]
        look = ("good", "good") if fine else ("info", "muted") if waits else ("error", "problem")
        self._sign.show_icon(*look)
        self._title.setText(f"Task {row.index:,}: {words.status(row.status)}")
        attempts = self._detail.attempts if self._detail else 1
        facts = (
            words.took(row.start, row.end),
            f"worker {row.worker}" if row.worker else "",
            f"{attempts} attempts" if attempts > 1 else "",
            words.date_and_clock(row.start),
        )
        self._facts.setText(" · ".join(fact for fact in facts if fact))
        self._retry.setVisible(row.status not in ("ok", "running", "waiting"))
        self._retry.setEnabled(self._may_retry)
        self._log.setVisible(bool(self._detail and self._detail.log.text))
        self._copy.setEnabled(bool(self._detail and self._detail.call))
        self._debug.setEnabled(bool(self._detail and self._detail.can_debug))
        self._save.setEnabled(bool(self._detail and self._part))
        self._fit()

    @property
    def _part(self) -> str:
        """What is saved: the result, or the input of a task without a result."""
        if self._detail is None:
            return ""
        kinds = {VALUE: self._detail.value.kind, INPUT: self._detail.input.kind}
        return next((part for part, kind in kinds.items() if kind != "none"), "")

    # answers

    def _answered(self, key: str, answer: object) -> None:
        row = self._row
        if isinstance(answer, Detail) and row is not None and answer.task == row.index:
            if answer != self._detail:
                if answer.picture and (self._detail is None or self._detail.picture != answer.picture):
                    from gui.details.picture import decoded

                    self._painting.ask(lambda: decoded(answer.picture))
                self._detail = answer
                self._show_head(row)
                self.page.show_detail(answer, self._turned)
        elif isinstance(answer, Text) and self._detail is not None:
            self._turned[key.partition(":")[2]] = answer
            self.page.show_detail(self._detail, self._turned)
        elif isinstance(answer, Saved):
            self._say(f"Saved {words.size(answer.size)} to {answer.path}.")

    def _show_picture(self, picture: tuple[QImage, str]) -> None:
        if self._detail is not None and not picture[0].isNull():
            self.page.show_picture(picture)
            self.page.show_detail(self._detail, self._turned)

    def _failed(self, key: str, error: object) -> None:
        what = "The file cannot be written" if key == "save" else "This task cannot be read completely"
        self._say(f"{what}: {words.cause(error)}")

    def _say(self, text: str) -> None:
        self._said.setText(text)
        self._said.setVisible(bool(text))

    # what the user does

    def _follow(self, url: QUrl) -> None:
        kind, first, second = target_of(url)
        if kind == TURN and self._query and self._row and second.isdecimal():
            request = ReadText(self._query.source, self._row.index, first, int(second))
            self._query.ask(f"text:{first}", request)
        elif kind == OPEN and first.isdecimal():
            self._show_source(Path(second), int(first))

    def _show_source(self, path: Path, line: int) -> None:
        from gui.desktop import editor

        command = Settings(self).text(editor.COMMAND)
        self._editing.ask(lambda: editor.open_at(path, line, command))

    def copy_call(self) -> None:
        """Copy the task as a call."""
        if self._detail:
            QGuiApplication.clipboard().setText(self._detail.call)

    def copy_debug(self) -> None:
        """Copy the command that runs the task under the debugger."""
        if self._row is not None and self._query:
            from engine.source.code import debug_command

            line = debug_command(self._query.source, self._row.index)
            QGuiApplication.clipboard().setText(line)
            self._say(f"On the clipboard, for a terminal: {line}")

    def save(self) -> None:
        """Write the whole result (or the input of a task without one) to a file that the user chooses."""
        part, row = self._part, self._row
        if not part or row is None or self._query is None or self._detail is None:
            return
        kind = (self._detail.value if part == VALUE else self._detail.input).kind
        name = f"task {row.index} {'result' if part == VALUE else 'input'}"
        path = ask.value_to_save(self, f"{name}{'.bin' if kind == 'bytes' else '.txt'}")
        if path is not None and self._query:
            self._query.ask("save", SaveText(self._query.source, row.index, part, path))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self._detail:  # the text contains colours
            self.page.show_detail(self._detail, self._turned)


def _known(row: Shown) -> Detail:
    """As much of a task as the table knows."""
    nothing = Text("none")
    fine = row.status == "ok"
    failure = Attempt(1, row.status, row.value, nothing, row.worker, row.end)
    return Detail(
        row.index,
        row.status,
        row.worker,
        row.start,
        row.end,
        1,
        Text("display", row.input) if row.input else nothing,
        Text("display", row.value) if fine else nothing,
        () if fine else (failure,),
        nothing,
        nothing,
        (row.index, row.index),
        0,
        "",
        (),
    )
