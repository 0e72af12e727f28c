"""macOS: `caffeinate`, and notifications through AppleScript."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gui.desktop.system import programs

QUICK = False
SCRIPT = ("on run texts", "display notification (item 2 of texts) with title (item 1 of texts)", "end run")


def awake() -> Callable[[], None] | None:
    """Keep the machine awake until the returned function is called."""
    return programs.hold(["/usr/bin/caffeinate", "-i", "/bin/cat"])


def edit(path: Path) -> None:
    """Open a file in the program for plain text, whatever program its type would open."""
    programs.start(["/usr/bin/open", "-t", str(path)])


def notify(title: str, text: str) -> None:
    """Show a notification."""
    lines = [part for line in SCRIPT for part in ("-e", line)]
    programs.call(["/usr/bin/osascript", *lines, title, text])
