"""In the menu of a Linux desktop: installed for a user, known to its tools, removed."""

from __future__ import annotations

import configparser
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.program import command
from tests.running import make_job, run_job

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere installers do this"),
    pytest.mark.usefixtures("program"),
]


@pytest.fixture
def share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    return tmp_path / "share"


def poolhouse(option: str) -> str:
    done = subprocess.run(command(option), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def content_type(path: Path) -> str:
    words = ["gio", "info", "-a", "standard::content-type", path]
    told = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return told.rsplit("content-type: ", 1)[1].strip()


def test_files_are_known_and_open_with_it_until_it_is_uninstalled(share: Path, tmp_path: Path) -> None:
    assert "13 files" in poolhouse("--install-desktop")
    job = tmp_path / "a.pool"
    job.write_text("[function]\n")
    assert content_type(job) == "application/x-poolhouse-job"
    run = run_job(make_job(tmp_path, "def f(x): return x", inputs=[1])).folder
    renamed = shutil.copy(run / "run.db", tmp_path / "of-another-name")
    assert content_type(run / "run.db") == content_type(Path(renamed)) == "application/x-poolhouse-run"
    for kind in ("application/x-poolhouse-job", "application/x-poolhouse-run", "text/x-python", "text/x-log"):
        opened_by = subprocess.run(["gio", "mime", kind], capture_output=True, text=True, check=True).stdout
        assert "poolhouse.desktop" in opened_by

    assert "13 files" in poolhouse("--uninstall-desktop")
    assert not [path for path in share.rglob("*poolhouse*") if path.is_file()]
    assert content_type(job) != "application/x-poolhouse-job"


def test_the_entry_starts_this_program_and_the_icons_have_their_sizes(share: Path) -> None:
    from PySide6.QtGui import QImage

    poolhouse("--install-desktop")
    entry = configparser.ConfigParser(interpolation=None)
    entry.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
    entry.read(share / "applications/poolhouse.desktop")
    words = entry["Desktop Entry"]["Exec"].split()
    assert words[-1] == "%f"
    told = subprocess.run([*words[:-1], "--version"], capture_output=True, text=True, check=True).stdout
    assert told.startswith("Poolhouse ")
    actions = entry["Desktop Entry"]["Actions"].strip(";").split(";")
    assert [f"Desktop Action {action}" in entry for action in actions] == [True, True]
    for picture in share.glob("icons/hicolor/*x*/apps/poolhouse.png"):
        size = int(picture.parts[-3].partition("x")[0])
        image = QImage(str(picture))
        assert (image.width(), image.height()) == (size, size)
        assert image.pixelColor(size // 2, size // 2).alpha() == 255
    ElementTree.parse(next(share.glob("metainfo/*.xml")))
