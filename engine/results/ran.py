"""How two runs differ in their jobs, their code and their environments."""

from __future__ import annotations

import difflib
import json
import shlex
import tomllib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, cast

from engine.host.record.code import FOLDER, MOST_BYTES, Kept, read_copy, read_index, stamp
from engine.results.differences import JobChange
from engine.runs import JOB, RunReader

MOST_LINES = 5_000
"""Longer files are not compared line by line."""
MOST_DIFF = 5_000
"""Lines of a diff."""
LONGEST = 300
"""Characters of a value of a job."""


def job_changes(one: RunReader, other: RunReader) -> Iterator[JobChange]:
    """How the jobs and their environments differ."""
    before, after = _all_of(one), _all_of(other)
    for key in [*before, *(key for key in after if key not in before)]:
        if before.get(key) != after.get(key):
            yield JobChange(key, _cut(before.get(key, "")), _cut(after.get(key, "")))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _all_of(run: RunReader) -> dict[str, str]:
    facts = run.facts((0, 0))
    told = dict(_job(run.folder))
    told |= {
        "tasks": "" if facts.total is None else f"{facts.total:,}",
        "workers": str(facts.workers),
        "arguments": shlex.join(facts.arguments[1:]),
        "folder": facts.folder if facts.is_script else "",
        "mode": facts.mode,
        "start method": facts.start_method,
        "python": facts.python,
        "interpreter": facts.executable,
        "machine": facts.machine,
        "cores": "" if facts.cores is None else str(facts.cores),
        "commit": facts.commit + (" with changes" if facts.dirty else ""),
    }
    return told | {f"package {name}": version for name, version in facts.packages}


def _job(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        tables = tomllib.loads((folder / JOB).read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return
    for section, keys in tables.items():
        if isinstance(keys, dict):
            for key, value in cast("dict[str, Any]", keys).items():
                if key != "source":  # that is code
                    yield f"{section}.{key}", _value(value)


def _value(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def code_diff(one: RunReader, other: RunReader) -> tuple[str, str]:
    """The differences in the code, and why some are missing, if so."""
    before, after = _code(one.folder), _code(other.folder)
    is_script = one.facts((0, 0)).is_script or other.facts((0, 0)).is_script
    if not before or not after:
        is_missing = before or after or is_script
        return "", "The code of the runs was not saved, so it cannot be compared." if is_missing else ""
    lines: list[str] = []
    too_long: list[str] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name, []), after.get(name, [])
        if old == new:
            continue
        if max(len(old), len(new)) > MOST_LINES:
            too_long.append(name)
            continue
        lines += islice(difflib.unified_diff(old, new, name, name, lineterm=""), MOST_DIFF - len(lines))
    notes = [f"{name} differs, and is too long to compare line by line." for name in too_long]
    if is_script:
        notes.append("Only the scripts themselves were saved, not the modules that they import.")
    if len(lines) >= MOST_DIFF:
        notes.append(f"Only the first {MOST_DIFF:,} lines of the differences are shown.")
    return "\n".join(lines), " ".join(notes)


def _code(folder: Path) -> dict[str, list[str]]:
    """The lines of each copied module, and of the source in the job, by name."""
    found: dict[str, list[str]] = {}
    kept: Kept
    for kept in read_index(str(folder))[1]:
        text = _copy(folder, kept)
        if text is None:
            continue
        name = str(kept.name if kept.name and kept.name != "__main__" else Path(str(kept.path)).name)
        found[name] = text.decode("utf-8", "replace").splitlines()
    for key, value in _sources(folder):
        found[key] = value.splitlines()
    return found


def _copy(folder: Path, kept: Kept) -> bytes | None:
    """The copy of a file, which a malicious index could place anywhere; None if it cannot be read."""
    copy = str(kept.copy)
    known = stamp(str(folder / FOLDER / copy))
    if Path(copy).name != copy or known is None or known[1] > MOST_BYTES:
        return None
    try:
        return read_copy(str(folder), kept._replace(copy=copy))
    except OSError:
        return None


def _sources(folder: Path) -> Iterator[tuple[str, str]]:
    try:
        table = tomllib.loads((folder / JOB).read_text("utf-8")).get("function", {})
    except (OSError, ValueError, RecursionError):
        return
    if isinstance(table, dict) and isinstance(source := cast("dict[str, Any]", table).get("source"), str):
        yield "source", source
