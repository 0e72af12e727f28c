"""Attaches to a run that continues without an app."""

from __future__ import annotations

import json
import os
import threading
from contextlib import suppress
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Listener
from pathlib import Path

from engine.host.loop.app import ATTACH
from engine.host.system import Connection

ATTACH_SECONDS = 5.0
"""A host looks for an app every second; one that has not come by then never will."""


def invite(folder: Path) -> Connection | None:
    """Wait for the host of the live run in `folder`; None if it does not come.

    The invitation in the run folder has an address and a secret that only its owner can read.
    """
    key = os.urandom(32)
    came: list[Connection] = []
    with Listener(authkey=key) as listener:

        def accept() -> None:
            with suppress(OSError, EOFError, AuthenticationError):
                came.append(listener.accept())

        waiting = threading.Thread(target=accept, daemon=True)
        waiting.start()
        _publish(folder / ATTACH, json.dumps({"address": listener.address, "key": key.hex()}))
        waiting.join(ATTACH_SECONDS)
        if waiting.is_alive():
            (folder / ATTACH).unlink(missing_ok=True)
            with suppress(OSError, EOFError, AuthenticationError):
                Client(str(listener.address), authkey=key).close()  # nothing else ends an accept
            waiting.join()
            return None
    return came[0] if came else None


def _publish(path: Path, text: str) -> None:
    """Write a file that only its owner can read, completely or not at all."""
    draft = path.with_suffix(".draft")
    with os.fdopen(
        os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8"
    ) as file:
        file.write(text)
    draft.replace(path)
