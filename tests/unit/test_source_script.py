"""Scripts that use multiprocessing, read as jobs."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import SEED_FORMAT, Function, Inputs, Log, Run
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

def f(x):
    return x

def g(x, y=0):
    return x

"""
GUARD = 'if __name__ == "__main__":\n'


def read(tmp_path: Path, body: str, *, guarded: bool = True, head: str = HEAD) -> ScriptReading:
    """Read a script with `body` as what its main process does."""
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

READ: list[tuple[str, Inputs, Run]] = [
    # Pools
    ("with Pool(4) as pool:\n    pool.map(f, [1, 2])", listed(1, 2), Run(workers=4)),
    ("with multiprocessing.Pool(processes=3) as p: p.imap(f, (1, 2))", listed(1, 2), Run(workers=3)),
    ("pool = mp.Pool()\npool.imap_unordered(f, range(10), 5)\npool.close()", ranged(0, 10), Run(batch=5)),
    ("pool = mp.Pool(os.cpu_count())\npool.map_async(f, range(2, 9, 3))", ranged(2, 9, 3), Run()),
    ("mp.Pool(mp.cpu_count()).map(f, list(range(10)))", ranged(0, 10), Run()),
    ("Pool(os.cpu_count() or 4).map(f, [1])", listed(1), Run()),
    ("Pool(2).starmap(g, [(1, 2), (3, 4)])", listed((1, 2), (3, 4), call="args"), Run(workers=2)),
    ("Pool(2).starmap(g, zip([1, 3], range(2)))", listed((1, 0), (3, 1), call="args"), Run(workers=2)),
    ("Pool(2).map(f, [(1, 2), (3, 4)], chunksize=7)", listed((1, 2), (3, 4)), Run(workers=2, batch=7)),
    ("Pool(2, maxtasksperchild=9).map(f, 'ab')", listed("a", "b"), Run(workers=2, tasks_per_worker=9)),
    ("N = 4\ninputs = [1, None, b'x']\nPool(N).map(f, inputs)", listed(1, None, b"x"), Run(workers=4)),
    ("n = 2 * 3\nPool(n - 2).map(f, range(10**6))", ranged(0, 10**6), Run(workers=4)),
    ("mp.get_context('spawn').Pool(2).map(f, [1])", listed(1), Run(workers=2, start_method="spawn")),
    (
        "c = mp.get_context('fork')\nwith c.Pool() as p:\n    p.map(f, [1])",
        listed(1),
        Run(start_method="fork"),
    ),
    (
        "mp.set_start_method('forkserver')\nPool(1).map(f, [1])",
        listed(1),
        Run(workers=1, start_method="forkserver"),
    ),
    (
        "data = []\nfor i in range(3):\n    data.append(i * i)\nPool(2).map(f, data)",
        listed(0, 1, 4),
        Run(workers=2),
    ),
    ("data = [1]\nPool(2).map(f, data)\ndata.append(2)", listed(1), Run(workers=2)),
    ("Pool(2).map(f, [x + 1 for x in range(4) if x % 2])", listed(2, 4), Run(workers=2)),
    ("for i in range(3):\n    p = Pool(2)\np.map(f, [5])", listed(5), Run(workers=2)),
    ("p = Pool(2)\nr = [p.apply_async(f, (i,)) for i in range(5)]", ranged(0, 5), Run(workers=2)),
    ("p = Pool(2)\np.apply(g, (1, 2))", listed((1, 2), call="args"), Run(workers=2)),
    ("from tqdm import tqdm\nwith Pool(2) as p:\n    list(tqdm(p.imap(f, [1])))", listed(1), Run(workers=2)),
    # Executors
    (
        "with ProcessPoolExecutor(max_workers=2) as ex:\n    list(ex.map(f, [1, 2]))",
        listed(1, 2),
        Run(workers=2),
    ),
    (
        (
            "c = mp.get_context('spawn')\n"
            "ex = concurrent.futures.ProcessPoolExecutor(2, mp_context=c)\nex.map(g, [1, 2], [3, 4, 5])"
        ),
        listed((1, 3), (2, 4), call="args"),
        Run(workers=2, start_method="spawn"),
    ),
    ("ex = ProcessPoolExecutor()\nfor i in [3, 5]:\n    ex.submit(f, i)", listed(3, 5), Run()),
    ("ex = ProcessPoolExecutor()\nfs = {ex.submit(f, x): x for x in range(4)}", ranged(0, 4), Run()),
    ("ex = ProcessPoolExecutor()\nfor i in range(10**6): ex.submit(f, i)", ranged(0, 10**6), Run()),
    ("ex = ProcessPoolExecutor()\nex.submit(f, 1)\nex.submit(f, 2)", listed(1, 2), Run()),
    (
        "ex = ProcessPoolExecutor()\nfor i in (1, 2): ex.submit(g, x=i, y=3)",
        listed({"x": 1, "y": 3}, {"x": 2, "y": 3}, call="kwargs"),
        Run(),
    ),
    # Processes
    ("p = Process(target=f)\np.start()", Inputs(), Run(mode="process")),
    ("p = mp.Process(target=g, args=(1, 'a'))", listed((1, "a"), call="args"), Run(mode="process")),
    ("p = mp.Process(target=f, args=[1])", listed((1,), call="args"), Run(mode="process")),
    ("p = Process(target=g, kwargs={'x': 1})", listed({"x": 1}, call="kwargs"), Run(mode="process")),
    (
        "ps = []\nfor i in range(4):\n    ps.append(Process(target=f, args=(i,)))",
        ranged(0, 4),
        Run(mode=EACH),
    ),
    ("ps = [Process(target=f, args=(n,)) for n in ['a', 'b']]", listed("a", "b"), Run(mode=EACH)),
    (
        "for i in range(2):\n    Process(target=g, args=(i, 'k')).start()",
        listed((0, "k"), (1, "k"), call="args"),
        Run(mode=EACH),
    ),
    ("for i in range(3):\n    Process(target=f, args=(i * 2,)).start()", listed(0, 2, 4), Run(mode=EACH)),
    (
        "for a, b in [(1, 2), (3, 4)]:\n    Process(target=g, args=(a, b))",
        listed((1, 2), (3, 4), call="args"),
        Run(mode=EACH),
    ),
    (
        "for n, v in enumerate('ab'):\n    Process(target=g, args=(n, v))",
        listed((0, "a"), (1, "b"), call="args"),
        Run(mode=EACH),
    ),
    ("for _ in range(2):\n    Process(target=f).start()", listed((), (), call="args"), Run(mode=EACH)),
    ("p = Process(target=f, args=(1,))\nq = Process(target=f, args=(2,))", listed(1, 2), Run(mode=EACH)),
    (
        "for i in range(4):\n    if i == 2: continue\n    Process(target=f, args=(i,))",
        listed(0, 1, 3),
        Run(mode=EACH),
    ),
    (
        "for i in range(9):\n    if i == 2: break\n    Process(target=f, args=(i,))",
        listed(0, 1),
        Run(mode=EACH),
    ),
    (
        "for i in range(2):\n    for j in 'ab':\n        Process(target=g, args=(i, j))",
        listed((0, "a"), (0, "b"), (1, "a"), (1, "b"), call="args"),
        Run(mode=EACH),
    ),
]


