"""The words of `run SCRIPT.py` that are read without argparse mean what they mean to argparse."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.cli.main import _parser

if sys.platform == "win32":
    pytest.skip("scripts run as they are elsewhere only", allow_module_level=True)

from engine.cli.ahead import host, words
from engine.places import NoHome, runs_root

WORDS = ["--python", "--workers", "--runs", "--quiet", "--as-job", "--mode", "pool", "2", "0", "-3", "x"]
WORDS += [sys.executable, "a.py", "./a.py", "b.pyw", "none.py", "--", "--run", "--workers=3", "", "-x"]


def _in_full(given: list[str]) -> argparse.Namespace | None:
    try:
        return _parser("run").parse_args(["run", *given])
    except SystemExit:
        return None


@given(st.lists(st.sampled_from(WORDS), max_size=9))
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_plain_words_mean_what_argparse_takes_them_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str]
) -> None:
    for name in ("a.py", "b.pyw"):
        (tmp_path / name).touch()
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(tmp_path)
        plan = words.read(given)
    capsys.readouterr()
    if plan is None:
        return
    options = _in_full(given)
    assert options is not None
    assert not options.as_job
    assert options.mode is None
    script: dict[str, Any] = plan["script"]
    assert Path(script["path"]) == tmp_path / options.file
    assert script["arguments"][1:] == options.arguments
    assert script["workers"] == (options.workers or 0)
    assert (Path(plan["runs"]) if plan["runs"] else None) == options.runs
    assert options.python is None or plan["python"] == options.python


@pytest.mark.parametrize(
    "given",
    [
        ["a.py"],
        ["--quiet", "a.py"],
        ["a.py", "--workers", "3", "--", "-x", "--workers", "4"],
        ["--runs", "here", "--python", sys.executable, "a.py", "--"],
    ],
)
def test_usual_words_are_plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: list[str]) -> None:
    (tmp_path / "a.py").touch()
    monkeypatch.chdir(tmp_path)
    assert words.read(given) is not None


PLACES = [
    "",
    "/",
    "/x",
    "/x/",
    "//x",
    "/x/./y",
    "/x/../y",
    "/x/.y",
    "/x//y",
    "x",
    "./x",
    "~",
    "~/x",
    "/~/x",
    " ",
    "/ ",
]


@given(*[st.sampled_from(PLACES)] * 4)
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_folder_of_runs_is_the_same(override: str, runs: str, home: str, data: str) -> None:
    with pytest.MonkeyPatch.context() as patched:
        for name, value in (("POOLHOUSE_RUNS", runs), ("HOME", home), ("XDG_DATA_HOME", data)):
            patched.setenv(name, value)
        try:
            expected = str(runs_root(override))
        except NoHome:
            with pytest.raises(NoHome):
                host.root(override)
        else:
            assert host.root(override) == expected
