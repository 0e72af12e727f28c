"""How the log is read and how certain that is: format, encoding and time zone, each of which can be set."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QHBoxLayout, QInputDialog, QMenu, QToolButton, QWidget

from engine.log.zones import zone_named
from engine.query.log import LogChoices, LogReading, LogState
from gui.commands.registry import escaped
from gui.kit.tips import plain_tip

ENCODINGS = (
    "utf-8",
    "utf-16-le",
    "utf-16-be",
    "cp1252",
    "latin-1",
    "cp437",
    "shift_jis",
    "gb18030",
    "koi8-r",
)
_SURE = 0.95
_EXAMPLE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
ZONES = (("as-written", "As written"), ("local", "Local time"), ("utc", "UTC"))


class HowRead(QWidget):
    """Three small menus."""

    reading_chosen = Signal(LogReading)
    zone_chosen = Signal(str)
    explain_asked = Signal()
    choices_asked = Signal()
    """A menu opens, from which all formats or zones can be asked for."""
    refused = Signal(str)
    """Why a choice is not possible."""

    def __init__(self) -> None:
        super().__init__()
        self.reading = LogReading()
        self.zone = ZONES[0][0]
        self.choices = LogChoices((), ())
        self._state: LogState | None = None
        self.format = self._button("Format", self._fill_formats)
        self.encoding = self._button("Encoding", self._fill_encodings)
        self.zone_button = self._button("Time zone", self._fill_zones)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for button in (self.format, self.encoding, self.zone_button):
            row.addWidget(button)
        self.show_state(None)

    def _button(self, name: str, fill: Callable[[QMenu], None]) -> QToolButton:
        button = QToolButton()
        button.setProperty("quiet", True)
        button.setAccessibleName(name)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: (menu.clear(), fill(menu)))
        menu.aboutToShow.connect(self.choices_asked)
        button.setMenu(menu)
        return button

    def show_state(self, state: LogState | None) -> None:
        """Show what was detected."""
        self._state = state
        formats = state.formats if state else ()
        name = formats[0] if formats else "no format"
        more = f" +{len(formats) - 1}" if len(formats) > 1 else ""
        self.format.setText(f"{name}{more}{self._mark_doubt(state)}")
        self.format.setToolTip(plain_tip(self._said(state)))
        self.encoding.setText((state.encoding if state else "") or "encoding")
        self.encoding.setToolTip("The encoding of the file")
        self.zone_button.setText(dict(ZONES).get(self.zone, self.zone))
        self.zone_button.setToolTip("The zone in which the column of times shows them")
        for button in (self.format, self.encoding, self.zone_button):
            button.setVisible(state is not None)

    def _said(self, state: LogState | None) -> str:
        if not state or not state.formats:
            return "No format was found: lines are shown as they are."
        lines = [f"Read as {', '.join(state.formats)}."]
        lines.append("Chosen by hand." if self.reading.format else f"{state.sure:.0%} of the samples fit.")
        lines += [f"Does not fit: {line[:80]}" for line in state.misfits[:3]]
        return "\n".join([*lines, *state.notes])

    def _mark_doubt(self, state: LogState | None) -> str:
        """How sure the format is, if it is not quite."""
        doubt = state is not None and bool(state.formats) and state.sure < _SURE
        return f" {state.sure:.0%}" if state and doubt else ""

    def _fill_formats(self, menu: QMenu) -> None:
        found = ("", "Found out")
        own = self.reading.format
        names = [
            (name, name) for name in dict.fromkeys([*(self._state.formats if self._state else ()), "plain"])
        ]
        if own and own not in dict(names):
            names.append((own, own))
        self._choices(menu, [found, *names], own, lambda name: self._choose(format=name))
        menu.addAction("Another one, or a format string…", self._ask_format)
        menu.addSeparator()
        menu.addAction("How the log is read…", self.explain_asked.emit)

    def _fill_encodings(self, menu: QMenu) -> None:
        names = [("", "Found out"), *((name, name) for name in ENCODINGS)]
        self._choices(menu, names, self.reading.encoding, lambda name: self._choose(encoding=name))

    def _fill_zones(self, menu: QMenu) -> None:
        zones = ZONES if self.zone in dict(ZONES) else (*ZONES, (self.zone, self.zone))
        self._choices(menu, zones, self.zone, self._choose_zone)
        menu.addAction("Another zone…", self._ask_zone)

    def _choices(
        self, menu: QMenu, names: Sequence[tuple[str, str]], chosen: str, choose: Callable[[str], object]
    ) -> None:
        group = QActionGroup(menu)
        for name, text in names:
            action = QAction(escaped(text), menu, checkable=True, checked=name == chosen)
            action.triggered.connect(lambda _checked=False, name=name: choose(name))
            group.addAction(action)
            menu.addAction(action)

    def _ask_format(self) -> None:
        """Ask for the name of a format, or a format string."""
        asked = QInputDialog(self)
        asked.setWindowTitle("Format of the log")
        asked.setLabelText(f"The name of a format, or a format string of logging such as\n{_EXAMPLE}")
        asked.setComboBoxItems([self.reading.format or _EXAMPLE, *self.choices.formats])
        asked.setComboBoxEditable(True)
        asked.textValueSelected.connect(lambda text: self._choose(format=text.strip()))
        asked.open()

    def _ask_zone(self) -> None:
        """Ask for the name of a time zone."""
        asked = QInputDialog(self)
        asked.setWindowTitle("Time zone")
        asked.setLabelText("The zone in which the column of times shows them:")
        asked.setComboBoxItems(self.choices.zones)
        asked.setComboBoxEditable(True)
        asked.setTextValue(self.zone if self.zone not in dict(ZONES) else "Europe/Berlin")
        asked.textValueSelected.connect(self._choose_typed_zone)
        asked.open()

    def _choose_typed_zone(self, name: str) -> None:
        try:
            zone_named(name.strip())
        except ValueError as error:
            self.refused.emit(str(error))
        else:
            self._choose_zone(name.strip())

    def _choose(self, *, format: str | None = None, encoding: str | None = None) -> None:  # noqa: A002  its name
        self.reading = LogReading(
            self.reading.encoding if encoding is None else encoding,
            self.reading.format if format is None else format,
        )
        self.reading_chosen.emit(self.reading)

    def _choose_zone(self, name: str) -> None:
        self.zone = name
        self.show_state(self._state)
        self.zone_chosen.emit(name)
