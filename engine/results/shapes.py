"""What errors have in common: type, message without what varies, and where they were raised."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

LONGEST = 300
"""Characters of a message that are used."""
NAMED = frozenset(
    ["AttributeError", "ImportError", "ModuleNotFoundError", "NameError", "TypeError", "UnboundLocalError"]
)
"""Exceptions whose quoted names say what is wrong; elsewhere they are data."""
ANY = "…"

_TYPE = re.compile(r"([A-Za-z_][\w.]*)(?:: |:?$)")
_FRAME = re.compile(r'  File "([^"\n]*)", line (\d+)(?:, in (.*))?')
_KEPT = (
    r"\[(?:Errno|WinError) -?\d+\]|\b[1-5]\d\d (?:Client|Server) Error"
    r"|\b(?:HTTP(?:/\d(?:\.\d)?)?|[Ss]tatus(?: code)?|[Ee]xit (?:code|status)|[Ss]ignal|code)"
    r"[ :=]{1,2}-?\d+\b"
)
_QUOTED = r"(?<!\w)'(?:[^'\\\n]|\\.){0,200}'(?!\w)|\"(?:[^\"\\\n]|\\.){0,200}\""
_DATA = r"\b0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b|(?<!\w)(?:/[\w.+-]+){2,}"
_NUMBER = r"(?<![\w.])[-+]?\d[\d_,.]*(?:[eE][-+]?\d+)?(?!\w)"
_ALL = re.compile(rf"(?P<kept>{_KEPT})|(?P<quoted>{_QUOTED})|{_DATA}|{_NUMBER}")


class Shape(NamedTuple):
    """What failures of one group share."""

    kind: str
    """The type of the exception or, without one, the status, such as `died`."""
    message: str
    """The message, with `…` for what may vary."""
    file: str
    line: int
    """The line where it was raised; 0 if unknown."""
    function: str


def shape(status: str, message: str, traceback: str) -> Shape:
    """The shape of one failure."""
    return Shape(*message_shape(status, message), *place(traceback))


@lru_cache(maxsize=4_096)
def message_shape(status: str, message: str) -> tuple[str, str]:
    """The type, and the message without what may vary."""
    named = _TYPE.match(message) if status in ("error", "unpicklable") else None
    kind = named.group(1) if named else status
    keeps_quoted = kind.rpartition(".")[2] in NAMED

    def common(found: re.Match[str]) -> str:
        if found.group("kept") or (keeps_quoted and found.group("quoted")):
            return found.group()
        return ANY

    return kind, _ALL.sub(common, message[:LONGEST])


@lru_cache(maxsize=1_024)
def place(traceback: str) -> tuple[str, int, str]:
    """File, line and function of a traceback's last frame."""
    found = _FRAME.match(traceback, max(traceback.rfind('  File "'), 0))
    return (found.group(1), int(found.group(2)), found.group(3) or "") if found else ("", 0, "")
