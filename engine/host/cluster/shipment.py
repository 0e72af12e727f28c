"""What is sent to each machine of a cluster: the engine, the user's code, and what a worker must know."""

from __future__ import annotations

import ast
import hashlib
import io
import json
import os
import pickle
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ..errors import BrokenRun
from ..plan import Plan
from ..typed import NamedTuple
from ..work.place import module_path, place
from ..work.worker import Setup

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ENGINE = "engine/host"
USER = "user"
"""Folder of the user's files, each at its own path below it."""
INDEX, TERMS = "index.json", "terms.pickle"
SKIPPED = frozenset(["__pycache__", "node_modules", "site-packages", "dist-packages"])
MOST_FILES = 5_000
MOST_BYTES = 64 << 20
TOO_MUCH = (
    "The function's own modules are too large to be sent to a cluster (more than {files:,} files or {size}"
    " MiB in {where}). Install the package on the workers, and name the function by [function] import."
)


class Terms(NamedTuple):
    """What a machine of the cluster must know about a run."""

    setup: Setup
    start_method: str
    timeout: float
    leftovers: str
    blas_threads: int


class Shipment:
    """The user's own modules as they are now, packed together with the engine."""

    def __init__(self, plan: Plan) -> None:
        """Raises `BrokenRun`."""
        method = "spawn" if plan.start_method == "forkserver" else plan.start_method
        setup = plan.setup._replace(file_limit=None, about_threads="")
        self._terms = Terms(setup, method, plan.timeout, plan.leftovers, plan.blas_threads)
        self._files = own_files(setup.function, setup.folder)

    @property
    def modules(self) -> list[tuple[str, str]]:
        """Names and paths of the modules in it."""
        return [(place(path).name, path) for path in self._files if path.endswith(".py")]

    def packed(self) -> bytes:
        """Everything as a zip file."""
        file = io.BytesIO()
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files_below(HERE):
                if path.endswith(".py"):
                    archive.write(path, f"{ENGINE}/{os.path.relpath(path, HERE).replace(os.sep, '/')}")
            for path, data in self._files.items():
                archive.writestr(f"{USER}/{_below(path)}", data)
            index = {path: hashlib.sha256(data).hexdigest() for path, data in self._files.items()}
            archive.writestr(INDEX, json.dumps(index))
            archive.writestr(TERMS, pickle.dumps(self._terms, 5))
        return file.getvalue()


def unpacked(folder: str) -> Terms:
    """What a machine must know, from a shipment unpacked in `folder`.

    If the user's files are also on this machine, unchanged, they are used in place, with what is beside them.
    Otherwise the shipped ones are used.
    """
    with open(os.path.join(folder, TERMS), "rb") as file:
        terms: Terms = pickle.load(file)
    setup = terms.setup
    with open(os.path.join(folder, INDEX), encoding="utf-8") as file:
        index: dict[str, str] = json.load(file)
    if os.path.isdir(setup.folder) and all(_digest(path) == digest for path, digest in index.items()):
        return terms
    function = dict(setup.function)
    if function["file"]:
        function["file"] = os.path.join(folder, USER, _below(function["file"]))
    job_folder = os.path.join(folder, USER, _below(setup.folder))
    os.makedirs(job_folder, exist_ok=True)
    return terms._replace(setup=setup._replace(function=function, folder=job_folder))


def _digest(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except (OSError, ValueError):
        return ""


def _below(path: str) -> str:
    """An absolute path of any system, as a path below a folder."""
    return re.sub(r"[\\/:]+", "/", path).strip("/")


def own_files(function: dict[str, str], job_folder: str) -> dict[str, bytes]:
    """The files of the function's module or package, and of modules beside it that these import.

    Found by import statements. Installed modules are not included. Raises `BrokenRun`.
    """
    before, behind = module_path(function["file"], job_folder)
    roots = [*before, *behind]
    found = _Found()
    names = set[str]()
    if function["source"]:
        names = _imported(function["source"].encode())
    elif function["import_path"]:
        names = {function["import_path"].partition(":")[0].partition(".")[0]}
    else:
        root, name, in_package = place(function["file"])
        names = found.take([function["file"]])
        if in_package:
            names |= found.take(_module(root, name.partition(".")[0]))
    seen = set[str]()
    while names:
        name = names.pop()
        if name not in seen:
            seen.add(name)
            names |= found.take(_first(roots, name))
    return found.files


def _first(roots: list[str], name: str) -> list[str]:
    """The files of a module in the first folder that has it; none if it is installed, or Python's own."""
    for root in roots:
        if files := _module(root, name):
            return files
    return []


class _Found:
    """Files by their paths, up to a limit."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self._size = 0

    def take(self, paths: Iterable[str]) -> set[str]:
        """Add files; returns the modules that they import. Raises `BrokenRun`."""
        names = set[str]()
        for path in paths:
            if path in self.files:
                continue
            with suppress(OSError), open(path, "rb") as file:
                data = self.files[path] = file.read(MOST_BYTES + 1)
                self._size += len(data)
                if path.endswith(".py"):
                    names |= _imported(data)
            if len(self.files) > MOST_FILES or self._size > MOST_BYTES:
                where = os.path.dirname(path)
                reason = TOO_MUCH.format(files=MOST_FILES, size=MOST_BYTES >> 20, where=where)
                raise BrokenRun(reason, "function.file")
        return names


def _imported(source: bytes) -> set[str]:
    """The top-level modules that a source imports anywhere."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):  # whoever loads it reports it
        return set()
    names = set[str]()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def _module(root: str, name: str) -> list[str]:
    """The files of the module or package `name` in a folder; none if it is not there."""
    folder = os.path.join(root, name)
    if os.path.basename(root) in SKIPPED:
        return []
    if os.path.isdir(folder) and any(entry.endswith(".py") for entry in os.listdir(folder)):
        return list(_files_below(folder))
    path = folder + ".py"
    return [path] if os.path.isfile(path) else []


def _files_below(folder: str) -> Iterator[str]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and not name.endswith((".pyc", ".pyo")):
                yield os.path.join(parent, name)
