"""A session with an accessibility bus, and a screen reader in it that drives the app from outside."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.e2e.display import PATIENCE, Display, until

SYSTEM_PYTHON = "/usr/bin/python3"
LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
Node = tuple[str, str, bool]
"""Role, name, and whether it is enabled."""


class AccessibleDisplay(Display):
    """A display with a bus of its own, on which screen readers find the programs."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._stack = ExitStack()
        self._bus = ""

    def __enter__(self) -> Self:
        super().__enter__()
        bus = self._start(["dbus-daemon", "--session", "--nofork", "--print-address"], subprocess.PIPE)
        assert bus.stdout is not None
        self._bus = bus.stdout.readline().decode().strip()
        launcher = next(path for path in LAUNCHERS if Path(path).exists())
        self._start([launcher, "--launch-immediately"])
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()
        super().__exit__()

    def environment(self, folder: Path) -> dict[str, str]:
        own = {"DBUS_SESSION_BUS_ADDRESS": self._bus} if self._bus else {}
        always = {"QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1", "QT_LOGGING_RULES": "qt.accessibility.atspi=false"}
        return {**super().environment(folder), **own, **always}

    def _start(self, command: list[str], stdout: int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            command,
            env=self.environment(self._folder),
            stdout=stdout,
            stderr=subprocess.DEVNULL,
        )
        self._stack.callback(self._end, process)
        return process

    @staticmethod
    def _end(process: subprocess.Popen[bytes]) -> None:
        process.terminate()
        process.communicate(timeout=PATIENCE)


class Reader:
    """What a screen reader hears and does."""

    def __init__(self, display: AccessibleDisplay, folder: Path) -> None:
        self._errors = folder / "reader.txt"
        script = Path(__file__).with_name("atspi.py")
        with self._errors.open("wb") as errors:
            self._process = subprocess.Popen(
                [SYSTEM_PYTHON, str(script)],
                env=display.environment(folder / "runtime"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate(timeout=PATIENCE)

    def look(self) -> list[Node]:
        """All that is visible."""
        return [(role, name, usable) for role, name, usable in self._ask("look")]

    def hear(self, role: str, name: str) -> None:
        """Wait for a thing with this role and name, or a name that begins so if `name` ends in `…`."""
        self._until(lambda: any(r == role and _is(n, name) for r, n, _ in self.look()), f"{role} {name!r}")

    def press(self, role: str, name: str) -> None:
        """Press a button as soon as it is enabled."""
        self._until(lambda: self._ask("press", role, name), f"{role} {name!r} to press")

    def fill(self, role: str, name: str, text: str) -> None:
        """Put a text into a field as soon as it is there."""
        self._until(lambda: self._ask("fill", role, name, text), f"{role} {name!r} to fill")

    def rows(self, table: str, such: Callable[[list[list[str]]], bool]) -> list[list[str]]:
        """The cells of a table, as soon as they are `such`."""
        read: list[list[str]] = []

        def look() -> bool:
            read[:] = self._ask("rows", table) or []
            return such(read)

        self._until(look, f"such a table {table!r}; it is {read}")
        return read

    def select(self, table: str, row: int) -> None:
        """Select a row of a table, and wait until the reader hears it."""
        self._until(lambda: self._ask("select", table, row), f"row {row} of {table!r} to select")
        self._until(lambda: self._ask("selected", table) == [row], f"selected row {row} in {table!r}")

    def _until(self, look: Callable[[], object], what: str) -> None:
        until(look, lambda: f"no {what} among {self.look()}; {self._errors.read_text()}")

    def _ask(self, *request: object) -> Any:
        link = self._process
        assert link.stdin is not None
        assert link.stdout is not None
        link.stdin.write(json.dumps(request).encode() + b"\n")
        link.stdin.flush()
        assert select.select([link.stdout], [], [], PATIENCE)[0], "the reader hangs"
        line = link.stdout.readline()
        assert line, f"the reader is gone: {self._errors.read_text()}"
        return json.loads(line)


def _is(name: str, wanted: str) -> bool:
    return name.startswith(wanted[:-1]) if wanted.endswith("…") else name == wanted


def missing() -> str:
    """How to install what is missing; empty if everything is there."""
    script = "import gi; gi.require_version('Atspi', '2.0')"
    done = subprocess.run([SYSTEM_PYTHON, "-c", script], capture_output=True)
    if done.returncode == 0 and any(map(os.path.exists, LAUNCHERS)):
        return ""
    return f"A screen reader needs at-spi2-core and gir1.2-atspi-2.0: start {sys.executable} dev.py test."
