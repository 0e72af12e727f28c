"""The front door: terminal commands go to the engine, everything else opens the window."""

from __future__ import annotations

import sys

USAGE = """\
poolhouse [FILE]                  open the window; FILE: a job, a run folder, a script, a notebook or a log
poolhouse run FILE                run a job, a script or a notebook in the terminal
poolhouse resume RUN_FOLDER       continue a run: only what has no result yet
poolhouse runs                    list the saved runs, newest first
poolhouse show RUN_FOLDER         sum up a run: counts, times, failures
poolhouse export RUN_FOLDER       write results as CSV, JSON lines or Parquet, or as a trace
poolhouse compare JOB.pool        measure a job with threads and processes
poolhouse debug RUN_FOLDER TASK   run one task again under Python's debugger
poolhouse log FILE...             read, search and filter log files; - is standard input

poolhouse --install-desktop       add the application to a Linux desktop; --uninstall-desktop removes it

Each command has its own --help. Runs are kept in the application's data folder, or in the
one that POOLHOUSE_RUNS or --runs names."""

TERMINAL = ("run", "resume", "runs", "show", "export", "compare", "debug", "log")
DESKTOP = ("--install-desktop", "--uninstall-desktop")


def main(args: list[str] | None = None) -> int:
    """Dispatch on the first argument. Qt is loaded for the window only."""
    from engine.cli.descriptors import open_missing
    from engine.environment import own_modules_first

    own_modules_first()
    open_missing()
    args = sys.argv[1:] if args is None else args
    if args[:1] == ["run"] and sys.platform != "win32":
        from engine.cli.ahead.command import run

        if (code := run(args[1:])) is not None:
            return code
    if args and args[0] in TERMINAL:
        from engine.cli.main import main as in_terminal

        return in_terminal(args)
    from engine.cli import streams

    if args[:1] == ["--version"]:
        from engine.version import described

        streams.forgive_stdout()
        print(f"Poolhouse {described()}")
        return 0
    if args[:1] in (["--help"], ["-h"]):
        streams.forgive_stdout()
        print(USAGE)
        return 0
    from gui.desktop.libraries import complaint

    if missing := complaint() or homeless():
        return refuse(missing)
    if args and args[0] in DESKTOP:
        from gui.desktop.entry import main as among_the_applications

        return among_the_applications(args[0])
    from gui.app import main as open_window

    return open_window(args)


def homeless() -> str:
    """Why there can be no window for a user without a home folder; empty if there can be."""
    from engine.places import NoHome, data_folder, expanded

    try:
        expanded("~")
        data_folder()
    except NoHome as error:
        return f"Poolhouse cannot open its window: {error}. Set HOME to a folder of yours."
    return ""


def refuse(why: str) -> int:
    """Say why there is no window: on stderr and, if nobody may read that, in a message box."""
    import shutil
    import subprocess

    print(why, file=sys.stderr)
    boxes = (["zenity", "--error", "--text"], ["kdialog", "--error"], ["xmessage"])
    box = next((box for box in boxes if shutil.which(box[0])), None)
    if box and not sys.stderr.isatty():
        subprocess.run([*box, why], stderr=subprocess.DEVNULL)
    return 1


if __name__ == "__main__":
    sys.exit(main())
