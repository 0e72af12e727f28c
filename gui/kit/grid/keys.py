"""Where a key moves the cursor of a table."""

from __future__ import annotations

from PySide6.QtCore import Qt

_Key = Qt.Key


def row_after(key: int, current: int, page: int, total: int) -> int | None:
    """The row that a key moves to from the `current` one (-1: none); None if the key moves nothing."""
    if not total:
        return None
    if key in (_Key.Key_Home, _Key.Key_End):
        return 0 if key == _Key.Key_Home else total - 1
    steps = {_Key.Key_Up: -1, _Key.Key_Down: 1, _Key.Key_PageUp: -page, _Key.Key_PageDown: page}
    step = steps.get(_Key(key))
    if step is None:
        return None
    return min(max(current + step, 0), total - 1) if current >= 0 else 0


def column_after(key: int, current: int, shown: list[int]) -> int | None:
    """The column that a key moves to, among those `shown` from left to right."""
    step = {_Key.Key_Left: -1, _Key.Key_Right: 1}.get(_Key(key))
    if step is None or not shown:
        return None
    at = shown.index(current) + step if current in shown else 0
    return shown[min(max(at, 0), len(shown) - 1)]
