"""Every kind of inputs through the real engine: what the function gets, bad rows, resuming, and refusals."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from engine.job import Function, Inputs, Job, Parameter, Run, load, save
from engine.launch import HostHandle, Message, Noticed, Progress
from tests.e2e.test_command_line import command, poolhouse
from tests.running import Finished, make_job, run_job

SOURCE = """
import enum, pathlib

class Size(enum.Enum):
    SMALL = 1

def f(*args, **kwargs):
    return [list(args), kwargs]

def three():
    yield from (1, (2,), object)

def typed(size, folder, tags, /, n, *, note="-"):
    tags.append(n)
    return [size is Size.SMALL, str(folder), tags, n, note, type(folder) is type(pathlib.Path())]
"""

FILES = {
    "d.csv": "n,t\n1,x\n2\n3,z\n",
    "d.jsonl": '{"a": 1}\n\n[2]\nnone\n',
    "d.txt": "one\n\nthree",
    "sub/a.dat": "",
    "sub/b.dat": "",
}

FIRST, LAST = {"n": 1, "t": "x"}, {"n": 3, "t": "z"}
KINDS: dict[str, tuple[Inputs, list[Any]]] = {
    "csv": (Inputs("csv", path="d.csv"), [[[], FIRST], "line 3: it has 1 cell", [[], LAST]]),
    "csv-one": (Inputs("csv", path="d.csv", call="one"), [[[FIRST], {}], "line 3", [[LAST], {}]]),
    "csv-args": (Inputs("csv", path="d.csv", call="args"), [[[1, "x"], {}], "line 3", [[3, "z"], {}]]),
    "csv-plain": (
        Inputs("csv", path="d.csv", header=False),
        [[["n", "t"], {}], [["1", "x"], {}], "the first row has 2", [["3", "z"], {}]],
    ),
    "jsonl": (Inputs("jsonl", path="d.jsonl"), [[[{"a": 1}], {}], [[[2]], {}], "line 4: it is not a JSON"]),
    "lines": (Inputs("lines", path="d.txt"), [[["one"], {}], [[""], {}], [["three"], {}]]),
    "files": (
        Inputs("files", pattern="**/*.dat"),
        [[[str(Path("sub", name))], {}] for name in ("a.dat", "b.dat")],
    ),
    "grid": (
        Inputs("grid", grid={"a": (1, 2), "b": ("x",)}),
        [[[], {"a": 1, "b": "x"}], [[], {"a": 2, "b": "x"}]],
    ),
    "generator": (Inputs("generator", generator="three"), [[[1], {}], [[[2]], {}], "<class 'object'>"]),
}


def job(folder: Path, inputs: Inputs, python: Path | None = None) -> Job:
    for name, text in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    made = make_job(folder, SOURCE, inputs=inputs)
    return made.with_(function=Function(made.function.file, "f", python=str(python or "")))


def plain(value: Any) -> Any:
    """The inputs as JSON would have them."""
    return json.loads(json.dumps(value, default=str))


def assert_got(done: Finished, expected: list[Any]) -> None:
    assert len(done.records) == len(expected) == done.ended.total
    for record, wanted in zip(done.records, expected, strict=True):
        if isinstance(wanted, str):
            assert wanted in record.error or wanted in str(record.value)
        else:
            assert plain(record.value) == wanted


def test_every_kind_on_every_interpreter(tmp_path: Path, interpreter: Path) -> None:
    for inputs, expected in KINDS.values():
        assert_got(run_job(job(tmp_path, inputs, interpreter)), expected)


def test_kinds_run_and_export_from_the_command_line(tmp_path: Path) -> None:
    path = tmp_path / "work.pool"
    for kind, status in (("csv", 1), ("files", 0), ("grid", 0)):
        save(job(tmp_path, KINDS[kind][0]), path)
        done = poolhouse("run", path, "--quiet")
        assert (done.returncode, done.stderr) == (status, "")
        exported = poolhouse("export", done.stdout.strip(), "--format", "jsonl").stdout.splitlines()
        first = json.loads(exported[0])
        assert first["input"] == {
            "csv": {"n": 1, "t": "x"}, "files": str(Path("sub/a.dat")), "grid": {"a": 1, "b": "x"},
        }[kind]  # fmt: skip


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_parquet(tmp_path: Path, method: str) -> None:
    pa = pytest.importorskip("pyarrow")
    pytest.importorskip("pyarrow.parquet").write_table(pa.table({"a": [1, 2]}), tmp_path / "d.parquet")
    given = job(tmp_path, Inputs("parquet", path="d.parquet")).with_(run=Run(workers=1, start_method=method))
    assert_got(run_job(given), [[[], {"a": 1}], [[], {"a": 2}]])


def test_parquet_without_pyarrow_names_what_to_install(tmp_path: Path) -> None:
    bare = tmp_path / "venv"
    subprocess.run([command()[0], "-m", "venv", "--without-pip", bare], check=True)
    (tmp_path / "d.parquet").touch()
    done = run_job(job(tmp_path, Inputs("parquet", path="d.parquet"), bare))
    assert (done.ended.ran, done.ended.key) == (False, "inputs.kind")
    assert "-m pip install pyarrow" in done.ended.reason


PARAMETERS = {
    "size": Parameter(None, "Size.SMALL", "enum"),
    "folder": Parameter(None, "some/where", "path"),
    "tags": Parameter(None, [0]),
    "n": Parameter("n"),
}


def test_parameters_make_the_call(tmp_path: Path) -> None:
    given = job(tmp_path, Inputs("csv", path="d.csv"))
    given = given.with_(function=Function("user_code.py", "typed"), parameters=PARAMETERS)
    first, bad, last = run_job(given).records
    where = str(Path("some/where"))
    assert [first.value, last.value] == [[True, where, [0, n], n, "-", True] for n in (1, 3)]
    assert "line 3" in bad.error


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        (Inputs(), [[], {"k": 1}]),
        (Inputs("list", (5,)), [[5], {"k": 1}]),
        (Inputs("list", ([5, 6],), call="args"), [[5, 6], {"k": 1}]),
        (Inputs("grid", grid={"a": (1,), "k": (2,)}), [[], {"a": 1, "k": 1}]),
    ],
)
def test_fixed_values_go_beside_the_input(tmp_path: Path, inputs: Inputs, expected: Any) -> None:
    given = job(tmp_path, inputs).with_(parameters={"k": Parameter(None, 1)})
    assert run_job(given).values == [expected]


def test_parts_of_an_input_by_key_and_position(tmp_path: Path) -> None:
    parts = {"whole": Parameter(""), "key": Parameter("a"), "place": Parameter(0)}
    given = job(tmp_path, Inputs("list", ({"a": 1}, {"b": 2}))).with_(parameters=parts)
    first, second = run_job(given).records
    assert first.value == [[], {"whole": {"a": 1}, "key": 1, "place": 1}]
    assert second.error == "InputError: There is no 'a' in the input"


def test_a_parameter_that_the_function_lacks_is_refused(tmp_path: Path) -> None:
    parts = {"n": Parameter("")}
    given = job(tmp_path, Inputs("list", (1,))).with_(parameters=parts)
    done = run_job(given.with_(function=Function(import_path="operator:truth")))
    assert (done.ended.ran, done.ended.key) == (False, "parameters.n")


def test_standard_input_is_kept_with_the_run(tmp_path: Path) -> None:
    path = tmp_path / "work.pool"
    save(job(tmp_path, Inputs("csv", path="-")), path)
    ran = subprocess.run(
        command("run", path, "--quiet"),
        input="n,t\n1,é\n2\n",
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    folder = Path(ran.stdout.strip())
    assert (ran.returncode, (folder / "stdin").read_text("utf-8")) == (1, "n,t\n1,é\n2\n")
    assert load(folder / "job.pool").inputs.path == "-"
    resumed = poolhouse("resume", folder, "--quiet")
    assert resumed.returncode == 1
    values = [
        json.loads(line) for line in poolhouse("export", folder, "--format", "jsonl").stdout.splitlines()
    ]
    assert [value["attempts"] for value in values] == [1, 2]
    assert values[0]["value"] == [[], {"n": 1, "t": "é"}]


@pytest.mark.parametrize(
    ("inputs", "key"),
    [
        (Inputs("csv", path="none.csv"), "inputs.path"),
        (Inputs("files", pattern="*.none"), "inputs.pattern"),
        (Inputs("generator", generator="nobody"), "inputs.generator"),
    ],
)
def test_inputs_that_are_not_there_are_refused_before_anything_runs(
    tmp_path: Path, inputs: Inputs, key: str
) -> None:
    given = job(tmp_path, inputs)
    done = run_job(given)  # the host reports what the check of the job reports
    assert (done.ended.ran, done.ended.key, done.folder.exists()) == (False, key, False)
    save(given, tmp_path / "work.pool")
    refused = poolhouse("run", tmp_path / "work.pool")
    assert refused.returncode == 2
    assert f"{key}: " in refused.stderr


def test_a_stopped_stream_goes_on_where_it_was(tmp_path: Path) -> None:
    count = 20_000
    given = job(tmp_path, Inputs("lines", path="many.txt"))
    (tmp_path / "many.txt").write_text("".join(f"{n}\n" for n in range(count)))
    (tmp_path / "user_code.py").write_text("import time\ndef f(x): time.sleep(0.0005); return int(x)")

    def stop_early(host: HostHandle, message: Message) -> None:
        # Lines are counted while the first tasks run: if the run stops before that, the total is unknown.
        if isinstance(message, Progress) and message.done and message.total:
            host.stop()

    stopped = run_job(given, stop_early)
    assert (stopped.ended.state, stopped.ended.total) == ("stopped", count)
    assert 0 < stopped.ended.ok < count
    (tmp_path / "user_code.py").write_text("def f(x): return int(x)")
    resumed = run_job(given, resume=stopped.folder)
    assert resumed.ended.state == "finished"
    assert resumed.values == list(range(count))
    assert [record.input for record in resumed.records[:3]] == ["0", "1", "2"]


def test_large_inputs_of_a_generator(tmp_path: Path) -> None:
    source = """
