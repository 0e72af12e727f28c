"""What a script may do besides handing over its tasks without affecting them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable
from pathlib import Path

from engine.source.line import Line
from engine.source.names import Names
from engine.source.notes import NotCertain, seen
from engine.syntax import is_main_guard

_ALIKE = frozenset(
    {
        "builtins.abs", "builtins.bool", "builtins.dict", "builtins.enumerate", "builtins.float",
        "builtins.int", "builtins.len", "builtins.list", "builtins.max", "builtins.min", "builtins.print",
        "builtins.range", "builtins.repr", "builtins.round", "builtins.set", "builtins.sorted",
        "builtins.str", "builtins.sum", "builtins.tuple", "builtins.zip", "collections.namedtuple",
        "functools.partial", "logging.basicConfig", "logging.getLogger", "multiprocessing.cpu_count",
        "multiprocessing.freeze_support", "multiprocessing.get_context", "os.cpu_count", "os.environ.get",
        "os.getcwd", "os.path.abspath", "os.path.dirname", "os.path.join", "pathlib.Path", "re.compile",
    }
)  # fmt: skip
"""Functions that return the same in each process, or do what the job does too,"""
_APART = frozenset(
    {
        "datetime.datetime.now", "logging.FileHandler", "logging.StreamHandler",
        "multiprocessing.set_start_method", "os.getpid", "time.ctime", "time.monotonic", "time.perf_counter",
        "time.sleep", "time.strftime", "time.time", "timeit.default_timer", "tqdm.tqdm",
    }
)  # fmt: skip
"""that only concern the calling process,"""
_EVERYWHERE = frozenset({"sys.setrecursionlimit", "warnings.filterwarnings", "warnings.simplefilter"})
"""or that do not matter if each process calls them."""
_LOGGING = ("debug", "info", "warning", "error", "critical", "setLevel")
_PLAIN = (ast.Expr, ast.Assign, ast.AnnAssign, ast.Pass)
"""Statements that do no more than their expressions."""


class Harmless:
    """Recognizes code that cannot matter. `apart` is whether only the main process runs it."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def require(self, node: ast.AST, *, apart: bool) -> None:
        """Raise `NotCertain` for code that may matter."""
        if not self._accepts(node, apart):
            raise NotCertain(f"What {seen(node)} does before the pool may matter to the tasks", node)

    def _all(self, nodes: Iterable[ast.AST], apart: bool) -> bool:
        return all(self._accepts(node, apart) for node in nodes)

    def _accepts(self, node: ast.AST, apart: bool) -> bool:
        match node:
            case ast.Import() | ast.ImportFrom():
                return not apart
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef(keywords=[]):
                is_class = isinstance(node, ast.ClassDef)
                parts = [*node.bases, *node.body] if is_class else [node.args, node.returns or node.args]
                return all(map(self._decorates, node.decorator_list)) and self._all(parts, apart)
            case ast.Lambda(args=args):
                return self._accepts(args, apart)
            case ast.Call(func=func):
                calls_back = any(keyword.arg in ("key", None) for keyword in node.keywords)
                given = [*node.args, *node.keywords]
                return self._may_call(func, apart) and not calls_back and self._all(given, apart)
            case ast.Attribute(ctx=ast.Store()) | ast.Subscript(ctx=ast.Store()) | ast.NamedExpr():
                return False
            case _:
                is_plain = isinstance(node, _PLAIN) or not isinstance(node, ast.stmt)
                return is_plain and self._all(ast.iter_child_nodes(node), apart)

    def _decorates(self, node: ast.expr) -> bool:
        """Whether a decorator is not the script's own."""
        return bool(self._names.path(node.func if isinstance(node, ast.Call) else node))

    def _may_call(self, func: ast.expr, apart: bool) -> bool:
        path = self._names.path(func)
        is_of_text = isinstance(func, ast.Attribute) and isinstance(func.value, ast.Constant)
        return path in _ALIKE or path in (_APART if apart else _EVERYWHERE) or is_of_text or self.logs(func)

    def logs(self, func: ast.expr) -> bool:
        """Whether calling this logs something, or sets a level."""
        if not isinstance(func, ast.Attribute) or func.attr not in _LOGGING:
            return False
        made = self._names.assigned(func.value)
        is_logger = isinstance(made, ast.Call) and self._names.path(made.func) == "logging.getLogger"
        return is_logger or self._names.path(func.value) == "logging"

    def require_turn(self, loop: ast.AST | None, *ours: ast.Call) -> None:
        """Check that a loop does no more in each turn than to submit, start or await a task, and to print."""
        for node in loop.body if isinstance(loop, ast.For) else []:
            is_ours = any(inner in ours for inner in ast.walk(node))
            match node:
                case ast.Assign(targets=[ast.Name() | ast.Subscript()]) | ast.Expr() if is_ours:
                    pass
                case ast.Expr(value=ast.Call(func=ast.Attribute(value=ast.Name(), attr=attr), args=args)) if (
                    attr in ("append", "start", "join") and all(isinstance(arg, ast.Name) for arg in args)
                ):
                    pass
                case ast.Expr() if self._accepts(node, apart=True):
                    pass
                case _:
                    raise NotCertain(f"What {seen(node)} does in each turn may matter to the tasks", node)


def require_plain(names: Names, line: Line, call: ast.expr, folder: Path) -> None:
    """Check what concerns the whole file. Raises `NotCertain`. `line` leads to `call`."""
    _require_guard(names, line, call)
    for module, node in names.modules.items():
        head = module.split(".")[0]
        if head in sys.stdlib_module_names and any(
            path.exists() for path in (folder / head, folder / f"{head}.py")
        ):
            raise NotCertain(f"{head} may be the one beside the script, not Python's own", node)
    for node in ast.walk(names.tree):
        match node:
            case ast.Attribute(attr="argv" | "parse_args" | "parse_known_args") | ast.alias(name="argv"):
                raise NotCertain(f"The script reads its arguments ({seen(node)}), and a job has none", node)
            case ast.Global() | ast.Nonlocal() if names.function_of(node) in line.blocks:
                raise NotCertain(f"No worker of a job has what {seen(node)} sets", node)
            case ast.Name(id="__name__") if not isinstance(names.function_of(node), ast.Module):
                user = names.parents[node]
                if not isinstance(user, ast.Call) or names.path(user.func) != "logging.getLogger":
                    raise NotCertain("__name__ is another one in a job", node)
            case _:
                pass


def _require_guard(names: Names, line: Line, call: ast.expr) -> None:
    """Check that the main guard has the call and ends the file, and that no function needs what it sets."""
    body = names.tree.body
    guard = next((node for node in body if is_main_guard(node)), None)
    if not isinstance(guard, ast.If) or guard not in line.blocks:
        reason = f'{seen(call)} is not under if __name__ == "__main__"'
        raise NotCertain(f"{reason}, so each worker of a job would run it too", call)
    if guard.orelse:
        raise NotCertain("What the else of the main guard does is done by workers alone", guard)
    if guard is not body[-1]:
        after = body[body.index(guard) + 1]
        raise NotCertain(f"{seen(after)} comes after the main guard", after)
    inside = set(ast.walk(guard))
    for name in [name for name, bound in names.bound[names.tree].items() if not inside.isdisjoint(bound)]:
        for use in names.uses(name, names.tree):
            if not isinstance(names.function_of(use), ast.Module):
                reason = f"{name} is set under the main guard, which no worker of a job runs"
                raise NotCertain(f"{reason}, and used here", use)
