"""The Python interpreters of this machine, to test on each what runs in hosts and workers."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

MINORS = range(9, 14)
PYENV = Path(os.environ.get("PYENV_ROOT", "~/.pyenv")).expanduser()
"""Where pyenv keeps its interpreters, on machines that have it."""
_PROBE = "import sys; print('%d.%d' % sys.version_info[:2], sys.executable)"


@functools.cache
def interpreters() -> dict[str, Path]:
    """One interpreter for each version found, such as {"3.9": ..., "3.11": ...}."""
    found: dict[str, Path] = {}
    for candidate in _candidates():
        done = subprocess.run([candidate, "-I", "-c", _PROBE], capture_output=True, text=True)
        if done.returncode == 0:
            version, executable = done.stdout.strip().split(" ", 1)
            found.setdefault(version, Path(executable))
    wanted = [f"3.{minor}" for minor in MINORS]
    return {version: found[version] for version in wanted if version in found}


def _candidates() -> list[str]:
    names = [f"python3.{minor}" for minor in MINORS]
    on_path = [path for path in map(shutil.which, names) if path]
    in_folders = [
        *PYENV.glob("versions/3.*/bin/python"),
        *Path("~/.local/share/uv/python").expanduser().glob("*/bin/python3"),
    ]
    return [sys.executable, *map(str, sorted(in_folders)), *on_path]
