"""Where later starts find the first app of a user."""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from contextlib import suppress
from pathlib import Path


def name_for(root: Path) -> str:
    """The name of the socket for apps with this runs folder on this display."""
    places = [str(root), *(os.environ.get(name, "") for name in ("DISPLAY", "WAYLAND_DISPLAY"))]
    return hashlib.sha256("\0".join(places).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def may_listen(name: str) -> bool:
    """Whether somebody may be listening there. True needs a try to be certain; False is certain."""
    if sys.platform == "win32":
        return True
    try:
        return (folder() / name).exists()
    except OSError:
        return False


if sys.platform != "win32":

    def folder() -> Path:
        """The user's private folder for sockets. Raises OSError if somebody else can access it."""
        runtime = os.environ.get("XDG_RUNTIME_DIR")
        path = Path(runtime) / "poolhouse" if runtime else _shared()
        with suppress(FileExistsError):
            path.mkdir(mode=0o700)
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
            raise PermissionError(f"{path} is not this user's alone")
        return path

    def _shared() -> Path:
        import tempfile  # needed only if the system defines no such folder

        return Path(tempfile.gettempdir(), f"poolhouse-{os.getuid()}")
