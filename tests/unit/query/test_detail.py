"""One whole task, as query processes describe it: values, pages, failures, log, output, calls, files."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.record import previews
from engine.job import Inputs, Parameter
from engine.query.detail import INPUT, LOG, PAGE, PRINTED, VALUE, Detail, ReadTask, ReadText, SaveText, Text
from engine.query.request import answer, finish
from engine.query.sources import Sources
from engine.query.traces import CHANGED, SAME, UNKNOWN, Code, SourceFile
from engine.results.pretty import WIDTH, hexadecimal, pretty
from engine.runs import JOB, UnreadableRun
from tests.running import make_job, run_job

SOURCE = """
import logging, os

class Odd:
    def __repr__(self):
        return "<Odd one>"

def helper(x):
    return {}[x]

def f(x):
    logging.getLogger().info("begins %s", x)
    print("prints", x)
    if x == 0:
        return "a\\ttext\\n"
    if x == 1:
        return bytes(range(40))
    if x == 2:
        return {"numbers": list(range(100)), "text": "t" * 100}
    if x == 3:
        return helper("key")
    if x == 4:
        os.abort()
    if x == 5:
        return list(range(200_000))
    if x == 6:
        return Odd()
    if x == 7:
        return "long " * 10_000
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("POOLHOUSE_RUNS", str(folder / "runs"))
        return run_job(make_job(folder, SOURCE, inputs=range(8))).folder


def detail(run: Path, task: int) -> Detail:
    return answer(ReadTask(run, task))


def test_a_task_that_is_fine(run: Path) -> None:
    told = detail(run, 0)
    assert (told.task, told.status, told.attempts, told.call) == (0, "ok", 1, "f(0)")
    assert told.input == Text("value", "0")
    assert told.value == Text("text", "a\ttext\n", size=7)
    assert told.failures == ()
    assert "begins 0" in told.log.text
    assert "begins 1" not in told.log.text
    assert "prints 0" in told.printed.text
    assert told.start < told.end
    assert told.worker > 0


def test_a_task_that_failed_names_its_source_files(run: Path) -> None:
    told = detail(run, 3)
    (failure,) = told.failures
    assert failure.message == "KeyError: 'key'"
    assert 'return helper("key")' in failure.trace.text
    assert told.value.kind == "none"
    assert [(Path(file.path).name, file.state) for file in told.files] == [("user_code.py", SAME)]


def test_a_crash_tells_what_the_interpreter_wrote_with_the_lines_of_the_source(run: Path) -> None:
    told = detail(run, 4)
    assert told.status == "died"
    assert "prints 4" in told.printed.text
    assert "Fatal Python error: Aborted" in told.printed.text
    assert "in f\n    os.abort()\n" in told.printed.text
    assert any(file.state == SAME for file in told.files)


def test_plain_data_is_laid_out_and_bytes_are_hexadecimal(run: Path) -> None:
    assert "    'numbers': [\n        0, 1, 2," in detail(run, 2).value.text
    told = detail(run, 1).value
    assert (told.kind, told.size) == ("bytes", 40)
    assert told.text.splitlines()[2] == f"00000020  {'20 21 22 23 24 25 26 27':<48}  !\"#$%&'"


def test_an_object_is_shown_by_its_text(run: Path) -> None:
    assert detail(run, 6).value == Text("display", "<Odd one>")


def test_a_long_value_is_read_in_pages_on_demand(run: Path) -> None:
    told = detail(run, 5).value
    assert (told.kind, told.more) == ("long", True)
    assert told.text.startswith("[0, 1, 2")
    pages, page = "", Text("", more=True)
    with Sources() as sources:
        while page.more:
            page = finish(ReadText(run, 5, VALUE, len(pages)).steps(sources))
            assert page.start == len(pages)
            assert 0 < len(page.text) <= PAGE
            pages += page.text
        assert eval(pages) == list(range(200_000))
        back = finish(ReadText(run, 5, VALUE, PAGE).steps(sources))
    assert back.text == pages[PAGE : 2 * PAGE]


def test_a_long_text_has_pages_and_its_length(run: Path) -> None:
    first = detail(run, 7).value
    assert (first.kind, first.size, len(first.text), first.more) == ("text", 50_000, PAGE, True)
    last = answer(ReadText(run, 7, VALUE, 40_000))
    assert (len(last.text), last.start, last.more) == (10_000, 40_000, False)


