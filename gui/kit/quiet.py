"""Small buttons without a frame: with a text, an icon or an arrow, and the cross that closes something."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from gui.kit import icons


def quiet_button(text: str, tip: str) -> QToolButton:
    """A button with a text."""
    button = _quiet(tip)
    button.setText(text)
    return button


def close_button(name: str, keys: str = "", ink: str = "text") -> QToolButton:
    """A cross. `name` says what it does, and `keys` which keys do the same."""
    return icon_button("close", name, keys, ink)


def icon_button(icon: str, name: str, keys: str = "", ink: str = "text") -> QToolButton:
    """A button with an icon. `name` says what it does, and `keys` which keys do the same."""
    button = _quiet(f"{name} ({keys})" if keys else name)
    button.setIcon(icons.icon(icon, ink))
    button.setAccessibleName(name)
    return button


def arrow_button(arrow: Qt.ArrowType, name: str, keys: str) -> QToolButton:
    """A button with an arrow, to the next or previous one of something."""
    button = _quiet(f"{name} ({keys})")
    button.setArrowType(arrow)
    button.setAccessibleName(name)
    return button


def _quiet(tip: str) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tip)
    button.setProperty("quiet", True)
    return button
