"""Text files of inputs: detects their encoding, and marks bytes that are not valid text."""

from __future__ import annotations

import codecs
import os
import re

from ..typed import IO
from .source import Unreadable

SAMPLE = 1 << 20
"""Bytes from which the encoding is detected."""
FALLBACK = "cp1252"
"""The encoding of a file that is not UTF-8."""
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
MARK = "poolhouse.mark"
"""The name of the error handler that marks invalid bytes."""
_MARKED = re.compile("[\udc00-\udcff]")


def _mark(error: UnicodeError) -> tuple[str, int]:
    """Replace each byte that cannot be decoded by a lone surrogate, which valid text never contains."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    data = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in data), error.end


codecs.register_error(MARK, _mark)


def find_encoding(sample: bytes) -> str:
    """The encoding of a file that begins with `sample`: by its byte order mark, else UTF-8, else cp1252."""
    for mark, name in _BOMS:
        if sample.startswith(mark):
            return name
    try:
        codecs.getincrementaldecoder("utf-8")().decode(sample, final=len(sample) < SAMPLE)
    except UnicodeDecodeError:
        return FALLBACK
    return "utf-8"


def _marked(encoding: str, sample: bytes) -> str:
    """A given encoding, in its variant with or without the byte order mark, as the file begins."""
    name = codecs.lookup(encoding).name
    if name == "utf-8":
        return "utf-8-sig" if sample.startswith(codecs.BOM_UTF8) else name
    if name in ("utf-16", "utf-32") and find_encoding(sample) != name:
        return f"{name}-le"
    return encoding


class TextFile:
    """A text file, opened each time it is read."""

    def __init__(self, path: str, encoding: str) -> None:
        self.path = path
        self.name = os.path.basename(path)
        try:
            with open(path, "rb") as file:
                sample = file.read(SAMPLE)
        except OSError as error:
            raise unreadable(path, error) from None
        self.encoding = _marked(encoding, sample) if encoding else find_encoding(sample)
        self._followed: IO[str] | None = None

    def follow(self, newline: str | None = None) -> IO[str]:
        """Like `open`, for the reading of inputs itself: `share` then shows the progress."""
        self._followed = self.open(newline)
        return self._followed

    @property
    def share(self) -> float | None:
        """The share of the file that has been read, 0 to 1, by bytes; None if it is not being read."""
        file = self._followed
        if file is None or file.closed:
            return None
        try:
            size = os.fstat(file.fileno()).st_size
            return min(1.0, os.lseek(file.fileno(), 0, os.SEEK_CUR) / size) if size else None
        except (OSError, ValueError):  # a pipe has no position; or it was just closed
            return None

    def open(self, newline: str | None = None) -> IO[str]:
        return open(self.path, encoding=self.encoding, errors=MARK, newline=newline)

    def fault(self, text: str) -> str:
        """What is wrong with text that was read; empty if nothing is."""
        if text.isascii():
            return ""
        marked = _MARKED.search(text)
        if marked is None:
            return ""
        byte = ord(marked[0]) - 0xDC00
        return f"byte 0x{byte:02x} is no {self.encoding} text; set inputs.encoding to the right one"

    def shown(self, text: str) -> str:
        """Text that was read, with invalid bytes in hexadecimal."""
        return _MARKED.sub(lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", text)


def unreadable(path: str, error: OSError) -> Unreadable:
    """A system error, in words that name the file and say what to do."""
    reason = (error.strerror or str(error)).lower()
    return Unreadable("inputs.path", f"{path} cannot be read: {reason}. Choose a readable file.")
