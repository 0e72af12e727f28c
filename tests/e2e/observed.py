"""The app as it is; for each line on its stdin it reports what is visible, and where.

The line may name a file, to which a screenshot is saved first.
"""

from __future__ import annotations

import io
import json
import sys
from threading import Thread
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QApplication, QComboBox, QLabel, QWidget

import poolhouse
from gui.kit.grid.area import GridArea

SHOWN = ("plainText", "currentText", "text", "windowTitle")
"""Properties of widgets that hold what a user reads in them."""


class Observer(QObject):
    """Looks at the windows on request."""

    asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.asked.connect(self._tell)
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in io.FileIO(0):  # it has no lock that could be held when the program ends
            self.asked.emit(line.decode().strip())

    def _tell(self, picture: str) -> None:
        if picture:
            QGuiApplication.primaryScreen().grabWindow(0).save(picture)
        seen = [described(widget) for widget in QApplication.allWidgets() if widget.isVisible()]
        print(json.dumps([one for one in seen if one]), flush=True)


def described(widget: QWidget) -> dict[str, Any] | None:
    """The name of a widget, where to click it, and what it shows; None if it is not visible."""
    area = widget.visibleRegion().boundingRect()
    text = widget.text() if isinstance(widget, QLabel) else ""  # some keep their text themselves
    text = text or next((str(shown) for shown in map(widget.property, SHOWN) if shown), "")
    frames_others = not text and widget.focusPolicy() == Qt.FocusPolicy.NoFocus
    if area.isEmpty() or frames_others:
        return None
    middle = widget.mapToGlobal(area.center())
    told: dict[str, Any] = {"name": widget.accessibleName() or text.replace("&", ""), "text": text}
    told |= {"x": middle.x(), "y": middle.y(), "focus": widget.hasFocus(), "enabled": widget.isEnabled()}
    if isinstance(widget, QComboBox):
        told["items"] = widget.count()
    if isinstance(widget, QAbstractItemView):
        told["rows"] = rows(widget)
    elif isinstance(widget, GridArea):
        told["rows"] = [[cell.text for cell in widget.model.cells(row)] for row in range(widget.model.total)]
    return told


def rows(view: QAbstractItemView) -> list[list[str]]:
    """The texts of a list or table."""
    model = view.model()
    across = range(model.columnCount())
    return [[str(model.index(row, column).data()) for column in across] for row in range(model.rowCount())]


if __name__ == "__main__":
    observer = Observer()
    sys.exit(poolhouse.main())
