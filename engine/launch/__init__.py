"""Starts a host for a job, and talks to it."""

from __future__ import annotations

from engine.launch.client import HostHandle, LaunchError
from engine.launch.messages import (
    Ended,
    Hello,
    LinkLost,
    Message,
    Noticed,
    Progress,
    Retried,
    Started,
    WorkerNow,
    Workers,
)

__all__ = [
    "Ended",
    "Hello",
    "HostHandle",
    "LaunchError",
    "LinkLost",
    "Message",
    "Noticed",
    "Progress",
    "Retried",
    "Started",
    "WorkerNow",
    "Workers",
]
