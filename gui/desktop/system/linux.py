"""Linux and the BSDs: inhibitors of systemd-logind, and freedesktop.org notifications."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

from gui.desktop import product
from gui.desktop.system import programs

QUICK = False
WHY = "A run is in progress"


def awake() -> Callable[[], None] | None:
    """Keep the machine awake until the returned function is called; None if there is no logind."""
    inhibit, reader = shutil.which("systemd-inhibit"), shutil.which("cat")
    if inhibit is None or reader is None:
        return None
    asked = [inhibit, "--what=sleep:idle", "--mode=block", f"--who={product.NAME}", f"--why={WHY}"]
    return programs.hold([*asked, reader])


def edit(path: Path) -> None:
    """Open a text in the desktop's default program. Raises OSError if there is none."""
    if path.suffix == ".desktop" or os.access(path, os.X_OK):
        raise OSError(f"{path.name} is a program, which the desktop might run. Name an editor in VISUAL.")
    opener = shutil.which("xdg-open")
    if opener is None:
        raise OSError("xdg-open, which would open it, is not installed.")
    programs.start([opener, str(path)])


def notify(title: str, text: str) -> None:
    """Show a notification, by the first program that can."""
    from html import escape

    text = escape(text, quote=False)  # the text may contain markup, the title may not
    if notify_send := shutil.which("notify-send"):
        icon = f"--icon={product.PROGRAM}"
        if programs.call([notify_send, f"--app-name={product.NAME}", icon, "--", title, text]):
            return
    if gdbus := shutil.which("gdbus"):
        texts = [product.NAME, product.PROGRAM, title, text]
        name, icon, title, text = (json.dumps(part, ensure_ascii=False) for part in texts)
        there = ["--dest=org.freedesktop.Notifications", "--object-path=/org/freedesktop/Notifications"]
        method = ["--method=org.freedesktop.Notifications.Notify"]
        arguments = [name, "0", icon, title, text, "[]", "{}", "-1"]
        programs.call([gdbus, "call", "--session", *there, *method, "--", *arguments])
