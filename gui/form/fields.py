"""Small fields that sections are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QDir, QPoint, QRegularExpression, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QPalette, QRegularExpressionValidator, QValidator
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QButtonGroup,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QRadioButton,
    QSizePolicy,
    QSpinBox,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QStylePainter,
    QToolButton,
    QWidget,
)

from gui.kit import icons
from gui.kit.line_edit import ClearableEdit
from gui.kit.paths import expanded
from gui.kit.tips import plain_tip

BIGGEST = 2**31 - 1
_INSET = 4
"""Pixels between the text of a combo box and what is beside it."""


class Segment(QRadioButton):
    """One of a few alternatives: a radio button (to screen readers too) that looks like a push button."""

    def __init__(self, text: str, place: str) -> None:
        super().__init__(text)
        self.setProperty("segment", True)
        self.setProperty("place", place)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        option = self._option()
        size = self.fontMetrics().size(Qt.TextFlag.TextShowMnemonic, self.text())
        return self.style().sizeFromContents(QStyle.ContentsType.CT_PushButton, option, size, self)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: QPoint) -> bool:
        return self.rect().contains(pos)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QStylePainter(self)
        painter.drawControl(QStyle.ControlElement.CE_PushButton, self._option())
        painter.end()

    def _option(self) -> QStyleOptionButton:
        option = QStyleOptionButton()
        option.initFrom(self)
        option.text = self.text()
        on = QStyle.StateFlag.State_On if self.isChecked() else QStyle.StateFlag.State_Off
        option.state |= on | (
            QStyle.StateFlag.State_Sunken if self.isDown() else QStyle.StateFlag.State_Raised
        )
        return option


class Segmented(QWidget):
    """A few alternatives side by side, one of which is chosen."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self._buttons: dict[str, Segment] = {}
        group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for place, (value, text) in enumerate(choices):
            button = Segment(text, {0: "first", len(choices) - 1: "last"}.get(place, "middle"))
            button.setAccessibleName(f"{name}: {text.replace('&', '')}")
            button.toggled.connect(lambda on, value=value: on and self.chosen.emit(value))
            group.addButton(button)
            row.addWidget(button)
            self._buttons[value] = button
        self.setFocusProxy(self._buttons[choices[0][0]])
        self._buttons[choices[0][0]].setChecked(True)

    def value(self) -> str:
        """The chosen alternative."""
        return next(value for value, button in self._buttons.items() if button.isChecked())

    def set_value(self, value: str) -> None:
        """Choose an alternative."""
        button = self._buttons.get(value, next(iter(self._buttons.values())))
        button.setChecked(True)
        self.setFocusProxy(button)

    def button(self, value: str) -> Segment:
        """The button of an alternative."""
        return self._buttons[value]


