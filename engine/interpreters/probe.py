"""Runs an interpreter to find out what it is, and whether a run can use it."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple

from engine.environment import cleaned
from engine.interpreters import system
from engine.pythons import python_at

OLDEST = (3, 9)
SECONDS = 15.0
"""Seconds after which a silent interpreter counts as broken."""
AGAIN_SECONDS = 10.0
"""Seconds after which a broken one is tried again."""
LONGEST = 200
"""Characters of an interpreter's error message that are shown."""
_QUESTION = """
import json, sys, sysconfig
answer = {"version": list(sys.version_info[:3]), "level": sys.version_info[3], "prefix": sys.prefix}
answer["base"] = getattr(sys, "base_prefix", sys.prefix)
answer["executable"] = sys.executable
answer["name"] = sys.implementation.name
answer["free"] = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
answer["lacks"] = []
for module in ("sqlite3", "ctypes", "_multiprocessing"):
    try:
        __import__(module)
    except ImportError:
        answer["lacks"].append(module)
print("\\n" + json.dumps(answer))
"""


class Facts(NamedTuple):
    """What an interpreter reports about itself; `problem` if it reports nothing, or cannot be used."""

    problem: str = ""
    """What is wrong with it and what to do, as the end of a sentence that begins with its path."""
    version: str = ""
    prefix: str = ""
    """The environment's folder: that of a venv, not of the Python it was made from."""
    base: str = ""
    executable: str = ""
    kind: str = ""
    """The implementation, such as CPython or free-threaded CPython."""


_GIVEN_UP = Facts("was not checked to the end. Choose it again.")

_Stamp = tuple[int, ...]
_known: dict[Path, tuple[_Stamp, float, Facts]] = {}
_asked: dict[subprocess.Popen[str], bool] = {}
"""Interpreters that have not answered yet, and whether they were given up."""
_lock = threading.Lock()
"""For the two above."""


def find_interpreter(path: Path) -> Path | None:
    """The python at `path`: the file itself, or the one in a folder of a venv, conda or Python."""
    found = python_at(str(path))
    return Path(found) if found else None


def probe(path: Path) -> Facts:
    """What the executable `path` is. Runs it, unless it has answered before and has not changed since."""
    stamp = _stamp(path)
    with _lock:
        known = _known.get(path)
    if known and known[0] == stamp and (not known[2].problem or time.monotonic() - known[1] < AGAIN_SECONDS):
        return known[2]
    facts = _ask(path)
    if facts is not _GIVEN_UP:
        with _lock:
            _known[path] = (stamp, time.monotonic(), facts)
    return facts


def forget() -> None:
    """Forget all answers."""
    with _lock:
        _known.clear()


def give_up() -> None:
    """Stop waiting for interpreters that have not answered: the app ends."""
    with _lock:
        for process in _asked:
            if process.returncode is None:
                _asked[process] = True
                system.kill(process)


def _stamp(path: Path) -> _Stamp:
    """Changes if the executable, or the venv it belongs to, is replaced."""
    stamp: list[int] = []
    for file in (path, path.parent.parent / "pyvenv.cfg"):
        try:
            stamp.append(file.stat().st_mtime_ns)
        except OSError:
            stamp.append(0)
    return tuple(stamp)


def _ask(path: Path) -> Facts:
    try:
        with system.without_own_libraries():
            process = subprocess.Popen(
                [str(path), "-I", "-c", _QUESTION],
                env=cleaned(os.environ, foreign=True),
                cwd=path.parent,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                encoding="utf-8",
                errors="replace",
                **system.own_session(),
            )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        return Facts(f"cannot be started: {reason}. Choose another interpreter.")
    with _lock:
        _asked[process] = False
    with process:
        try:
            output, errors = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            system.end(process)
            return Facts(f"did not answer within {SECONDS:g} seconds. Choose another interpreter.")
        finally:
            with _lock:
                given_up = _asked.pop(process)
    if given_up:
        return _GIVEN_UP
    if process.returncode == 0 and output.strip():
        try:
            return _facts(json.loads(output.strip().splitlines()[-1]))
        except (ValueError, KeyError, TypeError):
            return Facts("is not a Python interpreter. Choose a python or an environment's folder.")
    return Facts(_fault(process.returncode, errors))


def _facts(answer: dict[str, Any]) -> Facts:
    release = ".".join(map(str, answer["version"]))
    version = release if answer["level"] == "final" else f"{release} {answer['level']}"
    problem = ""
    if tuple(answer["version"]) < OLDEST:
        problem = too_old(version)
    elif answer["lacks"]:
        problem = (
            f"was built without {' and '.join(answer['lacks'])}, which a run needs. Install that Python again"
            " with the libraries it lacks, or choose another interpreter."
        )
    name: str = answer["name"]
    kind = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalPy"}.get(name, name)
    if answer["free"]:
        kind = f"free-threaded {kind}"
    return Facts(problem, version, answer["prefix"], answer["base"], answer["executable"], kind)


def too_old(version: str) -> str:
    """The problem of an interpreter of this version, if it is too old."""
    return f"is Python {version}, too old: 3.9 or newer is needed. Choose another interpreter."


def _fault(status: int, errors: str) -> str:
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    if any("nknown option: -I" in line for line in lines):
        return too_old("2 or older than 3.4")
    reason = lines[-1][:LONGEST].rstrip(".") if lines else f"it ended with status {status}"
    if any("No module named 'encodings'" in line for line in lines):
        reason = "it does not find its own library; the Python that it was made from is gone or was moved"
    return f"does not run: {reason}. Repair that environment, or choose another interpreter."
