"""Whether the parts of a cluster can be reached, and fit this Python; what is wrong with them, in words."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from ..typed import Any

REACH_SECONDS = 2.0
"""Seconds to try whether the host can reach a Dask worker."""
NOT_FITTING = (
    "{who} has {theirs}, and the run's interpreter has {ours}. Use the same versions of Python (3.x) and"
    " distributed everywhere: choose another interpreter, or update the cluster."
)


def try_to_reach(address: str, seconds: float) -> None:
    """Raise the error that prevents a connection: the client would keep trying for a while."""
    scheme, _, rest = address.rpartition("://")
    if scheme in ("", "tcp", "tls"):
        _connect_to(rest.partition("/")[0], seconds)


def is_in_reach(address: str) -> bool:
    """Whether a connection to a Dask worker can be made."""
    scheme, _, rest = address.rpartition("://")
    if scheme not in ("tcp", "tls"):
        return False
    with suppress(OSError, ValueError):
        _connect_to(rest, REACH_SECONDS)
        return True
    return False


def _connect_to(place: str, seconds: float) -> None:
    host, _, port = place.rpartition(":")
    socket.create_connection((host.strip("[]"), int(port)), seconds).close()


def unfit(who: str, told: dict[str, Any] | None, ours: dict[str, Any]) -> str:
    """Why a part of the cluster does not fit, judging by its versions; empty if it does."""
    if not told:
        return ""
    theirs, own = _versions(told), _versions(ours)
    if theirs == own or not all(theirs):
        return ""
    shown = ["Python {} with distributed {}".format(*versions) for versions in (theirs, own)]
    return NOT_FITTING.format(who=who, theirs=shown[0], ours=shown[1])


def _versions(told: dict[str, Any]) -> tuple[str, str]:
    """The versions of Python and distributed, as far as they must match."""
    packages: dict[str, Any] = told.get("packages") or {}
    python, distributed = str(packages.get("python") or ""), str(packages.get("distributed") or "")
    return ".".join(python.split(".")[:2]), ".".join(distributed.split(".")[:2])


def words(error: BaseException, silent: str) -> str:
    """What went wrong, as a part of a sentence."""
    if isinstance(error, (asyncio.TimeoutError, TimeoutError)):
        return silent
    if type(error).__name__ == "CommClosedError":  # Dask's own, with words for those who work on Dask
        return "the connection was closed"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[:1].lower() + error.strerror[1:]
    text = str(error).strip().splitlines()
    return f"{type(error).__name__}: {text[0]}".rstrip(".") if text else type(error).__name__
