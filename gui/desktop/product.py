"""The product's name and file types; packages and desktop files are made from these."""

from __future__ import annotations

from dataclasses import dataclass

NAME = "Poolhouse"
PROGRAM = "poolhouse"
ID = "org.poolhouse.Poolhouse"
SUMMARY = "Run a Python function over many inputs on every core"
DESCRIPTION = (
    "Pick a Python function, give it inputs, set the size of the pool and press Run. The function runs on"
    " every core, and results, timings and the log come in live."
)
COPYRIGHT = "The Poolhouse developers"
LICENCE = "MIT"
KEYWORDS = ("Python", "parallel", "multiprocessing", "batch", "workers")


@dataclass(frozen=True)
class FileType:
    """A file type of Poolhouse's own."""

    mime: str
    uti: str
    """Its name on macOS."""
    name: str
    patterns: tuple[str, ...]


JOB = FileType("application/x-poolhouse-job", f"{ID}.job", "Poolhouse job", ("*.pool",))
RUN = FileType("application/x-poolhouse-run", f"{ID}.run", "Poolhouse run", ("run.db",))
OWN_TYPES = (JOB, RUN)
OPENS_TOO = {
    "text/x-python": "public.python-script",
    "application/x-ipynb+json": "org.jupyter.ipynb",
    "text/x-log": "com.apple.log",
}
"""Foreign file types for which "Open with" offers the app, as MIME types and as macOS names them."""
