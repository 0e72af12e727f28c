"""Whether the host of a run is alive: by its lock on the run folder, else by the facts that it wrote."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import psutil

from engine.host import system
from engine.host.record import lock, schema

CLOCK_SLACK = 2.0
"""Clocks may disagree by this many seconds about when a process began."""


def is_alive(folder: Path, facts: dict[str, Any]) -> bool:
    """Whether the host that wrote `facts` in `folder` is alive, or may be alive on another machine."""
    if "machine" not in facts:  # written by a version without locks
        return _is_process(facts.get("pid", 0), facts.get("launched", 0.0))
    held = lock.is_held(str(folder))
    if held is not None:
        return held
    if may_be_elsewhere(facts):
        return (folder / schema.LOCK).exists()
    return facts.get("boot") == system.boot() and _is_process(facts.get("pid", 0), facts.get("launched", 0.0))


def may_be_elsewhere(facts: dict[str, Any]) -> bool:
    """Whether the host ran on another machine or in another container, where process ids differ."""
    if facts["machine"] != socket.gethostname():
        return True
    theirs, ours = facts.get("boot", "").partition("/"), system.boot().partition("/")
    return theirs[0] == ours[0] and theirs[2] != ours[2]


def refusal(folder: Path, machine: str) -> str:
    """Why a run that is (or may be) alive is not resumed, and what to do."""
    if machine and lock.is_held(str(folder)) is None:
        return (
            f"{folder} was started on {machine}, and may still run there: this file system has no locks that"
            f" would tell. Once it has ended, remove {folder / schema.LOCK}, and resume again."
        )
    where = f" on {machine}" if machine not in ("", socket.gethostname()) else ""
    return f"{folder} is still running{where}. Wait for its end, or stop it."


def _is_process(pid: int, launched: float) -> bool:
    """Whether the process `pid`, which ran at `launched`, is still running."""
    try:
        process = psutil.Process(pid)
        return process.create_time() <= launched + CLOCK_SLACK and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
