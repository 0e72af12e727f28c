"""Cases of a successful map: order, batches, inputs, calls, results and callables of every kind."""

from __future__ import annotations

from engine.job import Inputs
from tests.conformance.adapter import ANY_METHOD, EVERY_METHOD, Case, Failed, Refused

SAME = "def f(x):\n    return x"
LATE_FIRST = "import time\ndef f(x):\n    time.sleep((9 - x) * 0.005)\n    return x"
POWER = "def f(x, y):\n    return x ** y"
PAIRS = Inputs("list", tuple((x, x) for x in range(40)), call="args")
POWERS = [x**x for x in range(40)]
SUBTRACT = "def f(x, y=1):\n    return x - y"
SAY_WHEN = """
def inputs():
    for x in range(20):
        if x == 7:
            raise ValueError("somebody said when")
        yield x
def f(x):
    return x
"""
COUNTING = "def inputs():\n    yield from ({stop})\ndef f(x):\n    return x"
FROM_GENERATOR = Inputs("generator", generator="inputs")

CALLABLES = """
import functools, math, operator

anonymous = lambda x: x + 1
part = functools.partial(operator.add, 1)
builtin = math.factorial

def outer(n):
    def inner(x): return x + n
    return inner
closure = outer(1)

def twice(function):
    @functools.wraps(function)
    def both(x): return function(function(x))
    return both
@twice
def decorated(x): return x + 0.5

class Adder:
    n = 1
    def __call__(self, x): return x + self.n
    def method(self, x): return x + self.n
    @staticmethod
    def static(x): return x + 1
instance = Adder()
bound = Adder().method

def generator(x):
    yield x
    yield x + 1
async def coroutine(x): return x + 1
"""
RESULTS_OF_CALLABLES = {
    "anonymous": 4,
    "part": 4,
    "builtin": 6,
    "closure": 4,
    "decorated": 4.0,
    "instance": 4,
    "bound": 4,
    "Adder.static": 4,
    "generator": [3, 4],
    "coroutine": 4,
}

CASES = [
    Case(
        "results are in the order of the inputs",
        "CPython, pebble, mpire: the first tasks end last",
        LATE_FIRST,
        range(10),
        list(range(10)),
        {"workers": 3},
        methods=EVERY_METHOD,
    ),
    *(
        Case(f"batches of {size} for 40 inputs", "CPython, mpire", POWER, PAIRS, POWERS, {"batch": size})
        for size in (1, 6, 40, 50, 10**9)
    ),
    Case("a batch of less than nothing", "CPython, pebble", SAME, [1], Refused("run.batch"), {"batch": -1}),
    Case("no worker", "CPython, mpire", SAME, [1], Refused("run.workers"), {"workers": -1}),
    Case("more workers than inputs", "mpire, loky", SAME, [1, 2], [1, 2], {"workers": 6}),
    Case("one worker", "mpire", SAME, range(30), list(range(30)), {"workers": 1}),
    Case("no inputs", "pebble, mpire", SAME, [], []),
    Case("one input", "pebble", SAME, [0], [0]),
    Case("the same input again and again", "CPython", SAME, [3] * 50, [3] * 50),
    Case("many inputs", "mpire, loky", SAME, range(20_000), list(range(20_000))),
    Case(
        "inputs from a generator",
        "mpire, loky",
        COUNTING.format(stop="(n, n) for n in range(100)"),
        FROM_GENERATOR,
        [(n, n) for n in range(100)],
    ),
    Case("a generator of nothing", "mpire", COUNTING.format(stop=()), FROM_GENERATOR, []),
    Case(
        "a generator that raises",
        "loky",
        SAY_WHEN,
        FROM_GENERATOR,
        Refused("inputs.generator", "ValueError: somebody said when"),
        {"batch": 2},
    ),
    Case("inputs are spread over the arguments", "CPython, mpire", SUBTRACT, PAIRS, [0] * 40),
    Case("a tuple is one argument where it is to be", "mpire, pebble", SAME, [(1, 2)], [(1, 2)]),
    Case("an argument with a default is left out", "pebble", SUBTRACT, [5], [4]),
    Case(
        "inputs are keywords",
        "mpire",
        SUBTRACT,
        Inputs("list", ({"x": 5, "y": 2}, {"y": 5, "x": 2}), call="kwargs"),
        [3, -3],
    ),
    Case(
        "keywords that the function does not have",
        "mpire",
        SUBTRACT,
        Inputs("list", ({"x": 5, "z": 2}, {"x": 5, "y": 2, "z": 2}, {"x": 1}), call="kwargs"),
        [Failed("error", "TypeError"), Failed("error", "TypeError"), 0],
    ),
    Case(
        "too many arguments",
        "mpire",
        POWER,
        Inputs("list", ((2, 3), (1, 2, 3)), call="args"),
        [8, Failed("error", "TypeError")],
    ),
    Case(
        "several inputs side by side",
        "pebble, CPython",
        POWER,
        Inputs("grid", grid={"x": (1, 2, 3), "y": (2, 4, 0)}, combine="zip"),
        [1, 16, 1],
    ),
    Case(
        "several inputs of unequal length",
        "pebble, CPython: the shortest ends the map",
        POWER,
        Inputs("grid", grid={"x": (1, 2, 3), "y": (1, 2)}, combine="zip"),
        Refused("inputs.grid"),
    ),
    Case("results that are None", "CPython, mpire", "def f(x):\n    pass", range(5), [None] * 5),
    Case("results that are false", "loky", SAME, [0, "", [], False, 0.0], [0, "", [], False, 0.0]),
    Case(
        "nested results",
        "mpire",
        "def f(x):\n    return [x, {'a': (x, [x])}]",
        [1],
        [[1, {"a": (1, [1])}]],
    ),
    Case(
        "results of an own class",
        "mpire, loky",
        "class Own:\n    def __repr__(self): return 'own'\ndef f(x):\n    return Own()",
        [1, 2],
        ["own", "own"],
        methods=EVERY_METHOD,
    ),
    Case(
        "large inputs",
        "pebble: 50 MB through the pipe",
        "def inputs():\n    yield 'a' * 50_000_000\ndef f(x):\n    return len(x)",
        FROM_GENERATOR,
        [50_000_000],
    ),
    Case(
        "large results",
        "pebble, mpire",
        "def f(x):\n    return b'a' * x",
        [20_000_000, 1],
        [20_000_000, 1],
        view=lambda found: [len(value) for value in found],
    ),
    *(
        Case(
            f"a callable: {name}",
            "CPython, loky, mpire",
            CALLABLES,
            [3],
            [result],
            function=name,
            methods=EVERY_METHOD if name == "closure" else ANY_METHOD,
        )
        for name, result in RESULTS_OF_CALLABLES.items()
    ),
]
