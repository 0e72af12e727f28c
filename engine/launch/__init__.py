"""Starts a host for a job, and talks to it.

    Job ── plan ──> HostHandle.start ══ pipe, JSON lines ══> host process
                          │ ^
                 requests ┘ └── messages: Started, Progress, Noticed, Workers, ..., Ended or LinkLost

`program` and `environment` say what is started and how; `attach` connects to a run that continues without its
app; `aftermath` cleans up after a host that died.
"""

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
from engine.launch.script import Script

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
    "Script",
    "Started",
    "WorkerNow",
    "Workers",
]
