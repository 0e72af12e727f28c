"""Cases of limits on workers: time limits, lifespans, stopping, processes of their own."""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine.job import Inputs
from tests.conformance.adapter import ANY_METHOD, EVERY_METHOD, Case, Failed, Refused

PID = "import os\ndef f(x):\n    return os.getpid()"
LONG_AT_ONE = "import os, signal, time\ndef f(x):\n    if x == 1:\n        {act}\n    return {result}"
SLOW = "import time\ndef f(x):\n    time.sleep(0.02)\n    return x"
TIMED_OUT = Failed("timeout", "time limit")


def lifespans(pids: list[Any]) -> list[int]:
    """How many tasks each process had, ordered by their first tasks."""
    return list(Counter(pids).values())


def one_by_one(found: list[Any]) -> list[Any]:
    """Whether the outcomes are results up to some task, and what the tasks without one are."""
    done = [value for value in found if not isinstance(value, Failed)]
    return [
        found[: len(done)] == done,
        0 < len(done) < len(found),
        {value.status for value in found[len(done) :]},
    ]


CASES = [
    Case(
        "a time limit ends a task",
        "pebble, mpire",
        LONG_AT_ONE.format(act="time.sleep(60)", result="x"),
        range(4),
        [0, TIMED_OUT, 2, 3],
        {"timeout": 0.2},
        methods=EVERY_METHOD,
    ),
    Case(
        "every task takes too long",
        "pebble",
        "import time\ndef f(x):\n    time.sleep(60)",
        range(4),
        [TIMED_OUT] * 4,
        {"timeout": 0.1},
    ),
    Case(
        "a task that ignores SIGTERM",
        "pebble",
        LONG_AT_ONE.format(act="signal.signal(15, signal.SIG_IGN); time.sleep(60)", result="x"),
        range(3),
        [0, TIMED_OUT, 2],
        {"timeout": 0.2},
    ),
    Case(
        "a time limit is a task's, not its batch's",
        "pebble: there it is the chunk's",
        "import time\ndef f(x):\n    time.sleep(0.03)\n    return x",
        range(40),
        list(range(40)),
        {"timeout": 1.0, "batch": 40, "workers": 1},
    ),
    Case(
        "after a time-out there is another worker",
        "pebble",
        LONG_AT_ONE.format(act="time.sleep(60)", result="os.getpid()"),
        range(3),
        [False, True],
        {"timeout": 0.2, "workers": 1, "batch": 1},
        view=lambda found: [found[0] == found[2], found[1].status == "timeout"],
    ),
    *(
        Case(
            f"{workers} workers of {lifespan} tasks each in batches of {batch}",
            "CPython (not under fork), pebble, mpire",
            PID,
            range(8),
            [True, 8],
            {"workers": workers, "tasks_per_worker": lifespan, "batch": batch},
            view=lambda pids, most=lifespan: [max(lifespans(pids)) <= most, len(pids)],
            methods=EVERY_METHOD if batch else ANY_METHOD,
        )
        for workers, lifespan, batch in ((2, 1, 3), (2, 2, 0), (1, 3, 0))
    ),
    Case(
        "a worker lives exactly as long as it is to",
        "CPython, pebble",
        PID,
        range(6),
        [2, 2, 2],
        {"workers": 1, "tasks_per_worker": 2},
        view=lifespans,
    ),
    Case(
        "a worker at its end has results that no pipe holds",
        "mpire",
        "def f(x):\n    return bytes(1_000_000 + x)",
        range(6),
        [1_000_000 + x for x in range(6)],
        {"tasks_per_worker": 2},
        view=lambda found: [len(value) for value in found],
    ),
    Case(
        "two workers are two processes at a time",
        "pebble, loky",
        "import os, time\ndef f(x):\n    open(f'at{x}', 'w').close()\n"
        "    while not os.path.exists(f'at{1 - x}'): time.sleep(0.01)\n    return os.getpid()",
        range(2),
        [1, 1],
        view=lifespans,
        methods=EVERY_METHOD,
    ),
    Case(
        "what a module sets up is there in each worker",
        "CPython, pebble, loky: an initializer",
        "import os\nSET = []\nSET.append(1)\ndef f(x):\n    return SET[0] + x",
        range(6),
        [1, 2, 3, 4, 5, 6],
        {"tasks_per_worker": 1},
        methods=EVERY_METHOD,
    ),
    Case(
        "a task starts a process",
        "pebble",
        "import multiprocessing, time\ndef f(x):\n"
        "    p = multiprocessing.get_context('fork').Process(target=time.time)\n"
        "    p.start()\n    p.join()\n    return p.exitcode",
        range(3),
        [0, 0, 0],
        methods=EVERY_METHOD,
    ),
    Case(
        "a task has a pool of its own",
        "pebble, loky",
        "import concurrent.futures, math, multiprocessing\ndef f(x):\n"
        "    context = multiprocessing.get_context('spawn')\n"
        "    with concurrent.futures.ProcessPoolExecutor(1, context) as pool:\n"
        "        return list(pool.map(math.sqrt, [x * x, 4]))",
        range(2),
        [[0.0, 2.0], [1.0, 2.0]],
    ),
    Case(
        "arguments are let go after their task",
        "CPython",
        "import gc, weakref\nclass Own: pass\nseen = []\n"
        "def f(x):\n    gc.collect()\n    alive = sum(ref() is not None for ref in seen)\n"
        "    own = Own()\n    seen.append(weakref.ref(own))\n    return alive",
        range(10),
        [0] * 10,
        {"workers": 1},
    ),
    Case(
        "a run that is stopped",
        "pebble, loky",
        SLOW,
        range(100),
        [True, True, {"missing"}],
        {"workers": 1},
        view=one_by_one,
        stop_at=3,
    ),
    Case(
        "an endless generator",
        "mpire, loky",
        "import itertools\ndef inputs():\n    return itertools.count()\ndef f(x):\n    return x",
        Inputs("generator", generator="inputs"),
        True,
        view=lambda found: found[:50] == list(range(50)),
        stop_at=50,
    ),
    Case(
        "a start method that there is not",
        "mpire, loky",
        PID,
        [1],
        Refused("run.start_method"),
        {"start_method": "x"},
    ),
]
