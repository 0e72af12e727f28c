"""One window: a second start of the app hands over to the first."""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.instance import Request, hand_over
from engine.instance.door import Door
from gui.shell.instance import Instance
from gui.shell.window import Window
from tests.program import command

posix = pytest.mark.skipif(sys.platform == "win32", reason="there it is a pipe, which leaves nothing behind")


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A runtime folder with a short name: a socket's path must not be long."""
    with tempfile.TemporaryDirectory(prefix="ph") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


KILLED = """
import os, sys
from pathlib import Path
from engine.instance.door import Door
door = Door(Path(sys.argv[1]))
os._exit(1)
"""


def hear(door: Door) -> tuple[list[Request | None], threading.Thread]:
    heard: list[Request | None] = []
    thread = threading.Thread(target=lambda: heard.append(door.hear()))
    thread.start()
    return heard, thread


def test_a_request_arrives_and_a_closed_door_takes_none(runtime: Path) -> None:
    root = runtime / "runs"
    assert not hand_over(root, Request("/a.pool"))
    door = Door(root)
    heard, thread = hear(door)
    assert not hand_over(runtime / "other runs", Request("/a.pool"))
    assert hand_over(root, Request("/a.pool", "token"))
    thread.join()
    heard_last, thread = hear(door)
    door.close()
    thread.join()
    assert heard + heard_last == [Request("/a.pool", "token"), None]
    assert not hand_over(root, Request("/a.pool"))


@posix
def test_what_a_killed_app_left_is_no_hindrance(runtime: Path) -> None:
    folder = runtime / "poolhouse"
    subprocess.run([sys.executable, "-c", KILLED, runtime], timeout=60)
    assert len(list(folder.iterdir())) == 1
    assert not hand_over(runtime, Request("/a"))
    door = Door(runtime)
    heard, thread = hear(door)
    assert hand_over(runtime, Request("/a"))
    thread.join()
    assert heard == [Request("/a")]
    door.close()
    hear(door)[1].join()


@posix
def test_nonsense_is_not_heard_and_others_are_kept_out(runtime: Path) -> None:
    door = Door(runtime)
    heard, thread = hear(door)
    (path,) = (runtime / "poolhouse").iterdir()
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(str(path))
        link.sendall(b"\0\0\0\4nope")
    assert hand_over(runtime, Request("/b"))
    thread.join()
    assert heard == [Request("/b")]
    door.close()
    hear(door)[1].join()
    (runtime / "poolhouse").chmod(0o777)
    with pytest.raises(PermissionError):
        Door(runtime)
    assert not hand_over(runtime, Request("/b"))


def test_a_second_start_opens_its_file_in_the_window(
    window: Window, qtbot: QtBot, runtime: Path, tmp_path: Path, program: str
) -> None:
    job = tmp_path / "second.pool"
    job.write_text('[function]\nimport = "math:sqrt"\n')
    instance = Instance(window, window.root)
    instance.asked.connect(window.asked_again)
    instance.listen()
    words = command("--runs", window.root, "second.pool")
    second = subprocess.Popen(words, cwd=tmp_path, stderr=subprocess.PIPE)
    qtbot.waitUntil(lambda: window.page.document.path == job, timeout=30_000)
    assert second.communicate(timeout=60) == (None, b"")
    assert second.returncode == 0
    instance.close()
    assert not hand_over(window.root, Request())
