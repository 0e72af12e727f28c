"""Staying awake during runs and notifying of their end, with programs that only record their calls."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from gui.desktop.awake import Awake
from gui.desktop.notices import Notices
from gui.desktop.system import linux
from tests.leftovers import is_there

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the programs of Linux")


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program on an otherwise empty PATH, beside cat and sh; returns the file that it writes to."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("cat", "sh"):
        (folder / name).symlink_to(f"/bin/{name}")
    monkeypatch.setenv("PATH", str(folder))

    def add(name: str, then: str = "") -> Path:
        said = tmp_path / f"{name}.txt"
        said.touch()
        program = folder / name
        program.write_text(
            f'#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one" >> "{said}"; done\n{then}\n'
        )
        program.chmod(0o755)
        return said

    return add


@pytest.fixture
def awake(qapp: QApplication) -> Iterator[Awake]:
    awake = Awake()
    yield awake
    awake.close()


def children() -> list[psutil.Process]:
    return [process for process in psutil.Process().children(True) if is_there(process)]


def test_the_machine_is_held_awake_while_a_run_goes_on(
    qtbot: QtBot, awake: Awake, programs: Callable[..., Path]
) -> None:
    said = programs("systemd-inhibit", 'shift 4; "$@"')
    before = len(children())
    awake.follow(True)
    awake.follow(True)
    qtbot.waitUntil(lambda: len(children()) > before)
    qtbot.waitUntil(lambda: "cat" in said.read_text())
    assert "--what=sleep:idle\n--mode=block\n--who=Poolhouse\n" in said.read_text()
    awake.follow(False)
    qtbot.waitUntil(lambda: len(children()) == before)
    assert said.read_text().count("--what") == 1


def test_the_settings_switch_it_off_and_on(qtbot: QtBot, awake: Awake, programs: Callable[..., Path]) -> None:
    said = programs("systemd-inhibit", "exec cat")
    awake.allow(False)
    awake.follow(True)
    awake._work.finish(5000)
    assert said.read_text() == ""
    awake.allow(True)
    qtbot.waitUntil(lambda: "--what" in said.read_text())


def test_nothing_is_held_where_there_is_no_logind(awake: Awake, programs: Callable[..., Path]) -> None:
    awake.follow(True)
    awake._work.finish(5000)
    assert awake._release is None


def test_one_that_is_refused_costs_nothing(qtbot: QtBot, awake: Awake, programs: Callable[..., Path]) -> None:
    said = programs("systemd-inhibit", "exit 1")
    awake.follow(True)
    qtbot.waitUntil(lambda: "--what" in said.read_text())
    awake.follow(False)
    awake._work.finish(5000)
    assert awake._release is None


def test_the_machine_may_sleep_again_when_the_app_is_killed(
    qtbot: QtBot, programs: Callable[..., Path], tmp_path: Path
) -> None:
    programs("systemd-inhibit", f'echo $$ > "{tmp_path / "pid"}"; shift 4; exec "$@"')
    code = "from gui.desktop.system import linux\nrelease = linux.awake()\nprint('held', flush=True)\ninput()"
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as app:
        assert app.stdout.readline() == b"held\n"
        number = tmp_path / "pid"
        qtbot.waitUntil(lambda: number.exists() and number.read_text().endswith("\n"))
        holder = psutil.Process(int(number.read_text()))
        os.kill(app.pid, signal.SIGKILL)
    _, alive = psutil.wait_procs([holder], timeout=10)
    assert not alive


@pytest.fixture
def notices(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Notices:
    """The notifications of a window that is not in front."""
    inactive = Qt.ApplicationState.ApplicationInactive
    monkeypatch.setattr(QApplication, "applicationState", staticmethod(lambda: inactive))
    window = QWidget()
    qtbot.addWidget(window)
    return Notices(window)


def test_a_long_run_that_ends_unseen_is_told(notices: Notices, programs: Callable[..., Path]) -> None:
    said = programs("notify-send")
    assert notices.ended("-resize <2>", "finished", 1200, 3, 125.0)
    notices.close()
    assert said.read_text().splitlines() == [
        "--app-name=Poolhouse",
        "--icon=poolhouse",
        "--",
        "-resize <2> has finished",
        "1,203 tasks in 2 min 5 s, 3 of them failed",
    ]


@pytest.mark.parametrize("case", ["short", "in front", "switched off"])
def test_nobody_is_told_of_what_they_see_or_do_not_want(
    case: str, notices: Notices, programs: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    said = programs("notify-send")
    if case == "in front":
        active = Qt.ApplicationState.ApplicationActive
        monkeypatch.setattr(QApplication, "applicationState", staticmethod(lambda: active))
    notices.allow(case != "switched off")
    assert not notices.ended("f", "finished", 1, 0, 60.0 if case == "short" else 61.0)
    notices.close()
    assert said.read_text() == ""


def test_another_program_tells_where_the_first_one_cannot(programs: Callable[..., Path]) -> None:
    programs("notify-send", "exit 1")
    said = programs("gdbus")
    linux.notify('the "run" é', "a < b\\c")
    assert said.read_text().splitlines()[-8:] == [
        '"Poolhouse"',
        "0",
        '"poolhouse"',
        '"the \\"run\\" é"',
        '"a &lt; b\\\\c"',
        "[]",
        "{}",
        "-1",
    ]


def test_without_any_program_nothing_happens(programs: Callable[..., Path]) -> None:
    linux.notify("a", "b")
