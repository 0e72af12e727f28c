"""About Poolhouse."""

from __future__ import annotations

import platform

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from engine.version import BUILT, described
from gui.kit import icons
from gui.kit.resources import NOTICES

NAME = "Poolhouse"


class About(QDialog):
    """Name, version and what it is built on."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About Poolhouse")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        mark = QLabel(alignment=Qt.AlignmentFlag.AlignTop)
        mark.setPixmap(icons.app_icon().pixmap(72, 72))
        text = QLabel(
            f"<h2>{NAME} {described()}</h2>"
            "<p>Runs a Python function over many inputs, on every core.</p>"
            f"<p>Python {platform.python_version()}<br>Qt {qVersion()}, PySide6 {pyside_version}</p>"
            f"<p>Licence: MIT. Qt is used under the LGPL, version 3.{_notices()}</p>"
        )
        text.setWordWrap(True)
        text.setMinimumWidth(320)
        text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        text.setOpenExternalLinks(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=self)
        buttons.rejected.connect(self.reject)
        top = QHBoxLayout()
        top.setSpacing(16)
        top.addWidget(mark)
        top.addWidget(text, 1)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 18, 20, 14)
        box.addLayout(top)
        box.addWidget(buttons)


def _notices() -> str:
    """A link to the licences of all bundled software; empty if nothing is bundled."""
    if not BUILT.exists():
        return ""
    return f'<br><a href="{QUrl.fromLocalFile(str(NOTICES)).toString()}">Licences of the components</a>'
