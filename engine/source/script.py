"""Reads a script with a pool as the job that it would run, if that is certain; nothing is executed."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.job.model import Function, Inputs, Job, Parameter, Run
from engine.source.certain import Certain
from engine.source.code.read import read_written
from engine.source.handed import Handed, function_of
from engine.source.harmless import Harmless, require_plain
from engine.source.kept import call_on, require_whole
from engine.source.line import Line, line_to
from engine.source.names import Names
from engine.source.notes import NotCertain, Note, seen
from engine.source.pools import MAPS, MODULES, PROCESS, Work, uses, work_of
from engine.source.settings import ONE_EACH, Settings
from engine.syntax import parse, read_source
from engine.syntax.functions import names as defined

LONGEST = 100_000
"""A longer script is not read as a job: reading should take less than a second, and little memory."""


@dataclass(frozen=True)
class ScriptReading:
    """A script as a job."""

    job: Job
    """Complete if there is no `why`; else it only has the file."""
    notes: list[Note] = field(default_factory=list[Note])
    """What the script sets and the job does not."""
    is_script: bool = True
    """Whether it uses a pool, or something similar."""
    is_written: bool = False
    """Whether it was written by Poolhouse for a job, and is that job again."""
    why: str = ""
    """Why it cannot be read with certainty, as a sentence;"""
    line: int = 0
    """and the line in question."""
    draft: Job | None = None
    """If there is a `why`, what could be read nevertheless, without inputs."""


def read_script(path: Path, folder: Path | None = None) -> ScriptReading:
    """Read the script at `path` as a job of `folder` (the script's own if None).

    OSError and SyntaxError pass through.
    """
    path = path.absolute()
    text = read_source(path)
    folder = (folder or path.parent).absolute()
    file = path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
    blank = Job(Function(file=file), folder=folder)
    if len(text) > LONGEST:
        why = f"It is longer than {LONGEST:,} characters, and such scripts are not read as jobs"
        return ScriptReading(blank, why=why, line=1)
    tree = parse(text)
    draft = [blank]
    if job := read_written(text):
        return ScriptReading(job, is_written=True)
    try:
        return _read(tree, path, file, folder, draft)
    except NotCertain as error:
        return ScriptReading(blank, draft=draft[0], why=error.message, line=error.line)
    except RecursionError:
        return ScriptReading(blank, why="It is nested too deeply to read", line=1)


def _read(tree: ast.Module, path: Path, file: str, folder: Path, draft: list[Job]) -> ScriptReading:
    """Read a script; `draft` gets what is read before something is not certain."""
    blank = draft[0]
    names = Names(tree)
    found = uses(names)
    stars = names.bound[tree].get("*", [])
    if stars and (found or {*names.modules} & {*MODULES}):
        raise NotCertain("Which names this import sets is not certain", stars[0])
    if not found:
        functions = defined(tree).functions
        name = functions[0].name if len(functions) == 1 else ""
        return ScriptReading(
            Job(Function(file=file, name=name), folder=folder),
            is_script=False,
            why="It makes no pool and no process in a way that is known here",
            line=1,
        )
    if path.suffix == ".ipynb":
        raise NotCertain("A notebook runs its pool while it is loaded, so it is run as it is", found[0].node)
    work = work_of(found, names)
    mode = ONE_EACH if work.use.kind == PROCESS else "threads" if work.use.is_threads else "pool"
    draft[0] = blank.with_(inputs=Inputs("list"), run=Run(mode=mode))
    function = function_of(work, names, path.parent, file)
    draft[0] = draft[0].with_(function=function)
    line = _line_of(work, names, path.parent)
    certain = Certain(names, line)
    inputs = Handed(work, line.loop, certain).inputs()
    settings = Settings(work, line, names, certain)
    if setup := settings.set_up():
        function = replace(function, setup=setup[0])
        blank = blank.with_(setup={name: Parameter(value=value) for name, value in setup[1].items()})
    job = blank.with_(function=function, inputs=inputs, run=settings.run(), log=settings.log())
    names.require_set(line.blocks)
    return ScriptReading(job, sorted(settings.notes, key=lambda note: note.line))


def _line_of(work: Work, names: Names, folder: Path) -> Line:
    """The line to the call that submits the tasks. Raises `NotCertain` if something on it may matter."""
    line = to_start = line_to(work.call, names)
    call = work.call
    if work.use.kind == PROCESS:
        start = call_on(work.made, "start", names)
        if start is None:
            raise NotCertain(f"{seen(work.made)} is not started for certain", work.made)
        call, to_start = start, line_to(start, names)
    require_plain(names, line, work.call, folder)
    if line.loop is not None and work.name in MAPS.get(work.use.kind, ()):
        raise NotCertain(f"{seen(work.call)} is in a loop, and a job makes one such call", work.call)
    harmless = Harmless(names)
    for loop in {line.loop, to_start.loop}:
        harmless.require_turn(loop, work.made, call)
    for step in to_start.steps:
        if work.made not in ast.walk(step):
            harmless.require(step, apart=not isinstance(names.parents[step], ast.Module))
    require_whole(work, line, names)
    return line
