"""A notebook file and its code cells, in any format from 2 on."""

from __future__ import annotations

import json
import linecache

from ..typed import Any, NamedTuple, cast
from .magics import LeftOut, without_magics

PYTHON = ("python", "ipython", "python3", "py", "")
KERNELS = {
    "ir": "R",
    "julia": "Julia",
    "javascript": "JavaScript",
    "ijavascript": "JavaScript",
    "bash": "Bash",
}
"""Languages of kernels, by the beginnings of their names; some notebooks name only the kernel."""


class BookError(ValueError):
    """A file that is not a notebook, or not one in Python. The message says what is wrong with it."""


class Cell(NamedTuple):
    """A code cell. `number` counts code cells from 1."""

    number: int
    code: str
    """Its Python: other lines are blanked."""
    left_out: list[LeftOut]

    def file(self, path: str) -> str:
        """The file name in tracebacks."""
        return f"{path}, cell {self.number}"


class Book(NamedTuple):
    """A notebook."""

    path: str
    cells: list[Cell]

    def left_out(self) -> list[str]:
        """What does not run, in words."""
        return [
            f"cell {cell.number}, line {left.line}: {left.text}"
            for cell in self.cells
            for left in cell.left_out
        ]

    def remember_lines(self) -> None:
        """Make tracebacks show the lines of cells."""
        for cell in self.cells:
            lines = [line + "\n" for line in cell.code.split("\n")]
            name = cell.file(self.path)
            linecache.cache[name] = (len(cell.code), None, lines, name)


def read_book(path: str) -> Book:
    """Read a notebook. Raises `OSError` and `BookError`."""
    with open(path, "rb") as file:
        return parse_book(file.read(), path)


def parse_book(data: bytes, path: str) -> Book:
    """The notebook with this content. Raises `BookError`."""
    content = _content(data)
    language = _language(content)
    if language.lower() not in PYTHON:
        raise BookError(f"The notebook is written in {language}, not in Python.")
    cells: list[Cell] = []
    for place, cell in enumerate(_cells(content), 1):
        kind = cell.get("cell_type")
        if not isinstance(kind, str):
            raise BookError(f"The notebook has an invalid cell: number {place} has no cell_type.")
        if kind == "code":
            cells.append(_cell(cell, len(cells) + 1))
    return Book(path, cells)


def _content(data: bytes) -> dict[str, Any]:
    try:
        content: object = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BookError(f"The notebook is not valid UTF-8 (byte {error.start + 1}).") from None
    except RecursionError:
        raise BookError("The notebook is nested too deeply.") from None
    except ValueError as error:
        if not data.strip():
            raise BookError("The notebook file is empty.") from None
        raise BookError(f"The notebook is not valid JSON: {error}.") from None
    if not isinstance(content, dict):
        raise BookError("The file is not a notebook: it holds no JSON object.")
    return cast("dict[str, Any]", content)


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    """All cells; before format 4 they are in worksheets."""
    found: list[Any] = []
    if "cells" in content:
        found = _list(content["cells"], "cells")
    elif "worksheets" in content:
        for sheet in _list(content["worksheets"], "worksheets"):
            if not isinstance(sheet, dict):
                raise BookError("The notebook has an invalid worksheet.")
            found += _list(cast("dict[str, Any]", sheet).get("cells", []), "cells")
    else:
        raise BookError("The file is not a notebook: it has no cells.")
    for place, cell in enumerate(found, 1):
        if not isinstance(cell, dict):
            raise BookError(f"The notebook has an invalid cell: number {place} is not a JSON object.")
    return found


def _list(value: Any, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise BookError(f"The file is not a notebook: its {name} are not a list.")
    return cast("list[Any]", value)


def _cell(cell: dict[str, Any], number: int) -> Cell:
    text: Any = cell.get("source", cell.get("input", ""))
    if isinstance(text, list) and all(isinstance(line, str) for line in cast("list[Any]", text)):
        text = "".join(cast("list[str]", text))
    if not isinstance(text, str):
        raise BookError(f"Code cell {number} of the notebook has no text as its source.")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    language = _language_of_cell(cell)
    if language.lower() not in PYTHON:
        lines = text.split("\n")
        return Cell(number, "\n" * (len(lines) - 1), [LeftOut(1, f"{lines[0].strip()} ({language})")])
    code, left_out = without_magics(text)
    return Cell(number, code, left_out)


def _language(content: dict[str, Any]) -> str:
    """The language of the whole notebook; empty if it is not given."""
    metadata = _dict(content.get("metadata"))
    kernel = _dict(metadata.get("kernelspec"))
    language = _dict(metadata.get("language_info")).get("name") or kernel.get("language")
    if not language:
        language = KERNELS.get(str(kernel.get("name")).partition("-")[0])
    return language if isinstance(language, str) else ""


def _language_of_cell(cell: dict[str, Any]) -> str:
    language = cell.get("language")
    for editor in ("vscode", "polyglot_notebook", "dotnet_interactive"):
        metadata = _dict(_dict(cell.get("metadata")).get(editor))
        language = (
            metadata.get("languageId") or metadata.get("kernelName") or metadata.get("language") or language
        )
    return language if isinstance(language, str) else ""


def _dict(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}
