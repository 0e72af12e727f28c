"""One end of a pipe between two processes, as `multiprocessing` has it on this system."""

from __future__ import annotations

import sys
from multiprocessing import connection

if sys.platform == "win32":
    from typing import Union

    Connection = Union[connection.Connection, connection.PipeConnection]
else:
    Connection = connection.Connection

__all__ = ["Connection"]
