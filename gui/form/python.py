"""The field for the interpreter: a list of the machine's interpreters, a path to type, and a description."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.version import python_version
from gui.kit import icons, theme
from gui.kit.paths import expanded
from gui.kit.tips import plain_tip
from gui.kit.widgets import text_label
from gui.kit.work import Latest

if TYPE_CHECKING:
    from engine.interpreters import Interpreter

_PARTS = Qt.ItemDataRole.UserRole
_WIDEST = 520
"""Width of the list in pixels, if the screen allows it."""


class _Lines(QStyledItemDelegate):
    """Draws an interpreter on one line: its version, name and path."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        version, label, where, usable = index.data(_PARTS)
        self.initStyleOption(option, index)
        option.text = ""
        style = option.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, option, painter, option.widget)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        strong = option.palette.highlightedText().color() if chosen else QColor(theme.colors().text)
        weak = strong if chosen else QColor(theme.colors().muted)
        unit, area = option.fontMetrics.averageCharWidth(), option.rect.adjusted(8, 0, -8, 0)
        left = area.left()
        for text, width, color in (
            (version, 9 * unit, strong if usable else weak),
            (label, 19 * unit, strong if usable else weak),
            (where, area.right() - area.left() - 28 * unit, weak),
        ):
            space = QRect(left, area.top(), max(0, width - unit), area.height())
            shown = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideMiddle, space.width())
            painter.setPen(color)
            painter.drawText(space, Qt.AlignmentFlag.AlignVCenter, shown)
            left += width

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(_WIDEST, option.fontMetrics.height() + 8)


class _Box(QComboBox):
    """A combo box that reports when its list is about to open."""

    wanted = Signal()

    def showPopup(self) -> None:
        self.wanted.emit()
        super().showPopup()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.wanted.emit()


