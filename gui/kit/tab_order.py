"""Makes Tab follow the reading order, even if some fields were created later than those below them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QRadioButton, QWidget

LINE = 12
"""How far apart, in pixels, the centres of fields on one line may be."""


def move_focus(root: QWidget, *, forward: bool) -> bool:
    """Move the focus to the next field, or at the ends to one outside. False if it is not in `root`."""
    fields = in_reading_order(root)
    field = next((each for each in fields if each.hasFocus()), None)
    if field is None:
        return False
    at = fields.index(field) + (1 if forward else -1)
    target = fields[at] if 0 <= at < len(fields) else _outside(root, field, forward)
    if target is None:
        return False
    target.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def in_reading_order(root: QWidget) -> list[QWidget]:
    """The fields that Tab can reach, line by line, from left to right."""
    places = sorted(
        (
            (each.mapTo(root, QPoint(0, min(each.height(), 2 * LINE) // 2)), each)
            for each in root.findChildren(QWidget)
            if _takes_tab(each)
        ),
        key=lambda place: place[0].y(),
    )
    lines: list[list[tuple[QPoint, QWidget]]] = []
    for place in places:
        if lines and place[0].y() - lines[-1][0][0].y() < LINE:
            lines[-1].append(place)
        else:
            lines.append([place])
    return [each for line in lines for _, each in sorted(line, key=lambda place: place[0].x())]


def _takes_tab(widget: QWidget) -> bool:
    takes = bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)
    if isinstance(widget, QRadioButton) and (group := widget.group()) is not None:
        takes = takes and group.checkedButton() in (None, widget)  # the arrow keys reach the others
    return takes and widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None


def _outside(root: QWidget, field: QWidget, forward: bool) -> QWidget | None:
    """The nearest field in Qt's own order that is not in `root`."""
    other = _beside(field, forward)
    while other is not None and other is not field:
        if not root.isAncestorOf(other) and not other.isAncestorOf(root) and _takes_tab(other):
            return other
        other = _beside(other, forward)
    return None


def _beside(widget: QWidget, forward: bool) -> QWidget | None:
    return widget.nextInFocusChain() if forward else widget.previousInFocusChain()
