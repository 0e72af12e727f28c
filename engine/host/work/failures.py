"""Describes exceptions of user code: bounded, plain, and without trusting the exception."""

from __future__ import annotations

import os
import sys
import traceback
from contextlib import suppress
from types import TracebackType

from ..record.text import both_ends, bounded, plain, type_name
from ..typed import Any, cast

KEPT = f"{__package__}.kept"
"""The module with the original code of a job, if anything needed it."""
MAX_MESSAGE = 2_000
"""Longest message of an exception that is kept, in characters."""
MAX_TRACEBACK = 20_000
"""Longest traceback that is kept, in characters."""
MAX_CHAIN = 50
"""The longest chain of causes that Python's own formatter shows: each link takes time and stack."""
LINKS_SHOWN = 5
"""Links that are shown of a longer chain: those raised last."""

ENGINE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
"""The folder of the engine's own code, whose frames no traceback shows."""


def describe(error: BaseException) -> str:
    """`Type: message`, bounded, even if the exception cannot be converted to text."""
    name = type_name(type(error))
    try:
        text = bounded(str(error), MAX_MESSAGE)
    except BaseException as broken:
        return f"{name} (its message failed with {type_name(type(broken))})"
    return f"{name}: {text}" if text else name


def format_trace(error: BaseException) -> str:
    """The traceback of `error` from its first frame outside the engine and the import system, bounded."""
    with suppress(BaseException):  # its class fails, or lies
        kept: Any = sys.modules.get(KEPT)  # not imported: the processes of a script have no use for it
        if kept is not None and kept.code is not None:
            kept.code.remember_lines()
        if len(_chain(error)) <= MAX_CHAIN:
            text = "".join(traceback.format_exception(type(error), error, _own_part(_trace(error))))
            return both_ends(text, MAX_TRACEBACK)
    return _format_plainly(error)


def _format_plainly(error: BaseException) -> str:
    """The traceback from what cannot lie: frames and types, without notes and groups."""
    try:
        chain = _chain(error)
        parts = [_link(link) for link in reversed(chain[:LINKS_SHOWN])]
        if len(chain) > LINKS_SHOWN:
            parts.insert(0, f"[{len(chain) - LINKS_SHOWN:,} earlier exceptions are left out here]\n")
        return both_ends("\nWhich led to:\n\n".join(parts), MAX_TRACEBACK)
    except BaseException as broken:  # for example, no memory is left
        name = type_name(type(error))
        return f"{name}: its traceback cannot be shown ({type_name(type(broken))})\n"


def _link(error: BaseException) -> str:
    frames = traceback.StackSummary.extract(traceback.walk_tb(_own_part(_trace(error))), limit=-100)
    return plain(f"Traceback (most recent call last):\n{''.join(frames.format())}{describe(error)}\n")


def _chain(error: BaseException) -> list[BaseException]:
    """The exception and its causes, each once, the latest first."""
    chain: list[BaseException] = []
    seen: set[int] = set()
    link: BaseException | None = error
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        chain.append(link)
        cause = _attribute(link, "__cause__")
        link = cause if cause is not None or _attribute(link, "__suppress_context__") else _context(link)
    return chain


def _context(error: BaseException) -> BaseException | None:
    return cast("BaseException | None", _attribute(error, "__context__"))


def _trace(error: BaseException) -> TracebackType | None:
    return cast("TracebackType | None", _attribute(error, "__traceback__"))


def _attribute(error: BaseException, name: str) -> Any:
    """The attribute as the interpreter sees it, whatever the exception's class makes of it."""
    return BaseException.__dict__[name].__get__(error)


def _own_part(trace: TracebackType | None) -> TracebackType | None:
    while trace is not None and _is_ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def _is_ours(filename: str) -> bool:
    return filename.startswith((ENGINE, "<frozen importlib")) or any(
        os.sep + package + os.sep in filename for package in ("importlib", "asyncio")
    )
