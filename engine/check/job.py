"""Finds what is wrong with a job without running any of the user's code."""

from __future__ import annotations

import errno
import multiprocessing
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.check.inputs import check_inputs
from engine.check.parameters import check_parameters
from engine.check.setup import check_setup
from engine.interpreters import examine
from engine.job.model import Job, Problem
from engine.job.schema import check_keys, nearest, show
from engine.syntax import parse, place, read_source
from engine.syntax.functions import FunctionInfo, Names, last_defined, names


def check(job: Job) -> list[Problem]:
    """All problems that can be found before the run, in the order of the form."""
    found = check_keys(job)
    at_fault = {problem.key for problem in found}
    for part in (_function, check_setup, _python, check_inputs, check_parameters, _run, _log):
        found += [problem for problem in part(job) if problem.key not in at_fault]
    return found


def _function(job: Job) -> Iterator[Problem]:
    function = job.function
    filled = [
        key
        for key, value in (
            ("file", function.file),
            ("import", function.import_path),
            ("source", function.source),
        )
        if value
    ]
    if not filled:
        yield Problem("function.file", "No function is chosen: choose a file, and a function in it.")
    elif len(filled) > 1:
        both = " and ".join(filled)
        yield Problem(f"function.{filled[-1]}", f"Both {both} are given: keep exactly one of them.")
    elif function.import_path and function.name:
        yield Problem("function.name", f"{show(function.name)} is not used with import: remove it.")
    elif function.file:
        yield from _named(job, "function.file", lambda: _read(job.resolve(function.file), function.file))
    elif function.source:
        yield from _named(job, "function.source", lambda: function.source)


def _read(path: Path, shown: str) -> str:
    try:
        return read_source(path)
    except (OSError, ValueError) as error:
        way = "a Python file or notebook that exists" if isinstance(error, OSError) else "another file"
        raise _Refused(f"{shown} cannot be read: {_reason(error).rstrip('.')}. Choose {way}.") from None


class _Refused(Exception):
    pass


def _named(job: Job, key: str, read: Callable[[], str]) -> Iterator[Problem]:
    """Whether the job's function is in the text that `read` returns."""
    try:
        known = names(parse(read()))
    except _Refused as refused:
        yield Problem(key, str(refused))
        return
    except SyntaxError as error:
        if not job.function.python:  # another version of Python may accept it; if not, the start reports it
            what = job.function.file or "The source"
            yield Problem(key, f"{what} is not valid Python: {place(error)}. Correct that line.")
        return
    if job.function.name:
        if not known.may_have(job.function.name):
            yield Problem("function.name", _missing(job.function.name, known))
    elif not (known.functions if key == "function.file" else last_defined(known.functions)):
        yield Problem(key, "There is no function in it: define one, such as def f(x).")
    elif key == "function.file":
        yield Problem("function.name", f"No function is chosen: choose one of {_listed(known.functions)}.")


def _missing(name: str, known: Names) -> str:
    if name in known.guarded:
        return (
            f'{show(name)} is defined only under if __name__ == "__main__", which workers do not run: '
            "move it to the top level."
        )
    if not known.functions:
        return f"There is no function {show(name)}, nor any other: define one, such as def f(x)."
    meant = nearest(name, [function.name for function in known.functions])
    return f"There is no function {show(name)}: choose one of {_listed(known.functions)}.{meant}"


def _listed(functions: list[FunctionInfo]) -> str:
    shown = ", ".join(function.name for function in functions[:10])
    return shown if len(functions) <= 10 else f"{shown} and {len(functions) - 10} more"


def _python(job: Job) -> Iterator[Problem]:
    if job.python and (problem := examine(Path(job.python)).problem):
        yield Problem("function.python", f"{job.function.python} {problem}")


def _run(job: Job) -> Iterator[Problem]:
    method = job.run.start_method
    available = multiprocessing.get_all_start_methods()
    if method and method not in available:
        yield Problem(
            "run.start_method",
            f'"{method}" is not available on this system; accepted: {", ".join(available)}.',
        )


def _log(job: Job) -> Iterator[Problem]:
    if not job.log.file:
        return
    path = job.resolve(job.log.file)
    reason = _unwritable(path)
    if reason:
        yield Problem(
            "log.file", f"{job.log.file} cannot be written: {reason}. Choose a file in a folder that exists."
        )
    elif job.function.file and _same(path, job.resolve(job.function.file)):
        yield Problem("log.file", f"{job.log.file} is the function's own file. Choose another file.")


def _unwritable(path: Path) -> str:
    """Why a log cannot be written to `path`, or an empty text. Does not create, change or empty the file."""
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        return _no_place(path.parent)
    except (OSError, ValueError) as error:
        return _reason(error)
    if stat.S_ISDIR(mode):
        return "it is a folder"
    if stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode):
        return "it is a pipe, which would block the run until somebody reads"
    if not stat.S_ISREG(mode):
        return "" if os.access(path, os.W_OK) else "permission denied"
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND))
    except OSError as error:
        return _reason(error)
    return ""


def _no_place(folder: Path) -> str:
    try:
        if not stat.S_ISDIR(folder.stat().st_mode):
            return f"{folder} is not a folder"
    except FileNotFoundError:
        return f"there is no folder {folder}"
    except OSError as error:
        return _reason(error)
    return "" if os.access(folder, os.W_OK | os.X_OK) else f"permission denied in {folder}"


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except (OSError, ValueError):
        return False


def _reason(error: OSError | ValueError) -> str:
    if not isinstance(error, OSError):
        return str(error)
    if error.errno == errno.ENOENT:
        return "there is no such file"
    if error.errno == errno.ENOTDIR:
        return "part of its path is a file, not a folder"
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
