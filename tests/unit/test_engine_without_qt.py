"""The engine works without Qt for Python."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SYSTEMS = {"windows": "win32", "macos": "darwin", "linux": "linux"}

IMPORT_ALL = """
import importlib, json, pkgutil, sys

for name in ("PySide6", "shiboken6"):
    sys.modules[name] = None  # makes the import of it fail

import engine

names = [module.name for module in pkgutil.walk_packages(engine.__path__, "engine.")]
names = [name for name in names if name.split(".")[-1].split("_")[-1] not in sys.argv[1:]]
for name in ["engine", "poolhouse", *names]:
    importlib.import_module(name)
print(json.dumps(names))
"""


def test_every_module_of_the_engine_is_imported() -> None:
    elsewhere = [name for name, system in SYSTEMS.items() if system != sys.platform]
    elsewhere += ["posix"] if sys.platform == "win32" else []
    command = [sys.executable, "-c", IMPORT_ALL, "boot", *elsewhere]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "engine.log.lines" in json.loads(done.stdout)


def test_the_front_door_loads_qt_for_the_window_only() -> None:
    script = "import sys, poolhouse; poolhouse.main(['--version']); sys.exit('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Poolhouse ")
