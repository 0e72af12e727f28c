"""For every test: separate places for runs and settings, and a check of what it leaves behind."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from pytestqt.qtbot import QtBot

from tests.interpreters import interpreters
from tests.leftovers import Leftovers, adopt_orphans
from tests.program import FROZEN

if not os.environ.get("POOLHOUSE_TEST_DISPLAY"):
    os.environ["QT_QPA_PLATFORM"] = "offscreen"


PATIENCE = 30_000
"""Milliseconds that a test waits for a signal or a condition, unless it says otherwise: far more than a busy
machine needs."""


def pytest_configure() -> None:
    adopt_orphans()
    # If the tests run in the background, programs that they start would ignore Ctrl-C and hang-ups.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.platform != "win32":
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitCallback):
        defaults = wait.__kwdefaults__
        assert defaults is not None
        defaults["timeout"] = PATIENCE
    settings.register_profile("patient", deadline=None)
    settings.load_profile("patient")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--frozen", action="store_true", help="try the frozen app in dist/poolhouse too")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with an argument `interpreter` runs once on each Python of the machine; with --frozen, one
    that uses `program` also runs for the frozen app."""
    if "interpreter" in metafunc.fixturenames:
        found = interpreters()
        metafunc.parametrize("interpreter", list(found.values()), ids=list(found))
    if "program" in metafunc.fixturenames:
        frozen = ["frozen"] if metafunc.config.getoption("frozen") else []
        metafunc.parametrize("program", ["source", *frozen], indirect=True)


@pytest.fixture
def program(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which Poolhouse is tested: `source`, or `frozen`, whose `command` and hosts are those of dist/."""
    if request.param == "frozen":
        monkeypatch.setattr("tests.program.PROGRAM", [str(FROZEN / "poolhouse")])
        monkeypatch.setattr("engine.launch.program.OWN_HOST", FROZEN / "poolhouse-host")
        monkeypatch.setattr("engine.launch.program.SOURCES", FROZEN / "_internal/sources/engine/host")
    return request.param


@pytest.fixture(autouse=True)
def own_places(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs, settings and caches of a test are in its own folder; those of the user stay untouched."""
    from PySide6.QtCore import QSettings

    base = tmp_path_factory.mktemp("places")
    monkeypatch.setenv("POOLHOUSE_RUNS", str(base / "runs"))
    monkeypatch.setenv("POOLHOUSE_CACHE", str(base / "cache"))
    for name in ("DATA", "CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(base / name.lower()))
    # It contains only the engine's bytecode: hosts need not compile that for each test.
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
    monkeypatch.setenv("APPDATA", str(base / "config"))
    monkeypatch.setenv("LOCALAPPDATA", str(base / "data"))
    for form in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(form, QSettings.Scope.UserScope, str(base / "config"))
    return base


@pytest.fixture(autouse=True)
def nothing_left_behind(own_places: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a process, thread, timer or window behind."""
    before = Leftovers(qt="qapp" in request.fixturenames)
    yield
    left = before.now()
    assert not left, "left behind: " + "; ".join(left)