@pytest.mark.parametrize(("body", "inputs", "run"), READ)
def test_what_a_script_does_is_read(tmp_path: Path, body: str, inputs: Inputs, run: Run) -> None:
    reading = read(tmp_path, body)
    assert reading.is_script
    assert reading.notes == []
    assert reading.job.inputs == inputs
    assert reading.job.run == run
    assert reading.job.function.file == "script.py"
    assert reading.job.function.name in ("f", "g")
    assert reading.job.folder == tmp_path
    assert reading.job.log == Log()


NOTED = [
    ("Pool(2).map(f, open('x').read().split())", "inputs.values", "open('x').read().split()"),
    ("data = load()\nPool(2).map(f, data)", "inputs.values", "load()"),
    ("data = [1]\nfill(data)\nPool(2).map(f, data)", "inputs.values", "fill(data)"),
    (
        "data = [1]\nif len(sys.argv) > 1:\n    data.append(2)\nPool(2).map(f, data)",
        "inputs.values",
        "append",
    ),
    ("Pool(2).map(lambda x: x, [1])", "function.name", "lambda x: x"),
    ("Pool(int(sys.argv[1])).map(f, [1])", "run.workers", "int(sys.argv[1])"),
    ("Pool(os.cpu_count() - 1).map(f, [1])", "run.workers", "os.cpu_count() - 1"),
    ("Pool(0).map(f, [1])", "run.workers", "Pool(0)"),
    ("Pool(2).map(f, [1], chunksize=size())", "run.batch", "size()"),
    ("Pool(2, setup).map(f, [1])", "function.setup", "setup"),
    ("mp.set_start_method(sys.argv[1])\nPool(2).map(f, [1])", "run.start_method", "sys.argv[1]"),
    ("ThreadPoolExecutor(2).map(f, [1])", "run.mode", "ThreadPoolExecutor(2)"),
    ("q = mp.Queue()\nProcess(target=f, args=(q,))", "inputs.values", "(q,)"),
    ("Process(target=g, args=(1,), kwargs={'y': 2})", "inputs.values", "by position and by name"),
    ("for line in open('x'):\n    Process(target=f, args=(line,))", "inputs.values", "open('x')"),
    ("while go():\n    Process(target=f, args=(1,))", "inputs.values", "go()"),
    (
        "for i in range(9):\n    if ready(i):\n        Process(target=f, args=(i,))",
        "inputs.values",
        "range(9)",
    ),
    ("for i in range(10**6):\n    Process(target=f, args=(i + 1,))", "inputs.values", "range(10**6)"),
    (
        "for i in range(10**6):\n    if i == 0:\n        Process(target=f, args=(i,))",
        "inputs.values",
        "range",
    ),
    ("def inner(x): pass\nPool(2).map(inner, [1])", "function.name", "move it to the top level"),
    ("Pool(2).map(f, [1])\nPool(2).map(g, [1])", "function.name", "is left out"),
    ("for n in (1, 2):\n    Pool(n).map(f, [1])", "inputs.values", "runs more than once"),
    ("pool = Pool(2)\npool.join()", "function.name", "Pool(2)"),
    ("Pool(2).map(f, [range(3)])", "inputs.values", "range"),
    ("class W(Process):\n    def run(self): pass\nW().start()", "function.name", "class W(Process)"),
    ("logging.basicConfig(filename=name())\nPool(2).map(f, [1])", "log.file", "name()"),
    ("logging.basicConfig(level=sys.argv[1])\nPool(2).map(f, [1])", "log.level", "sys.argv[1]"),
    ("logging.basicConfig(format='{message}', style='{')\nPool(2).map(f, [1])", "log.format", "{message}"),
    ("logging.basicConfig(handlers=[x()])\nPool(2).map(f, [1])", "log.file", "handlers"),
]


