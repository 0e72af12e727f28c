"""Cases of tasks that fail: errors, what cannot be pickled, and workers that die. Each costs its own task."""

from __future__ import annotations

from engine.job import Inputs
from tests.conformance.adapter import ANY_METHOD, EVERY_METHOD, Case, Failed, Refused

AT_THREE = """
import asyncio, ctypes, faulthandler, os, pickle, signal, sys, threading

class TwoWords(Exception):
    def __init__(self, one, two):
        super().__init__(f"{{one}} and {{two}}")

class Holding(Exception):
    def __init__(self):
        super().__init__("holds a lock")
        self.lock = threading.Lock()

class Falsy(Exception):
    def __bool__(self): return False

class OnPickling:
    def __init__(self, act): self.act = act
    def __repr__(self): return "on pickling"
    def __reduce__(self): self.act()

class OnUnpickling:
    def __init__(self, *args): self.args = args
    def __repr__(self): return "on unpickling"
    def __reduce__(self): return self.args

class OnDeletion:
    def __repr__(self): return "on deletion"
    def __del__(self): os._exit(6)

def refuse(): raise pickle.PicklingError("no pickle of this")

def deep(n):
    found = []
    for _ in range(n): found = [found]
    return found

def chained():
    try: 1 / 0
    except ZeroDivisionError as error: raise ValueError("because of that") from error

def f(x):
    if x == 3:
        {act}
    return x
"""


def at_three(
    name: str, origin: str, act: str, outcome: object, methods: tuple[str, ...] = ANY_METHOD
) -> Case:
    """A case in which task 3 of 8 does something, in the middle of a batch."""
    expected = [0, 1, 2, outcome, 4, 5, 6, 7]
    return Case(name, origin, AT_THREE.format(act=act), range(8), expected, {"batch": 4}, methods=methods)


