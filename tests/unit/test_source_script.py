"""Scripts that use multiprocessing, read as jobs."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import SEED_FORMAT, Function, Inputs, Job, Log, Parameter, Run
from engine.source.script import ScriptReading, read_script

HEAD = """\
import logging
import multiprocessing
import multiprocessing as mp
import os
import sys
import concurrent.futures
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from multiprocessing import Pool, Process
from math import sqrt
from tqdm import tqdm

def f(x):
    return x

def g(x, y=0):
    return x

"""
GUARD = 'if __name__ == "__main__":\n'


def read(tmp_path: Path, body: str, *, guarded: bool = True, head: str = HEAD) -> ScriptReading:
    """Read a script with `body` as the work of its main process."""
    body = textwrap.dedent(body)
    text = head + (GUARD + textwrap.indent(body, "    ") if guarded else body)
    path = tmp_path / "script.py"
    path.write_text(text, encoding="utf-8")
    return read_script(path)


def listed(*values: Any, call: str = "") -> Inputs:
    return Inputs(kind="list", values=values, call=call)


def ranged(start: int, stop: int, step: int = 1) -> Inputs:
    return Inputs(kind="range", start=start, stop=stop, step=step)


EACH = "process-per-input"

BASIC = "%(levelname)s:%(name)s:%(message)s"

READ: list[tuple[str, Inputs, Run]] = [
    # Pools
    ("with Pool(4) as pool:\n    pool.map(f, [1, 2])", listed(1, 2), Run(workers=4)),
    ("with Pool(processes=3) as p: print(list(p.imap(f, (1, 2))))", listed(1, 2), Run(workers=3)),
    ("p = mp.Pool()\np.imap_unordered(f, range(10), 5)\np.close()\np.join()", ranged(0, 10), Run(batch=5)),
    ("r = mp.Pool(os.cpu_count()).map_async(f, range(2, 9, 3))\nr.get()", ranged(2, 9, 3), Run()),
    ("mp.Pool(mp.cpu_count()).map(f, list(range(10)))", ranged(0, 10), Run()),
    ("Pool(2).starmap(g, [(1, 2), (3, 4)])", listed((1, 2), (3, 4), call="args"), Run(workers=2)),
    ("Pool(2).starmap(g, zip([1, 3], range(2)))", listed((1, 0), (3, 1), call="args"), Run(workers=2)),
    ("Pool(2).map(f, [(1, 2), (3, 4)], chunksize=7)", listed((1, 2), (3, 4)), Run(workers=2, batch=7)),
    ("Pool(2, maxtasksperchild=9).map(f, 'ab')", listed("a", "b"), Run(workers=2, tasks_per_worker=9)),
    ("N = 4\ninputs = [1, None, b'x']\nPool(N).map(f, inputs)", listed(1, None, b"x"), Run(workers=4)),
    ("n = 2 * 3\nPool(n - 2).map(f, range(10**6))", ranged(0, 10**6), Run(workers=4)),
    ("v = [1, 2]\nprint(len(v))\nfor r, w in zip(Pool(2).map(f, v), v): pass", listed(1, 2), Run(workers=2)),
    ("Pool(2).map(f, [x + 1 for x in range(3)])", listed(1, 2, 3), Run(workers=2)),
    ("Pool(2).map(f, [f'a{n}.txt' for n in range(2)])", listed("a0.txt", "a1.txt"), Run(workers=2)),
    ("x = ['a']\nPool(2).map(f, x)", listed("a"), Run(workers=2)),
    ("v = zip([1], 'a')\nPool(2).starmap(g, v)", listed((1, "a"), call="args"), Run(workers=2)),
    ("mp.get_context('spawn').Pool(2).map(f, [1])", listed(1), Run(workers=2, start_method="spawn")),
    (
        "c = mp.get_context('fork')\nwith c.Pool() as p:\n    p.map(f, [1])",
        listed(1),
        Run(start_method="fork"),
    ),
    ("mp.set_start_method('forkserver')\nPool(1).map(f, [1])", listed(1), Run("pool", 1, "forkserver")),
    (
        "with Pool(2) as p:\n    r = [p.apply_async(f, (i,)) for i in range(5)]\n    [x.get() for x in r]",
        ranged(0, 5),
        Run(workers=2),
    ),
    ("p = Pool(2)\np.apply(g, (1, 2))", listed((1, 2), call="args"), Run(workers=2)),
    (
        "with Pool(2) as p:\n    list(tqdm(p.imap(f, [1]), total=1))",
        listed(1),
        Run(workers=2),
    ),
    (
        "try:\n    with Pool(2) as p:\n        print(p.map(f, [1]))\nfinally:\n    print('over')",
        listed(1),
        Run(workers=2),
    ),
    # Executors
    (
        "with ProcessPoolExecutor(max_workers=2) as ex:\n    list(ex.map(f, [1, 2]))",
        listed(1, 2),
        Run(workers=2),
    ),
    (
        "c = mp.get_context('spawn')\nProcessPoolExecutor(2, mp_context=c).map(g, [1, 2], [3, 4, 5])",
        listed((1, 3), (2, 4), call="args"),
        Run("pool", 2, "spawn"),
    ),
    ("ex = ProcessPoolExecutor()\nfor i in [3, 5]:\n    ex.submit(f, i)", listed(3, 5), Run()),
    ("ex = ProcessPoolExecutor()\nfs = {ex.submit(f, x): x for x in range(4)}", ranged(0, 4), Run()),
    ("ex = ProcessPoolExecutor()\nfor i in range(10**6): ex.submit(f, i)", ranged(0, 10**6), Run()),
    ("ThreadPoolExecutor(2).map(f, [1])", listed(1), Run("threads", 2)),
    # Processes
    ("p = Process(target=f)\np.start()", Inputs(), Run(mode="process")),
    (
        "p = mp.Process(target=g, args=(1, 'a'))\np.start()",
        listed((1, "a"), call="args"),
        Run(mode="process"),
    ),
    (
        "a = []\nfor i in range(4):\n    a.append(Process(target=f, args=(i,)))\nfor p in a:\n    p.start()",
        ranged(0, 4),
        Run(mode=EACH),
    ),
    (
        "ps = [Process(target=f, args=(n,)) for n in ['a', 'b']]\nfor p in ps: p.start()",
        listed("a", "b"),
        Run(mode=EACH),
    ),
    (
        "for i in range(3):\n    p = Process(target=f, args=(i * 2,))\n    p.start()\n    p.join()",
        listed(0, 2, 4),
        Run(mode=EACH),
    ),
    (
        "for a, b in [(1, 2), (3, 4)]:\n    Process(target=g, args=(a, b)).start()",
        listed((1, 2), (3, 4), call="args"),
        Run(mode=EACH),
    ),
]


@pytest.mark.parametrize(("body", "inputs", "run"), READ)
def test_what_is_certain_is_read(tmp_path: Path, body: str, inputs: Inputs, run: Run) -> None:
    reading = read(tmp_path, body)
    assert (reading.why, reading.notes, reading.is_script) == ("", [], True)
    assert repr(reading.job.inputs) == repr(inputs)
    assert reading.job.run == run
    assert reading.job.function.file == "script.py"
    assert reading.job.function.name in ("f", "g")
    assert reading.job.folder == tmp_path
    assert reading.job.log == Log()


MAP = "\nwith Pool(2) as p:\n    print(p.map(f, v))"
REFUSED = [
    # What main does before the pool.
    ("os.chdir('sub')\nv = [1]" + MAP, "os.chdir('sub')"),
    ("os.environ['A'] = 'b'\nv = [1]" + MAP, "os.environ['A'] = 'b'"),
    ("open('made', 'w').close()\nv = [1]" + MAP, "open('made', 'w')"),
    ("import setup_of_mine\nv = [1]" + MAP, "import setup_of_mine"),
    ("assert os.path.exists('x')\nv = [1]" + MAP, "assert"),
    ("sys.path.insert(0, 'lib')\nv = [1]" + MAP, "sys.path.insert"),
    ("f.__defaults__ = (3,)\nv = [1]" + MAP, "f.__defaults__"),
    ("multiprocessing.Pool = mine\nv = [1]" + MAP, "multiprocessing.Pool = mine"),
    ("print(input())\nv = [1]" + MAP, "print(input())"),
    ("logging.basicConfig(filename=make())\nv = [1]" + MAP, "logging.basicConfig"),
    # Lists that are changed through another name.
    ("v = [1]\nw = v\nw.append(2)" + MAP, "w.append(2)"),
    ("v = [1]" + MAP.replace("print(p.map", "list(p.imap") + "\n    w = v", "v may be changed"),
    ("v = [1, 2]\nv[0] = 9" + MAP, "v[0] = 9"),
    ("v = [1, 2]\ndel v[0]" + MAP, "del v[0]"),
    ("v = [1]\nv += [2]" + MAP, "What v += [2] does"),
    ("v = [1]\nv = [2]" + MAP, "set in more than one place"),
    ("v = [1]\nfill(v)" + MAP, "fill(v)"),
    ("v = [3, 1]\nprint(v.sort())" + MAP, "print(v.sort())"),
    ("v = list(range(4))\nv.pop()" + MAP, "v.pop()"),
    ("row = [0]\nv = [row for _ in range(3)]" + MAP, "v"),
    ("v = [[0]] * 3" + MAP, "v"),
    ("v = [{'n': 1}]\nfor d in v: d['n'] = 2" + MAP, "for d in v"),
    # Names that mean something else.
    ("f = g\nv = [1]" + MAP, "more than one place"),
    ("range = list\nv = range(3)" + MAP, "v"),
    ("def f(x): return -x\nv = [1]" + MAP, "more than one place"),
    ("def inner(x): return x\nPool(2).map(inner, [1])", "not defined at the top level"),
    ("Pool(2).map(lambda x: x, [1])", "lambda x: x"),
    (
        "def spread(f, v):" + MAP.replace("\n", "\n    ") + "\nspread(g, [1])",
        "is f, not a function of the file",
    ),
    ("for w in (g,):\n    v = [1]" + MAP.replace("\n", "\n    "), "p.map(f, v)"),
    # Control flow.
    ("v = [1]\nif len(v) > 1:\n    v = [2]" + MAP, "if len(v) > 1"),
    ("v = [1]\nif ready():" + MAP.replace("\n", "\n    "), "if ready()"),
    ("sys.exit()\nv = [1]" + MAP, "sys.exit()"),
    ("try:\n    v = load()\nexcept OSError:\n    v = [1]" + MAP, "try"),
    ("try:\n    x()\nexcept OSError:\n    v = [1]" + MAP.replace("\n", "\n    "), "p.map"),
    ("v = [1]\nwhile True:" + MAP.replace("\n", "\n    ") + "\n    break", "depends on while True"),
    ("v = [1]\nfor _ in range(3):" + MAP.replace("\n", "\n    "), "loop"),
    ("v = [1]\n(lambda: Pool(2).map(f, v))()", "Pool(2).map(f, v)"),
    ("v = [1]\nready() and Pool(2).map(f, v)", "Pool(2).map(f, v)"),
    ("[Pool(2).map(f, [1]) for _ in range(2)]", "loop"),
    ("return_ = [1]\nraise SystemExit\nPool(2).map(f, return_)", "raise SystemExit"),
    # More than one call, and other ways to hand over work.
    ("Pool(2).map(f, [1])\nPool(2).map(g, [1])", "Pool in line 19 and Pool in line 20"),
    ("p = Pool(2)\np.map(f, [1])\np.map(g, [1])", "p.map(f, [1]) in line 20 and p.map(g, [1]) in line 21"),
    ("p = Pool(2)\nhelp_(p)\np.map(f, [1])", "p here"),
    ("p = Pool(2)\np.join()", "What Pool(2) is used for"),
    ("P = Pool\nP(2).map(f, [1])", "Pool"),
    ("class W(Process):\n    pass\nW().start()", "Process"),
    ("from joblib import Parallel\nParallel(2)(x for x in [])", "Parallel(2)"),
    ("import torch.multiprocessing as t\nt.Pool(2).map(f, [1])", "t.Pool(2)"),
    # Inputs, arguments and settings.
    ("Pool(2).map(f, open('x').read().split())", "open('x')"),
    ("Pool(2).map(f, [1, os.getpid()])", "os.getpid()"),
    ("Pool(2).map(f, {1, 2})", "{1, 2}"),
    ("Pool(2).map(f, [range(3)])", "range"),
    ("Pool(2).starmap(g, [1, 2])", "arguments of a call"),
    ("Pool(2).map_async(f, [1], callback=print)\n", "callback=print"),
    ("with Pool(2) as p:\n    p.map_async(f, [1])", "waits for all"),
    ("with Pool(2) as p:\n    for r in p.imap(f, [1, 2]): break", "waits for all"),
    ("with Pool(2) as p:\n    next(p.imap(f, [1, 2]))", "p.imap"),
    ("p = Pool(2)\nr = p.map_async(f, [1])\np.terminate()\nr.get()", "terminate"),
    ("ProcessPoolExecutor().submit(f, 1).cancel()", "cancel"),
    ("ProcessPoolExecutor(2).map(f, [1], timeout=3)", "timeout=3"),
    ("ex = ProcessPoolExecutor()\nex.submit(g, 1, y=2)", "A job has nothing for y=2"),
    ("Pool(0).map(f, [1])", "workers"),
    ("Pool(int(sys.argv[1])).map(f, [1])", "its arguments"),
    ("Pool(2).map(f, [1], chunksize=size())", "size"),
    ("Pool(2, lambda: None).map(f, [1])", "initializer"),
    ("q = mp.Queue()\nProcess(target=f, args=(q,)).start()", "What q = mp.Queue() does before the pool"),
    ("Process(target=f, args=(1,))", "not started"),
    ("a = [Process(target=f, args=(n,)) for n in (1, 2)]\nfor p in a[1:]: p.start()", "not started"),
    ("a = [Process(target=f, args=(n,)) for n in (1, 2)]\na.pop()\nfor p in a: p.start()", "not started"),
    ("for n in (1, 2):\n    p = Process(target=f, args=(n,))\np.start()", "not started"),
    ("with Pool(2) as p:\n    h = [p.apply_async(f, (n,)) for n in (1, 2)]\n    h[0].get()", "waits for all"),
    ("with Pool(2) as p:\n    r = p.map_async(f, [1])\n    r.get(1)", "waits for all"),
    ("Process(target=f, daemon=True).start()", "daemon=True"),
    ("Process(target=f, kwargs={'x': 1}).start()", "kwargs={'x': 1}"),
    ("for i in range(9):\n    if i == 2: continue\n    Process(target=f, args=(i,)).start()", "if i == 2"),
    ("for i in range(3):\n    i = i * 2\n    Process(target=f, args=(i,)).start()", "i = i * 2"),
    ("for i in range(3):\n    make().append(Process(target=f, args=(i,)))", "not started"),
    ("for line in open('x'):\n    Process(target=f, args=(line,)).start()", "open('x')"),
    ("Pool(2).map(f, [0] * 10**9)", "more values"),
    # What fails, or is another thing by then.
    ("print(v)\nv = [1]" + MAP, "Whether v is set"),
    ("v = [1]\nprint(missing)" + MAP, "Whether missing is set"),
    ("v = zip([1], [2])\nprint(list(v))" + MAP, "v may be changed"),
    ("p = Process(target=f)\nos.environ['A'] = 'b'\np.start()", "os.environ['A'] = 'b'"),
    ("for p in a:\n    p.start()\na = [Process(target=f) for _ in 'ab']", "not started"),
    ("with Pool(2) as p:\n    r = p.map_async(f, [1])\nr.get()", "waits for all"),
    ("with Pool(2) as p:\n    r = p.map_async(f, [1])\n    if r: sys.exit()\n    r.get()", "waits for all"),
    ("Pool(2).map(f, [10**10**9])", "10 ** 10 ** 9"),
]


@pytest.mark.parametrize(("body", "seen"), REFUSED)
def test_what_is_not_certain_is_no_job(tmp_path: Path, body: str, seen: str) -> None:
    reading = read(tmp_path, body)
    assert reading.is_script
    assert seen in reading.why
    assert len((HEAD + GUARD).splitlines()) < reading.line <= len((HEAD + GUARD + body).splitlines())
    assert reading.job == Job(Function(file="script.py"), folder=tmp_path)


TOP = [
    ("import multiprocessing\ncounter = multiprocessing.Value('i', 0)\n", "Value"),
    ("from os import *\n", "import"),
    ("try:\n    from multiprocess import Pool\nexcept ImportError:\n    pass\n", "Pool(2)"),
    ("import random\nrandom.seed(3)\n", "random.seed(3)"),
    ("import time\nSTART = time.time()\n", "time.time()"),
    ("global_ = None\ndef take():\n    return made\n", "made is set under the main guard"),
    ("def name():\n    return __name__\n", "__name__"),
    ("def change():\n    global v\n    v = [9]\n", "v is set"),
    ("@change\ndef changed(): pass\n", "@change"),
    ("class A:\n    change(1)\n", "class A"),
]


@pytest.mark.parametrize(("top", "seen"), TOP)
def test_what_the_module_does_may_matter(tmp_path: Path, top: str, seen: str) -> None:
    reading = read(tmp_path, "made = 1\nv = [1]\nPool(2).map(f, v)", head=top + HEAD)
    assert seen in reading.why


CASES = Path(__file__).parents[1] / "data/as_they_are"
CERTAIN: dict[str, Inputs] = {
    "c10_many_tuples.py": listed(*((i, 2 * i) for i in range(3000))),
    "c20_initializer_constant.py": listed(10, 20),
    "d65_threads_share_a_list.py": listed(1, 2, 3),
    "d93_sibling_module.py": listed(1, 2),
}
"""Among scripts as people write them, those that are certain without running them."""


def test_the_three_scripts_are_certain() -> None:
    for path in (Path(__file__).parents[1] / "data/scripts").glob("*.py"):
        assert read_script(path).why == ""


def test_scripts_as_people_write_them_are_read_right_or_not_at_all() -> None:
    found = {path.name: read_script(path) for path in CASES.rglob("[cde][0-9]*.py")}
    assert len(found) > 60
    assert {name: reading.job.inputs for name, reading in found.items() if not reading.why} == CERTAIN
    assert found["d65_threads_share_a_list.py"].job.run.mode == "threads"
    assert found["d93_sibling_module.py"].job.function == Function(file="helper.py", name="work")


def test_what_stands_behind_the_guard_may_matter(tmp_path: Path) -> None:
    body = GUARD + "    Pool(2).map(f, [1])\n"
    assert "after the main guard" in read(tmp_path, body + "X = 5\n", guarded=False).why
    assert "else of the main guard" in read(tmp_path, body + "else:\n    X = 5\n", guarded=False).why
    unguarded = read(tmp_path, "Pool(2).map(f, [1])\n", guarded=False)
    assert "is not under if __name__" in unguarded.why


def test_a_module_beside_the_script_may_hide_pythons_own(tmp_path: Path) -> None:
    (tmp_path / "logging.py").write_text("")
    assert "beside the script" in read(tmp_path, "Pool(2).map(f, [1])").why


def test_main_and_what_it_calls_are_followed(tmp_path: Path) -> None:
    main = """
        def compute(workers, items):
            with Pool(workers) as pool:
                return pool.map(f, items)

        def main(workers):
            logging.basicConfig(level=logging.INFO, filename="m.log")
            result = compute(workers, [1, 2])
            logging.info("Result: %s", result)

        if __name__ == "__main__":
            sys.exit(main(workers=3))
        """
    reading = read(tmp_path, main, guarded=False)
    assert reading.why == ""
    assert (reading.job.inputs, reading.job.run) == (listed(1, 2), Run(workers=3))
    assert reading.job.log.file == "m.log"
    twice = read(
        tmp_path, main.replace("sys.exit(main(workers=3))", "sys.exit(main(3) or main(3))"), guarded=False
    )
    assert "is in def main(workers), and from where that is called" in twice.why
    shared = read(tmp_path, main.replace("logging.basic", "global scale; logging.basic"), guarded=False)
    assert shared.why == "No worker of a job has what global scale sets"


def test_the_initializer_is_the_set_up(tmp_path: Path) -> None:
    head = HEAD + "def begin(n, m=0):\n    global state\n    state = n\n\n"
    job = read(tmp_path, "Pool(2, begin, (3,)).map(f, [1])", head=head).job
    assert (job.function.setup, job.setup) == ("begin", {"n": Parameter(value=3)})
    head += "def h(begin):\n    return begin\n\n"
    assert "begin" in read(tmp_path, "Pool(2, begin, (3,)).map(h, [1])", head=head).why


def test_a_function_that_gives_the_inputs_is_not_followed(tmp_path: Path) -> None:
    reading = read(tmp_path, "Pool(2).map(f, inputs())", head=HEAD + "def inputs():\n    return [1]\n\n")
    assert reading.why == "What inputs() gives is not certain before the script runs"


@pytest.mark.parametrize(
    ("target", "function"),
    [
        ("sqrt", Function(import_path="math:sqrt")),
        ("os.path.getsize", Function(import_path="os:path.getsize")),
        ("datetime.fromisoformat", Function(import_path="datetime:datetime.fromisoformat")),
        ("abs", Function(import_path="builtins:abs")),
        ("str.upper", Function(import_path="builtins:str.upper")),
        ("beside", Function(file="tools_here.py", name="beside")),
    ],
)
def test_where_the_function_is(tmp_path: Path, target: str, function: Function) -> None:
    (tmp_path / "tools_here.py").write_text("def beside(x):\n    return x\n")
    head = HEAD + "from datetime import datetime\nfrom tools_here import beside\n"
    reading = read(tmp_path, f"Pool(2).map({target}, [1])", head=head)
    assert (reading.job.function, reading.why) == (function, "")


@pytest.mark.parametrize(
    ("config", "log", "noted"),
    [
        ("", Log("", "a", "WARNING", BASIC), []),
        ("level=logging.DEBUG, filename='a.log', format='x'", Log("a.log", "a", "DEBUG", "x"), []),
        ("level='ERROR', filemode='w', format='%(message)s'", Log("", "w", "ERROR", "%(message)s"), []),
        ("level=15, format='x', stream=sys.stdout", Log("", "a", "INFO", "x"), []),
        (
            "format='{message}', style='{'",
            Log("", "a", "WARNING", BASIC),
            ["log.format"],
        ),
        ("format='x', handlers=[logging.FileHandler('a')]", Log("", "a", "WARNING", "x"), ["log.file"]),
    ],
)
def test_log_settings(tmp_path: Path, config: str, log: Log, noted: list[str]) -> None:
    reading = read(tmp_path, f"logging.basicConfig({config})\nPool(2).map(f, [1])")
    assert (reading.job.log, [note.key for note in reading.notes]) == (log, noted)


@pytest.mark.parametrize(
    ("rest", "logged"),
    [
        ("r = p.map(f, [1])\nlogging.info(f'Result: {r}')", True),
        ("r = p.map(f, [1])\nlogging.info('Result: %s', r)", True),
        ("r = p.map(f, [1])\nlogging.getLogger(__name__).info(r)", True),
        ("r = p.map(f, [1])\nprint(r)", False),
        ("r = p.map(f, [1])\nlogging.info('done')", False),
        ("r = p.map(f, [1])\nlogging.info(f'{len(r)} results')", False),
        ("r = p.map(f, [1])\nlogging.debug(r)", False),
    ],
)
def test_results_are_logged_where_the_script_logs_them(tmp_path: Path, rest: str, logged: bool) -> None:
    reading = read(tmp_path, f"logging.basicConfig(level=logging.INFO)\np = Pool(2)\n{rest}")
    assert reading.job.log.result is logged


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("", ""),
        ("def only(x): return x", "only"),
        ("def one(): pass\ndef two(): pass", ""),
        ("import multiprocessing\nprint(multiprocessing.cpu_count())\ndef only(): pass", "only"),
    ],
)
def test_other_files_are_no_scripts(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / "s.py").write_text(text, encoding="utf-8")
    reading = read_script(tmp_path / "s.py")
    assert (reading.is_script, reading.notes) == (False, [])
    assert reading.job.function == Function(file="s.py", name=name)


@pytest.mark.parametrize(
    "text", ["def f(:", "x = 'abc", "a\0b", "(" * 1000, "# coding: nonsense\n", "-" * 99999 + "1"]
)
def test_a_broken_script_is_a_syntax_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.py").write_text(text, encoding="utf-8")
    with pytest.raises(SyntaxError):
        read_script(tmp_path / "s.py")


def test_bytes_that_are_no_text_are_a_syntax_error(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_bytes(b"x = '\xff'\n")
    with pytest.raises(SyntaxError, match=r"encoding|not valid"):
        read_script(tmp_path / "s.py")


def test_a_very_long_script_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("x = 1\n" * 100_000)
    assert "longer than" in read_script(tmp_path / "s.py").why


def test_a_file_elsewhere_keeps_its_whole_path(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text("def f(): pass", encoding="utf-8")
    (tmp_path / "other").mkdir()
    assert read_script(tmp_path / "s.py", tmp_path / "other").job.function.file == str(tmp_path / "s.py")
    below = read_script(tmp_path / "s.py", tmp_path.parent)
    assert below.job.function.file == f"{tmp_path.name}/s.py"


SEED_LOG = Log("multiprocessing.log", "w", "INFO", SEED_FORMAT)
_SEED_HEAD = "import logging\nimport multiprocessing\n\n"
_SEED_CONFIG = (
    "    logging.basicConfig(level=logging.INFO, filename='multiprocessing.log', filemode='w',\n"
    "                        format='%(name)s - %(levelname)s - %(message)s')\n"
)


def test_a_pool_script_as_people_write_it(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        _SEED_HEAD
        + "def my_function(x):\n    return x*x\n\nif __name__ == '__main__':\n"
        + _SEED_CONFIG
        + "    try:\n        with multiprocessing.Pool(processes=4) as pool:\n"
        + "            result = pool.map(my_function, [1, 2, 3, 4, 5])\n"
        + '            logging.info(f"Result: {result}")\n'
        + '    except Exception as e:\n        logging.exception(f"An error occurred: {e}")\n',
        encoding="utf-8",
    )
    job = read_script(tmp_path / "s.py").job
    assert job.function == Function(file="s.py", name="my_function")
    assert (job.inputs, job.run) == (listed(1, 2, 3, 4, 5), Run(workers=4))
    assert job.log == Log("multiprocessing.log", "w", "INFO", SEED_FORMAT, result=True)


def test_a_script_with_a_process_for_each_number(tmp_path: Path) -> None:
    (tmp_path / "s.py").write_text(
        _SEED_HEAD
        + "def print_number(num):\n    logging.info(num)\n\nif __name__ == '__main__':\n"
        + _SEED_CONFIG
        + "    processes = []\n    for i in range(1, 5):\n"
        + "        process = multiprocessing.Process(target=print_number, args=(i,))\n"
        + "        processes.append(process)\n    try:\n        for process in processes:\n"
        + "            process.start()\n        for process in processes:\n            process.join()\n"
        + '    except Exception as e:\n        logging.exception(f"An error occurred: {e}")\n',
        encoding="utf-8",
    )
    reading = read_script(tmp_path / "s.py")
    assert reading.notes == []
    assert (reading.job.inputs, reading.job.run) == (ranged(1, 5), Run(mode=EACH))
    assert reading.job.log == SEED_LOG


PIECES = st.lists(st.sampled_from([body for body, *_ in READ] + [body for body, *_ in REFUSED]), max_size=4)


@given(PIECES, st.integers(0, 400), st.integers(0, 40))
def test_any_mix_of_scripts_is_read_or_refused_in_order(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], cut: int, length: int
) -> None:
    text = HEAD + GUARD + textwrap.indent("\n".join([*pieces, "pass"]), "    ")
    place = len(HEAD) + cut
    path = tmp_path_factory.getbasetemp() / "mixed.py"
    path.write_text(text[:place] + text[place + length :], encoding="utf-8")
    try:
        reading = read_script(path)
    except SyntaxError:
        return
    assert not reading.why or reading.line >= 1
    assert all(note.key and note.message and note.line >= 1 for note in reading.notes)
