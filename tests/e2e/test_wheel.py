"""An installed Poolhouse is complete: code, resources and the command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ["engine", "gui", "resources", "poolhouse.py", "pyproject.toml", "README.md", "LICENSE"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an installation of the wheel, which was made from a copy of the sources."""
    base = tmp_path_factory.mktemp("wheel")
    source, site = base / "source", base / "site"
    source.mkdir()
    for part in PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, source / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / part, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "-qq", "--no-deps", "--no-build-isolation", "-w", base, source], check=True
    )
    (wheel,) = base.glob("*.whl")
    subprocess.run([*pip, "install", "-qq", "--no-deps", "--target", site, wheel], check=True)
    return site


def in_site(site: Path, *command: str) -> str:
    """The output of a Python that finds the installed Poolhouse first."""
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, *command], cwd=site.parent, env=environment, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_every_file_is_there(site: Path) -> None:
    for folder in ("engine", "gui", "resources"):
        files = [path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc"]
        missing = [path for path in files if not (site / path.relative_to(ROOT)).is_file()]
        assert not missing


def test_resources_are_found_beside_the_window(site: Path) -> None:
    script = "import gui; from pathlib import Path; print(Path(gui.__file__).parents[1] / 'resources')"
    folder = in_site(site, "-c", script)
    assert Path(folder) == site / "resources"
    assert list(Path(folder).glob("examples/*.pool"))


def test_the_command_runs_an_example(site: Path) -> None:
    example = site / "resources/examples/square.pool"
    folder = Path(in_site(site, "-m", "poolhouse", "run", "--quiet", str(example)).splitlines()[-1])
    assert (folder / "run.log").read_text("utf-8").endswith("root - INFO - Result: [1, 4, 9, 16, 25]\n")
    assert in_site(site, "-c", "import engine; print(engine.__file__)").startswith(str(site))
