"""Opens a log for reading so that its writer can rename or delete it meanwhile."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO

if sys.platform == "win32":
    from engine.log.opening.windows import open_shared
else:

    def open_shared(path: Path) -> BinaryIO:
        """The file, unbuffered. Except on Windows, an open file blocks nobody."""
        return path.open("rb", buffering=0)


__all__ = ["open_shared"]
