"""An image file as a picture on the page: decoded off the GUI thread, within limits."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader

SIDE = 480
"""The largest width and height of a picture in pixels; a larger one is scaled down."""
MOST_MEGABYTES = 128
"""Memory that decoding may take."""


def decoded(data: bytes) -> tuple[QImage, str]:
    """The picture, scaled down, and its description; a null one if it cannot be read."""
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
