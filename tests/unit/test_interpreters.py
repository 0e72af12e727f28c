"""Interpreters: found where people have them, told apart, and refused if no run could use them."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import threading
import venv
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.check import check
from engine.interpreters import cleaned, examine, find, forget, give_up, proposed
from engine.interpreters import probe as probing
from engine.job import Function, Job
from engine.launch.environment import host_environment
from engine.launch.environment import interpreter as named
from tests.interpreters import interpreters
from tests.program import ROOT


@pytest.fixture(autouse=True)
def a_machine_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, and a PATH that leads nowhere."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("PATH", "")
    for name in ("PYENV_ROOT", "CONDA_EXE", "CONDA_PREFIX", "MAMBA_ROOT_PREFIX", "UV_PYTHON_INSTALL_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("engine.interpreters.system.registered", list)
    forget()
    return home


@pytest.fixture
def other() -> Path:
    """A Python other than that of the tests."""
    return next(path for path in interpreters().values() if path != Path(sys.executable))


def make_venv(folder: Path, python: Path) -> Path:
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    return folder


def shell(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_each_interpreter_of_the_machine_can_be_used(interpreter: Path) -> None:
    found = examine(interpreter)
    assert found.problem == ""
    assert found.version.startswith("3.")
    assert check(Job(Function(source="def f(): pass", python=str(interpreter)))) == []


def test_they_are_found_where_tools_put_them(
    a_machine_of_its_own: Path, tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = a_machine_of_its_own
    places = {
        ".pyenv/versions/mine": "pyenv",
        "miniconda3/envs/data": "conda",
        "elsewhere": "conda",
        ".local/share/uv/python/cpython": "uv",
        "onpath": "system",
        "code/project/.venv": "own environment",
        "code/env": "own environment",
    }
    monkeypatch.setenv("XDG_DATA_HOME", str(home / ".local/share"))
    template = make_venv(tmp_path / "template", other)
    for place in places:
        shutil.copytree(template, home / place, symlinks=True)
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{home / 'elsewhere'}\n{home / 'gone'}\n")
    monkeypatch.setenv("PATH", os.pathsep.join(["", "/nowhere", str(home / "onpath/bin")]))
    file = home / "code/project/package/work.py"
    file.parent.mkdir()
    found = find(file, [home / "elsewhere/bin/python", home / "gone"])
    kinds = {item.path.parent.parent.relative_to(home).as_posix(): item.kind for item in found}
    assert kinds == places | {"elsewhere": "recent"}
    assert [item.label for item in found[:3]] == [".venv", "env", "elsewhere"]
    assert all(item.version and not item.problem for item in found)
    assert proposed(file) == found[0]


def test_two_names_of_one_environment_are_one_but_a_venv_is_not_its_base(
    tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_venv(tmp_path / "venv", other)
    alias = tmp_path / "alias"
    alias.symlink_to(folder)
    monkeypatch.setenv("PATH", os.pathsep.join(map(str, (folder / "bin", alias / "bin", other.parent))))
    found = find()
    mine = [item for item in found if tmp_path in item.path.parents]
    assert [item.path.parent for item in mine] == [folder / "bin"]
    assert len({item.version for item in found}) < len(found)


def test_a_shim_stands_for_what_it_starts(
    tmp_path: Path, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell(tmp_path / "shims" / "python3", f'exec {other} "$@"')
    shell(tmp_path / "shims" / "python3.4", "echo no such version >&2; exit 127")
    monkeypatch.setenv("PATH", str(tmp_path / "shims"))
    assert [item.path for item in find()] == [other]


def test_an_environment_of_the_file_that_is_broken_is_not_proposed(tmp_path: Path, other: Path) -> None:
    shell(tmp_path / "home" / "code" / ".venv" / "bin" / "python", "exit 1")
    file = tmp_path / "home" / "code" / "work.py"
    assert proposed(file) is None
    assert [item.kind for item in find(file) if item.problem] == ["own environment"]
    good = make_venv(tmp_path / "home" / ".venv", other)
    found = proposed(file)
    assert found is not None
    assert found.path.parent.parent == good


def test_the_apps_own_python_is_neither_listed_nor_proposed(tmp_path: Path) -> None:
    (tmp_path / "home" / ".venv").symlink_to(sys.prefix)
    assert proposed(tmp_path / "home" / "work.py") is None
    assert find(tmp_path / "home" / "work.py") == []


def _dangling(folder: Path) -> Path:
    (folder / "bin").mkdir()
    (folder / "bin" / "python3").symlink_to(folder / "gone" / "python3")
    return folder


def _without_base(folder: Path) -> Path:
    """A venv whose base was moved away: its python is there, its library is not."""
    return shell(
        folder / "bin" / "python", "echo \"ModuleNotFoundError: No module named 'encodings'\" >&2; exit 1"
    )


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder / "nothing", "there is no such file or folder"),
        (lambda folder: folder, "the folder has no python in it"),
        (_dangling, "which is gone. Make that environment again"),
        (_without_base, "does not run: it does not find its own library"),
        (lambda folder: shell(folder / "a", "exit 3"), "does not run: it ended with status 3"),
        (lambda folder: shell(folder / "a", "echo hello"), "is not a Python interpreter"),
        (
            lambda folder: shell(folder / "a", "echo 'Unknown option: -I' >&2; exit 2"),
            "too old: 3.9 or newer",
        ),
        (lambda folder: shell(folder / "a", "kill -9 $$"), "does not run"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_to_do(
    tmp_path: Path, make: Callable[[Path], Path], said: str
) -> None:
    folder = tmp_path / "environment"
    folder.mkdir()
    path = make(folder)
    (problem,) = check(Job(Function(source="def f(): pass", python=str(path))))
    assert problem.key == "function.python"
    assert problem.message.startswith(str(path))
    assert said in problem.message
    assert "hoose" in problem.message


def test_too_old_is_told_by_its_version(a_machine_of_its_own: Path) -> None:
    old = next(Path("/").glob("root/.pyenv/versions/3.8.*/bin/python"), None) or _fake_version(
        a_machine_of_its_own
    )
    assert "is Python 3.8." in examine(old).problem
    assert "too old: 3.9 or newer is needed" in examine(old).problem


def _fake_version(folder: Path) -> Path:
    """This Python, claiming to be 3.8, for machines without one."""
    code = 'exec {0} -c "import sys; sys.version_info = (3, 8, 18, \'final\', 0); exec(sys.argv[1])" "$3"'
    return shell(folder / "python3.8", code.format(sys.executable))


def test_an_interpreter_that_hangs_is_given_up_with_all_that_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probing, "SECONDS", 0.5)
    assert "did not answer within 0.5 seconds" in examine(shell(tmp_path / "slow", "/bin/sleep 60")).problem


def test_an_app_that_ends_does_not_wait_for_one_that_hangs(tmp_path: Path) -> None:
    path = shell(tmp_path / "slow", "/bin/sleep 60")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(examine, path)
        while not probing._asked:
            assert not asked.done()
        give_up()
        assert "was not checked to the end" in asked.result().problem
    shell(path, "exit 3")
    assert "it ended with status 3" in examine(path).problem  # it is asked again


def test_it_is_asked_once_until_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shell(tmp_path / "python", f'echo >> {tmp_path}/asked; exec {sys.executable} "$@"')

    def asked() -> int:
        return len((tmp_path / "asked").read_text().splitlines())

    assert examine(path).problem == ""
    assert examine(path).problem == ""
    assert asked() == 1
    os.utime(path, (1, 1))
    examine(path)
    assert asked() == 2
    forget()
    examine(path)
    assert asked() == 3


def test_one_that_was_broken_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shell(tmp_path / "python", f'[ -e {tmp_path}/mended ] && exec {sys.executable} "$@"; exit 1')
    assert examine(path).problem
    (tmp_path / "mended").touch()
    monkeypatch.setattr(probing, "AGAIN_SECONDS", 0.0)
    assert not examine(path).problem


def test_it_may_be_asked_from_many_threads(tmp_path: Path, other: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(examine(other).version)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1


# the environment


BUNDLE = Path("/opt/poolhouse/_internal")
APP = {
    "PYTHONHOME": "/opt/poolhouse",
    "PYTHONPATH": str(ROOT),
    "__PYVENV_LAUNCHER__": "x",
    "QT_PLUGIN_PATH": "/opt/poolhouse/_internal/plugins",
    "QML2_IMPORT_PATH": "x",
}
FROZEN = {
    "LD_LIBRARY_PATH": str(BUNDLE),
    "LD_LIBRARY_PATH_ORIG": "/usr/local/lib",
    "DYLD_LIBRARY_PATH": str(BUNDLE),
    "LIBPATH": str(BUNDLE),
    "_PYI_ARCHIVE_FILE": "x",
    "_PYI_APPLICATION_HOME_DIR": "x",
    "_MEIPASS2": "x",
    "TCL_LIBRARY": "x",
    "TK_LIBRARY": "x",
    "PATH": os.pathsep.join((str(BUNDLE), "/usr/bin", str(BUNDLE / "bin"), "/opt/poolhouse")),
}
OWN = {"HOME": "/home/me", "LANG": "C.UTF-8", "VIRTUAL_ENV": "/home/me/.venv", "QT_QPA_PLATFORM": "offscreen"}


def test_what_belongs_to_the_app_is_not_handed_to_another_python() -> None:
    assert cleaned(APP | OWN | {"LD_LIBRARY_PATH": "/mine"}, foreign=True) == OWN | {
        "LD_LIBRARY_PATH": "/mine"
    }


def test_a_locale_that_python_has_set_itself_is_not_handed_on() -> None:
    shown = "import os; from engine.environment import cleaned; print(cleaned(os.environ, foreign=True))"
    for given, kept in ({}, {}), ({"LC_CTYPE": "C.UTF-8"}, {"LC_CTYPE": "C.UTF-8"}):
        done = subprocess.run(
            [sys.executable, "-c", shown], env=given, cwd=ROOT, capture_output=True, text=True, check=True
        )
        assert ast.literal_eval(done.stdout) == kept


@pytest.mark.parametrize("foreign", [True, False])
def test_the_persons_own_module_path_counts_for_every_python(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, foreign: bool
) -> None:
    """Also if it is relative: hosts have another current folder."""
    monkeypatch.chdir(tmp_path)
    given = os.pathsep.join(("/mine", "lib", "", str(ROOT)))
    kept = ["/mine", str(tmp_path / "lib"), *([] if foreign else [str(ROOT)])]
    assert cleaned({"PYTHONPATH": given}, foreign=foreign) == {"PYTHONPATH": os.pathsep.join(kept)}
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert cleaned({"PYTHONPATH": "lib" + os.pathsep + "/mine"}, foreign=foreign) == {"PYTHONPATH": "/mine"}


@pytest.mark.parametrize("foreign", [True, False])
def test_a_frozen_app_hands_on_nothing_of_its_own(monkeypatch: pytest.MonkeyPatch, *, foreign: bool) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "_MEIPASS", str(BUNDLE), raising=False)
    kept = cleaned(APP | FROZEN | OWN, foreign=foreign)
    path = os.pathsep.join(("/usr/bin", "/opt/poolhouse"))
    expected = OWN | {"LD_LIBRARY_PATH": "/usr/local/lib", "PATH": path}
    assert kept == (
        expected if foreign else expected | {k: v for k, v in APP.items() if "QT" not in k and "QML" not in k}
    )


def test_a_host_under_another_python_has_the_clean_environment(
    other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHOME", "/mine")
    assert "PYTHONHOME" not in host_environment(other)
    assert host_environment(Path(sys.executable))["PYTHONHOME"] == "/mine"
    assert named("") == Path(sys.executable)


def test_a_link_of_a_venv_is_left_as_it_is(tmp_path: Path) -> None:
    venv.create(tmp_path / "made", symlinks=True)
    assert named(str(tmp_path / "made")).parent == tmp_path / "made" / "bin"
