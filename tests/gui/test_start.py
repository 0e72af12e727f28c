"""The window's start loads no more than its first frame needs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.program import ROOT

OPEN = """
import json, sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
from gui.kit.theme import Theme
from gui.shell.window import Window
import gui.app

def tell():
    print(json.dumps(sorted(sys.modules)))
    app.quit()

app = QApplication(["poolhouse"])
window = Window(Path(sys.argv[1]), Theme(app))
window.drawn.disconnect()
window.drawn.connect(tell)
window.reopen()
window.show()
app.exec()
"""
LATER = {
    "engine.check", "engine.compare", "engine.interpreters", "engine.inputs.preview",
    "engine.instance.door", "engine.launch", "engine.query", "engine.runs", "engine.source",
    "engine.trial", "gui.compare", "gui.logs", "gui.results",
    "gui.run.bridge", "gui.summary", "gui.timeline", "gui.trial.view", "gui.workers", "html",
    "multiprocessing", "numpy", "psutil", "pygments", "pyqtgraph", "socket", "sqlite3",
    "subprocess", "tomllib", "uuid",
}  # fmt: skip
"""Loaded when a job, a run or a log is opened, or when there is time: after the first frame."""


def test_what_is_not_shown_is_loaded_later(tmp_path: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "XDG_CONFIG_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", OPEN, tmp_path / "runs"],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    loaded: list[str] = json.loads(done.stdout)
    assert "gui.shell.window" in loaded
    too_early = {name for name in loaded for late in LATER if name == late or name.startswith(f"{late}.")}
    assert not too_early
