"""The stand-in job of a script that runs as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.job import load, pinned, save
from engine.launch import Script


@pytest.mark.parametrize("name", ["plain.py", "né \"q\" \\ 'r'.py", "line\nend.py", "\u2028.py", "~x.py"])
@pytest.mark.parametrize(("python", "workers"), [("", 0), ("/usr/bin/python3", 3)])
def test_its_job_file_says_what_any_other_would(tmp_path: Path, name: str, python: str, workers: int) -> None:
    script = Script(tmp_path / name, tmp_path, ("-x",), python=python, workers=workers)
    folder = script.new_folder(tmp_path / "runs")
    save(pinned(script.job), folder / "saved.pool")
    written, saved = (pinned(load(folder / name)) for name in ("job.pool", "saved.pool"))
    assert written == saved
    assert written.function.file == str(tmp_path / name)
