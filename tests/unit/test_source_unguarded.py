"""What each worker would run again, found in the text of a module."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.source.unguarded import unguarded, warning

QUIET = """
'''A module.'''
from __future__ import annotations
import logging, re, sys, warnings
from collections import namedtuple
from pathlib import Path
import multiprocessing as mp
import numpy as np
logging.basicConfig(level=logging.INFO)
log = logging.getLogger(__name__)
log.setLevel("DEBUG")
sys.path.insert(0, "lib")
warnings.filterwarnings("ignore")
np.random.seed(3)
HERE = Path(__file__).parent
WORD = re.compile(r"\\w+")
Point = namedtuple("Point", "x y")
SQUARES = [x * x for x in range(10)]
NAMES = {name.strip(): len(name) for name in "a,b".split(",")}
TABLE = []
for byte in range(256):
    TABLE.append(byte ^ 1)
try:
    import fast
except ImportError:
    fast = None
if TYPE_CHECKING:
    load()
def double(x): return x * 2
def make(k):
    def inner(x):
        return open(x).read()
    return inner
triple = make(3)
lazy = (double(x) for x in TABLE)
read = lambda path: open(path).read()
class Model:
    rate = 1.5
    def fit(self): print(self)
if __name__ == "__main__":
    with mp.Pool() as pool:
        print(pool.map(double, range(10)))
"""


def test_definitions_constants_and_set_up_are_no_work() -> None:
    assert unguarded(QUIET) == []
    assert warning([]) == ""


@pytest.mark.parametrize(
    "line",
    [
        "main()",
        "print('ready')",
        "pool = Pool(4)",
        "pool = multiprocessing.Pool(4)",
        "Process(target=f).start()",
        "with ProcessPoolExecutor() as pool: pool.map(f, [1])",
        "data = pd.read_csv('big.csv')",
        "data = open('a.txt').read()",
        "text = Path('a.txt').read_text()",
        "with open('a.txt') as file: text = file.read()",
        "for item in items: print(item)",
        "for item in items: results.append(f(item))",
        "while True: pass",
        "results = [f(x) for x in range(1000)]",
        "results = list(map(f, range(10)))",
        "page = requests.get('http://localhost')",
        "options = parser.parse_args()",
        "multiprocessing.set_start_method('spawn')",
        "asyncio.run(f())",
        "time.sleep(3)",
        "if len(sys.argv) > 1: main()",
        "if input('go? ') == 'y': x = 1",
        "try:\n    main()\nfinally:\n    pass",
        "if __name__ == '__main__':\n    pass\nelse:\n    main()",
        "model.fit(x)",
        "x: object = json.load(open('a'))",
    ],
)
def test_work_at_the_top_level_is_found(line: str) -> None:
    found = unguarded(f"def f(x): return x\n\n\n{line}\n")
    assert len(found) == 1
    assert found[0].line >= 4
    assert found[0].text


def test_the_warning_names_the_line_and_the_remedy() -> None:
    said = warning(unguarded("x = 1\nmain()\nprint(1)\nprint(2)\n"))
    assert said.startswith("Line 2: main() runs again in each worker. So do 2 more, the next in line 3.")
    assert '__name__ == "__main__"' in said
    assert len(unguarded("run('" + "x" * 500 + "')")[0].text) == 60


def test_what_is_no_python_has_nothing_to_find() -> None:
    assert unguarded("def f(:\n") == []


@given(st.lists(st.sampled_from(QUIET.strip().splitlines()[1:22]), max_size=8), st.integers(0, 8))
def test_only_the_line_that_works_is_found(quiet: list[str], at: int) -> None:
    lines = [
        line for line in quiet if not line.endswith(":") and not line.startswith((" ", "from __future__"))
    ]
    at = min(at, len(lines))
    lines.insert(at, "main()")
    assert [found.line for found in unguarded("\n".join(lines))] == [at + 1]
