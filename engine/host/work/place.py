"""The place of a Python file: on its own, or in a package that is imported from the project's root."""

from __future__ import annotations

import os

from ..books import is_book
from ..typed import NamedTuple


class Place(NamedTuple):
    """The folder from which a file is imported, and its module name."""

    root: str
    name: str
    in_package: bool


def place(path: str) -> Place:
    """The place of the file `path`: as deep in packages as the `__init__.py` files above it show.

    A notebook is never in a package.
    """
    folder, file = os.path.split(path)
    names = [_importable(os.path.splitext(file)[0])]
    while not is_book(path) and os.path.isfile(os.path.join(folder, "__init__.py")):
        parent, name = os.path.split(folder)
        if not name or "." in name:  # no import statement can name it
            break
        names.insert(0, name)
        folder = parent
    in_package = len(names) > 1
    if in_package and names[-1] == "__init__":
        names.pop()
    return Place(folder, ".".join(names), in_package)


def _importable(stem: str) -> str:
    """A module name that pickle can find again: a dot would mean a package, a lone surrogate fails."""
    return "".join("_" if char == "." or "\ud800" <= char <= "\udfff" else char for char in stem)


def module_path(file: str, job_folder: str) -> tuple[list[str], list[str]]:
    """What goes before and after the module path for `file`, absolute or empty, of a job in `job_folder`.

    Inside a package no folder may come first: a module of the package called `types` is not Python's. It may
    come last, for those who import a neighbour by its bare name.
    """
    if not file:
        return [job_folder], []
    root, _, in_package = place(file)
    if not in_package:
        return [root, job_folder], []
    inside = os.path.join(job_folder, "").startswith(os.path.join(root, "")) and job_folder != root
    return [root] if inside else [root, job_folder], [os.path.dirname(file)]
