"""`poolhouse run` and `poolhouse resume`: follow a run in the terminal."""

from __future__ import annotations

import argparse
import shutil
import signal
import sqlite3
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.cli import interrupts, script, status, streams
from engine.cli.progress import Bar
from engine.cli.status import complain
from engine.host.books import is_book
from engine.job import STDIN, Inputs, Job, JobError, Problem, check_value, load, save
from engine.launch import (
    Ended,
    HostHandle,
    LaunchError,
    LinkLost,
    Noticed,
    Progress,
    Started,
    WorkerNow,
    Workers,
)
from engine.launch.script import SCRIPT
from engine.runs import STDIN_FILE, RunReader, UnreadableRun, create, open_run, runs_root

HEED_SECONDS = 0.1
"""Seconds within which a signal is noticed."""


def run(options: argparse.Namespace) -> int:
    """Run a job file, or the job that was read from a script."""
    from engine.check import check

    try:
        job = _with_options(_job(options.file, options.write_job), options)
        if options.write_job:
            return _write(job, options.write_job)
        problems = check(job)
        if problems:
            raise JobError(problems)
        root = runs_root(options.runs)
        folder = create(job, root)
        if job.inputs.path == STDIN:
            _spool(folder)
    except JobError as error:
        for problem in error.problems:
            complain(f"{options.file}: {problem.key}: {problem.message}" if problem.key else problem.message)
        return status.NOT_VALID
    except OSError as error:
        complain(f"The run folder cannot be created: {error}. Choose another place with --runs.")
        return status.NOT_VALID
    if not options.quiet:
        _warn(job)
    return _follow(job, folder, quiet=options.quiet)


def _write(job: Job, path: Path) -> int:
    """Write the job that was read from a script, for editing."""
    save(job, path)
    print(path)
    return status.FINISHED


def _spool(folder: Path) -> None:
    """Store the standard input in the run folder, so that the run can be resumed."""
    try:
        with (folder / STDIN_FILE).open("wb") as file:
            shutil.copyfileobj(sys.stdin.buffer, file)
    except BaseException:
        shutil.rmtree(folder)
        raise


def _warn(job: Job) -> None:
    """Report what would run again in each worker."""
    from engine.source.unguarded import unguarded, warning
    from engine.syntax import read_source

    function = job.function
    if function.import_path or is_book(function.file):
        return
    try:
        text = function.source or read_source(job.resolve(function.file))
    except (OSError, SyntaxError):  # its interpreter may be able to read it; if not, the start reports it
        return
    if said := warning(unguarded(text)):
        complain(f"Warning: {function.file or 'the typed source'}: {said}")


def resume(options: argparse.Namespace) -> int:
    """Continue a run that was stopped or interrupted."""
    from engine.check import check

    try:
        with open_run(options.folder) as reader:
            job, is_script = reader.job, reader.facts().mode == SCRIPT
            only = _without_result(reader, options.where) if options.where else None
    except (UnreadableRun, JobError, ValueError, sqlite3.Error) as error:
        complain(str(error))
        return status.NOT_VALID
    if is_script:
        complain(f"{options.folder}: A script that ran as it is cannot be resumed: run the script again.")
        return status.NOT_VALID
    if only is not None and not only:
        complain("No task without a result meets that condition, so nothing was run.")
        return status.NOT_VALID
    if options.scheduler is not None:
        job = job.with_(run=replace(job.run, scheduler=options.scheduler))
    problems = check(job)
    if problems:
        complain("\n".join(f"{problem.key}: {problem.message}" for problem in problems))
        return status.NOT_VALID
    return _follow(job, options.folder.absolute(), quiet=options.quiet, resumed=True, only=only)


def _without_result(run: RunReader, where: list[str]) -> list[tuple[int, int]]:
    """The tasks without a result that meet the conditions, as spans. Raises ConditionError."""
    from engine.query.request import finish
    from engine.results.arrange import Arrangement
    from engine.results.choosing import choosers
    from engine.results.conditions import conditions_of
    from engine.results.failed import spans_of

    chosen = Arrangement(run, choosers(conditions_of([*where, "status!=ok"])), waiting=True)
    finish(chosen.build())
    return spans_of(chosen.tasks)


def _job(path: Path, written: Path | None) -> Job:
    """The job in a job file or a script. Raises JobError.

    If it is not certain, what could be read goes to `written`.
    """
    if not script.is_script(path):
        return load(path)
    from engine.source.places import Places
    from engine.source.script import read_script
    from engine.syntax import place

    try:
        reading = read_script(path, Path.cwd())
    except SyntaxError as error:
        message = f"{path}: {place(error)}"
        raise JobError([Problem("", message)]) from None
    except (OSError, ValueError) as error:
        reason = f"{error.strerror}." if isinstance(error, OSError) else str(error)
        raise JobError([Problem("", f"{path} cannot be read: {reason}")]) from None
    if reading.why:
        way = f"Run it as it is: poolhouse run {path} -- ARGUMENTS"
        where = Places(path).of(reading.line)
        said = f"{path}: {where.lower()}: {reading.why}. {way}"
        if written:
            _write_draft(reading.draft or reading.job, written, f"{where}: {reading.why}.")
            said += f"\n{written} has what could be read, to be edited."
        raise JobError([Problem("", said)])
    for note in reading.notes:
        complain(f"{path}: line {note.line}: {note.key}: {note.message}")
    return reading.job