SUITES = "CPython, pebble, mpire, loky"
ERRORS = [
    at_three(
        "an exception", SUITES, "raise KeyError('bad')", Failed("error", "KeyError: 'bad'"), EVERY_METHOD
    ),
    at_three(
        "its traceback has the line of the source",
        "CPython, loky",
        "raise RuntimeError(123)  # some comment",
        Failed("error", "raise RuntimeError(123)  # some comment"),
    ),
    at_three(
        "its cause is told", "CPython", "chained()", Failed("error", "ZeroDivisionError: division by zero")
    ),
    at_three(
        "an exception that is false", "loky, CPython", "raise Falsy('no')", Failed("error", "Falsy: no")
    ),
    at_three(
        "an exception that cannot be pickled",
        "mpire",
        "raise Holding",
        Failed("error", "Holding: holds a lock"),
    ),
    at_three(
        "an exception that cannot be made again from its arguments",
        "loky, mpire",
        "raise TwoWords('one', 'two')",
        Failed("error", "TwoWords: one and two"),
    ),
    at_three(
        "an exception of the task's own time-out",
        "pebble",
        "raise TimeoutError",
        Failed("error", "TimeoutError"),
    ),
    at_three(
        "a cancelled coroutine", "pebble", "raise asyncio.CancelledError", Failed("error", "CancelledError")
    ),
    at_three("the end of an iteration", "CPython", "next(iter([]))", Failed("error", "StopIteration")),
    at_three("the end of a generator", "CPython", "raise GeneratorExit", Failed("error", "GeneratorExit")),
    at_three("no memory", "loky", "raise MemoryError", Failed("memory", "MemoryError")),
    at_three("sys.exit", "loky, mpire", "sys.exit(0)", Failed("error", "SystemExit: 0")),
    at_three(
        "an interrupt from the keyboard",
        "mpire: it ends the pool",
        "raise KeyboardInterrupt",
        Failed("error", "KeyboardInterrupt"),
        EVERY_METHOD,
    ),
    Case(
        "every task fails",
        "pebble",
        "def f(x):\n    raise ValueError(x)",
        range(20),
        [Failed("error", f"ValueError: {x}") for x in range(20)],
    ),
]
PICKLES = [
    at_three("a lock as result", "pebble", "return threading.Lock()", Failed("unpicklable", "lock")),
    at_three(
        "a result that refuses to be pickled",
        "loky",
        "return OnPickling(refuse)",
        Failed("unpicklable", "no pickle"),
    ),
    at_three(
        "a result nested too deep", "loky", "return deep(100_000)", Failed("unpicklable", "RecursionError")
    ),
    at_three(
        "a result that exits when pickled",
        "loky",
        "return OnPickling(sys.exit)",
        Failed("unpicklable", "SystemExit"),
    ),
    at_three(
        "a result that ends its process when pickled",
        "loky",
        "return OnPickling(lambda: os._exit(4))",
        Failed("died", "status 4"),
    ),
    at_three(
        "a result that crashes when pickled",
        "loky",
        "return OnPickling(faulthandler._sigsegv)",
        Failed("died", "SIGSEGV"),
    ),
    at_three("a result that crashes when deleted", "loky", "return OnDeletion()", Failed("died", "status 6")),
    at_three(
        "a result that raises when unpickled",
        "loky: it breaks the pool",
        "return OnUnpickling(exec, ('1 / 0',))",
        "on unpickling",
    ),
    at_three(
        "a result that exits when unpickled",
        "loky: it breaks the pool",
        "return OnUnpickling(sys.exit, ())",
        "on unpickling",
    ),
    Case(
        "a hundred bad results before a hundred good ones",
        "loky: no deadlock of its queue",
        "def f(x):\n    return (lambda: x) if x < 100 else x",
        range(200),
        [*[Failed("unpicklable")] * 100, *range(100, 200)],
    ),
    Case(
        "an input that cannot be pickled",
        "pebble, loky",
        "import threading\ndef inputs():\n    yield from (1, threading.Lock(), 3)\ndef f(x):\n    return x",
        Inputs("generator", generator="inputs"),
        [1, Failed("error", "The input cannot be pickled: TypeError"), 3],
    ),
    Case(
        "an input that cannot be unpickled",
        "loky: it breaks the pool",
        "class Bad:\n    def __reduce__(self): return int, ('x',)\n"
        "def inputs():\n    yield from (1, Bad(), 3)\ndef f(x):\n    return x",
        Inputs("generator", generator="inputs"),
        [1, Failed("error", "The input cannot be unpickled: ValueError"), 3],
    ),
    Case(
        "an input that ends its process when unpickled",
        "loky: it breaks the pool",
        "import os\nclass Bad:\n    def __reduce__(self): return os._exit, (8,)\n"
        "def inputs():\n    yield from (1, Bad(), 3)\ndef f(x):\n    return x",
        Inputs("generator", generator="inputs"),
        [1, Failed("died", "exited with status 8"), 3],
    ),
]
DEATHS = [
    at_three("os._exit", SUITES, "os._exit(99)", Failed("died", "exited with status 99"), EVERY_METHOD),
    at_three(
        "os._exit as if all were well",
        "loky",
        "os._exit(0)",
        Failed("died", "exited with status 0"),
    ),
    at_three("an exit from C", "loky", "ctypes.CDLL(None).exit(5)", Failed("died", "exited with status 5")),
    at_three(
        "SIGKILL",
        "CPython, loky",
        "os.kill(os.getpid(), signal.SIGKILL)",
        Failed("died", "SIGKILL"),
    ),
    at_three("SIGTERM", "CPython, mpire", "os.kill(os.getpid(), signal.SIGTERM)", Failed("died", "SIGTERM")),
    at_three("a crash in C", "loky, CPython", "faulthandler._sigsegv()", Failed("died", "SIGSEGV")),
    at_three(
        "a death in a thread",
        "mpire, loky",
        "t = threading.Thread(target=os._exit, args=(7,)); t.start(); t.join()",
        Failed("died", "exited with status 7"),
    ),
    Case(
        "a worker that is killed by another",
        "loky: kill a friend",
        "import os, signal, time\ndef f(x):\n"
        "    if x == 0:\n"
        "        open('new', 'w').write(str(os.getpid())); os.rename('new', 'victim'); time.sleep(60)\n"
        "    if x == 1:\n"
        "        while not os.path.exists('victim'): time.sleep(0.01)\n"
        "        os.kill(int(open('victim').read()), signal.SIGKILL)\n"
        "    return x",
        range(6),
        [Failed("died", "SIGKILL"), 1, 2, 3, 4, 5],
        {"batch": 1},
        methods=EVERY_METHOD,
    ),
    Case(
        "every worker dies of every task",
        "CPython, loky: it breaks the pool",
        "import os\ndef f(x):\n    os._exit(1)",
        range(6),
        [Failed("died", "exited with status 1")] * 6,
        methods=EVERY_METHOD,
    ),
]
IMPORTS = [
    Case(
        f"a module that {name} when imported",
        "CPython, pebble, loky: an initializer that is broken breaks the pool",
        f"import os, sys\n{act}\ndef f(x):\n    return x",
        range(5),
        Refused("function.file", words),
        methods=EVERY_METHOD if name == "raises" else ANY_METHOD,
    )
    for name, act, words in (
        ("raises", "raise ValueError('boom')", "ValueError: boom"),
        ("exits", "os._exit(3)", "exited with status 3"),
    )
]
CASES = [*ERRORS, *PICKLES, *DEATHS, *IMPORTS]
