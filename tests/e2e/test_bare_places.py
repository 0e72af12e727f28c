"""The command on systems that lack something usual: a home, a folder, a short path, an encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from engine.places import NoHome, data_folder
from engine.runs import open_run
from tests.e2e.terminal import LIMIT, exported, poolhouse, write_job
from tests.interpreters import interpreters
from tests.program import ROOT, command

pytestmark = pytest.mark.usefixtures("program")
SOURCE = "def f(x): return x"
STRANGER = ["env", "-u", "HOME", "-u", "XDG_DATA_HOME", "-u", "POOLHOUSE_RUNS"]
STRANGER += ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups"]
"""A user whom the system does not know, as in a container started with a numeric user."""


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    return tmp_path / "runs"


def is_one_clear_line(text: str, *words: str) -> bool:
    return len(text.splitlines()) == 1 and all(word in text for word in words)


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="only root can be another")
@pytest.mark.parametrize("variable", ["", "POOLHOUSE_RUNS=~/runs"])
def test_without_a_home(variable: str) -> None:
    run = command("run", ROOT / "resources/examples/square.pool", "--quiet")
    words = [*STRANGER[:-6], *([variable] if variable else []), *STRANGER[-6:], *run]
    done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT, cwd="/")
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr, "HOME is not set", "Choose another place with --runs"), done.stderr


def test_without_a_home_there_is_no_data_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("could not determine the home directory")

    monkeypatch.setattr("platformdirs.user_data_path", fail)
    with pytest.raises(NoHome, match="HOME is not set"):
        data_folder()


def test_a_home_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("POOLHOUSE_RUNS")
    monkeypatch.setenv("HOME", "/proc")
    monkeypatch.setenv("XDG_DATA_HOME", "/proc/data")
    job = write_job(tmp_path, SOURCE)
    done = poolhouse("run", job, "--quiet")
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr, "/proc/data", "Choose another place with --runs")
    assert poolhouse("run", job, "--runs", tmp_path / "runs", "--quiet").returncode == 0


def test_a_path_that_is_too_long_for_a_database(tmp_path: Path) -> None:
    """The error comes before anything is made. A path that is just short enough works."""
    job = write_job(tmp_path, SOURCE)
    short = tmp_path / "a" / ("b" * 150)
    folder = Path(poolhouse("run", job, "--runs", short, "--quiet").stdout.strip())
    room = 512 - len(os.fsencode(folder / "run.db.draft-journal"))
    assert room > 10
    fits = short / ("c" * min(200, room // 2)) / ("d" * (room - min(200, room // 2) - 2))
    done = poolhouse("run", job, "--runs", fits, "--quiet")
    assert done.returncode == 0, done.stderr
    assert len(exported(Path(done.stdout.strip()))) == 3

    done = poolhouse("run", job, "--runs", fits / "e", "--quiet")
    assert done.returncode == 2
    assert is_one_clear_line(done.stderr, "too long for a database, by 2 bytes", "--runs")
    assert not (fits / "e").exists()
    through_a_link = tmp_path / "link"
    through_a_link.symlink_to(fits / "e", target_is_directory=True)
    assert poolhouse("run", job, "--runs", through_a_link, "--quiet").returncode == 2


@pytest.mark.parametrize("place", ["/nowhere/at/all", "/proc"])
@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_folder_for_temporary_files_that_cannot_be_used(
    tmp_path: Path, runs: Path, monkeypatch: pytest.MonkeyPatch, place: str, method: str
) -> None:
    monkeypatch.setenv("TMPDIR", place)
    job = write_job(tmp_path, SOURCE, f'[run]\nstart_method = "{method}"\nworkers = 2\n')
    done = poolhouse("run", job, "--runs", runs, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(os.name == "nt", reason="no folder in use can be removed")
def test_a_current_folder_that_was_removed(tmp_path: Path, runs: Path) -> None:
    job = write_job(tmp_path, SOURCE)
    gone = tmp_path / "gone"
    gone.mkdir()

    def there(*words: object) -> subprocess.CompletedProcess[str]:
        line = ["sh", "-c", 'cd "$0" && rmdir "$0" && exec "$@"', gone, *command(*words)]
        done = subprocess.run(line, capture_output=True, text=True, timeout=LIMIT)
        gone.mkdir()
        return done

    done = there("run", job, "--runs", runs, "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    folder = done.stdout.strip()
    assert there("resume", folder, "--quiet").returncode == 0
    assert there("export", folder).returncode == 0
    for words in (["run", "work.pool"], ["run", "work.py"], ["run", job, "--runs", "runs"], ["export", "x"]):
        done = there(*words)
        assert done.returncode == 2
        assert is_one_clear_line(done.stderr), done.stderr


@pytest.mark.parametrize("locale", [{"LANG": "C"}, {"LC_ALL": "C"}, {"LC_ALL": "POSIX", "PYTHONUTF8": "0"}])
def test_a_plain_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, locale: dict[str, str]) -> None:
    for name, value in locale.items():
        monkeypatch.setenv(name, value)
    done = poolhouse("run", write_job(tmp_path, SOURCE), "--runs", tmp_path / "läufe", "--quiet")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path(done.stdout.strip()).parent == tmp_path / "läufe"


def test_an_interpreter_by_its_name_on_path(
    tmp_path: Path, runs: Path, interpreter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file of that name beside the job comes first, as for every other path."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python-of-theirs").symlink_to(interpreter)
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "bin"), os.environ["PATH"])))
    job = write_job(tmp_path, "import sys\ndef f(x): return sys.version_info[1]")
    job.write_text(job.read_text().replace('name = "f"', 'name = "f"\npython = "python-of-theirs"'))
    folder = Path(poolhouse("run", job, "--runs", runs, "--quiet").stdout.strip())
    with open_run(folder) as run:
        assert run.job.function.python == str(tmp_path / "bin" / "python-of-theirs")
    assert {record["value"] for record in exported(folder)} == {int(minor(interpreter))}
    (tmp_path / "python-of-theirs").write_text("")
    assert poolhouse("run", job, "--runs", runs, "--quiet").returncode == 2


def minor(interpreter: Path) -> str:
    return next(version for version, path in interpreters().items() if path == interpreter).partition(".")[2]


def test_the_module_path_of_the_shell_counts_for_every_interpreter(
    tmp_path: Path, runs: Path, interpreter: Path
) -> None:
    """And it is relative to the shell's folder."""
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/mylib_of_theirs.py").write_text("K = 3")
    job = write_job(tmp_path, "import mylib_of_theirs\ndef f(x): return x * mylib_of_theirs.K")
    job.write_text(job.read_text().replace('name = "f"', f'name = "f"\npython = "{interpreter}"'))
    done = subprocess.run(
        command("run", job, "--runs", runs, "--quiet"),
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": "lib"},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    assert [record["value"] for record in exported(Path(done.stdout.strip()))] == [3, 6, 9]
