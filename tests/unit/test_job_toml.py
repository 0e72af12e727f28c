"""Job files: loaded, saved, and refused with helpful messages."""

from __future__ import annotations

import datetime
import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.job import (
    KINDS,
    LEVELS,
    MODES,
    STDIN,
    Function,
    Inputs,
    Job,
    JobError,
    Log,
    Parameter,
    Run,
    dumps,
    load,
    loads,
    save,
)
from engine.job.schema import COMBINATIONS, TYPES

FOLDER = Path.cwd()

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
any_text = st.text(st.characters(), max_size=10) | st.text("\ud800\udfffa\n\"'\\\0\x7f", max_size=5)
numbers = (
    st.integers()
    | st.integers(-(10**30), 10**30)
    | st.integers(16000, 16001).map(lambda n: 1 << n)
    | st.floats()
    | st.complex_numbers()
)
scalars = st.none() | st.booleans() | numbers | any_text | st.binary(max_size=10) | st.just(...)
hashable = scalars | st.tuples(scalars, scalars)
values = st.recursive(
    scalars | st.sets(hashable, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(inner, max_size=3).map(tuple)
        | st.dictionaries(any_text, inner, max_size=3)
        | st.dictionaries(hashable, inner, max_size=3)
    ),
    max_leaves=6,
)
lines = st.text('"\\\n\r\t\0 a', max_size=12)
name = st.sampled_from(["", "f", "Model.fit", "größe"])
formats = text.map(lambda prefix: prefix.replace("%", "") + "%(message)s")
counts = st.integers(0, 2**63 - 1)
path = st.sampled_from(["", "a.py", "sub/ä b.py", "../up.py", "~nobody-here/x", 'quo"te\\.py'])
parameters = (
    st.builds(Parameter, text | st.integers(0, 2**62))
    | st.builds(Parameter, st.none(), values)
    | st.builds(Parameter, st.none(), st.sampled_from(["a", "Color.RED"]), st.sampled_from(["path", "enum"]))
)
jobs = st.builds(
    Job,
    st.builds(Function, path, name, st.sampled_from(["", "math:sqrt", "a.b:C.d"]), text | lines, path),
    st.builds(
        Inputs,
        st.sampled_from(KINDS),
        st.lists(values, max_size=4).map(tuple),
        st.integers(-(2**63), 2**63 - 1),
        st.integers(-5, 5),
        st.sampled_from([1, -1, 7]),
        st.sampled_from(["", "one", "args", "kwargs"]),
        path | st.just(STDIN),
        st.sampled_from(["", "utf-8", "cp1252"]),
        st.sampled_from(["", ";", "\t", "'"]),
        st.booleans(),
        st.dictionaries(text, st.sampled_from(TYPES), max_size=3),
        st.sampled_from(["", "*.png", "a b/**/[x]?.c"]),
        st.dictionaries(text, st.lists(values, max_size=3).map(tuple), max_size=3),
        st.sampled_from(COMBINATIONS),
        name,
    ),
    st.builds(
        Run,
        st.sampled_from(MODES),
        st.integers(0, 512),
        st.sampled_from(["", "fork", "forkserver", "spawn"]),
        counts,
        st.floats(0, 1e9),
        counts,
        counts,
        st.sampled_from(["", "2 GiB", "500 MB"]),
        counts,
    ),
    st.builds(
        Log, path, st.sampled_from("wa"), st.sampled_from(LEVELS), formats,
        st.booleans(),
    ),
    st.just(FOLDER),
    st.dictionaries(st.sampled_from(["x", "größe", "path"]), parameters),
)  # fmt: skip


