"""Python text as a syntax tree; whatever is wrong with the text is a SyntaxError."""

from __future__ import annotations

import ast
import importlib.util
import warnings
from pathlib import Path

from engine.host.books import is_book


def read_source(path: Path) -> str:
    """The text of a Python file, in the encoding that it declares; for a notebook, its code cells.

    Raises OSError, SyntaxError, and ValueError if it is not a notebook.
    """
    if is_book(str(path)):
        return _text_of_book(path)
    try:
        return importlib.util.decode_source(path.read_bytes())
    except UnicodeDecodeError as error:
        raise SyntaxError(f"the file is not valid {error.encoding} text (byte {error.start + 1})") from None


def parse(text: str) -> ast.Module:
    """The syntax tree of a module."""
    tree = _parse(text, "exec")
    assert isinstance(tree, ast.Module)
    return tree


def parse_expression(text: str) -> ast.expr:
    """The syntax tree of one expression."""
    tree = _parse(text, "eval")
    assert isinstance(tree, ast.Expression)
    return tree.body


def place(error: SyntaxError) -> str:
    """What is wrong and where: `line 3, column 7: invalid syntax`."""
    if error.lineno is None:
        return error.msg
    cell = f"{error.filename}, " if str(error.filename).startswith("cell ") else ""
    return f"{cell}line {error.lineno}, column {max(1, error.offset or 1)}: {error.msg}"


def _text_of_book(path: Path) -> str:
    """The Python code of a notebook. Errors name the cell."""
    from engine.host.books.book import read_book

    book = read_book(str(path))
    for cell in book.cells:
        try:
            parse(cell.code)
        except SyntaxError as error:
            error.filename = f"cell {cell.number}"
            raise
    return "\n".join(cell.code for cell in book.cells)


def is_main_guard(node: ast.stmt) -> bool:
    """Whether this is `if __name__ == "__main__":`."""
    match node:
        case ast.If(test=ast.Compare(left=left, ops=[ast.Eq()], comparators=[right])):
            return {ast.unparse(left), ast.unparse(right)} == {"__name__", "'__main__'"}
        case _:
            return False


def _parse(text: str, mode: str) -> ast.AST:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # bad escapes in the user's text are not ours to report
            return compile(text, "<text>", mode, ast.PyCF_ONLY_AST, dont_inherit=True)
    except (RecursionError, MemoryError):
        raise SyntaxError("the text is nested too deeply") from None
    except UnicodeEncodeError as error:
        raise SyntaxError(f"{error.object[error.start]!r} is not a valid character") from None
    except ValueError:
        raise SyntaxError("the text holds a null character") from None
