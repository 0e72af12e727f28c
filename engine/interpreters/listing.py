"""The interpreters that the user can choose from."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from engine.interpreters.places import SHIMS, Place, beside, everywhere
from engine.interpreters.probe import Facts, find_interpreter, probe

AT_ONCE = 4
"""Interpreters that are examined at a time."""


class Interpreter(NamedTuple):
    """A Python that a run could use."""

    path: Path
    """Its executable; links are not resolved."""
    label: str
    """Its name in the list: that of its environment, or of what installed it."""
    version: str
    kind: str
    """own environment, recent, pyenv, conda, uv, system or empty."""
    problem: str
    """What is wrong with it and what to do, as the end of a sentence that begins with its path; or empty."""


def find(near: Path | None = None, recent: Sequence[Path] = ()) -> list[Interpreter]:
    """The interpreters of this machine except the app's own, each once; those of the file `near` come first.

    Each one is run, so this takes a while: about 50 ms for each that was not examined before.
    """
    from concurrent.futures import ThreadPoolExecutor  # commands load this module without listing anything

    places = [*(beside(near) if near else ()), *_recent(recent), *everywhere()]
    places = list({place.path: place for place in reversed(places)}.values())[::-1]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        facts = list(pool.map(probe, [place.path for place in places]))
    return _merged(zip(places, facts, strict=True))


def examine(path: Path, kind: str = "") -> Interpreter:
    """The interpreter at `path`, which is an executable or an environment's folder."""
    python = find_interpreter(path)
    if python is None:
        return Interpreter(path, path.name, "", kind, f"is not a Python interpreter: {_lack(path)}")
    return _described(Place(python, kind), probe(python))


def proposed(file: Path) -> Interpreter | None:
    """The environment of `file`; None if it has none that works, or if it is the app's own."""
    for place in beside(file):
        facts = probe(place.path)
        if not facts.problem:
            return None if _is_own(facts) else _described(place, facts)
    return None


def _recent(paths: Iterable[Path]) -> Iterable[Place]:
    for path in paths:
        if python := find_interpreter(path):
            yield Place(python, "recent")


def _merged(found: Iterable[tuple[Place, Facts]]) -> list[Interpreter]:
    """Each environment once. Mere stubs, and those that do not run, are left out if others are left."""
    environments: dict[tuple[str, ...], Interpreter] = {}
    for place, facts in found:
        if facts.version:
            key = (os.path.realpath(facts.prefix), facts.version, facts.kind)
            if _is_own(facts) or key in environments:
                continue
        elif place.kind in (SHIMS, "system"):  # a program of that name, such as a shim without a version
            continue
        else:
            key = (str(place.path),)
        if place.kind == SHIMS:
            place = Place(Path(facts.executable), "system")  # noqa: PLW2901
        environments[key] = _described(place, facts)
    return sorted(environments.values(), key=_order)


def _order(interpreter: Interpreter) -> tuple[int, list[int]]:
    """Near the file first, then recently used, then the newest; unusable ones last."""
    groups = {"own environment": 0, "recent": 1}
    group = 3 if interpreter.problem else groups.get(interpreter.kind, 2)
    numbers = interpreter.version.partition(" ")[0].split(".")
    return group, [-int(number) for number in numbers if number] if group > 1 else []


def _is_own(facts: Facts) -> bool:
    """Whether the app itself runs on this Python."""
    return not getattr(sys, "frozen", False) and os.path.realpath(facts.prefix) == os.path.realpath(
        sys.prefix
    )


def _described(place: Place, facts: Facts) -> Interpreter:
    return Interpreter(place.path, _label(place, facts), facts.version, place.kind, facts.problem)


def _label(place: Place, facts: Facts) -> str:
    """The name of the environment, if it has one."""
    folder = Path(facts.prefix) if facts.prefix else place.path.parent.parent
    names = {
        "own environment": folder.name,
        "recent": folder.name,
        "conda": f"conda {folder.name}",
        "system": "system",
    }
    is_environment = facts.prefix != facts.base
    label = names.get(place.kind) or (folder.name if is_environment else place.kind or folder.name)
    return label if facts.kind in ("", "CPython") else f"{label}, {facts.kind}"


def _lack(path: Path) -> str:
    """Why `path` is not an interpreter, and what to do."""
    choose = "Choose a python or an environment's folder."
    for link in (path, *(path / "bin" / name for name in ("python3", "python"))):
        if link.is_symlink() and not link.exists():
            return f"it leads to {link.readlink()}, which is gone. Make that environment again. {choose}"
    if path.is_dir():
        return f"the folder has no python in it. {choose}"
    if path.exists():
        return f"the file cannot be run. {choose}"
    return f"there is no such file or folder. {choose}"
