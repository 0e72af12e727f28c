"""Missing packages: found in a message, with the command that installs them."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.shell import command_line
from engine.trial.advice import advise
from engine.trial.packages import distribution, install_line, missing_module


@pytest.mark.parametrize(
    ("message", "module"),
    [
        ("ModuleNotFoundError: No module named 'cv2'", "cv2"),
        ("tool.py cannot be imported: no module named 'sklearn.svm'. Install it for x.", "sklearn"),
        ("ModuleNotFoundError: No module named 'json.no'; 'json' is not a package", ""),
        ("ImportError: cannot import name 'x' from 'y'", ""),
        ("ValueError: no", ""),
    ],
)
def test_missing_module(message: str, module: str) -> None:
    assert missing_module(message) == module


def test_packages_by_the_name_they_are_installed_under() -> None:
    names = {"cv2": "opencv-python", "sklearn": "scikit-learn", "PIL": "Pillow", "yaml": "PyYAML"}
    assert {module: distribution(module) for module in names} == names
    assert distribution("numpy") == "numpy"


def test_install_line(tmp_path: Path) -> None:
    python = tmp_path / "my env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    assert install_line(python, "PIL") == command_line([str(python), "-m", "pip", "install", "Pillow"])
    (tmp_path / "my env" / "pyvenv.cfg").write_text("home = /usr/bin\nuv = 0.9.1\n")
    assert install_line(python, "PIL").split()[:4] == ["uv", "pip", "install", "--python"]


def test_a_command_line_is_quoted_for_the_shell_it_is_for() -> None:
    parts = ["C:\\my tools\\python.exe", "it's", "plain"]
    assert command_line(parts, windows=True) == '"C:\\my tools\\python.exe" it\'s plain'
    assert command_line(parts, windows=False) == "'C:\\my tools\\python.exe' 'it'\"'\"'s' plain"


def test_in_the_packaged_app_another_interpreter_is_advised() -> None:
    assert advise("error", "PIL", sealed=True).startswith("The package Pillow (imported as PIL) is not part")
    assert "install it" in advise("error", "numpy", sealed=False)
    assert advise("ok", "", sealed=False) == ""