def same(one: Any, other: Any) -> bool:
    """Equal in value and type, nan included."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return same(list(one), list(other)) and same(list(one.values()), list(other.values()))
    if isinstance(one, set):
        return len(one) == len(other) and all(any(same(a, b) for b in other) for a in one)
    if isinstance(one, complex):
        return same(one.real, other.real) and same(one.imag, other.imag)
    if isinstance(one, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    return one == other


@given(jobs)
def test_a_saved_job_is_the_same_job(job: Job) -> None:
    back = loads(dumps(job, FOLDER), FOLDER)
    assert same(back.inputs.values, job.inputs.values)
    assert same(back.inputs.grid, job.inputs.grid)
    assert replace(back.inputs, values=(), grid={}) == replace(job.inputs, values=(), grid={})
    assert list(back.parameters) == list(job.parameters)
    for one, other in zip(back.parameters.values(), job.parameters.values(), strict=True):
        assert same(one.told(), other.told())
    assert back.with_(inputs=Inputs(), parameters={}) == job.with_(inputs=Inputs(), parameters={})


def test_a_plain_job_reads_like_the_contract() -> None:
    job = Job(
        Function("square.py", "my_function"),
        Inputs("list", (1, 2, 3, 4, 5)),
        Run(workers=4),
        Log(result=True),
        FOLDER,
    )
    assert dumps(job, FOLDER) == (
        '[function]\nfile = "square.py"\nname = "my_function"\n\n'
        '[inputs]\nkind = "list"\nvalues = [1, 2, 3, 4, 5]\n\n'
        '[run]\nmode = "pool"\nworkers = 4\n\n'
        "[log]\nresult = true\n"
    )


def test_every_key_may_be_written_with_its_default() -> None:
    text = """
        [function]
        file = "square.py"
        name = "f"
        python = ""
        [run]
        mode = "pool"
        start_method = ""
        batch = 0
        timeout = 0.0
        retries = 0
        tasks_per_worker = 0
        memory_limit = ""
        stop_after_failures = 0
        priority = ""
        scheduler = ""
        [log]
        file = ""
        mode = "w"
        level = "INFO"
        format = "%(name)s - %(levelname)s - %(message)s"
        result = false
    """
    assert loads(text, FOLDER) == Job(Function("square.py", "f"), folder=FOLDER)


def test_source_is_kept_in_readable_lines() -> None:
    source = 'def f(x):\n    """Say "hi"."""\n    return "\\n"\n'
    saved = dumps(Job(Function(source=source), folder=FOLDER), FOLDER)
    assert 'source = """\ndef f(x):\n    \\"""Say "hi".\\"""\n    return "\\\\n"\n"""' in saved
    assert loads(saved, FOLDER).function.source == source


def test_dates_of_toml_load_and_save() -> None:
    values = "[1979-05-27T07:32:00Z, 1979-05-27T07:32:00.5, 1979-05-27, 07:32:00, {a = 1}]"
    job = loads(f'[inputs]\nkind = "list"\nvalues = {values}', FOLDER)
    assert job.inputs.values == (
        datetime.datetime(1979, 5, 27, 7, 32, tzinfo=datetime.UTC),
        datetime.datetime(1979, 5, 27, 7, 32, 0, 500000),
        datetime.date(1979, 5, 27),
        datetime.time(7, 32),
        {"a": 1},
    )
    assert loads(dumps(job, FOLDER), FOLDER) == job


def test_values_that_have_no_literal_are_refused() -> None:
    with pytest.raises(JobError) as caught:
        dumps(Job(inputs=Inputs("list", (1, object())), folder=FOLDER), FOLDER)
    assert [problem.key for problem in caught.value.problems] == ["inputs.values"]
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(JobError, match="nested too deeply"):
        dumps(Job(inputs=Inputs("list", (deep, None)), folder=FOLDER), FOLDER)


BAD = [
    ("[run]\nworkers = 0", "run.workers", "0", "1 to 512"),
    ("[run]\nworkers = 10000", "run.workers", "10000", "1 to 512"),
    ("[run]\nworkers = -1", "run.workers", "-1", "1 to 512"),
    ("[run]\nworkers = 0x" + "f" * 9000, "run.workers", "0xfffff", "1 to 512"),
    ("[run]\nworkers = true", "run.workers", "true", "1 to 512"),
    ("[run]\nworkers = 4.0", "run.workers", "4.0", "1 to 512"),
    ('[run]\nworkers = "4"', "run.workers", '"4"', "1 to 512"),
    ('[run]\nmode = "interpreters"', "run.mode", '"interpreters"', "not available in this version; accepted"),
    ('[run]\nmode = "pol"', "run.mode", '"pol"', 'Did you mean "pool"?'),
    ('[run]\nmode = "a\\nb"', "run.mode", '"a\\nb"', '"pool"'),
    ("[run]\nwokers = 4", "run.wokers", '"wokers"', 'Did you mean "workers"?'),
    ('[run]\nscheduler = "tcp://host"', "run.scheduler", '"tcp://host"', "the address of a Dask scheduler"),
    ("[run]\ntimeout = -1", "run.timeout", "-1", "seconds"),
    ("[run]\ntimeout = nan", "run.timeout", "nan", "seconds"),
    ("[run]\ntimeout = true", "run.timeout", "true", "seconds"),
    ('[run]\nmemory_limit = "lots"', "run.memory_limit", '"lots"', "2 GiB"),
    ("[run]\nretries = -1", "run.retries", "-1", "whole number"),
    ('[run]\nstart_method = "frok"', "run.start_method", '"frok"', 'Did you mean "fork"?'),
    ('[run]\npriority = "lwo"', "run.priority", '"lwo"', 'Did you mean "low"?'),
    ('[run]\npriority = -5', "run.priority", "-5", '"normal", "low"'),
    ('[inputs]\nkind = "cvs"', "inputs.kind", '"cvs"', 'one of "none", "list", "range"'),
    ('[inputs]\ndelimiter = "ab"', "inputs.delimiter", '"ab"', "one character"),
    ('[inputs]\nencoding = "base64"', "inputs.encoding", '"base64"', "such as utf-8"),
    ('[inputs]\nencoding = "undefined"', "inputs.encoding", '"undefined"', "such as utf-8"),
    ('[inputs]\nencoding = "utf-9"', "inputs.encoding", '"utf-9"', "such as utf-8"),
    ("[inputs]\ntypes.a = 'str'", "inputs.types", '"a" is "str"', "int, float, bool, text or date"),
    ("[inputs]\ngrid.a = 1", "inputs.grid", '"a": 1', "an array of values"),
    ("[parameters]\na = 1", "parameters.a", "1", "{ value = 1 }"),
    ("[parameters]\na = { inptu = 'x' }", "parameters.a", '"inptu"', 'Did you mean "input"'),
    ("[parameters]\na = { input = -1 }", "parameters.a", "-1", "a position from 0"),
    ("[parameters]\na = { input = 1, value = 2 }", "parameters.a", "Exactly one", "{ value = 1 }"),
    ("[parameters]\na = { value = '(', as = 'python' }", "parameters.a", '"("', "line 1"),
    ("[parameters]\na = { value = 'x', as = 'pth' }", "parameters.a", '"pth"', 'Did you mean "path"'),
    ('[inputs]\nkind = "list"\nvalues = "[1, x]"', "inputs.values", "line 1, column 5", "array"),
    ('[inputs]\nkind = "list"\nvalues = 3', "inputs.values", "3", "array"),
    ("[inputs]\nvalues = [1]", "inputs.kind", "no kind", 'kind = "list"'),
    ('[inputs]\nkind = "range"\nstep = 0', "inputs.step", "0", "other than 0"),
    ("[inputs]\nfile = 'x'", "inputs.file", '"file"', "accepted: kind, values"),
    ('[log]\nlevel = "info"', "log.level", '"info"', 'Did you mean "INFO"?'),
    ('[log]\nmode = "x"', "log.mode", '"x"', '"w", "a"'),
    ('[log]\nformat = "plain"', "log.format", '"plain"', "%(levelname)s"),
    ('[log]\nformat = "%(name)d"', "log.format", "%(name)d", "%(levelname)s"),
    ("[log]\nresult = 1", "log.result", "1", "true or false"),
    ('[function]\nname = "my function"', "function.name", '"my function"', "Model.fit"),
    ('[function]\nimport = "math.sqrt"', "function.import", '"math.sqrt"', "math:sqrt"),
    ('[function]\nfile = "a\\u0000"', "function.file", "a\\x00", "path"),
    ("[functions]\n", "functions", '"functions"', 'Did you mean "function"?'),
    ("run = 3", "run", "3", "section"),
    ("[run\n", "", "line 1", "TOML"),
    ("x = " + "[" * 100_000, "", "", "Correct"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "key", "seen", "accepted"), BAD, ids=[case[0][:30] for case in BAD])
def test_an_error_names_key_value_and_what_is_accepted(text: str, key: str, seen: str, accepted: str) -> None:
    with pytest.raises(JobError) as caught:
        loads(text, FOLDER)
    (problem,) = caught.value.problems
    assert problem.key == key
    assert seen in problem.message
    assert accepted in problem.message


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(JobError) as caught:
        loads('[run]\nworkers = 0\nmod = 1\n[log]\nlevel = "x"\n[nope]\n', FOLDER)
    assert [problem.key for problem in caught.value.problems] == [
        "run.workers",
        "run.mod",
        "log.level",
        "nope",
    ]
    assert "run.workers: 0 is not accepted" in str(caught.value)


def test_a_whole_number_of_seconds_is_a_number() -> None:
    assert repr(loads("[run]\ntimeout = 5", FOLDER).run.timeout) == "5.0"


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.pool").write_bytes(b"[log]\nfile = '\xff'")
    for bad in (tmp_path / "missing.pool", tmp_path, tmp_path / "latin.pool"):
        with pytest.raises(JobError) as caught:
            load(bad)
        assert [problem.key for problem in caught.value.problems] == [""]
        assert str(bad) in str(caught.value)


def test_a_byte_order_mark_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "a.pool").write_bytes(b"\xef\xbb\xbf[run]\nworkers = 2\r\n")
    assert load(tmp_path / "a.pool").run.workers == 2


def test_paths_are_relative_below_the_job_file_and_absolute_elsewhere(tmp_path: Path) -> None:
    below, beside = tmp_path / "jobs", tmp_path / "elsewhere"
    below.mkdir()
    job = Job(
        Function(str(below / "sub" / "a.py"), "f", python=str(beside / "venv")),
        log=Log(file="../jobs/x.log"),
        folder=beside,
    )
    save(job, below / "a.pool")
    loaded = load(below / "a.pool")
    assert (loaded.function.file, loaded.log.file) == ("sub/a.py", "x.log")
    assert loaded.function.python == str(beside / "venv")
    assert loaded.folder == below
    save(loaded, tmp_path / "b.pool")
    moved = load(tmp_path / "b.pool")
    assert (moved.function.file, moved.function.python) == ("jobs/sub/a.py", "elsewhere/venv")


def test_saving_is_whole_or_not_at_all(tmp_path: Path) -> None:
    target = tmp_path / "a.pool"
    save(Job(folder=tmp_path), target)
    before = target.read_text(encoding="utf-8")
    with pytest.raises(JobError):
        save(Job(inputs=Inputs("list", (object(),)), folder=tmp_path), target)
    assert target.read_text(encoding="utf-8") == before
    target.unlink()
    (target / "in the way").mkdir(parents=True)
    with pytest.raises(OSError, match=r"a\.pool"):
        save(Job(folder=tmp_path), target)
    assert list(tmp_path.iterdir()) == [target]


@pytest.mark.skipif(sys.platform == "win32", reason="links and modes of POSIX")
def test_saving_keeps_links_and_modes(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "a.pool", tmp_path / "b.pool"
    save(Job(folder=tmp_path), target)
    target.chmod(0o640)
    link.symlink_to(target)
    save(Job(run=Run(workers=3), folder=tmp_path), link)
    assert link.is_symlink()
    assert load(target).run.workers == 3
    assert target.stat().st_mode & 0o777 == 0o640
