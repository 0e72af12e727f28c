"""Messages and tracebacks of failures: each text is in run.db once, under its hash."""

from __future__ import annotations

from ..typed import Any, Callable

MOST_KNOWN = 1_000
"""Texts that are known to be in run.db, and need not be written again."""


def key_of(text: str) -> int:
    """The id of a text."""
    import hashlib  # loads a large library, which few runs need

    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def parted(traceback: str, message: str) -> tuple[str, bool]:
    """A traceback without its final message, and whether it had one: then many failures share it."""
    end = message + "\n"
    return (traceback[: -len(end)], True) if traceback.endswith(end) else (traceback, False)


def joined(traceback: str | None, message: str, ends: bool) -> str:
    """The original traceback."""
    return (traceback or "") + (message + "\n" if ends else "")


class Texts:
    """Writes texts. `change` makes a change of run.db."""

    def __init__(self, change: Callable[[str, Any], None]) -> None:
        self._change = change
        self._known: set[int] = set()

    def add(self, text: str) -> int:
        """Store a text in run.db; returns its id."""
        key = key_of(text)
        if key not in self._known:
            if len(self._known) == MOST_KNOWN:
                self._known.clear()
            self._known.add(key)
            self._change("INSERT OR IGNORE INTO text VALUES (?, ?)", (key, text))
        return key
