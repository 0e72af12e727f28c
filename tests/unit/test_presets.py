"""Presets, and the last values of each function."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.job import Function, Inputs, Job, Log, Run
from engine.presets import LastUsed, PresetError, Presets, identity, restored, untouched


@pytest.fixture
def presets(tmp_path: Path) -> Presets:
    return Presets(tmp_path / "presets")


def job(folder: Path) -> Job:
    return Job(
        Function(file="tools.py", name="f"),
        Inputs("range", stop=9),
        Run(workers=3),
        Log(file="a.log"),
        folder,
    )


def test_a_preset_means_the_same_from_its_own_folder(presets: Presets, tmp_path: Path) -> None:
    assert presets.names() == []
    given = job(tmp_path / 'the "project"')
    assert presets.save(" nightly ", given) == "nightly"
    found = presets.load("nightly")
    assert found.folder == given.folder
    assert found.function.file == str(given.folder / "tools.py")
    assert found.log.file == str(given.folder / "a.log")
    assert (found.inputs, found.run) == (given.inputs, given.run)
    for line in ("", "# The tasks run in nowhere\n", "# The tasks run in 5\n"):
        text = (presets.folder / "nightly.pool").read_text().partition("\n")[2]
        (presets.folder / "by hand.pool").write_text(line + text)
        assert presets.load("by hand").folder == given.folder, "that of its file"


def test_presets_are_listed_copied_renamed_and_deleted(presets: Presets, tmp_path: Path) -> None:
    presets.save("b", job(tmp_path))
    presets.save("A", job(tmp_path))
    assert presets.duplicate("b") == "b 2"
    assert presets.duplicate("b") == "b 3"
    assert presets.names() == ["A", "b", "b 2", "b 3"]
    assert presets.rename("b 3", "größer") == "größer"
    presets.delete("b 2")
    presets.delete("b 2")
    assert presets.names() == ["A", "b", "größer"]
    with pytest.raises(PresetError, match='already a preset "A"'):
        presets.rename("b", "A")
    assert presets.rename("b", "b") == "b"
    for do in (presets.load, presets.duplicate, lambda name: presets.rename(name, "x")):
        with pytest.raises(PresetError, match='no preset "gone"'):
            do("gone")


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", "..", ".x", "x.", "con", "LPT1.x", "a\nb", "x" * 81, "a:b"]
)
def test_names_that_no_system_takes_are_refused(presets: Presets, tmp_path: Path, name: str) -> None:
    with pytest.raises(PresetError, match="cannot be the name"):
        presets.save(name, job(tmp_path))


def test_the_last_values_of_each_function(tmp_path: Path) -> None:
    last = LastUsed(tmp_path / "last")
    given = job(tmp_path)
    assert last.of(identity(given)) is None
    last.keep(given)
    found = last.of(f"{tmp_path / 'tools.py'}:f")
    assert found is not None
    assert (found.inputs, found.run) == (given.inputs, given.run)
    assert last.of("math:sqrt") is None
    long = given.with_(inputs=Inputs("list", tuple(range(20_000))))
    last.keep(long)
    found = last.of(identity(long))
    assert found is not None
    assert found.inputs == Inputs()
    next((tmp_path / "last").iterdir()).write_text("broken")
    assert last.of(identity(given)) is None
    last.keep(Job(Function(source="def f(x): ...")))
    assert len(list((tmp_path / "last").iterdir())) == 1, "typed source is no function that comes again"


def test_what_comes_back_with_a_function(tmp_path: Path) -> None:
    last = job(tmp_path)
    new = Job(last.function, folder=tmp_path / "elsewhere")
    new = new.with_(function=replace(new.function, file=str(tmp_path / "tools.py"), python=""))
    python = str(tmp_path / "venv/bin/python")
    with_python = last.with_(function=replace(last.function, python=python))
    found = restored(with_python, new)
    assert found is not None
    assert (found.inputs, found.run, found.folder) == (last.inputs, last.run, new.folder)
    assert found.function == replace(new.function, python=python)
    only_python = Job(with_python.function, folder=tmp_path)
    assert restored(only_python, new) == new.with_(function=found.function)
    assert restored(Job(new.function, folder=tmp_path), new) is None
    assert restored(last, new.with_(run=Run(workers=3))) is None
    other = new.with_(function=replace(new.function, name="g"))
    assert restored(last, other) is None


def test_a_new_job_is_untouched(tmp_path: Path) -> None:
    assert untouched(Job(Function(import_path="math:sqrt"), folder=tmp_path))
    assert not untouched(job(tmp_path))
