"""Checks that two builds of the same sources are the same, file by file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

EXCEPTIONS: dict[str, str] = {}
"""Files that may differ, each with the reason."""


def check(build: Callable[[Path], Path], work: Path) -> int:
    """Build twice, and report what differs; the exit status is 1 if something does."""
    first, second = (_hashes(build(work.with_name(f"again-{number}"))) for number in (1, 2))
    names = {name for name in {*first, *second} if first.get(name) != second.get(name)}
    different = sorted(names - {*EXCEPTIONS})
    for name in different:
        print(f"differs: {name}")
    print(f"{len(first)} files, {len(different)} of them different, {len(EXCEPTIONS)} exceptions")
    return 1 if different else 0


def _hashes(folder: Path) -> dict[str, str]:
    """A fingerprint of each file of an app: its content, or the target of a link."""
    found: dict[str, str] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file():
            found[name] = f"{path.stat().st_mode & 0o777:o} {hashlib.sha256(path.read_bytes()).hexdigest()}"
    return found
