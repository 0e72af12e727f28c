"""Starts a host for a job, and talks to it."""

from __future__ import annotations

from .client import Ended, Hello, Host, LaunchError, LinkLost, Message, Progress, Started

__all__ = ["Ended", "Hello", "Host", "LaunchError", "LinkLost", "Message", "Progress", "Started"]
