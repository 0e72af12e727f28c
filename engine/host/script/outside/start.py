"""What is recorded about a run before its script begins."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import os

from ...record import origin
from ...typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...record.store import Store


def note_start(data: dict[str, Any], store: Store, started: float) -> None:
    """Record what runs, where, and since when."""
    script = data["script"]
    store.git = origin.GitState(os.path.dirname(script["path"]))
    store.facts(
        started=started,
        name=data["name"],
        version=data["version"],
        reason="",
        total=None,
        executable=script["command"][0],
        workers=script["workers"],
        start_method="",
        mode="script",
        folder=script["folder"],
        arguments=script["arguments"],
        ended=None,
        paused=False,
        kept=False,
        **origin.machine(),
    )
    store.commits.commit()
