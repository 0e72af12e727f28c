"""Lines as they are shown: without NULs, escape sequences and text overwritten after a carriage return."""

from __future__ import annotations

import re

_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[[0-?]* q"  # the shape of the cursor
    rb"|\[[0-?]*[!-/]*[@-~]?"  # colours, cursor movements; a truncated one
    rb"|[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # titles, links
    rb"|[()*+][0-9A-B]"
    rb"|[78=>\\])"
)
_RECORD_LIKE = re.compile(
    rb"[\[(<]?(?:\d{4}-\d\d-\d\d[T ]\d\d:|\d\d:\d\d:\d\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)\b)"
)
_LINE_WITH_RETURN = re.compile(rb"[^\n]*\r[^\n]*")
_MARK = "\ufeff".encode()
RETURN_SHOWN = "\u240d".encode()


def stripped(data: bytes) -> bytes:
    """Without escape sequences."""
    return _SEQUENCE.sub(b"", data) if b"\x1b" in data else data


def shown(data: bytes, *, ansi: bool = False) -> bytes:
    """Narrowed lines as they are shown. Never changes the number of lines. With `ansi`, sequences stay."""
    if b"\0" in data:
        data = data.translate(None, b"\0")
    if b"\xef" in data and _MARK in data:  # of a file that was appended to another one
        data = data.removeprefix(_MARK).replace(b"\n" + _MARK, b"\n")
    if not ansi:
        data = stripped(data)
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
        if b"\r" in data:
            data = _LINE_WITH_RETURN.sub(_last_state, data)
    return data


def _last_state(found: re.Match[bytes]) -> bytes:
    """The final state of a line that a terminal overwrote again and again."""
    line = found[0].rstrip(b"\r")
    first, again, _ = line.partition(b"\r")
    if again and _RECORD_LIKE.match(first):  # a message that contains a return hides nothing
        return line.replace(b"\r", RETURN_SHOWN)
    return line.rsplit(b"\r", 1)[-1]
