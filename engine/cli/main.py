"""The commands and their arguments."""

from __future__ import annotations

import argparse
import gc
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli import interrupts, status, streams
from engine.host.record.schema import DB

COLLECTED_AFTER = 50_000
"""New objects between two garbage collections, which would slow down the imports at the start."""
EPILOG = """\
exit status: 0 every task has a result; 1 some tasks failed; 2 the job is not valid, or its function or
inputs cannot be loaded (nothing ran); 3 the run was stopped before its end"""

CONDITIONS = """\
conditions: COLUMN OP VALUE, for example seconds>1.5, status=error,died, input~2024 or value.score>=0.9
  OP is one of = != < <= > >= ~, where ~ finds a text, or /PATTERN/ a regular expression; put quotes around
  a value that looks like more than one condition, or a text that looks like a number.
  Columns: index, input, status, value, error, seconds, worker, attempts, started, stage"""


if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]


def main(args: list[str]) -> int:
    """Run the command in `args`, the words after `poolhouse`; returns the exit status."""
    gc.set_threshold(COLLECTED_AFTER)
    streams.forgive_stderr()
    if args[:1] == ["log"]:
        from engine.cli.log.options import joined

        args = joined(args)
    else:
        interrupts.listen()
    try:
        with streams.forgiven_stdout():  # help that is not read to its end is no error
            options = _parser(args[0] if args else "").parse_args(args)
        code = options.action(options)
        sys.stdout.flush()
    except BrokenPipeError:  # `poolhouse export ... | head`
        sys.stdout = None
        return status.FINISHED
    except KeyboardInterrupt:  # before a run has begun: from then on the run handles it
        status.complain("Stopped.")
        return status.STOPPED
    return code


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser for one command, or for all of them: to make the others takes as long as to load it."""
    parser = argparse.ArgumentParser(prog="poolhouse", description="Run a Python function over many inputs.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    adders: dict[str, Callable[[Commands], None]] = {
        "run": _add_run,
        "resume": _add_resume,
        "runs": _add_runs,
        "show": _add_show,
        "export": _add_export,
        "debug": _add_debug,
        "compare": _add_compare,
        "log": _add_log,
    }
    for add in [adders[command]] if command in adders else adders.values():
        add(commands)
    return parser


def _add_run(commands: Commands) -> None:
    from engine.modes import MODES

    run = _command(
        commands,
        "run",
        "run a job, or a script or notebook as it is",
        epilog=f"{EPILOG}. A script has its own exit status, or 3 if it was stopped.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    run.add_argument("file", metavar="JOB.pool|SCRIPT.py|BOOK.ipynb")
    run.add_argument("arguments", nargs="*", metavar="-- ARGS", help="arguments of a script")
    run.add_argument("--python", metavar="PY", help="the interpreter, or its environment's folder")
    run.add_argument("--as-job", action="store_true", help="run the job that is read from a script")
    run.add_argument(
        "--write-job", type=Path, metavar="FILE", help="only write the job that is read from a script"
    )
    run.add_argument("--workers", type=int, metavar="N", help="number of workers; default: as in the job")
    run.add_argument("--mode", choices=MODES, help="how tasks are run; default: as in the job")
    run.add_argument("--start-method", metavar="S", help="fork, forkserver or spawn; default: as in the job")
    run.add_argument(
        "--scheduler", metavar="S", help="address of the Dask scheduler, such as tcp://10.0.0.5:8786"
    )
    run.add_argument("--runs", type=Path, metavar="DIR", help="where run folders are kept")
    run.add_argument("--quiet", action="store_true", help="no progress bar")
    run.set_defaults(action=_run)


def _add_resume(commands: Commands) -> None:
    resume = _command(
        commands,
        "resume",
        "continue a run: only what has no result yet",
        epilog=f"{CONDITIONS}\n\n{EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    resume.add_argument("folder", type=_run_folder, metavar="RUN_FOLDER")
    _add_where(resume, "only tasks that meet this condition; if repeated, all must hold")
    resume.add_argument("--scheduler", metavar="S", help="address of the Dask scheduler, if it has changed")
    resume.add_argument("--quiet", action="store_true", help="no progress bar")
    resume.set_defaults(action=_resume)


def _add_runs(commands: Commands) -> None:
    runs = _command(commands, "runs", "list the saved runs, newest first")
    runs.add_argument("--runs", type=Path, metavar="DIR", help="where run folders are kept")
    runs.add_argument("--format", choices=("text", "jsonl"), default="text")
    runs.set_defaults(action=_runs)


def _add_show(commands: Commands) -> None:
    show = _command(commands, "show", "sum up a run: counts, times, speed-up, failures by kind")
    show.add_argument("folder", type=_run_folder, metavar="RUN_FOLDER")
    show.add_argument(
        "--format", choices=("text", "json", "html"), help="default: by the ending of FILE, else text"
    )
    show.add_argument(
        "--against", type=Path, metavar="RUN_FOLDER", help="show what differs from this earlier run"
    )
    show.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: the terminal")
    show.set_defaults(action=_show)


def _add_export(commands: Commands) -> None:
    export = _command(
        commands,
        "export",
        "write the tasks of a run, one record each",
        epilog=CONDITIONS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    export.add_argument("folder", type=_run_folder, metavar="RUN_FOLDER")
    export.add_argument(
        "--format",
        choices=("csv", "jsonl", "parquet", "trace"),
        help="default: by the ending of FILE, else csv; trace is for Chrome and Perfetto",
    )
    _add_where(export, "only tasks that meet this condition; if repeated, all must hold")
    export.add_argument("--sort", metavar="COLUMN[:desc]", help="default: the order of the inputs")
    export.add_argument("--limit", type=_count, metavar="N", help="at most this many tasks")
    export.add_argument(
        "--spread", action="store_true", help="a column for each key or field of inputs and values"
    )
    export.add_argument("-o", "--output", type=Path, metavar="FILE", help="default: the terminal")
    export.set_defaults(action=_export)


def _add_debug(commands: Commands) -> None:
    debug = _command(
        commands, "debug", "run one task again under Python's debugger, with the code as it is now"
    )
    debug.add_argument("folder", type=_run_folder, metavar="RUN_FOLDER")
    debug.add_argument("task", type=_count, metavar="TASK", help="index of the task")
    debug.set_defaults(action=_debug)


def _add_compare(commands: Commands) -> None:
    compare = _command(
        commands,
        "compare",
        "measure a job in turn, in threads and in processes, and say which is best",
        epilog="exit status: 0 compared; 2 the job is not valid, or cannot be loaded; 3 stopped",
    )
    compare.add_argument("file", type=Path, metavar="JOB.pool")
    compare.add_argument("--format", choices=("text", "json"), default="text")
    compare.add_argument(
        "--sample", type=_count, default=0, metavar="N", help="number of inputs for each measurement"
    )
    compare.add_argument(
        "--budget", type=_seconds, default=20.0, metavar="SECONDS", help="about how long to take; default: 20"
    )
    compare.add_argument("--start-methods", type=_words, default=[], metavar="S,S", help="also compare these")
    compare.add_argument("--batch-sizes", type=_counts, default=[], metavar="N,N", help="also compare these")
    compare.add_argument(
        "--blas", type=_counts, default=[], metavar="N,N", help="also compare these numbers of BLAS threads"
    )
    compare.add_argument("--python", metavar="PY", help="the interpreter, or its environment's folder")
    compare.add_argument("--quiet", action="store_true", help="no output before the verdict")
    compare.set_defaults(action=_compare)


def _command(commands: Commands, name: str, about: str, **more: Any) -> argparse.ArgumentParser:
    """A command; `about` is what it does, for the list of commands and for its own help."""
    return commands.add_parser(name, help=about, description=f"{about[0].upper()}{about[1:]}.", **more)


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _counts(text: str) -> list[int]:
    return [_count(word) for word in _words(text)]


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 1e6:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds above 0")
    return seconds


def _add_where(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("--where", action="append", default=[], metavar="COND", help=text)


def _run_folder(text: str) -> Path:
    """The run folder, which may also be given by its run.db."""
    path = Path(text)
    return path.parent if path.name == DB and path.is_file() else path


def _count(text: str) -> int:
    try:
        count = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of tasks") from None
    if count < 0:
        raise argparse.ArgumentTypeError(f"{text} is less than 0")
    return count


def _add_log(commands: Commands) -> None:
    from engine.cli.log.options import EPILOG as CONDITIONS
    from engine.cli.log.options import add_options

    log = _command(
        commands,
        "log",
        "read, search and filter log files",
        epilog=CONDITIONS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_options(log)
    log.set_defaults(action=_log)


# Each command is imported when it is used: a start should not pay for the others


def _run(options: argparse.Namespace) -> int:
    from engine.cli import script

    options.named, options.file = options.file, Path(options.file)
    if script.runs_as_it_is(options):
        return script.run(options)
    from engine.cli.run import run

    return run(options)


def _resume(options: argparse.Namespace) -> int:
    from engine.cli.run import resume

    return resume(options)


def _export(options: argparse.Namespace) -> int:
    from engine.cli.export import export

    return export(options)


def _runs(options: argparse.Namespace) -> int:
    from engine.cli.runs import runs

    return runs(options)


def _show(options: argparse.Namespace) -> int:
    from engine.cli.show import show

    return show(options)


def _debug(options: argparse.Namespace) -> int:
    from engine.cli.debug import debug

    return debug(options)


def _compare(options: argparse.Namespace) -> int:
    from engine.cli.compare import compare_job

    return compare_job(options)


def _log(options: argparse.Namespace) -> int:
    from engine.cli.log.command import log

    return log(options)
