"""Light and dark: the colours, the palette and the style sheet of the app."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from gui.kit.resources import ICONS, STYLE

SCHEMES = {
    "system": Qt.ColorScheme.Unknown,
    "light": Qt.ColorScheme.Light,
    "dark": Qt.ColorScheme.Dark,
}


@dataclass(frozen=True)
class Colors:
    """The colours of one scheme.

    Text has a contrast of at least 4.5 on every ground that it has; `edge`, the border of fields and buttons,
    of 3 beside what surrounds them; `faint` is for what is disabled.
    """

    window: str
    base: str
    raised: str
    button: str
    text: str
    muted: str
    border: str
    edge: str
    faint: str
    accent: str
    on_accent: str
    selection: str
    problem: str
    problem_back: str
    warning: str
    good: str
    keyword: str
    string: str
    number: str
    comment: str


LIGHT = Colors(
    window="#f3f5f7", base="#ffffff", raised="#fafbfc", button="#fdfdfe", text="#1b2127", muted="#57626e",
    border="#cdd5dd", edge="#858d97", faint="#9aa3ad", accent="#0a6f94", on_accent="#ffffff",
    selection="#d3eaf4", problem="#b3261e", problem_back="#fdecea", warning="#7d5200", good="#1a7038",
    keyword="#8a2da5", string="#1a7038", number="#0a5fa8", comment="#66707b",
)  # fmt: skip
DARK = Colors(
    window="#1f2428", base="#171b1e", raised="#252b30", button="#2b3238", text="#e3e8ec", muted="#9caab6",
    border="#414b54", edge="#747e89", faint="#66727d", accent="#4cb8dc", on_accent="#08222c",
    selection="#1b4152", problem="#ff9188", problem_back="#3b2322", warning="#e6b450", good="#6bd08a",
    keyword="#d79af0", string="#8fd6a3", number="#7fbef5", comment="#8b97a3",
)  # fmt: skip


def is_dark() -> bool:
    """Whether the app is dark now."""
    return QGuiApplication.palette().window().color().lightness() < 128


def colors() -> Colors:
    """The current colours."""
    return DARK if is_dark() else LIGHT


def monospace() -> QFont:
    """The system's fixed-width font, at the size of the text around it."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setPointSizeF(QGuiApplication.font().pointSizeF())
    return font


def palette(c: Colors) -> QPalette:
    """The palette of all widgets."""
    made = QPalette(QColor(c.button), QColor(c.window))
    role = QPalette.ColorRole
    roles = {
        role.Window: c.window, role.WindowText: c.text, role.Base: c.base, role.AlternateBase: c.raised,
        role.Text: c.text, role.Button: c.button, role.ButtonText: c.text, role.BrightText: c.problem,
        role.Highlight: c.accent, role.HighlightedText: c.on_accent, role.Accent: c.accent,
        role.Link: c.accent, role.LinkVisited: c.accent, role.PlaceholderText: c.muted,
        role.ToolTipBase: c.raised, role.ToolTipText: c.text,
    }  # fmt: skip
    for which, color in roles.items():
        made.setColor(which, QColor(color))
    for which in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, which, QColor(c.faint))
    made.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(c.border))
    return made


def sheet(c: Colors) -> str:
    """The style sheet, its `@names` filled in."""
    text = STYLE.read_text(encoding="utf-8")
    names = asdict(c) | {"icons": ICONS.as_posix(), "shade": "dark" if c is DARK else "light"}
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(f"@{name}", names[name])
    return text


class Theme(QObject):
    """Keeps palette and style sheet in step with the scheme: the system's, or the chosen one.

    The style sheet belongs to windows, not to the app. A widget is styled each time it gets another parent
    that has a style sheet, so whatever is built apart from a window, as pages are, is styled once: when it
    is put there. A window is built before `choose` for the same reason. Dialogs and menus inherit the style
    of their parent.
    """

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._app = app
        self._windows: list[QWidget] = []
        self._style = ""
        self._chosen = Qt.ColorScheme.Unknown
        self._worn: Colors | None = None
        app.setStyle("Fusion")
        app.styleHints().colorSchemeChanged.connect(self._dress)

    def take_in(self, window: QWidget) -> None:
        """Style a window, now or as soon as there is a style."""
        self._windows = [*filter(isValid, self._windows), window]
        if self._style:
            window.setStyleSheet(self._style)

    def choose(self, scheme: str) -> None:
        """Follow `light`, `dark` or the `system`."""
        self._chosen = SCHEMES.get(scheme, Qt.ColorScheme.Unknown)
        self._app.styleHints().setColorScheme(self._chosen)
        self._dress()

    def _dress(self) -> None:
        scheme = self._chosen
        if scheme == Qt.ColorScheme.Unknown:
            scheme = self._app.styleHints().colorScheme()
        now = DARK if scheme == Qt.ColorScheme.Dark else LIGHT
        if now is not self._worn:  # styling all widgets again takes as long as creating them
            self._worn = now
            self._app.setPalette(palette(now))
            self._style = sheet(now)
            for window in filter(isValid, self._windows):
                window.setStyleSheet(self._style)
