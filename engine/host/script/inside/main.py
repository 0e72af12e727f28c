"""The main process of a script: the script itself, run for real as `__main__`."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import builtins
import marshal
import os
from contextlib import suppress
from importlib.machinery import SourceFileLoader
from types import CodeType, ModuleType, TracebackType

from ...books import is_book
from ...typed import Any
from . import patches, stacks, state, stdout
from .traces import without_ours

FORMAT = 4  # as in `messages`, which takes a while to import
MOST = 1 << 16
OLDEST = (3, 9)
ENVIRONMENT = "POOLHOUSE_SCRIPT"
"""The environment variable with what the host tells; gone once that is read."""


def main() -> None:
    """Run the script that the host has named, as the real main module."""
    told = marshal.loads(bytes.fromhex(os.environ.pop(ENVIRONMENT)))
    told.update(_wait(told.pop("gate")))
    take_in(told)
    stacks.show_on_request(*told.pop("stacks"))
    path: str = told["path"]
    sys.argv = told["arguments"]
    if not _is_path_safe():
        sys.path.insert(0, os.path.dirname(os.path.realpath(path)))
    main = sys.modules["__main__"] = ModuleType("__main__")
    try:
        if is_book(path):
            from . import books

            vars(main).update(__builtins__=builtins)
            books.run(path, main, patches.add)
        else:
            _run_file(path, main)
    except SystemExit:
        raise
    except BaseException as error:
        _leave_with(error, path)
        raise


def _is_path_safe() -> bool:
    """Whether the user wants no script's folder on the module path (PYTHONSAFEPATH, from Python 3.11 on)."""
    if getattr(sys, "frozen", False):  # then the flag is always set, and such variables are not read
        return bool(os.environ.get("PYTHONSAFEPATH"))
    return bool(getattr(sys.flags, "safe_path", False))


def _wait(gate: int) -> dict[str, Any]:
    """Describe this interpreter, and wait for what the host tells: nothing runs without a run folder.

    Under an interpreter that is too old nothing runs: the host gets the description, and says so.
    """
    facts = {
        "python": sys.version.split()[0],
        "executable": sys.executable,
        "implementation": sys.implementation.name,
        "gil": bool(getattr(sys, "_is_gil_enabled", lambda: True)()),
    }
    told = b""
    with suppress(ConnectionError):  # the host has given up
        os.write(gate, marshal.dumps(facts, FORMAT))
        while sys.version_info >= OLDEST and (more := os.read(gate, MOST)):
            told += more
    os.close(gate)
    if not told:
        sys.exit(1)
    return marshal.loads(told)


def _run_file(path: str, main: ModuleType) -> None:
    with open(path, "rb") as file:
        source = file.read()
    vars(main).update(
        __annotations__={},
        __builtins__=builtins,
        __cached__=None,
        __file__=path,
        __loader__=SourceFileLoader("__main__", path),
    )
    exec(_compiled(source, path), vars(main))


def _compiled(source: bytes, path: str) -> CodeType:
    try:
        source.decode()
    except UnicodeDecodeError as error:
        _refuse_undeclared(source, error.start, path)
    return compile(source, path, "exec", dont_inherit=True)


def _refuse_undeclared(source: bytes, at: int, path: str) -> None:
    """Refuse a file that is not in UTF-8 and declares nothing else: `compile` may accept it."""
    from tokenize import detect_encoding

    try:
        declared, head = detect_encoding(iter(source.splitlines(keepends=True)).__next__)
    except SyntaxError:
        return
    if not declared.startswith("utf-8") or any(b"coding" in line for line in head):
        return
    line = source.count(b"\n", 0, at) + 1
    pep = "peps.python.org" if sys.version_info >= (3, 11) else "python.org/dev/peps"
    raise SyntaxError(
        f"Non-UTF-8 code starting with '\\x{source[at]:02x}' in file {path} on line"
        f" {line}, but no encoding declared; see https://{pep}/pep-0263/ for details"
    ) from None


def take_in(told: dict[str, Any]) -> None:
    """Make this process one of the script's."""
    if not state.is_known():
        state.know(told)
        stdout.watch(told["line"])
        patches.install()


def _leave_with(error: BaseException, path: str) -> None:
    """Make the interpreter show only the script's own frames, and send the traceback to the host."""
    hook = sys.excepthook
    if is_book(path) and hook is sys.__excepthook__:
        hook = _print  # it finds the lines of cells

    def shown(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        trace = without_ours(_from_cell(trace, path))
        hook(kind, value.with_traceback(trace), trace)

    sys.excepthook = shown
    with suppress(OSError):  # the host is gone
        _tell(error, path)


def _from_cell(trace: TracebackType | None, path: str) -> TracebackType | None:
    """The traceback from the notebook cell on, without what runs cells; unchanged if there is no cell."""
    at = trace
    while is_book(path) and at is not None:
        if at.tb_frame.f_code.co_filename.startswith(f"{path}, cell "):
            return at
        at = at.tb_next
    return trace


def _print(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
    import traceback

    traceback.print_exception(kind, value, trace)


def _tell(error: BaseException, path: str) -> None:
    import traceback

    from .. import messages

    trace = without_ours(_from_cell(error.__traceback__, path))
    text = "".join(traceback.format_exception(type(error), error, trace))
    link = messages.Link(state.host().address)
    link.send(messages.MAIN, state.host().token, text.encode("utf-8", "backslashreplace").decode())
    link.close()
