"""An X server without a screen, the app on it, and a mouse and keyboard for both."""

from __future__ import annotations

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds that anything may take on a busy machine."""
PAUSE = 0.05
"""Seconds between two looks."""
PROGRAMS = {"Xvfb": "xvfb", "xdotool": "xdotool"}
Seen = TypeVar("Seen")


def missing_programs() -> str:
    """How to install what is missing; empty if everything is there."""
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if not missing:
        return ""
    packages = " ".join(missing)
    return f"Real keys and clicks need {packages}: start python3 dev.py test, or apt-get install {packages}."


def until(look: Callable[[], Seen | None], otherwise: Callable[[], object]) -> Seen:
    """The result of `look` as soon as it has one; if it never does, `otherwise` says why."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, otherwise()
        select.select([], [], [], PAUSE)
    return seen


class Display:
    """An X server with a free display number."""

    def __init__(self) -> None:
        reads, writes = os.pipe()
        command = [
            "Xvfb",
            "-displayfd",
            str(writes),
            "-screen",
            "0",
            "1600x1000x24",
            "-nolisten",
            "tcp",
            "-noreset",
        ]
        quiet = subprocess.DEVNULL
        self._server = subprocess.Popen(command, pass_fds=[writes], stdout=quiet, stderr=quiet)
        os.close(writes)
        with os.fdopen(reads) as answer:
            number = answer.readline().strip()
        assert number, f"Xvfb ended with status {self._server.wait(PATIENCE)}"
        self.name = f":{number}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.terminate()
        self._server.wait(PATIENCE)

    def environment(self, folder: Path) -> dict[str, str]:
        """The environment of a program on this display; `folder` is for files that it needs."""
        folder.mkdir(0o700, exist_ok=True)
        unwanted = ("QT_", "WAYLAND_", "DBUS_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
        return {**kept, "DISPLAY": self.name, "XDG_RUNTIME_DIR": str(folder)}

    def act(self, *words: object) -> str:
        """Move, click, press or type, in xdotool's words."""
        done = self._xdotool(*words)
        assert not done.stderr, done.stderr
        return done.stdout

    def focus(self, title: str) -> None:
        """Give the keyboard focus to the window whose title begins like this, if there is one."""
        self._xdotool("search", "--onlyvisible", "--name", f"^{title}", "windowfocus")

    def _xdotool(self, *words: object) -> subprocess.CompletedProcess[str]:
        command = ["xdotool", *map(str, words)]
        environment = {**os.environ, "DISPLAY": self.name}
        return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        self.act("key", "--delay", 30, *keys)

    def type(self, text: str) -> None:
        """Type a text, key by key."""
        self.act("type", "--delay", 20, "--", text)


@dataclass
class Thing:
    """A widget as a user sees it."""

    name: str
    text: str
    x: int
    y: int
    focus: bool
    enabled: bool
    items: int = 0
    rows: list[list[str]] = field(default_factory=list)


class App:
    """The app in a process of its own, on a display."""

    def __init__(self, display: Display, command: list[str], folder: Path) -> None:
        self.display = display
        self._errors = folder / "stderr.txt"
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=display.environment(folder / "runtime"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate(timeout=PATIENCE)

    def left(self) -> tuple[int, str]:
        """Wait for its end; returns exit status and stderr."""
        status = self._process.wait(PATIENCE)
        return status, self.errors()

    def quit(self, title: str) -> tuple[int, str]:
        """Quit by the keys the window with this title.

        An app that does not know yet that its run has ended asks first: press Escape, and try again.
        Without a window manager nothing has the focus after that.
        """

        def gone() -> bool:
            self.display.press("Escape")
            self.display.focus(title)
            self.display.press("ctrl+q")
            return self._process.poll() is not None

        until(gone, self.errors)
        return self.left()

    def errors(self) -> str:
        return self._errors.read_text("utf-8", "replace")


class ObservedApp(App):
    """The app, observed as well."""

    def __init__(self, display: Display, folder: Path) -> None:
        super().__init__(display, [sys.executable, "-m", "tests.e2e.observed"], folder)

    def look(self, picture: Path | str = "") -> list[Thing]:
        """All that is visible now; a screenshot is saved to `picture`."""
        link = self._process
        assert link.stdin is not None
        assert link.stdout is not None
        link.stdin.write(f"{picture}\n".encode())
        link.stdin.flush()
        assert select.select([link.stdout], [], [], PATIENCE)[0], f"the window hangs; {self.errors()}"
        line = link.stdout.readline()
        assert line, f"the app is gone; {self.errors()}"
        return [Thing(**told) for told in json.loads(line)]

    def find(self, name: str, such: Callable[[Thing], object] = lambda _: True) -> Thing:
        """The thing of this name as soon as it is visible, enabled, and `such`."""
        seen: list[Thing] = []

        def look() -> Thing | None:
            seen[:] = self.look()
            return next((one for one in seen if one.name == name and one.enabled and such(one)), None)

        return until(look, lambda: f"no such {name!r} among {seen}; {self.errors()}")

    def click(self, name: str) -> None:
        """Click the thing of this name with the mouse, once it no longer moves."""
        before, now = None, self.find(name)
        while before is None or (now.x, now.y) != (before.x, before.y):
            before, now = now, self.find(name)
        self.display.act("mousemove", now.x, now.y, "click", 1)

    def type(self, name: str, text: str) -> None:
        """Type into the field of this name, which has the focus."""
        self.find(name, lambda field: field.focus)
        self.display.type(text)
        self.find(name, lambda field: field.text == text)
