"""`signal` without its enums: they take several milliseconds to load, and a script waits for that."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal

__all__ = ["signal"]