@pytest.mark.parametrize(
    ("task", "part", "told"),
    [(0, INPUT, "0"), (0, LOG, "begins 0"), (0, PRINTED, "prints 0"), (3, "1", "KeyError")],
)
def test_each_text_has_pages(run: Path, task: int, part: str, told: str) -> None:
    page = answer(ReadText(run, task, part, 0))
    assert told in page.text
    assert not page.more


def test_a_text_that_there_is_not(run: Path) -> None:
    with pytest.raises(UnreadableRun, match="no text 7"):
        answer(ReadText(run, 3, "7", 0))


@pytest.mark.parametrize(
    ("task", "part", "data"),
    [
        (0, VALUE, b"a\ttext\n"),
        (1, VALUE, bytes(range(40))),
        (6, VALUE, b"<Odd one>"),
        (3, INPUT, b"3"),
        (7, VALUE, b"long " * 10_000),
    ],
)
def test_a_value_is_saved(run: Path, tmp_path: Path, task: int, part: str, data: bytes) -> None:
    path = tmp_path / "value"
    path.write_text("was there")
    saved = answer(SaveText(run, task, part, path))
    assert (saved.path, saved.size) == (path, len(data))
    assert path.read_bytes() == data
    assert [entry.name for entry in tmp_path.iterdir()] == ["value"]


def test_a_value_that_cannot_be_saved_leaves_what_was_there(run: Path, tmp_path: Path) -> None:
    path = tmp_path / "folder"
    path.mkdir()
    with pytest.raises(OSError, match="folder"):
        answer(SaveText(run, 0, VALUE, path))
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_task_that_was_not_run(run: Path) -> None:
    told = detail(run, 1_000)
    assert (told.status, told.worker, told.attempts, told.value.kind) == ("missing", 0, 0, "none")


def test_the_job_is_gone(run: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    (copy / JOB).unlink()
    told = detail(copy, 0)
    assert (told.input.kind, told.call, told.value.text) == ("none", "", "a\ttext\n")


def test_a_file_that_has_changed_since_is_told(tmp_path: Path) -> None:
    folder = run_job(make_job(tmp_path, "def f(x):\n    return 1 / x\n", inputs=range(1))).folder
    source = tmp_path / "user_code.py"
    place = str(source)
    assert detail(folder, 0).files == (SourceFile(place, SAME),)
    source.write_text("def f(x):\n    return 2 / x\n")
    assert detail(folder, 0).files == (SourceFile(place, CHANGED),)
    assert "return 1 / x" in detail(folder, 0).failures[0].trace.text
    source.unlink()
    assert detail(folder, 0).files == ()


@pytest.mark.parametrize(
    ("inputs", "parameters", "source", "call"),
    [
        (Inputs(), {}, "def f(): pass", "f()"),
        (Inputs("list", ("x" * 200,)), {}, "def f(x): pass", f"f({'x' * 200!r})"),
        (Inputs("list", ((1, [2]),), call="args"), {}, "def f(*x): pass", "f(1, [2])"),
        (
            Inputs("list", ({"a": 1},)),
            {"x": Parameter(input="a"), "y": Parameter(value=5)},
            "def f(x, y): pass",
            "f(x=1, y=5)",
        ),
        (
            Inputs("generator", generator="g"),
            {},
            "def g():\n    yield [1, {2: 3}]\ndef f(x): pass",
            "f([1, {2: 3}])",
        ),
    ],
)
def test_the_call(
    tmp_path: Path, inputs: Inputs, parameters: dict[str, Parameter], source: str, call: str
) -> None:
    job = make_job(tmp_path, source, inputs=inputs).with_(parameters=parameters)
    assert detail(run_job(job).folder, 0).call == call


def test_an_earlier_attempt_is_told_too(tmp_path: Path) -> None:
    source = f"""
from pathlib import Path
def f(x):
    mark = Path({str(tmp_path / "mark")!r})
    if mark.exists():
        return 1
    mark.write_text("")
    raise ValueError("only once")
"""
    told = detail(run_job(make_job(tmp_path, source, inputs=range(1), retries=1)).folder, 0)
    assert (told.status, told.attempts, told.value.text) == ("ok", 2, "1")
    assert [failure.message for failure in told.failures] == ["ValueError: only once"]


# pictures of objects

LIBRARY = """
import pathlib, sys, types

class Image:
    size, mode = (40, 30), "RGB"
    def copy(self):
        return Image()
    def thumbnail(self, size):
        self.size = size
    def save(self, file, kind):
        file.write(b"\\x89PNG\\r\\n\\x1a\\n" + repr((kind, self.size)).encode())

class Mine(Image):
    def save(self, file, kind):
        raise AssertionError("only what the library does is called")

class Huge(Image):
    size = (1_000_000, 1_000_000)

class Broken(Image):
    @property
    def mode(self):
        raise OSError("the file of the image is gone")
    def __init__(self):
        self.size = None

sys.modules["PIL.Image"] = types.SimpleNamespace(Image=Image)
for kind in (Image, Mine, Huge, Broken):
    kind.__module__ = __name__

def f(x):
    return [Image, Mine, Huge, Broken, dict][x]()
"""


def test_an_image_is_shown_by_a_picture_that_its_worker_made(tmp_path: Path) -> None:
    folder = run_job(make_job(tmp_path, LIBRARY, inputs=range(5), workers=1)).folder
    told = [detail(folder, task) for task in range(5)]
    made = b"\x89PNG\r\n\x1a\n('PNG', (960, 960))"
    assert [each.picture for each in told] == [made, made, b"", b"", b""]
    assert [each.status for each in told] == ["ok"] * 5
    place = folder / previews.FOLDER / previews.name_of(0)
    secret = tmp_path / "secret"
    secret.write_bytes(made)
    for spoil in (lambda: place.symlink_to(secret), lambda: place.write_text("no"), place.mkdir):
        place.unlink()
        spoil()
        assert detail(folder, 0).picture == b"", "a run folder may come from anybody"


# layout

DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text() | st.integers(), inner)
        | st.frozensets(st.integers() | st.text())
    ),
    max_leaves=40,
)


