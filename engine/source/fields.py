"""The fields of a job from what a script was seen to do, with a note where that is not enough."""

from __future__ import annotations

import ast
import logging
from typing import Any, NamedTuple

from engine.job.model import Function, Inputs, Log, Run
from engine.job.text import literal
from engine.source.library import Library, Site
from engine.source.values import CORES, Call, Defined, Items, Known, Thing, Unknown, Value, elements, mapping
from engine.syntax.functions import Names

_BASIC_FORMAT = "%(levelname)s:%(name)s:%(message)s"
_LEVELS = {0: "DEBUG", 10: "DEBUG", 20: "INFO", 30: "WARNING", 40: "ERROR", 50: "CRITICAL"}


class Note(NamedTuple):
    """What could not be read from a script: the job's key that it concerns, and what to do."""

    key: str
    message: str
    line: int


class Notes:
    """Collects notes on a script of which `text` is the source."""

    def __init__(self, text: str) -> None:
        self.found: list[Note] = []
        self._text = text

    def add(self, key: str, message: str, node: ast.AST) -> None:
        self.found.append(Note(key, message, getattr(node, "lineno", 1)))

    def seen(self, node: ast.AST) -> str:
        """What the script says at `node`, in one line."""
        text = " ".join((ast.get_source_segment(self._text, node) or ast.unparse(node)).split())
        return text if len(text) <= 70 else text[:67] + "..."

    def origin(self, value: Value | None, node: ast.AST) -> str:
        """What the script says where an unknown value comes from."""
        return self.seen(value.node if isinstance(value, Unknown) else node)


def read_function(site: Site, file: str, defined: Names, library: Library, notes: Notes) -> Function:
    """The function that is handed to the processes."""
    if not site.guarded:
        notes.add(
            "function.file",
            f'{notes.seen(site.call.node)} is not under if __name__ == "__main__", so that workers would '
            "run it, too, when they load the file: put it there.",
            site.call.node,
        )
    match site.target:
        case Defined(name=name, where="top"):
            return Function(file=file, name=name)
        case Defined(name=name, where=where):
            place = 'under if __name__ == "__main__"' if where == "guard" else "inside another function"
            reason = f"{name} is defined {place}, where no worker sees it: move it to the top level."
            notes.add("function.name", reason, site.target_node)
        case Thing(path=path) if not path.startswith("."):
            return Function(import_path=_import_path(path, library.modules))
        case _:
            if isinstance(site.target_node, ast.Name) and site.target_node.id in defined.bound:
                return Function(file=file, name=site.target_node.id)
            what = notes.seen(site.target_node)
            reason = f"The function is {what}, which has no name to find it by: define and choose one."
            notes.add("function.name", reason, site.target_node)
    return Function(file=file)


def _import_path(path: str, modules: set[str]) -> str:
    if path.startswith("builtins."):
        return path.replace(".", ":", 1)
    module = max((m for m in modules if path.startswith(m + ".")), key=len, default=path.rpartition(".")[0])
    name = path.removeprefix(module + ".")
    head, dot, rest = name.partition(".")
    # Of `from package import part`, a part in lower case that has parts of its own is a module.
    return f"{module}.{head}:{rest}" if dot and head.islower() else f"{module}:{name}"


def read_inputs(site: Site, notes: Notes) -> Inputs:
    """The inputs, where the text of the script tells them."""
    if site.kind != "map":
        return _single_calls(site, notes)
    items = elements(site.items) if site.items else None
    if items is None:
        node = site.call.node_of(1, "iterable") or site.call.node
        what = notes.origin(site.items, node)
        notes.add("inputs.values", f"The inputs come from {what}: type them as a list or a range.", node)
        return Inputs(kind="list", call=site.spread)
    return _listed(items, site.spread, site, notes)


def _single_calls(site: Site, notes: Notes) -> Inputs:
    loose = [loop for loop in site.loops if not loop.whole]
    one = site.loops[0] if len(site.loops) == 1 and site.direct else None
    if (
        one
        and one.items is not None
        and not one.unsure
        and (one.partial or len(site.turns) == len(one.items))
    ):
        return _listed(one.items, "", site, notes)
    if loose:
        what = notes.seen(loose[0].node)
        reason = f"The inputs come from a loop over {what}: type them as a list or a range."
        notes.add("inputs.values", reason, loose[0].node)
        return Inputs(kind="list")
    calls: list[tuple[tuple[Any, ...], dict[str, Any]]] = []
    for args, kwargs in site.turns:
        positional, named = elements(args), mapping(kwargs)
        if positional is None or named is None:
            what = notes.origin(args if positional is None else kwargs, site.call.node)
            notes.add(
                "inputs.values", f"The arguments come from {what}: type them as a list.", site.call.node
            )
            return Inputs(kind="list", call="args")
        calls.append((tuple(positional), named))
    return _called(calls, site, notes)


