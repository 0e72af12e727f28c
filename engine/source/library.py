"""What calls into multiprocessing, concurrent.futures and logging mean for a job."""

from __future__ import annotations

import ast
import logging
from copy import deepcopy
from dataclasses import dataclass, field

from engine.source.loops import Here, Loop
from engine.source.values import (
    CORES,
    HANDLE,
    HANDLES,
    ITEM,
    LOGGER,
    RESULT,
    Call,
    Known,
    Thing,
    Unknown,
    Value,
    Workers,
    elements,
    gathered,
)

_POOLS = {
    "multiprocessing.Pool": "pool",
    "multiprocessing.pool.Pool": "pool",
    "multiprocessing.pool.ThreadPool": "threads",
    "multiprocessing.dummy.Pool": "threads",
    "concurrent.futures.ProcessPoolExecutor": "executor",
    "concurrent.futures.process.ProcessPoolExecutor": "executor",
    "concurrent.futures.ThreadPoolExecutor": "threads-executor",
    "concurrent.futures.thread.ThreadPoolExecutor": "threads-executor",
}
_PROCESSES = (
    "multiprocessing.Process",
    "multiprocessing.context.Process",
    "multiprocessing.process.BaseProcess",
)
_MAPS = {
    "map": RESULT,
    "imap": RESULT,
    "imap_unordered": RESULT,
    "map_async": HANDLES,
    "starmap": RESULT,
    "starmap_async": HANDLES,
}
_PASSING = ("concurrent.futures.as_completed", "contextlib.closing")
_LEVELS = logging.getLevelNamesMapping()
_LOGGING = {"debug": 10, "info": 20, "warning": 30, "warn": 30, "error": 40, "exception": 40, "critical": 50}


@dataclass
class Site:
    """One place where the script hands work to processes, with all that it hands over there."""

    call: Call
    kind: str
    """map, call (one task each time) or process."""
    target: Value
    target_node: ast.AST
    spread: str = ""
    """How an input becomes a call: empty or args."""
    workers: Workers | None = None
    method: Unknown | str = ""
    guarded: bool = False
    chunk: Value | None = None
    items: Value | None = None
    """The inputs of a map."""
    turns: list[tuple[Value, Value]] = field(default_factory=list[tuple[Value, Value]])
    """Arguments and keyword arguments of each single call."""
    loops: list[Loop] = field(default_factory=list[Loop])
    direct: bool = True
    """Each turn's one argument is the loop's own variable."""