import os, pathlib
def inputs():
    for n in range(12):
        yield bytes([n]) * (100_000 + n)
def f(data):
    marker = pathlib.Path(f"tried-{data[0]}")
    if data[0] % 5 == 0 and not marker.exists():
        marker.touch()
        os._exit(1)
    assert data == bytes([data[0]]) * len(data)
    return len(data)
"""
    job = make_job(tmp_path, source, inputs=Inputs("generator", generator="inputs"), retries=1)
    run = run_job(job)
    assert run.values == [100_000 + n for n in range(12)]
    assert not (run.folder / "inputs").exists()


def test_a_generator_that_yields_the_same_object_again_and_again(tmp_path: Path) -> None:
    source = """
def inputs():
    row = {}
    for n in range(1_000):
        row["n"] = n
        yield row
def f(row):
    return row["n"]
"""
    job = make_job(tmp_path, source, inputs=Inputs("generator", generator="inputs", call="one"))
    assert run_job(job).values == [*range(1_000)]


@pytest.mark.parametrize("first", [1, 600])
def test_what_a_source_gave_does_not_wait_for_what_comes_next(tmp_path: Path, first: int) -> None:
    source = f"""
import os, time
def inputs():
    yield from range({first})
    while not os.path.exists("done-{first - 1}"):
        time.sleep(0.01)
    yield {first}