class Disclosure(QToolButton):
    """A line of text that folds and unfolds rows, with an arrow that shows which."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("disclosure")
        self.setText(text)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCheckable(True)
        self.setProperty("quiet", True)
        self.toggled.connect(self._turn)
        self._turn(False)

    def _turn(self, open_: bool) -> None:
        self.setIcon(icons.icon("chevron-down" if open_ else "chevron-right", "accent"))


class PathField(QWidget):
    """A path as text, with a Browse button; with several ways to browse, the button has a menu of them."""

    edited = Signal(str)

    def __init__(
        self,
        browse: Callable[[QWidget, str], str],
        placeholder: str = "",
        ways: Mapping[str, Callable[[QWidget, str], str]] | None = None,
    ) -> None:
        super().__init__()
        self._browse = browse
        self._folder = Path.home()
        self.line = ClearableEdit(placeholder)
        self.line.textChanged.connect(self._edited)
        self.button = QToolButton()
        self.button.setIcon(icons.icon("open"))
        self.button.setToolTip("Browse…")
        self.button.setAccessibleName("Browse")
        self.button.setProperty("quiet", True)
        if ways is None:
            self.button.clicked.connect(self.browse)
        else:
            self._offer(ways)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.line, 1)
        row.addWidget(self.button)
        self.setFocusProxy(self.line)

    def text(self) -> str:
        """The path as typed."""
        return self.line.text().strip()

    def set_text(self, text: str, folder: Path) -> None:
        """Show a path relative to `folder`."""
        self._folder = folder
        self.line.setText(text)
        self._tell_whole(text)

    def start_in(self, folder: Path) -> None:
        """Read relative paths in this folder, and begin to browse there."""
        self._folder = folder

    def _offer(self, ways: Mapping[str, Callable[[QWidget, str], str]]) -> None:
        menu = QMenu(self.button)
        for text, way in ways.items():
            menu.addAction(text, partial(self._browse_by, way))
        self.button.setMenu(menu)
        self.button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def browse(self) -> None:
        """Let the user choose; nothing changes if they cancel."""
        self._browse_by(self._browse)

    def _browse_by(self, way: Callable[[QWidget, str], str]) -> None:
        start = (self._folder / expanded(self.text())) if self.text() else self._folder
        found = way(self, str(start))
        if found:
            self.line.setText(QDir.toNativeSeparators(found))

    def _edited(self, text: str) -> None:
        self._tell_whole(text.strip())
        self.edited.emit(text.strip())

    def _tell_whole(self, text: str) -> None:
        self.line.setToolTip(plain_tip(str(self._folder / expanded(text))) if text else "")


def browse_python(parent: QWidget, start: str) -> str:
    """A Python file."""
    found, _ = QFileDialog.getOpenFileName(
        parent, "Choose a Python file", start, "Python files (*.py *.ipynb);;All files (*)"
    )
    return found


def browse_log(parent: QWidget, start: str) -> str:
    """A log file, new or existing."""
    found, _ = QFileDialog.getSaveFileName(
        parent,
        "Choose a log file",
        start,
        "Log files (*.log);;All files (*)",
        options=QFileDialog.Option.DontConfirmOverwrite,
    )
    return found


class Choice(QComboBox):
    """A combo box over values; a value that is not in its list is added rather than lost."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.set_choices(choices)
        self.currentIndexChanged.connect(lambda: self.chosen.emit(self.value()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the box with its text elided instead of clipped."""
        if self.isEditable():
            super().paintEvent(event)
            return
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        if self.currentIndex() < 0:  # muted only here: a style sheet would mute the list as well
            option.currentText = self.placeholderText()
            muted = option.palette.color(QPalette.ColorRole.PlaceholderText)
            for role in (QPalette.ColorRole.ButtonText, QPalette.ColorRole.Text):
                option.palette.setColor(role, muted)
        combo = QStyle.ComplexControl.CC_ComboBox
        part = QStyle.SubControl.SC_ComboBoxEditField
        room = self.style().subControlRect(combo, option, part, self).width() - _INSET
        if not option.currentIcon.isNull():
            room -= option.iconSize.width() + _INSET
        option.currentText = self.fontMetrics().elidedText(
            option.currentText, Qt.TextElideMode.ElideRight, room
        )
        painter = QStylePainter(self)
        painter.drawComplexControl(combo, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)
        painter.end()

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Replace the choices."""
        self.clear()
        for value, text in choices:
            self.addItem(text, value)

    def value(self) -> str:
        """The chosen value, empty if there is none."""
        data = self.currentData()
        return data if isinstance(data, str) else ""

    def set_value(self, value: str) -> None:
        """Choose `value`."""
        at = self.findData(value)
        if at < 0 and value:
            self.addItem(value, value)
            at = self.count() - 1
        self.setCurrentIndex(at)


class IntegerLine(QLineEdit):
    """An integer of any size."""

    def __init__(self) -> None:
        super().__init__()
        self.setMaxLength(4000)
        self.setValidator(QRegularExpressionValidator(QRegularExpression(r"\s*[+-]?[0-9_]*\s*"), self))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(50)

    def value(self) -> int | None:
        """The number, None if the text is not one."""
        try:
            return int(self.text())
        except ValueError:
            return None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()))
        value = self.value()
        if step is None or value is None:
            super().keyPressEvent(event)
        else:
            self.setText(str(value + step))


def _align(field: QAbstractSpinBox) -> None:
    """Align its text with that of other fields."""
    field.lineEdit().setTextMargins(5, 0, 0, 0)
    field.setMinimumWidth(80)


class Number(QSpinBox):
    """An integer whose zero has a special meaning, shown in words."""

    def __init__(self, zero: str, suffix: str = "") -> None:
        super().__init__()
        self.setRange(0, BIGGEST)
        self.setSpecialValueText(zero)
        self.setSuffix(suffix)
        _align(self)


class Seconds(QDoubleSpinBox):
    """A time in seconds, zero for none."""

    def __init__(self, zero: str) -> None:
        super().__init__()
        self.setRange(0, 1e9)
        self.setDecimals(6)
        self.setSpecialValueText(zero)
        self.setSuffix(" s")
        _align(self)

    def textFromValue(self, value: float) -> str:
        return f"{value:.6f}".rstrip("0").rstrip(".")


class Workers(QSpinBox):
    """The number of workers, or all usable cores if left empty."""

    ALL = -1

    def __init__(self, cores: int) -> None:
        super().__init__()
        self.setRange(self.ALL, BIGGEST)
        self._cores = cores
        self.show_choice(offered=True)
        self.setValue(self.ALL)
        _align(self)

    def show_choice(self, *, offered: bool) -> None:
        """Say what an empty field means: all cores if there is a choice, else one."""
        self.lineEdit().setPlaceholderText(f"{self._cores} (all cores)" if offered else "1")
        self.setEnabled(offered)

    def textFromValue(self, value: int) -> str:
        return "" if value == self.ALL else str(value)

    def valueFromText(self, text: str) -> int:
        return int(text) if text.strip() else self.ALL

    def validate(self, text: str, pos: int) -> tuple[QValidator.State, str, int]:
        if not text.strip():
            return QValidator.State.Acceptable, text, pos
        fits = text.strip().isdecimal() and int(text) <= BIGGEST
        return (QValidator.State.Acceptable if fits else QValidator.State.Invalid), text, pos

    def stepBy(self, steps: int) -> None:
        if self.value() == self.ALL:
            self.setValue(max(1, self._cores + steps))
        else:
            target = self.value() + steps
            self.setValue(target if target >= 1 else self.ALL)
        self.selectAll()