def _called(calls: list[tuple[tuple[Any, ...], dict[str, Any]]], site: Site, notes: Notes) -> Inputs:
    """Inputs that make these calls, each of positional and keyword arguments."""
    if any(kwargs for _, kwargs in calls):
        if any(args for args, _ in calls):
            what = notes.seen(site.call.node)
            reason = (
                f"{what} gives arguments by position and by name, an input only one of both: type the inputs."
            )
            notes.add("inputs.values", reason, site.call.node)
            return Inputs(kind="list", call="kwargs")
        return _listed([kwargs for _, kwargs in calls], "kwargs", site, notes)
    alone = len(calls) == 1 and not site.loops
    if alone and not calls[0][0]:
        return Inputs()
    if all(len(args) == 1 for args, _ in calls) and not (alone and site.kind == "process"):
        return _listed([args[0] for args, _ in calls], "", site, notes)
    return _listed([args for args, _ in calls], "args", site, notes)


def _listed(items: Items, call: str, site: Site, notes: Notes) -> Inputs:
    if isinstance(items, range):
        return Inputs(kind="range", start=items.start, stop=items.stop, step=items.step, call=call)
    try:
        literal(list(items))
    except ValueError as error:
        notes.add(
            "inputs.values", f"The inputs cannot be typed as they are ({error}): type others.", site.call.node
        )
        return Inputs(kind="list", call=call)
    return Inputs(kind="list", values=tuple(items), call=call)


def read_run(site: Site, library: Library, notes: Notes) -> Run:
    """How the work is run."""
    mode = "pool"
    if site.kind == "process":
        mode = "process" if len(site.turns) == 1 and not site.loops else "process-per-input"
    workers, per_worker = 0, 0
    if site.workers:
        made = site.workers.call
        executor = site.workers.kind.endswith("executor")
        workers = _workers(made.get(0, "max_workers" if executor else "processes"), made, notes)
        recycle = made.get(-1, "max_tasks_per_child") if executor else made.get(3, "maxtasksperchild")
        per_worker = _whole(recycle, "run.tasks_per_worker", made.node, notes)
        if site.workers.kind.startswith("threads"):
            what = notes.seen(made.node)
            notes.add(
                "run.mode",
                f"{what} uses threads, which this version has not: a pool of processes is set.",
                made.node,
            )
    return Run(
        mode=mode,
        workers=workers,
        start_method=_start_method(site.method or library.start_method, notes),
        batch=_whole(site.chunk, "run.batch", site.call.node, notes),
        tasks_per_worker=per_worker,
    )


def _workers(value: Value | None, call: Call, notes: Notes) -> int:
    match value:
        case None | Known(value=None):
            return 0
        case Known(value=int() as number) if type(number) is int and number != 0:
            return number
        case _ if value == CORES:
            return 0
        case _:
            what = notes.origin(value, call.node)
            notes.add(
                "run.workers",
                f"The number of workers is given as {what}: set it as a number from 1.",
                call.node,
            )
            return 0


def _whole(value: Value | None, key: str, node: ast.AST, notes: Notes) -> int:
    match value:
        case None | Known(value=None):
            return 0
        case Known(value=int() as number) if type(number) is int:
            return number
        case _:
            notes.add(key, f"This is given as {notes.origin(value, node)}: set it as a whole number.", node)
            return 0


def _start_method(method: Unknown | str, notes: Notes) -> str:
    if isinstance(method, str):
        return method
    notes.add("run.start_method", f"It is given as {notes.seen(method.node)}: choose one.", method.node)
    return ""


def read_log(library: Library, notes: Notes) -> Log:
    """The log settings: those of `logging.basicConfig`, else a job's own."""
    call = library.config
    if call is None:
        return Log(result=bool(library.logged))
    level = _level(call, notes)
    lowest = logging.getLevelNamesMapping()[level]
    for name in ("handlers", "datefmt"):
        if call.get(-1, name) not in (None, Known(None)):
            what = notes.seen(call.node_of(-1, name) or call.node)
            key = "log.file" if name == "handlers" else "log.format"
            notes.add(key, f"{name}={what} is not taken over: set what you need of it.", call.node)
    return Log(
        file=_log_text(call, "filename", "log.file", "", notes),
        mode=_log_text(call, "filemode", "log.mode", "a", notes)[:1] or "a",
        level=level,
        format=_format(call, notes),
        result=any(number >= lowest for number in library.logged),
    )


def _log_text(call: Call, name: str, key: str, default: str, notes: Notes) -> str:
    match call.get(-1, name):
        case None | Known(value=None):
            return default
        case Known(value=str() as text):
            return text
        case value:
            what = notes.origin(value, call.node)
            notes.add(key, f"{name} is given as {what}: fill it in.", call.node)
            return default


def _format(call: Call, notes: Notes) -> str:
    if call.get(-1, "style") not in (None, Known("%")):
        what = notes.seen(call.node_of(-1, "format") or call.node)
        notes.add("log.format", f"{what} is not in the style of %(message)s: write it so.", call.node)
        return _BASIC_FORMAT
    return _log_text(call, "format", "log.format", _BASIC_FORMAT, notes)


def _level(call: Call, notes: Notes) -> str:
    match call.get(-1, "level"):
        case None | Known(value=None):
            return "WARNING"
        case Known(value=int() as number) if number in _LEVELS:
            return _LEVELS[number]
        case Known(value=str() as name) if _LEVELS.get(logging.getLevelNamesMapping().get(name, -1)):
            return _LEVELS[logging.getLevelNamesMapping()[name]]
        case value:
            what = notes.origin(value, call.node_of(-1, "level") or call.node)
            notes.add("log.level", f"The level is given as {what}: choose one.", call.node)
            return "WARNING"
