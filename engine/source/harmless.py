"""What a script may do before its pool without affecting the tasks."""

from __future__ import annotations

import ast
import sys

from engine.source.names import Names
from engine.source.notes import NotCertain, seen

_ALIKE = frozenset(
    {
        "abs", "bool", "dict", "enumerate", "float", "frozenset", "int", "isinstance", "len", "list", "max",
        "min", "range", "repr", "reversed", "round", "set", "sorted", "str", "sum", "tuple", "type", "zip",
    }
)  # fmt: skip
"""Builtins that return the same in each process."""
_ALIKE_PATHS = frozenset(
    {
        "collections.Counter", "collections.OrderedDict", "collections.defaultdict", "collections.deque",
        "collections.namedtuple", "datetime.date", "datetime.datetime", "datetime.timedelta",
        "decimal.Decimal", "fractions.Fraction", "functools.partial", "logging.getLogger",
        "multiprocessing.cpu_count", "operator.attrgetter", "operator.itemgetter", "os.cpu_count",
        "os.environ.get", "os.getcwd", "os.getenv", "pathlib.Path", "pathlib.PurePath", "re.compile",
        "typing.NewType", "typing.TypeVar",
    }
)  # fmt: skip
"""Functions that also do."""
_ALIKE_MODULES = ("os.path", "math")
_OWN = frozenset(
    {
        "datetime.datetime.now", "os.getpid", "time.time", "time.perf_counter", "time.monotonic",
        "time.process_time", "timeit.default_timer", "time.sleep", "tqdm.tqdm", "tqdm.auto.tqdm",
        "logging.FileHandler", "logging.NullHandler", "logging.StreamHandler",
    }
)  # fmt: skip
"""Functions that only concern the calling process."""
_KNOWN = sys.stdlib_module_names | {"tqdm"}
"""Modules whose import does not affect the tasks."""
_SHARED = frozenset(
    {"Queue", "JoinableQueue", "SimpleQueue", "Lock", "RLock", "Event", "Condition", "Semaphore",
     "BoundedSemaphore", "Barrier", "Value", "Array", "RawValue", "RawArray", "Manager", "Pipe"}
)  # fmt: skip
"""What multiprocessing creates for processes to share."""
_LOGGING = frozenset({"debug", "info", "warning", "error", "exception", "critical", "log"})
_SETTINGS = frozenset(
    {"logging.basicConfig", "multiprocessing.freeze_support", "multiprocessing.set_start_method"}
)
"""Calls that the job takes over, or that do nothing."""


class Harmless:
    """Recognizes statements that cannot matter. `apart` is whether only the main process runs them."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def require(self, node: ast.stmt, *, apart: bool) -> None:
        """Raise `NotCertain` for a statement that may matter."""
        if self._defines(node, apart) or self._does_little(node, apart):
            return
        for inner in ast.walk(node):
            if isinstance(inner, ast.Call) and self._is_shared(inner.func):
                raise NotCertain(f"{seen(inner)} is shared by processes, which a job cannot hand over", node)
        raise NotCertain(f"What {seen(node)} does before the pool may matter to the tasks", node)

    def _defines(self, node: ast.stmt, apart: bool) -> bool:
        match node:
            case ast.Import() | ast.ImportFrom():
                return not apart or all(head in _KNOWN for head in _heads(node))
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                defaults = [*node.args.defaults, *filter(None, node.args.kw_defaults)]
                return all(self.expression(default, apart) for default in defaults)
            case ast.ClassDef():
                return not apart
            case ast.Try():
                return not apart and all(map(_may_fail, ast.walk(node)))
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                return True
            case _:
                return False

    def _does_little(self, node: ast.stmt, apart: bool) -> bool:
        match node:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Assign(targets=targets):
                return all(map(_names_only, targets)) and self.expression(node.value, apart)
            case ast.AnnAssign(target=ast.Name()) | ast.AugAssign(target=ast.Name()):
                return node.value is None or self.expression(node.value, apart)
            case ast.Expr(value=ast.Call() as call):
                return self._says(call) or self.expression(call, apart)
            case _:
                return False

    def _is_shared(self, func: ast.expr) -> bool:
        module, _, name = self._names.path(func).rpartition(".")
        return module == "multiprocessing" and name in _SHARED

    def _says(self, call: ast.Call) -> bool:
        """Whether a call only prints, logs, or sets what the job takes over."""
        given = [*call.args, *(keyword.value for keyword in call.keywords)]
        if not all(self.expression(value, apart=True) for value in given):
            return False
        path = self._names.path(call.func)
        if path == "builtins.print":
            return all(keyword.arg in ("sep", "end", "flush") for keyword in call.keywords)
        return path in _SETTINGS or self.logs(call)

    def logs(self, call: ast.Call) -> bool:
        """Whether a call logs something."""
        match call.func:
            case ast.Attribute(value=ast.Call(func=maker), attr=attr) if attr in _LOGGING:
                return self._names.path(maker) == "logging.getLogger"
            case ast.Attribute(value=ast.Name() as owner, attr=attr) if attr in (*_LOGGING, "setLevel"):
                return self._names.path(owner) == "logging" or self._is_logger(owner)
            case _:
                return False

    def _is_logger(self, name: ast.Name) -> bool:
        binding = self._names.binding(name)
        assign = self._names.parents[binding] if binding is not None else None
        match assign:
            case ast.Assign(value=ast.Call(func=func)):
                return self._names.path(func) == "logging.getLogger"
            case _:
                return False

    def expression(self, node: ast.expr, apart: bool) -> bool:
        """Whether evaluating an expression cannot matter."""
        match node:
            case ast.Constant() | ast.Name() | ast.Lambda():
                return True
            case ast.Call():
                parts = [*node.args, *(keyword.value for keyword in node.keywords)]
                return self._calls(node.func, apart) and all(self.expression(part, apart) for part in parts)
            case ast.NamedExpr() | ast.Await() | ast.Yield() | ast.YieldFrom():
                return False
            case _:
                return all(self._inner(part, apart) for part in ast.iter_child_nodes(node))

    def _inner(self, node: ast.AST, apart: bool) -> bool:
        if isinstance(node, ast.expr):
            return self.expression(node, apart)
        return all(self._inner(part, apart) for part in ast.iter_child_nodes(node))

    def _calls(self, func: ast.expr, apart: bool) -> bool:
        path = self._names.path(func)
        head, _, name = path.rpartition(".")
        if head == "builtins":
            return name in _ALIKE
        return (
            path in _ALIKE_PATHS
            or head in _ALIKE_MODULES
            or path == "multiprocessing.get_context"
            or (apart and path in _OWN)
        )


def _heads(node: ast.Import | ast.ImportFrom) -> list[str]:
    """The imported packages."""
    if isinstance(node, ast.ImportFrom):
        return [(node.module or "").split(".")[0]]
    return [alias.name.split(".")[0] for alias in node.names]


def _names_only(target: ast.expr) -> bool:
    return all(isinstance(part, (ast.Name, ast.Tuple, ast.Store)) for part in ast.walk(target))


def _may_fail(node: ast.AST) -> bool:
    """Whether a part of a `try` only tries an import."""
    return not isinstance(node, (ast.Call, ast.Await, ast.For, ast.While, ast.With, ast.Raise, ast.Delete))
