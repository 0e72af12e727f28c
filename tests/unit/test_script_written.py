"""Jobs written as scripts, and read back as the same jobs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.job import LEVELS, MODES, Function, Inputs, Job, Log, Parameter, Run, dumps
from engine.shell import command_line
from engine.source.code import CannotWrite, plain, read_written, run_command, write_script
from engine.source.script import read_script
from tests.unit.test_job_toml import same, text, values

TOOLS = """\
def square(x):
    return x * x


async def later(x):
    return x


def main(x):
    return x


class Model:
    @staticmethod
    def fit(x):
        return x
"""
LONG = '''\
import logging
import math  # twice

LIMIT = 5


def helper(x):
    return x


def f(x):
    """Say "hi".

    INPUTS = 3
    """
    logging.info("%s", x)
    return helper(x)
'''
SOURCES = [
    "def f(x):\n    return x",
    LONG,
    "f = lambda x: x + 1",
    "# first a comment\nimport os as system\n\nasync def f(x):\n    return x\n# and a last one",
]


@pytest.fixture(scope="module")
def project() -> Iterator[Path]:
    """Files with functions, some under awkward names."""
    with TemporaryDirectory() as place:
        folder = Path(place) / "it's here"
        (folder / "sub" / "package" / "inner").mkdir(parents=True)
        for name in ("tools.py", "random.py", "my-tool.py", "sub/deep.py", "sub/package/inner/part.py"):
            (folder / name).write_text(TOOLS)
        for name in ("sub/package/__init__.py", "sub/package/inner/__init__.py"):
            (folder / name).touch()
        (folder / "rows.csv").write_text("n;when;ok;word\n1;2026-01-02;yes;x\n;;;\n", "utf-8")
        (folder / "words.txt").write_bytes("größe\n".encode("cp1252"))
        yield folder


def jobs(folder: Path) -> st.SearchStrategy[Job]:
    """Jobs that a script can express, some with things that it cannot."""
    files = ["tools.py", "random.py", "my-tool.py", "sub/deep.py", "sub/package/inner/part.py"]
    python = st.sampled_from(["", "/usr/bin/python3", "/opt/my env/bin/python"])
    function = (
        st.builds(
            Function,
            file=st.sampled_from(files),
            name=st.sampled_from(["square", "later", "main", "Model.fit"]),
            python=python,
        )
        | st.builds(
            Function,
            import_path=st.sampled_from(["math:sqrt", "os.path:join", "a.b:C.d", "main:f", "start.it:f"]),
            python=python,
        )
        | st.builds(Function, source=st.sampled_from(SOURCES), name=st.sampled_from(["", "f"]), python=python)
    )
    dates = st.dates() | st.datetimes() | st.times()
    inputs = (
        st.builds(
            Inputs,
            st.just("list"),
            st.lists(values | dates, max_size=5).map(tuple),
            call=st.sampled_from(["", "one"]),
        )
        | st.builds(
            Inputs, st.just("list"), st.lists(st.tuples(values), max_size=4).map(tuple), call=st.just("args")
        )
        | st.builds(
            Inputs,
            st.just("list"),
            st.lists(st.dictionaries(text, values, max_size=2), max_size=3).map(tuple),
            call=st.just("kwargs"),
        )
        | st.builds(
            Inputs, st.just("range"), start=st.integers(), stop=st.integers(), step=st.sampled_from([1, -3])
        )
        | st.just(Inputs())
        | st.builds(
            Inputs,
            st.sampled_from(["lines", "jsonl", "parquet"]),
            path=st.just("words.txt"),
            call=st.sampled_from(["", "one", "args", "kwargs"]),
        )
        | st.builds(
            Inputs,
            st.just("csv"),
            path=st.just("rows.csv"),
            header=st.booleans(),
            types=st.sampled_from([{}, {"n": "float", "ok": "bool"}]),
            call=st.sampled_from(["", "args"]),
        ).filter(lambda inputs: inputs.header or not inputs.types)
        | st.builds(Inputs, st.just("files"), pattern=st.sampled_from(["*.py", "sub/**/*.py", "/etc/*"]))
        | st.builds(
            Inputs,
            st.just("grid"),
            grid=st.dictionaries(text, st.lists(values, max_size=3).map(tuple), min_size=1, max_size=3),
            combine=st.sampled_from(["product", "zip"]),
            call=st.sampled_from(["", "args", "one"]),
        )
        | st.builds(Inputs, st.just("generator"), generator=st.sampled_from(["rows", "Model.rows"]))
    )
    argument = (
        st.builds(Parameter, input=text | st.integers(0, 5))
        | st.builds(Parameter, value=values)
        | st.builds(Parameter, value=text, form=st.just("path"))
        | st.just(Parameter(value="Color.RED", form="enum"))
    )
    parameters = st.just({}) | st.dictionaries(st.sampled_from(["x", "y", "größe"]), argument, max_size=3)
    numbers = st.integers(0, 1000)
    run = st.builds(
        Run,
        mode=st.sampled_from(MODES),
        workers=st.integers(0, 512),
        start_method=st.sampled_from(["", "fork", "forkserver", "spawn"]),
        batch=numbers,
        timeout=st.sampled_from([0.0, 2.5]),
        retries=st.sampled_from([0, 3]),
        tasks_per_worker=numbers,
        memory_limit=st.sampled_from(["", "2 GiB"]),
        stop_after_failures=st.sampled_from([0, 5]),
    )
    log = st.builds(
        Log,
        file=st.sampled_from(["", "own.log", '/var/log/it\'s "mine".log']),
        mode=st.sampled_from("wa"),
        level=st.sampled_from(LEVELS),
        format=text.map(lambda prefix: prefix.replace("%", "") + "%(message)s")
        | st.just("%(asctime)s %(task)s %(message)s"),
        result=st.booleans(),
    )
    made = st.builds(Job, function, inputs, run, log, st.just(folder), parameters)
    return made.filter(lambda job: job.inputs.kind != "none" or not any_from_input(job))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_script_reads_back_as_its_job(project: Path, data: st.DataObject) -> None:
    job = data.draw(jobs(project))
    read = read_written(write_script(job))
    assert read is not None
    wanted = plain(job)
    assert plain(read) == read or has_nan(read), "plain is plain already"
    assert same(vars(read.inputs), vars(wanted.inputs))
    assert {name: vars(p) for name, p in read.parameters.items()}.keys() == wanted.parameters.keys()
    for name, parameter in read.parameters.items():
        assert same(vars(parameter), vars(wanted.parameters[name]))
    assert read.with_(inputs=Inputs(), parameters={}) == wanted.with_(inputs=Inputs(), parameters={})


def any_from_input(job: Job) -> bool:
    return any(parameter.input is not None for parameter in job.parameters.values())


def has_nan(job: Job) -> bool:
    return "nan" in repr(job)


def test_what_was_changed_in_a_script_is_read(project: Path, tmp_path: Path) -> None:
    job = Job(
        Function(file="tools.py", name="square"), Inputs("list", (1, 2)), Run(workers=4), folder=project
    )
    changed = (
        write_script(job)
        .replace("INPUTS = [1, 2]", "INPUTS = [\n    5,  # five\n]")
        .replace("WORKERS = 4", "WORKERS = 3")
    )
    (tmp_path / "s.py").write_text(changed)
    reading = read_script(tmp_path / "s.py")
    assert reading.is_script
    assert (reading.job.inputs.values, reading.job.run.workers, reading.notes) == ((5,), 3, [])
    assert reading.job.function.file == str(project / "tools.py")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("return square(item), None", "return square(item) + 1, None"),
        ("INPUTS = [1, 2]", "INPUTS = load()"),
        ("    main()", "    main()\n    main()"),
        ("def outcomes", "def results"),
        ("import logging", "import logging as log"),
    ],
)
def test_a_script_that_does_something_else_is_read_as_any_other(project: Path, old: str, new: str) -> None:
    job = Job(Function(file="tools.py", name="square"), Inputs("list", (1, 2)), folder=project)
    script = write_script(job)
    assert old in script
    assert read_written(script.replace(old, new)) is None


def test_any_other_script_is_none_of_ours() -> None:
    for script in ("", "x = 1", "import multiprocessing\n\nFOLDER = 3\nCONTEXT = 4\nINPUTS = [1]\n"):
        assert read_written(script) is None


def test_what_a_script_leaves_out_is_said(project: Path) -> None:
    run = Run(timeout=2.5, retries=3, memory_limit="2 GiB", stop_after_failures=5)
    log = Log(format="%(task)s %(message)s")
    script = write_script(Job(Function(import_path="math:sqrt"), Inputs("list", (4,)), run, log, project))
    for said in (
        "limit of 2.5 s",
        "3 retries",
        "memory limit of 2 GiB",
        "stop after 5",
        "number of the task",
    ):
        assert said in script
    with pytest.raises(CannotWrite) as refused:
        write_script(Job(Function(import_path="math:sqrt"), log=Log(format="%(task)d"), folder=project))
    assert refused.value.key == "log.format"


@pytest.mark.parametrize(
    ("function", "key", "said"),
    [
        (Function(source="def main():\n    pass"), "function.source", "main"),
        (Function(source="def f(:"), "function.source", "line 1"),
        (Function(source="x = 3"), "function.source", "no function"),
        (
            Function(source="from __future__ import annotations\ndef f(x): ..."),
            "function.source",
            "__future__",
        ),
        (Function(source="def f(x):\n    return __name__"), "function.source", "__name__"),
        (Function(file="no_such.py", name="f"), "function.file", "no_such.py"),
        (Function(source="def f(x, /): ..."), "parameters.x", "x cannot be passed by name"),
    ],
)
def test_what_no_script_can_hold_is_refused(tmp_path: Path, function: Function, key: str, said: str) -> None:
    with pytest.raises(CannotWrite, match=said) as refused:
        write_script(
            Job(function, Inputs("list", (1,)), folder=tmp_path, parameters={"x": Parameter(input="")})
        )
    assert refused.value.key == key


def test_inputs_of_no_literal_form_are_refused(tmp_path: Path) -> None:
    job = Job(Function(import_path="math:sqrt"), Inputs("list", (object(),)), folder=tmp_path)
    with pytest.raises(CannotWrite, match="object values have no literal form"):
        write_script(job)
    job = job.with_(inputs=Inputs("list", (datetime.date(2026, 1, 2),)))
    assert "\nimport datetime\n" in write_script(job)


def test_files_that_are_not_there_are_refused(tmp_path: Path) -> None:
    for kind, path, said in (("csv", "no.csv", "no.csv"), ("lines", "-", "standard input")):
        job = Job(Function(import_path="math:sqrt"), Inputs(kind, path=path), folder=tmp_path)
        with pytest.raises(CannotWrite, match=said) as refused:
            write_script(job)
        assert refused.value.key == "inputs.path"


def test_the_command_names_the_job(tmp_path: Path) -> None:
    path = tmp_path / "my job.pool"
    assert run_command(path, windows=False) == f"poolhouse run '{path}'"
    assert run_command(path, windows=True) == f'poolhouse run "{path}"'
    assert command_line(["a", "b"]) == "a b"


def test_a_written_job_is_a_valid_job_file(project: Path) -> None:
    job = Job(Function(source=LONG), Inputs("list", (1, 2)), folder=project)
    read = read_written(write_script(job))
    assert read is not None
    assert "helper" in dumps(read, project)
