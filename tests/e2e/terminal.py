"""Poolhouse as typed in a terminal, for tests."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from tests.program import command

LIMIT = 60
"""Seconds that a command may take."""


def poolhouse(
    *words: object, cwd: Path | None = None, typed: str | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words), cwd=cwd, input=typed, capture_output=True, text=True, timeout=LIMIT
    )


def printed(runs: Path) -> str:
    """What the workers of all runs in a folder have printed so far."""
    return "".join(path.read_text("utf-8", "replace") for path in sorted(runs.glob("*/output/*.txt")))


def write_job(
    folder: Path, source: str, job: str = "", inputs: str = 'kind = "list"\nvalues = [1, 2, 3]'
) -> Path:
    (folder / "work.py").write_text(source)
    path = folder / "work.pool"
    path.write_text(f'[function]\nfile = "work.py"\nname = "f"\n\n[inputs]\n{inputs}\n\n{job}')
    return path


def exported(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in poolhouse("export", folder, "--format", "jsonl").stdout.splitlines()]
