"""The files of a process in the run's temporary folder: memory that it shares with the host, and stacks.

Imports next to nothing: a script begins as soon as its host has made that folder.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

from ..signals import signal

STACKS = "-stacks"
"""The suffix of the file to which a worker writes its stacks, after the name of its slot,"""
STACK_SIGNAL: int = signal.SIGINFO if sys.platform == "darwin" else signal.SIGRTMAX - 1
"""when it gets this signal."""
