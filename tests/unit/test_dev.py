"""The set-up that `dev.py` does, as far as it can be tested without another machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import dev
from tests.interpreters import interpreters

linux = pytest.mark.skipif(sys.platform != "linux", reason="there it installs nothing")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A separate place for stamps and locks."""
    (tmp_path / "pyproject.toml").write_text("[project]")
    for kind in dev.LOCKS:
        (tmp_path / f"{kind}.lock").write_text("a==1")
    monkeypatch.setattr(dev, "ROOT", tmp_path)
    monkeypatch.setattr(dev, "STAMP", tmp_path / "stamp.json")
    monkeypatch.setattr(dev, "LOCKS", {kind: tmp_path / f"{kind}.lock" for kind in dev.LOCKS})
    return tmp_path


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the set-up would start; nothing is started."""
    made: list[str] = []
    monkeypatch.setattr(dev, "call", lambda *command: made.append(" ".join(map(str, command))))
    monkeypatch.setattr(dev, "make_venv", lambda: made.append("venv"))
    return made


def test_the_second_start_installs_nothing(repository: Path, calls: list[str]) -> None:
    dev.set_up("dev", system=False)
    assert calls[0] == "venv"
    assert "--require-hashes" in calls[1]
    assert "--no-deps" in calls[2]
    calls.clear()
    dev.set_up("dev", system=False)
    dev.set_up("run", system=False)
    assert calls == []


def test_a_changed_lock_is_installed(repository: Path, calls: list[str]) -> None:
    dev.set_up("run", system=False)
    calls.clear()
    dev.LOCKS["run"].write_text("a==2")
    dev.set_up("run", system=False)
    assert calls


def test_what_runs_is_not_enough_for_tests(repository: Path, calls: list[str]) -> None:
    dev.set_up("run", system=False)
    calls.clear()
    dev.set_up("dev", system=False)
    assert calls


def test_another_python_has_another_environment(
    repository: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    dev.set_up("run", system=False)
    calls.clear()
    monkeypatch.setattr(dev, "python_minor", lambda: "CPython 3.99")
    dev.set_up("run", system=False)
    assert calls[0] == "venv"


def test_a_set_up_that_fails_is_done_again(
    repository: Path, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*command: object) -> None:
        raise dev.DevError("no network")

    with monkeypatch.context() as broken:
        broken.setattr(dev, "call", fail)
        with pytest.raises(dev.DevError):
            dev.set_up("run", system=False)
    dev.set_up("run", system=False)
    assert calls


@linux
def test_missing_libraries_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev.libraries, "LIBRARIES", {"libc.so.6": "libc6", "libnothing.so.9": "libnothing9"})
    monkeypatch.setattr(dev, "PROGRAMS", {"no-such-program": "no-such-package"})
    monkeypatch.setattr(dev, "READER", {"no-such-files": "no/such/*", "there": "etc/*"})
    assert dev.missing_packages(programs=False) == ["libnothing9"]
    assert dev.missing_packages(programs=True) == ["libnothing9", "no-such-files", "no-such-package"]


@linux
def test_root_installs_them_and_others_are_told_how(
    calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dev.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(os, "getuid", lambda: 0)
    dev.install_packages([])
    assert calls == []
    dev.install_packages(["libegl1", "libgl1"])
    assert calls[0].startswith("apt-get update")
    assert calls[1].endswith("apt-get install -y --no-install-recommends libegl1 libgl1")
    monkeypatch.setattr(os, "getuid", lambda: 1000)
    with pytest.raises(dev.DevError, match="sudo apt-get install -y --no-install-recommends libegl1 libgl1"):
        dev.install_packages(["libegl1", "libgl1"])
    assert len(calls) == 2


@linux
@pytest.mark.parametrize("name", ["DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"])
def test_a_display_is_one_of_these(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(variable, raising=False)
    assert not dev.has_display()
    monkeypatch.setenv(name, "x")
    assert dev.has_display()


def test_steps_side_by_side_are_shown_whole_and_those_that_fail_are_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = "import sys; print('out', flush=True); print('err', file=sys.stderr); sys.exit({})"
    steps: dict[str, list[str | Path]] = {
        name: [sys.executable, "-c", code.format(status)] for name, status in (("Good", 0), ("Bad", 3))
    }
    assert dev.side_by_side(steps) == ["Bad"]
    shown = capsys.readouterr().out
    assert "=== Good\nout\nerr\n=== Good: passed in" in shown
    assert "=== Bad\nout\nerr\n=== Bad: FAILED in" in shown


@pytest.mark.parametrize("version", [v for v in interpreters() if v in ("3.9", "3.10")])
def test_an_old_python_is_told_which_is_needed(version: str) -> None:
    command = [interpreters()[version], dev.__file__, "test"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stdout.startswith(f"Poolhouse needs Python 3.11 or newer; this is {version}.")


def test_locks_name_versions_and_hashes_and_nothing_else() -> None:
    for lock in dev.LOCKS.values():
        lines = lock.read_text("utf-8").splitlines()
        assert any(line.startswith("pyside6-essentials==6.11.3") for line in lines)
        assert all(line.startswith("    --hash=sha256:") or "==" in line for line in lines)
        assert not [line for line in lines if "/" in line]