@pytest.mark.parametrize(("body", "key", "seen"), NOTED)
def test_what_cannot_be_read_is_noted_at_its_field(tmp_path: Path, body: str, key: str, seen: str) -> None:
    reading = read(tmp_path, body)
    assert reading.is_script
    assert [note.key for note in reading.notes] == [key]
    assert seen in reading.notes[0].message
    first = (HEAD + GUARD).count("\n") + 1
    assert first <= reading.notes[0].line < first + body.count("\n") + 1


@pytest.mark.parametrize(
    ("target", "function"),
    [
        ("sqrt", Function(import_path="math:sqrt")),
        ("os.path.getsize", Function(import_path="os.path:getsize")),
        ("abs", Function(import_path="builtins:abs")),
        ("str.upper", Function(import_path="builtins:str.upper")),
        ("h", Function(file="script.py", name="h")),
        ("C.double", Function(file="script.py", name="C.double")),
    ],
)
def test_where_the_function_is(tmp_path: Path, target: str, function: Function) -> None:
    head = HEAD + "h = lambda x: x\n\nclass C:\n    @staticmethod\n    def double(x):\n        return x\n\n"
    reading = read(tmp_path, f"Pool(2).map({target}, [1])", head=head)
    assert (reading.job.function, reading.notes) == (function, [])


@pytest.mark.parametrize(
    ("config", "log"),
    [
        ("", Log("", "a", "WARNING", "%(levelname)s:%(name)s:%(message)s")),
        (
            "level=logging.DEBUG, filename='a.log'",
            Log("a.log", "a", "DEBUG", "%(levelname)s:%(name)s:%(message)s"),
        ),
        ("level='ERROR', filemode='w', format='%(message)s'", Log("", "w", "ERROR", "%(message)s")),
        ("level=20, format='%(message)s'", Log("", "a", "INFO", "%(message)s")),
        (
            "level=logging.WARN, format='%(message)s', stream=sys.stdout",
            Log("", "a", "WARNING", "%(message)s"),
        ),
    ],
)
def test_log_settings(tmp_path: Path, config: str, log: Log) -> None:
    reading = read(tmp_path, f"logging.basicConfig({config})\nPool(2).map(f, [1])")
    assert (reading.job.log, reading.notes) == (log, [])


