"""Reads a script that uses multiprocessing as the job that it would run; nothing of it is executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from pathlib import Path

from engine.job.model import Function, Job
from engine.source.code.read import read_written
from engine.source.fields import Note, Notes, read_function, read_inputs, read_log, read_run
from engine.source.flow import Flow
from engine.source.library import Library, Site
from engine.source.scopes import TooLong
from engine.source.setup import read_setup
from engine.source.values import Defined
from engine.syntax import parse, read_source
from engine.syntax.functions import FunctionNode, names


@dataclass(frozen=True)
class ScriptReading:
    """A script as a job. `is_script` is False for a file that uses no multiprocessing."""

    job: Job
    notes: list[Note]
    is_script: bool


def read_script(path: Path, folder: Path | None = None) -> ScriptReading:
    """Read the script at `path` as a job of `folder` (the script's own if None).

    OSError and SyntaxError pass through.
    """
    path = path.absolute()
    text = read_source(path)
    tree = parse(text)
    if job := read_written(text):
        return ScriptReading(job, [], True)
    folder = (folder or path.parent).absolute()
    file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    defined = names(tree)
    library = _follow(tree)
    if not library.uses:
        name = defined.functions[0].name if len(defined.functions) == 1 else ""
        return ScriptReading(Job(Function(file=file, name=name), folder=folder), [], False)
    notes = Notes(text)
    job = Job(log=read_log(library, notes), folder=folder)
    if library.cut:
        notes.add(
            "inputs.values", "The script does more than is followed: look over what was read.", library.cut
        )
    site = _chosen(library, notes)
    if site:
        function = read_function(site, file, defined, library, notes)
        setup, values = read_setup(site, function, defined, notes)
        job = job.with_(
            function=replace(function, setup=setup),
            inputs=read_inputs(site, notes),
            run=read_run(site, library, notes),
            setup=values,
        )
    else:
        job = job.with_(function=Function(file=file))
    return ScriptReading(job, sorted(notes.found, key=lambda note: note.line), True)


def _follow(tree: ast.Module) -> Library:
    """What the script does when it is run; else what its functions do when something unseen calls them."""
    library = Library()
    flow = Flow(library)
    try:
        flow.run(tree.body)
        for node in tree.body:
            if isinstance(node, FunctionNode) and not library.sites:
                used = len(library.uses)
                flow.call_blindly(node)
                if not any(isinstance(site.target, Defined) for site in library.sites.values()):
                    library.sites.clear()  # a helper that runs whatever function it is given
                    del library.uses[used:]
    except TooLong as stopped:
        library.cut = stopped.node
    return library


def _chosen(library: Library, notes: Notes) -> Site | None:
    """The site that the job stands for; single calls of the same function are taken together."""
    if not library.sites:
        notes.add(
            "function.name",
            f"{notes.seen(library.uses[0])} is used in a way that is not read: choose function and inputs.",
            library.uses[0],
        )
        return None
    first, *others = library.sites.values()
    for other in others:
        if other.kind == first.kind != "map" and other.target == first.target:
            first.turns += other.turns
            first.loops += other.loops
            first.direct = False
        else:
            notes.add(
                "function.name",
                f"{notes.seen(other.call.node)} is left out, as a job makes one call: make a second job.",
                other.call.node,
            )
    for again in library.again[:1]:
        notes.add(
            "inputs.values",
            f"{notes.seen(again.call.node)} runs more than once: only its first run is taken over.",
            again.call.node,
        )
    return first
