"""One task of a run under Python's debugger, loaded and called as in a worker, with the current code."""

from __future__ import annotations

import base64
import bdb
import inspect
import json
import os
import pdb  # noqa: T100
import pickle
import sys
import traceback
from itertools import islice
from types import CodeType, FrameType, TracebackType

from .inputs import STREAMED, Unreadable, open_source
from .inputs.known import sequence
from .plan import Plan
from .typed import Any, Callable, cast
from .work import function, lanes
from .work.settled import Settler
from .work.worker import enter, load

HERE = os.path.dirname(os.path.abspath(__file__))
NOT_LOADED = 2
"""Exit status if the function or its input cannot be loaded."""
HINT = "It stops at the first line of the function: n is the next line, c continues, q quits, h helps."


def main(path: str) -> None:
    """Run the task that the file at `path` describes, and remove the file."""
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    os.remove(path)
    plan = Plan.read(told["plan"])
    task: int = told["task"]
    setup = plan.setup._replace(memory_limit=0)
    os.environ[lanes.NAME] = "0"
    settler = Settler()
    try:
        enter(setup, as_it_began=False)
        item = pickle.loads(base64.b64decode(told["item"])) if told["item"] else _input(plan, task)
        loaded = load(setup)
        loaded.set_up(settler)
        target = function.find(setup.function)
    except (function.LoadError, Unreadable) as error:
        details = error.details if isinstance(error, function.LoadError) else ""
        print(*filter(None, (details.rstrip(), str(error))), sep="\n", file=sys.stderr)
        sys.exit(NOT_LOADED)
    print(f"Task {task:,} of {told['plan']['name']}. {HINT}")
    _run(lambda: settler.settled(loaded.call(item)), target, task)


def _input(plan: Plan, task: int) -> Any:
    """The input of a task, as a run would read it now. Raises `LoadError`, `Unreadable`."""
    inputs = plan.inputs
    if inputs["kind"] not in STREAMED:
        return sequence(inputs)[task]
    if inputs["kind"] == "generator":
        items = function.load_inputs(plan.setup.function, inputs["generator"])
    else:
        items = iter(open_source(inputs))
    for item in islice(items, task, None):
        return item
    raise function.LoadError("inputs", f"There is no input {task:,} any more.")


class _Debugger(pdb.Pdb):
    """Begins in the user's own function, not in what calls it."""

    _stops = 0

    def interaction(self, frame: FrameType | None, *what: Any, **more: Any) -> None:
        """Show the prompt."""
        self._stops += 1
        if self._stops == 1:
            self.set_continue()
            return
        if self._stops == 2:
            self.clear_all_breaks()  # the user wanted to begin here
        super().interaction(frame, *what, **more)

    def trace_dispatch(self, frame: FrameType, event: str, arg: Any) -> Any:
        """Follow a frame, unless the debugger has been detached: Python 3.9 must be told twice."""
        found = super().trace_dispatch(frame, event, arg)
        return None if sys.gettrace() is None else found


def _run(call: Callable[[], Any], target: Callable[..., Any], task: int) -> None:
    debugger, found = _Debugger(), cast("list[Any]", [])
    if code := _code_of(target):
        debugger.set_break(code.co_filename, code.co_firstlineno, funcname=code.co_name)
    try:
        debugger.runcall(lambda: found.append(call()))
    except (bdb.BdbQuit, pdb.Restart):
        return
    except BaseException as error:
        trace = _own(error.__traceback__)
        traceback.print_exception(type(error), error, trace)
        if trace is not None:
            print("This is where it failed: q quits.")
            pdb.post_mortem(trace)
        return
    if found:  # nobody has quit before
        print(f"Task {task:,} returned {found[0]!r}")


def _code_of(function: Callable[..., Any]) -> CodeType | None:
    """The code object of the user's function; None if it is not written in Python."""
    target: Any = inspect.unwrap(getattr(function, "func", function))
    if inspect.isclass(target):
        target = target.__init__
    elif not hasattr(target, "__code__") and not hasattr(target, "__func__"):
        target = vars(cast("type[Any]", type(target))).get("__call__", target)
    found = getattr(getattr(target, "__func__", target), "__code__", None)
    return found if isinstance(found, CodeType) else None


def _own(trace: TracebackType | None) -> TracebackType | None:
    """A traceback from the user's own code on."""
    begin = trace
    while begin is not None and _is_ours(begin.tb_frame.f_code.co_filename):
        begin = begin.tb_next
    return begin or trace


def _is_ours(path: str) -> bool:
    return path.startswith(HERE) or path == bdb.__file__