def f(x):
    open(f"done-{{x}}", "w").close()
    return x
"""
    job = make_job(tmp_path, source, inputs=Inputs("generator", generator="inputs"))
    assert run_job(job).values == [*range(first + 1)]


def stop_after(tasks: int) -> Any:
    """Stops a run once this many tasks are done."""

    def react(host: HostHandle, message: Message) -> None:
        if isinstance(message, Progress) and message.done >= tasks:
            host.stop()

    return react


SHIFTED = "The inputs have changed. Task 0 ran with 'line 0', and would have 'a new one' now."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: lines, ""),
        (lambda lines: ["a new one", *lines], SHIFTED),
        (lambda lines: [lines[0], *lines[2:]], "The inputs have changed. Task "),
        (lambda lines: [*lines, "one more"], ""),
    ],
    ids=["same", "shifted", "one is gone", "one more"],
)
def test_a_run_that_is_resumed_says_that_its_inputs_have_changed(
    tmp_path: Path, change: Callable[[list[str]], list[str]], said: str
) -> None:
    """The run continues all the same: perhaps a row that had failed was corrected."""
    lines = [f"line {number}" for number in range(60)]
    source = "import time\ndef f(x):\n    time.sleep(0.01)\n    return x"
    job = make_job(tmp_path, source, inputs=Inputs("lines", path="lines.txt"), batch=2)
    (tmp_path / "lines.txt").write_text("\n".join(lines))
    stopped = run_job(job, stop_after(10))
    assert stopped.ended.state == "stopped"
    (tmp_path / "lines.txt").write_text("\n".join(change(lines)))
    resumed = run_job(job, resume=stopped.folder)
    assert resumed.ended.state == "finished"
    notices = [
        f"{message.what} {message.why}" for message in resumed.messages if isinstance(message, Noticed)
    ]
    assert len(notices) == bool(said)
    assert "".join(notices).startswith(said)
    assert [line for line in resumed.log if "WARNING" in line] == [f"root - WARNING - {n}" for n in notices]


def test_the_terminal_shows_what_a_resumed_run_has_noticed(tmp_path: Path) -> None:
    source = "def f(x):\n    return 1 // (int(x) - 3)"
    job = make_job(tmp_path, source, inputs=Inputs("lines", path="lines.txt"))
    (tmp_path / "lines.txt").write_text("1\n2\n3\n4\n")
    failed = run_job(job)
    (tmp_path / "lines.txt").write_text("0\n1\n2\n3\n4\n")
    done = poolhouse("resume", failed.folder)
    assert "poolhouse: Warning: The inputs have changed. Task 0 ran with '1'" in done.stderr


def test_objects_of_a_generator_are_not_compared(tmp_path: Path) -> None:
    """Their text may contain an address."""
    source = """
import os
calls = 0
def inputs():
    yield from (object() for _ in range(6))
def f(x):
    global calls
    calls += 1
    return 1 / (calls < 4 or not os.path.exists("fails"))
"""
    job = make_job(tmp_path, source)
    job = job.with_(inputs=Inputs("generator", generator="inputs"), run=Run(workers=1, stop_after_failures=1))
    (tmp_path / "fails").touch()
    first = run_job(job)
    assert (first.ended.state, first.ended.ok) == ("stopped", 3)
    (tmp_path / "fails").unlink()
    resumed = run_job(job, resume=first.folder)
    assert resumed.ended.ok == 6
    assert not any(isinstance(message, Noticed) for message in resumed.messages)
