"""An image file as a picture of the page: decoded off the GUI thread, within bounds."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

SIDE = 480
"""Pixels that a picture has at most at either side; a larger one is made smaller."""
MOST_MEGABYTES = 128
"""Of memory that a picture may take while it is read."""


def decoded(data: bytes) -> tuple[QImage, str]:
    """The picture, made small, and what it is; a null one if it cannot be read."""
    kept = QByteArray(data)
    buffer = QBuffer(kept)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAllocationLimit(MOST_MEGABYTES)
    reader.setAutoTransform(True)
    kind = bytes(reader.format().data()).decode("ascii", "replace").upper()
    found = reader.read()
    size = found.size()
    if max(size.width(), size.height()) > SIDE:
        found = found.scaled(
            QSize(SIDE, SIDE), Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
    return found, f"{kind}, {size.width():,} × {size.height():,} pixels"