class Library:
    """Keeps what the script's calls say."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.sites: dict[ast.AST, Site] = {}
        self.again: list[Site] = []
        """Sites that were reached again in a way that a job cannot hold."""
        self.uses: list[ast.AST] = []
        """Where pools and processes are made."""
        self.config: Call | None = None
        self.start_method: Unknown | str = ""
        self.logged: list[int] = []
        """Levels at which the results are logged."""
        self.cut: ast.AST | None = None
        """Where following the script was given up."""

    def constant(self, path: str, method: Unknown | str = "") -> Value:
        """What is imported under `path`."""
        for other in ("torch.multiprocessing", "multiprocess", "billiard"):
            if path == other or path.startswith(other + "."):
                path = "multiprocessing" + path.removeprefix(other)
        head, _, name = path.rpartition(".")
        if head == "logging" and name in _LEVELS:
            return Known(_LEVELS[name])
        return Thing(path, method)

    def subclassed(self, base: Value, node: ast.ClassDef) -> None:
        """A class derives from `base`."""
        if isinstance(base, Thing) and base.path in _PROCESSES:
            self.uses.append(node)

    def call(self, thing: Thing, call: Call, here: Here) -> Value | None:
        """The meaning of calling `thing`; None where it is nothing of interest."""
        path = thing.path
        if path in _POOLS:
            self.uses.append(call.node)
            return self._pool(thing, call)
        if path in _PROCESSES:
            self.uses.append(call.node)
            return self._process(thing, call, here)
        module, _, name = path.rpartition(".")
        if module == "multiprocessing" and name in ("get_context", "set_start_method"):
            method = _text(call, 0, "method")
            if name == "get_context":
                return Thing("multiprocessing", method)
            self.start_method = method
        elif name in ("cpu_count", "process_cpu_count") and module in ("os", "multiprocessing", "psutil"):
            return CORES
        elif module == "logging":
            return self._logging(name, call)
        elif path in _PASSING or name == "tqdm":
            return call.get(0, "iterable") or Unknown(call.node)
        elif path == "pathlib.Path" and all(isinstance(arg, Known) for arg in call.args):
            return gathered(call.node, call.args, lambda parts: "/".join(map(str, parts)))
        elif path == "os.path.join":
            return gathered(call.node, call.args, "/".join)
        else:
            return None
        return Unknown(call.node)

    def method(self, owner: Value, name: str, call: Call, here: Here) -> Value | None:
        """The meaning of calling a method of one of the values that stand for parallel work."""
        if isinstance(owner, Workers):
            return self._work(owner, name, call, here)
        if owner == HANDLES and name == "get":
            return RESULT
        if owner == HANDLE and name in ("get", "result"):
            return ITEM
        if owner == LOGGER:
            return self._logging(name, call)
        return None

    def _pool(self, thing: Thing, call: Call) -> Workers:
        kind = _POOLS[thing.path]
        method = thing.method
        context = call.get(1 if kind == "executor" else 4, "mp_context" if kind == "executor" else "context")
        if isinstance(context, Thing):
            method = context.method
        return Workers(kind, call, method)

    def _process(self, thing: Thing, call: Call, here: Here) -> Value:
        node = call.node_of(1, "target")
        target = call.get(1, "target") or Unknown(call.node)
        site = self._site(call, "process", target, node or call.node, here)
        site.method = thing.method
        args_node = call.node_of(3, "args")
        self._turn(
            site,
            call.get(3, "args") or Known(()),
            call.get(4, "kwargs") or Known({}),
            args_node.elts if isinstance(args_node, (ast.Tuple, ast.List)) else [],
            here,
        )
        return Unknown(call.node)

    def _work(self, owner: Workers, name: str, call: Call, here: Here) -> Value | None:
        executor = owner.kind.endswith("executor")
        if executor and name == "map":
            return self._executor_map(owner, call, here)
        if not executor and name in _MAPS:
            target, node = call.get(0, "func"), call.node_of(0, "func")
            site = self._map_site(owner, call, target, node, here)
            site.items = _kept(call.get(1, "iterable") or Unknown(call.node))
            site.chunk = call.get(2, "chunksize")
            site.spread = "args" if name.startswith("starmap") else ""
            return _MAPS[name]
        if (executor and name == "submit") or (not executor and name in ("apply", "apply_async")):
            key = "fn" if executor else "func"
            target, node = call.get(0, key), call.node_of(0, key)
            site = self._site(call, "call", target or Unknown(call.node), node or call.node, here)
            site.workers, site.method = owner, owner.method
            if executor:
                args = gathered(call.node, call.args[1:], tuple) if not call.open else Unknown(call.node)
                keys = list(call.keywords)
                kwargs = gathered(
                    call.node, call.keywords.values(), lambda v: dict(zip(keys, v, strict=True))
                )
                nodes = call.node.args[1:]
            else:
                args, kwargs = call.get(1, "args") or Known(()), call.get(2, "kwds") or Known({})
                args_node = call.node_of(1, "args")
                nodes = args_node.elts if isinstance(args_node, (ast.Tuple, ast.List)) else []
            self._turn(site, args, kwargs, nodes, here)
            return ITEM if name == "apply" else HANDLE
        return None

    def _executor_map(self, owner: Workers, call: Call, here: Here) -> Value:
        site = self._map_site(owner, call, call.get(0, "fn"), call.node_of(0, "fn"), here)
        site.chunk = call.keywords.get("chunksize")
        columns = call.args[1:]
        if call.open or not columns:
            site.items = Unknown(call.node)
        elif len(columns) == 1:
            site.items = _kept(columns[0])
        else:
            site.spread = "args"
            site.items = gathered(call.node, columns, lambda known: list(zip(*known, strict=False)))
        return RESULT

    def _map_site(
        self, owner: Workers, call: Call, target: Value | None, node: ast.expr | None, here: Here
    ) -> Site:
        if call.node in self.sites:
            self.again.append(self.sites[call.node])
            return Site(call, "map", Unknown(call.node), call.node)
        site = self._site(call, "map", target or Unknown(call.node), node or call.node, here)
        site.workers, site.method = owner, owner.method
        return site

    def _site(self, call: Call, kind: str, target: Value, node: ast.AST, here: Here) -> Site:
        site = self.sites.get(call.node)
        if site is None:
            site = self.sites[call.node] = Site(call, kind, target, node, guarded=here.guarded)
        elif site.target != target:
            self.again.append(site)
        return site

    def _turn(self, site: Site, args: Value, kwargs: Value, nodes: list[ast.expr], here: Here) -> None:
        site.turns.append((_kept(args), _kept(kwargs)))
        loops = here.loops
        if loops and here.doubtful:
            loops[-1].unsure = True
        for loop in loops:
            if loop not in site.loops:
                site.loops.append(loop)
        target = loops[-1].target if len(loops) == 1 else None
        named = isinstance(target, ast.Name) and any(
            isinstance(n, ast.Name) and n.id == target.id for n in nodes
        )
        same = bool(loops) and list(elements(args) or ()) == [loops[-1].item]
        site.direct = site.direct and named and same and kwargs == Known({})

    def _logging(self, name: str, call: Call) -> Value | None:
        if name == "basicConfig":
            if self.config is None or call.keywords.get("force") == Known(True):
                self.config = call
        elif name == "getLogger":
            return LOGGER
        elif name in _LOGGING:
            if RESULT in call.args:
                self.logged.append(_LOGGING[name])
        elif name == "log" and RESULT in call.args[1:]:
            level = call.args[0]
            self.logged.append(
                level.value if isinstance(level, Known) and isinstance(level.value, int) else 20
            )
        return Unknown(call.node)


def _kept(value: Value) -> Value:
    """`value` as it is now: the script may change its lists afterwards."""
    return Known(deepcopy(value.value)) if isinstance(value, Known) else value


def _text(call: Call, position: int, name: str) -> Unknown | str:
    value = call.get(position, name)
    if value is None or value == Known(None):
        return ""
    return value.value if isinstance(value, Known) and isinstance(value.value, str) else Unknown(call.node)