def _write_draft(job: Job, path: Path, why: str) -> None:
    """Write a job that is not complete, with the reason in it."""
    save(job.with_(inputs=Inputs("list")), path)
    text = path.read_text(encoding="utf-8")
    path.write_text(f"# {why}\n# Fill in what is missing, its inputs above all.\n{text}", encoding="utf-8")


def _with_options(job: Job, options: argparse.Namespace) -> Job:
    given = {"workers": options.workers, "mode": options.mode, "start_method": options.start_method}
    given["scheduler"] = options.scheduler
    given = {key: value for key, value in given.items() if value is not None}
    found = (check_value(f"run.{key}", value) for key, value in given.items())
    problems = [problem for problem in found if problem]
    if problems:
        raise JobError(problems)
    if options.python:
        job = job.with_(function=replace(job.function, python=str(Path(options.python).absolute())))
    return job.with_(run=replace(job.run, **given))


def _follow(
    job: Job,
    folder: Path,
    *,
    quiet: bool,
    resumed: bool = False,
    only: Sequence[tuple[int, int]] | None = None,
) -> int:
    """Start the run, show its progress, and say how it ended."""
    streams.forgive_stdout()
    with interrupts.Gathered() as came:
        try:
            host = HostHandle.start(job, folder, resume=resumed, only=only, given_up=lambda: came)
        except LaunchError as error:
            complain(error.reason)
            if error.details:
                print(error.details, file=sys.stderr)
            return status.STOPPED if came else status.NOT_VALID
        with host, Bar(quiet) as bar, _look_on_quit_key(host):
            ended = _watch(host, bar, came)
        return _report(job, ended, folder, has_more=only is not None and _has_more(folder))


def _has_more(folder: Path) -> bool:
    """Whether some tasks have not run."""
    with open_run(folder) as run:
        facts = run.facts()
    return facts.total is not None and facts.ok + facts.failed < facts.total


def _watch(host: HostHandle, bar: Bar, came: list[int]) -> Ended:
    """Follow a run to its end. Ctrl-C or SIGTERM stops it in order, a second one immediately."""
    heeded = 0
    ok = failed = 0
    while True:
        if heeded < len(came):
            first, heeded = not heeded, len(came)  # before reacting: another may arrive in the meantime
            at_once = interrupts.stop_at_once(came[:heeded])
            if first or at_once:
                _interrupt(host, bar, at_once)
        message = host.receive(HEED_SECONDS)
        if isinstance(message, Started):
            bar.begin(message.total, ok + failed)
        elif isinstance(message, Progress):
            ok, failed = message.ok, message.failed
            bar.update(ok, failed, message.total)
        elif isinstance(message, Workers):
            bar.note("\n".join(_where(worker) for worker in message.workers))
        elif isinstance(message, Noticed):
            bar.note(f"poolhouse: Warning: {message.what} {message.why}")
        elif isinstance(message, Ended):
            return message
        elif isinstance(message, LinkLost):
            return Ended("interrupted", message.reason, ok=ok, failed=failed, ran=True)


def _interrupt(host: HostHandle, bar: Bar, at_once: bool) -> None:
    bar.note("Stopping now." if at_once else "Stopping: running tasks have 3 seconds to finish.")
    host.kill() if at_once else host.stop()


@contextmanager
def _look_on_quit_key(host: HostHandle) -> Generator[None]:
    """Ctrl-\\ shows where each worker is, instead of ending the program."""
    if sys.platform == "win32":  # whose terminals have no such key
        yield
        return
    with interrupts.Handled(signal.SIGQUIT, host.look):
        yield


def _where(worker: WorkerNow) -> str:
    task = "on no task" if worker.task is None else f"on task {worker.task}"
    return f"Worker {worker.number} (process {worker.pid}), {task}:\n{worker.stack}"


def _report(job: Job, ended: Ended, folder: Path, has_more: bool) -> int:
    if not ended.ran and ended.state == "failed":
        from engine.trial import install_command

        complain(f"{ended.key}: {ended.reason}" if ended.key else ended.reason)
        if ended.details:
            print(ended.details.rstrip(), file=sys.stderr)
        if install := install_command(job, ended.reason):
            complain(f"To install what is missing: {install}")
        return status.NOT_VALID
    if ended.state != "finished":
        complain(ended.reason)
        complain(f"Finished results are kept. To continue: poolhouse resume {folder}")
    elif not (ended.ok or ended.failed or ended.total):
        complain("The job has no inputs, so no task was run.")
    print(folder)
    if ended.state != "finished":
        return status.STOPPED
    return status.SOME_FAILED if ended.failed or has_more else status.FINISHED
