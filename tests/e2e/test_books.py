"""Notebooks in the terminal: run as they are, and their functions as jobs."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from engine.runs import open_run
from engine.runs.records import Record, records
from tests import books
from tests.interpreters import interpreters
from tests.program import command

LIMIT = 110
FOUND = list(interpreters().values())


def poolhouse(folder: Path, *words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command(*words), cwd=folder, capture_output=True, text=True, timeout=LIMIT)


def recorded(folder: str) -> list[Record]:
    with open_run(Path(folder)) as run:
        return list(records(run))


FIGURE = """
class Figure:
    def savefig(self, path, **_):
        open(path, "w").write("a picture")
"""
PYPLOT = """
from matplotlib.figure import Figure
figures = []
def plot(*_): figures.append(Figure())
def get_fignums(): return [1] if figures else []
def figure(number): return figures[-1]
def close(figure): figures.clear()
def show(): raise AssertionError("nobody could look at it")
"""
CELLS = (
    "%matplotlib inline\nimport asyncio, ipywidgets, os, sys\nimport multiprocessing as mp\nN = 3",
    "import matplotlib.pyplot as plt\nfrom IPython.display import display\ndisplay(plt.Figure())",
    "print(__name__, os.path.basename(os.getcwd()), '__file__' in globals(), sys.argv)",
    "from mmap import one\ndef f(x):\n    return x * N + one\n!ls\nplt.plot([1])\nplt.show()\nplt.plot(2)",
    "with mp.get_context('spawn').Pool(2) as pool:\n    print(pool.map(f, [1, 2]))",
    "def g(x):\n    return f(x) + 100",
    "with mp.get_context('forkserver').Pool(2) as pool:\n    last = pool.map(g, [1, 2])\nsum(last)",
    # Values that no statement could create in a process again; a function is the one of the pool's beginning.
    "lock = mp.get_context('spawn').Lock()\ntotal = _\ndef h(x):\n    with lock:\n        return total + x",
    "pool = mp.get_context('spawn').Pool(1, maxtasksperchild=1)\nprint(last, pool.map(h, [1], chunksize=1))",
    "def h(x):\n    return 'another'",
    "print(pool.map(h, [2, 3], chunksize=1))\npool.close()\npool.join()",
    "%%bash\nexit 3",
    "display(get_ipython())\nawait asyncio.sleep(0)\nprint(mp.get_context('fork').Pool(2).map(g, [3]))",
)


@pytest.mark.parametrize("python", [FOUND[0], FOUND[-1]], ids=str)
def test_a_notebook_runs_as_it_is(tmp_path: Path, python: Path) -> None:
    home = tmp_path / "home"
    (home / "matplotlib").mkdir(parents=True)
    (home / "matplotlib/__init__.py").write_text("")
    (home / "matplotlib/figure.py").write_text(FIGURE)
    (home / "matplotlib/pyplot.py").write_text(PYPLOT)
    (home / "mmap.py").write_text("one = 1\n")  # with the name of one of Python's
    books.write(home / "b.ipynb", *CELLS)
    done = poolhouse(tmp_path, "run", "--python", python, "home/b.ipynb", "--", "-x")
    *lines, folder = done.stdout.splitlines()
    said = ["__main__ home False ['home/b.ipynb', '-x']", "[4, 7]", "[104, 107] [212]", "[213, 214]", "[110]"]
    assert lines == said, done.stderr
    assert done.returncode == 0
    for said in ("cell 1, line 1: %matplotlib inline", "cell 4, line 4: !ls", "cell 12, line 1: %%bash"):
        assert f"poolhouse: Left out: {said}\n" in done.stderr
    assert [record.value for record in recorded(folder)] == [4, 7, 104, 107, 212, 213, 214, 110]
    pictures = sorted(path.name for path in Path(folder, "pictures").iterdir())
    assert pictures == ["cell-2.png", "cell-4-2.png", "cell-4.png"]


def test_a_fault_names_cell_and_line(tmp_path: Path) -> None:
    books.write(tmp_path / "b.ipynb", "def f(x):\n    return 1 / x", "x = 1\nf(0)")
    done = poolhouse(tmp_path, "run", "b.ipynb")
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0] == "Traceback (most recent call last):"
    assert f'  File "{tmp_path}/b.ipynb, cell 2", line 2, in <module>' in lines
    assert f'  File "{tmp_path}/b.ipynb, cell 1", line 2, in f' in lines
    assert "    return 1 / x" in lines
    assert lines[-1] == "ZeroDivisionError: division by zero"


def test_what_cannot_be_run_is_said(tmp_path: Path) -> None:
    (tmp_path / "bad.ipynb").write_text("{")
    done = poolhouse(tmp_path, "run", "bad.ipynb")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("poolhouse: bad.ipynb: The notebook is not valid JSON")
    books.write(tmp_path / "empty.ipynb")
    done = poolhouse(tmp_path, "run", "empty.ipynb")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 1)
    assert "has no tasks" in done.stderr


JOB = """
[function]
file = "b.ipynb"
name = "{name}"
[inputs]
kind = "generator"
generator = "inputs"
[run]
workers = 2
start_method = "{method}"
"""
BOOK = (
    "%load_ext x\nfrom multiprocessing import Pool\nBASE = 10\nraise_ = None",
    "def f(x):\n    if x == 3:\n        raise ValueError\n    return x + BASE\ng = lambda x: f(x) * 2",
    "with Pool(2) as pool:\n    print(pool.map(f, [1]))\n1 / 0",
    "def inputs():\n    yield from range(5)",
)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_a_function_of_a_notebook_is_a_job(tmp_path: Path, method: str) -> None:
    books.write(tmp_path / "b.ipynb", *BOOK)
    (tmp_path / "j.pool").write_text(JOB.format(name="g", method=method))
    done = poolhouse(tmp_path, "run", "--quiet", "j.pool")
    assert done.returncode == 1, done.stderr
    folder = done.stdout.strip()
    assert [record.value for record in recorded(folder)] == [20, 22, 24, None, 28]
    books.write(tmp_path / "b.ipynb", *BOOK[:1], BOOK[1].replace("== 3", "== 9"), *BOOK[2:])
    assert poolhouse(tmp_path, "resume", "--quiet", folder).returncode == 0
    assert [record.value for record in recorded(folder)] == [20, 22, 24, 26, 28]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("def g(:", "b.ipynb is not valid Python: cell 2, line 1, column 7"),
        (
            "def g(x): pass\nimport nothing_there",
            "b.ipynb, cell 2, line 2, cannot be imported: no module named 'nothing_there'",
        ),
        (
            "BASE = 1 / 0\ndef g(x): return BASE",
            "b.ipynb, cell 2, line 1, cannot be loaded: ZeroDivisionError",
        ),
        ("def h(x): pass", 'There is no function "g": choose one of inputs, h.'),
    ],
)
def test_what_is_wrong_names_its_cell(tmp_path: Path, cell: str, said: str) -> None:
    books.write(tmp_path / "b.ipynb", BOOK[3], cell)
    (tmp_path / "j.pool").write_text(JOB.format(name="g", method=""))
    done = poolhouse(tmp_path, "run", "--quiet", "j.pool")
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
