"""What a module does when it is imported, which each worker would repeat; found in its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from engine.syntax import is_main_guard, parse

_WORK = frozenset(
    {
        "open", "input", "sleep", "Popen", "check_output", "check_call", "urlopen", "urlretrieve",
        "connect", "create_engine", "Pool", "ThreadPool", "Process", "ProcessPoolExecutor",
        "ThreadPoolExecutor", "map_async", "starmap", "starmap_async", "imap", "imap_unordered",
        "apply_async", "submit", "parse_args", "parse_known_args", "load", "load_data", "load_dataset",
        "load_model", "from_pretrained", "safe_load", "genfromtxt", "loadtxt", "fit", "train", "glob",
        "rglob", "listdir", "walk", "download", "run_until_complete",
    }
)  # fmt: skip
"""Calls that take time or have side effects, even if only their result is assigned."""
_WORK_OF = frozenset({"asyncio.run", "os.system", "subprocess.run", "subprocess.call"})
_NETWORK = frozenset({"requests", "httpx", "urllib"})
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "request"})
_HARMLESS = frozenset(
    {
        "append", "extend", "insert", "add", "update", "setdefault", "pop", "remove", "discard",
        "clear", "sort", "seed", "manual_seed", "basicConfig", "dictConfig", "fileConfig",
        "captureWarnings", "disable", "enable", "filterwarnings", "simplefilter", "resetwarnings",
        "catch_warnings", "suppress", "use", "style", "rc", "option_context", "setlocale",
        "freeze_support", "load_dotenv", "register", "addHandler", "addFilter", "addLevelName", "mkdir",
        "makedirs", "setrecursionlimit", "getLogger", "setattr", "getattr", "hasattr", "isinstance",
        "issubclass", "range", "len", "enumerate", "zip", "sorted", "reversed", "items", "keys",
        "values", "str", "int", "float", "bool", "list", "dict", "set", "tuple", "frozenset", "min",
        "max", "sum", "abs", "ord", "chr", "globals", "locals", "vars", "dir", "lower", "upper",
        "strip", "split", "join", "format", "replace", "startswith", "endswith", "Path",
        "import_module", "patch_all", "install", "update_forward_refs", "model_rebuild", "add_argument",
        "debug", "config", "warn", "deprecated", "close", "pickle",
    }
)  # fmt: skip
"""Calls that only set up the module or its libraries."""
_SETTERS = ("set", "add_", "register_", "enable_", "disable_", "configure")
_SHOWN = 60
_SENTENCE = "runs again in each worker"


class Unguarded(NamedTuple):
    """A statement that does work at the top level, outside the main guard."""

    line: int
    text: str
    """Its beginning."""


def unguarded(text: str) -> list[Unguarded]:
    """The statements of a module that each worker would run again; none if its text is not Python.

    Definitions, imports, constants and set-up are not work. A call as a statement is, unless it is known to
    be set-up; a call whose result is kept is only if it is known to take time or have side effects.
    """
    try:
        tree = parse(text)
    except SyntaxError:
        return []
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    lines = text.splitlines()
    return [Unguarded(node.lineno, _beginning(lines, node)) for node in _working(tree.body, own)]


def warning(found: list[Unguarded]) -> str:
    """What to say about them, in one sentence; empty if there are none."""
    if not found:
        return ""
    more = f" So do {len(found) - 1} more, the next in line {found[1].line}." if len(found) > 2 else ""
    if len(found) == 2:
        more = f" So does line {found[1].line}."
    return (
        f"Line {found[0].line}: {found[0].text} {_SENTENCE}.{more} "
        'Move it under if __name__ == "__main__", which no worker runs.'
    )


def _working(body: Iterable[ast.stmt], own: set[str]) -> Iterator[ast.stmt]:
    for node in body:
        match node:
            case ast.If() if not _works(node.test, own):
                yield from _working(_imported(node), own)
            case ast.Try() | ast.TryStar():
                handled = [inner for handler in node.handlers for inner in handler.body]
                yield from _working([*node.body, *handled, *node.orelse, *node.finalbody], own)
            case _:
                if _is_work(node, own):
                    yield node


def _imported(node: ast.If) -> list[ast.stmt]:
    """The part of an `if` that can run when the module is imported."""
    never = is_main_guard(node) or ast.unparse(node.test).rpartition(".")[2] == "TYPE_CHECKING"
    return node.orelse if never else [*node.body, *node.orelse]


def _is_work(node: ast.stmt, own: set[str]) -> bool:
    match node:
        case ast.While() | ast.If():
            return True
        case ast.For() | ast.With():
            return any(not _is_harmless(call) for call in _calls(node))
        case ast.Expr(value=ast.Call() as call):
            return not _is_harmless(call) or _works(node, own)
        case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.AugAssign() | ast.Assert():
            return _works(node, own)
        case _:
            return False


def _works(node: ast.AST, own: set[str]) -> bool:
    """Whether evaluating `node` takes time, or calls the file's own functions over and over."""
    for inner in _evaluated(node):
        match inner:
            case ast.Call():
                name = _name(inner)
                if name.rpartition(".")[2] in _WORK or name in _WORK_OF or _reads(name) or _asks(name):
                    return True
                if name == "map" and inner.args and ast.unparse(inner.args[0]) in own:
                    return True
            case ast.ListComp() | ast.SetComp() | ast.DictComp():
                if any(_name(call) in own for call in _calls(inner)):
                    return True
            case _:
                pass
    return False


def _reads(name: str) -> bool:
    return name.rpartition(".")[2].startswith("read_") or name.endswith(".read")


def _asks(name: str) -> bool:
    head, _, verb = name.rpartition(".")
    return head.partition(".")[0] in _NETWORK and verb in _VERBS


def _is_harmless(call: ast.Call) -> bool:
    last = _name(call).rpartition(".")[2].lstrip("_")
    if last == "set_start_method":  # the second time, it is an error
        return False
    return last in _HARMLESS or last.startswith(_SETTERS)


def _name(call: ast.Call) -> str:
    """The dotted name that is called; for the result of another call, the part after it."""
    parts: list[str] = []
    node = call.func
    while isinstance(node, ast.Attribute):
        parts.insert(0, node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.insert(0, node.id)
    return ".".join(parts)


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """The calls that are made when `node` runs."""
    return (inner for inner in _evaluated(node) if isinstance(inner, ast.Call))


def _evaluated(node: ast.AST) -> Iterator[ast.AST]:
    """`node` and what runs with it: not the bodies of functions, nor what a generator would yield."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.GeneratorExp):
            yield from _evaluated(child)


def _beginning(lines: list[str], node: ast.stmt) -> str:
    text = lines[node.lineno - 1].strip() if node.lineno <= len(lines) else ast.unparse(node)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