class PythonField(QWidget):
    """The path of an interpreter or of an environment's folder; empty means the app's own."""

    edited = Signal(str)

    def __init__(self, recent: Callable[[], list[Path]] = list) -> None:
        super().__init__()
        self.recent = recent
        """Returns the interpreters that were used recently."""
        self._folder = Path.home()
        self._near: Path | None = None
        self._proposed: Interpreter | None = None
        self._searched: Path | str = ""
        """The file near which interpreters were last searched for."""
        own = f"The app's own, Python {python_version()}"
        self._own = (python_version(), "the app's own", "", True)
        self._model = QStandardItemModel(self)
        self.box = _Box()
        self.line = QLineEdit()
        self.box.setLineEdit(self.line)
        self.box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.box.setCompleter(None)  # pyright: ignore[reportArgumentType] - None turns it off
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(8)
        self.box.setItemDelegate(_Lines(self.box))
        self.box.setModel(self._model)
        self.box.view().setMinimumWidth(_WIDEST)
        self.line.setPlaceholderText(own)
        self.about = text_label("muted")
        self.hint = text_label()
        self.use = QPushButton("Use it")
        self._browse = self._browse_button()
        self._finder, self._prober, self._proposer = Latest(self), Latest(self, delay=200), Latest(self)
        self._lay_out()
        self._connect()
        self._list([])
        self.about.hide()
        self._show_proposed(None)

    def _browse_button(self) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon("open"))
        button.setToolTip("Browse, or look again…")
        button.setAccessibleName("Browse for an interpreter")
        button.setProperty("quiet", True)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu = QMenu(button)
        self.menu.addAction("Choose an &interpreter…", self._choose_file)
        self.menu.addAction("Choose an &environment's folder…", self._choose_folder)
        self.menu.addSeparator()
        self.menu.addAction("&Look for interpreters again", self.look_again)
        button.setMenu(self.menu)
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.box, 1)
        row.addWidget(self._browse)
        offer = QHBoxLayout()
        offer.setSpacing(8)
        offer.addWidget(self.hint, 1)
        offer.addWidget(self.use, 0, Qt.AlignmentFlag.AlignTop)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(4)
        box.addLayout(row)
        box.addWidget(self.about)
        box.addLayout(offer)
        self.setFocusProxy(self.box)

    def _connect(self) -> None:
        self.line.textChanged.connect(self._edited)
        self.box.wanted.connect(self._look)
        self.use.clicked.connect(self._use_proposed)
        self._finder.answered.connect(self._show_found)
        self._prober.answered.connect(self._show_about)
        self._proposer.answered.connect(self._show_proposed)

    def text(self) -> str:
        """The path as typed."""
        return self.line.text().strip()

    def set_text(self, text: str, folder: Path) -> None:
        """Show a path relative to `folder`."""
        self._folder = folder
        self.line.setText(text)
        self._ask_about()

    def set_near(self, file: Path | None) -> None:
        """The function is in `file`: its own environment is suggested and listed first."""
        if file == self._near:
            return
        self._near = file
        self._show_proposed(None)
        if file is None:
            self._proposer.drop()
        else:
            self._proposer.ask(lambda: _proposed(file))

    def look_again(self) -> None:
        """Search for interpreters again, including those seen before."""
        from engine import interpreters

        interpreters.forget()
        self._searched = ""
        self._look()
        self._ask_about()
        self.edited.emit(self.text())

    def _look(self) -> None:
        near = self._near
        if self._searched == (near or Path()):
            return
        self._searched = near or Path()
        recent = self.recent()
        self._finder.ask(lambda: _found(near, recent))
        if self._model.rowCount() == 1:
            self._say_looking()

    def _say_looking(self) -> None:
        item = QStandardItem("")
        item.setData(("", "looking for others…", "", False), _PARTS)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        self._model.appendRow(item)

    def _show_found(self, found: list[Interpreter]) -> None:
        self._list(found)
        if self.box.view().isVisible():
            self.box.hidePopup()
            self.box.showPopup()

    def _list(self, found: list[Interpreter]) -> None:
        """List the app's own and those `found`; the text stays."""
        text = self.line.text()
        self.line.blockSignals(True)
        self._model.clear()
        for path, parts, problem in (
            ("", self._own, ""),
            *((str(i.path), (i.version, _label(i), _short(i.path), not i.problem), i.problem) for i in found),
        ):
            item = QStandardItem(path)
            item.setData(parts, _PARTS)
            item.setToolTip(plain_tip(f"{path} {problem}" if problem else path))
            item.setData(", ".join(filter(None, map(str, parts[:3]))), Qt.ItemDataRole.AccessibleTextRole)
            self._model.appendRow(item)
        self.box.setCurrentIndex(self.box.findText(text))
        self.line.setText(text)
        self.line.blockSignals(False)

    def _edited(self, text: str) -> None:
        self._ask_about()
        self._show_proposed(self._proposed)
        self.edited.emit(text.strip())

    def _ask_about(self) -> None:
        """Find out about the interpreter in the text."""
        text = self.text()
        path = self._folder / expanded(text)
        self.line.setToolTip(plain_tip(str(path)) if text else "")
        self.about.hide()
        if text:
            self._prober.ask(lambda: _examined(path))
        else:
            self._prober.drop()

    def _show_about(self, found: Interpreter) -> None:
        """Show its version; the check of the job reports what is wrong with it."""
        self.about.setText(f"Python {found.version}")
        self.about.setVisible(bool(found.version) and not found.problem)

    def _show_proposed(self, found: Interpreter | None) -> None:
        self._proposed = found
        shown = found is not None and not self.text()
        if found is not None:
            where = _short(_folder_of(found))
            self.hint.setText(f"There is an environment beside the file: {where}, Python {found.version}.")
        self.hint.setVisible(shown)
        self.use.setVisible(shown)

    def _use_proposed(self) -> None:
        if self._proposed is not None:
            self.line.setText(str(_folder_of(self._proposed)))
            self.box.setFocus()

    def _choose_file(self) -> None:
        found, _ = QFileDialog.getOpenFileName(
            self, "Choose a Python interpreter", self._start(), "All files (*)"
        )
        self._chosen(found)

    def _choose_folder(self) -> None:
        self._chosen(QFileDialog.getExistingDirectory(self, "Choose an environment's folder", self._start()))

    def _start(self) -> str:
        return str(self._folder / expanded(self.text()))

    def _chosen(self, found: str) -> None:
        if found:
            self.line.setText(str(Path(found)))


def _folder_of(found: Interpreter) -> Path:
    """The environment's folder, which contains bin or Scripts."""
    return found.path.parent.parent


def _label(found: Interpreter) -> str:
    if not found.problem:
        return found.label
    return f"{found.label}, {'too old' if 'too old' in found.problem else 'broken'}"


def _short(path: Path) -> str:
    """A path in the short form that people use."""
    home = Path.home()
    return f"~/{path.relative_to(home).as_posix()}" if path.is_relative_to(home) else str(path)


# Called off the GUI thread, which need not load the search for interpreters


def _proposed(file: Path) -> Interpreter | None:
    from engine import interpreters

    return interpreters.proposed(file)


def _found(near: Path | None, recent: list[Path]) -> list[Interpreter]:
    from engine import interpreters

    return interpreters.find(near, recent)


def _examined(path: Path) -> Interpreter:
    from engine import interpreters

    return interpreters.examine(path)