@pytest.mark.parametrize(
    ("rest", "logged"),
    [
        ("r = p.map(f, [1])\nlogging.info(f'Result: {r}')", True),
        ("r = p.map(f, [1])\nlogging.info('Result: %s', r)", True),
        ("r = p.map(f, [1])\nlogging.info('Result: %s' % r)", True),
        ("r = p.map(f, [1])\nlogging.info('Result: {}'.format(r))", True),
        ("r = p.map(f, [1])\nlogging.info('Result: ' + str(r))", True),
        ("r = p.map_async(f, [1]).get()\nlogging.getLogger(__name__).info(r)", True),
        ("r = list(p.imap(f, [1]))\nmessage = f'{r}'\nlogging.log(logging.INFO, message)", True),
        ("h = [p.apply_async(f, (i,)) for i in (1, 2)]\nr = [x.get() for x in h]\nlogging.info(r)", True),
        ("r = []\nfor x in p.imap(f, [1]):\n    r.append(x)\nlogging.info(r)", True),
        ("r = p.map(f, [1])\nprint(r)", False),
        ("r = p.map(f, [1])\nlogging.info('done')", False),
        ("r = p.map(f, [1])\nlogging.info(f'{len(r)} results')", False),
        ("r = p.map(f, [1])\nlogging.debug(r)", False),
        ("for x in p.imap(f, [1]):\n    logging.info(x)", False),
    ],
)
def test_results_are_logged_where_the_script_logs_them(tmp_path: Path, rest: str, logged: bool) -> None:
    reading = read(tmp_path, f"logging.basicConfig(level=logging.INFO)\np = Pool(2)\n{rest}")
    assert reading.job.log.result is logged
    assert reading.notes == []


def test_functions_that_the_main_part_calls_are_followed(tmp_path: Path) -> None:
    text = HEAD + textwrap.dedent(
        """
        N = 3

        def inputs():
            return [1, 2]

        def compute(workers, items):
            with Pool(workers) as pool:
                return pool.map(f, items)

        def main(workers=N):
            logging.basicConfig(level=logging.INFO, filename="m.log")
            result = compute(workers, inputs())
            logging.info("Result: %s", result)

        if __name__ == "__main__":
            sys.exit(main())
        """
    )
    (tmp_path / "s.py").write_text(text, encoding="utf-8")
    reading = read_script(tmp_path / "s.py")
    assert reading.notes == []
    assert (reading.job.inputs, reading.job.run) == (listed(1, 2), Run(workers=3))
    assert (reading.job.log.file, reading.job.log.result) == ("m.log", True)


def test_a_function_that_something_unseen_calls_is_read_with_notes(tmp_path: Path) -> None:
    body = "@command\ndef main(n):\n    Pool(n).map(f, [1])\n\nrun(main)\n"
    reading = read(tmp_path, body, guarded=False)
    assert reading.job.function.name == "f"
    assert [note.key for note in reading.notes] == ["run.workers"]


def test_a_helper_that_maps_any_function_makes_no_script(tmp_path: Path) -> None:
    reading = read(tmp_path, "def spread(func, items):\n    return Pool(2).map(func, items)\n", guarded=False)
    assert not reading.is_script


def test_a_pool_outside_of_the_main_guard_is_noted(tmp_path: Path) -> None:
    reading = read(tmp_path, "Pool(2).map(f, [1])\n", guarded=False)
    assert (reading.job.inputs, reading.job.run) == (listed(1), Run(workers=2))
    assert [note.key for note in reading.notes] == ["function.file"]


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


def test_a_script_that_computes_a_lot_is_read_as_quickly(tmp_path: Path) -> None:
    body = """
        for i in range(2000):
            for j in range(2000):
                x = i * j
        def loop(n):
            for i in range(1000):
                loop(n - 1)
                turn(n)
        def turn(n):
            for i in range(1000):
                loop(n)
        loop(5)
        Pool(2).map(f, [1])
    """
    reading = read(tmp_path, body)
    assert reading.job.inputs == listed(1)


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


PIECES = st.lists(st.sampled_from([body for body, *_ in READ] + [body for body, *_ in NOTED]), max_size=4)


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
    assert all(note.key and note.message and note.line >= 1 for note in reading.notes)