@given(DATA)
def test_what_is_laid_out_is_python_for_the_same_value(value: Any) -> None:
    text = "".join(pretty(value))
    assert eval(text, {"inf": float("inf")}) == value


@given(st.lists(st.integers(0, 10_000), max_size=300))
def test_lines_of_numbers_are_filled_but_not_too_long(numbers: list[int]) -> None:
    assert max(map(len, "".join(pretty(numbers)).splitlines())) <= WIDTH


@given(st.binary(max_size=100))
def test_hexadecimal_is_whole(data: bytes) -> None:
    rows = [line[10:58] for piece in hexadecimal(data) for line in piece.splitlines()]
    assert bytes.fromhex(" ".join(rows)) == data


# malicious run folders


def test_the_index_of_the_code_cannot_name_other_files(run: Path, tmp_path: Path) -> None:
    import shutil

    from engine.host.record.code import FOLDER, INDEX

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    secret = tmp_path / "secret.py"
    secret.write_text("the secret\n" * 10)
    index = copy / FOLDER / INDEX
    index.write_text(index.read_text().replace('"copy": "', '"copy": "../../secret.py", "_": "', 1))
    index.write_text(
        '{"complete": true, "modules": [{"name": "x", "path": "/x.py", "changed": 0, "size": 1,'
        ' "copy": "../../secret.py"}]}'
    )
    trace = 'Traceback:\n  File "/x.py", line 2, in f\nError\n'
    assert Code(copy).with_sources(trace) == trace


def test_a_value_that_would_run_something_is_shown_by_its_text(run: Path, tmp_path: Path) -> None:
    class Harm:
        def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
            return eval, (f"open({str(tmp_path / 'harm')!r}, 'w')",)

    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(run, copy)
    db = sqlite3.connect(copy / "run.db")
    bad = pickle.dumps(Harm())
    changed = db.execute("UPDATE batch SET objects = ? WHERE objects IS NOT NULL", (bad,)).rowcount
    db.commit()
    db.close()
    assert changed
    for task in range(8):
        try:
            detail(copy, task)
        except UnreadableRun:
            continue
    assert not (tmp_path / "harm").exists()


def test_a_file_without_a_copy_is_unknown(tmp_path: Path) -> None:
    source = tmp_path / "lone.py"
    source.write_text("pass\n")
    assert Code(tmp_path).files([f'  File "{source}", line 1']) == [SourceFile(str(source), UNKNOWN)]
