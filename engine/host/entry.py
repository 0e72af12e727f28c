"""The host process: becomes the host of a job or of a script, as the app's pipe says."""

from __future__ import annotations

import sys

from . import opening
from .typed import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .processes.guardian import Guardian
    from .system import Connection


def be_host(handle: int) -> NoReturn:
    """Be the host with the app's pipe `handle`, until its end."""
    opening.be_host(handle, _run)


def _run(link: Connection, guardian: Guardian | None, data: dict[str, Any]) -> None:
    if sys.platform != "win32" and data.get("script"):
        from .script.outside.main import run_script

        run_script(link, guardian, data)
    else:
        from .main import run_job

        run_job(link, guardian, data)
