"""The host of a script in a terminal: a fork of the command, made before that has loaded anything.

It starts the script's interpreter first of all, then makes the run folder, and loads itself last.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import _socket
import os

from engine import run_folders
from engine.environment import MARK
from engine.host.processes.guardian import Guardian, guard
from engine.host.script.outside.main_process import MainProcess
from engine.host.script.outside.place import Place
from engine.script_plan import write_job

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn


def start(plan: dict[str, Any]) -> tuple[int, int]:
    """Start a host for `plan`; returns the process to wait for, and our end of the pipe to the host.

    Raises `OSError`.
    """
    ours, theirs = _socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            ours.close()
            _be_host(plan, theirs.detach())
        except BaseException:
            import traceback

            traceback.print_exc()
        finally:
            os._exit(1)
    theirs.close()
    return pid, ours.detach()


def _be_host(plan: dict[str, Any], link: int) -> NoReturn:
    """Be the host in a fork of the command."""
    _reset_signals()
    if plan["script"]["group"]:
        os.setpgid(0, 0)
    else:
        os.setsid()
    try:
        guardian = guard(link, hush=True)
    except OSError as error:
        from engine.host import opening

        opening.refuse(link, error)
    beginning = Beginning(plan)
    beginning.make(guardian)
    beginning.be_host(link, guardian)


def _reset_signals() -> None:
    """Undo what the command handles, if it has come as far as that."""
    if "signal" in sys.modules:
        import signal

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)


class Beginning:
    """The parts of a run that are there before its host has loaded anything, or why they are not."""

    def __init__(self, plan: dict[str, Any]) -> None:
        self._plan = plan
        self._main: MainProcess | None = None
        self._place: Place | None = None
        self._folder = ""
        self._failed: OSError | None = None

    def make(self, guardian: Guardian) -> None:
        """Start main, make the run folder, and have main begin."""
        try:
            self._main = MainProcess(self._plan["script"])
            self._place = Place()
            guardian.remove(self._place.folder)
            self._folder = _new_folder(self._plan)
            self._main.begin(self._place, self._folder)
        except OSError as error:
            self._failed = error

    def be_host(self, link: int, guardian: Guardian) -> NoReturn:
        """Load what a host needs, and be it: or say what has failed."""
        from engine.host import opening, system
        from engine.host.script.outside.main import run_script

        opening.settle()
        kept = {link, guardian.alive, guardian.tell}
        kept |= {self._main.gate.fileno()} if self._main else set()
        kept |= {self._place.listener} if self._place else set()
        system.close_all_but(kept)
        app = opening.greet(link, self._folder)
        if self._failed or not (self._main and self._place):
            self._undo()
            opening.give_up(app, **self._why())
        else:
            os.environ[MARK] = self._folder
            run_script(app, guardian, {**self._plan, "run_folder": self._folder}, (self._place, self._main))
        opening.leave()

    def _why(self) -> dict[str, str]:
        """Why nothing could run, and which field of the job is at fault."""
        error = self._failed or OSError("nothing was started")
        if self._place:
            reason = f"The run folder cannot be created: {error}. Choose another place with --runs."
            return {"reason": reason, "key": ""}
        if self._main:
            reason = f"There is no room for temporary files: {error}. Set TMPDIR to another folder."
            return {"reason": reason, "key": ""}
        from engine.host.script.outside.program import cannot_start

        broken = cannot_start(self._plan["script"], error)
        return {"reason": str(broken), "key": broken.key}

    def _undo(self) -> None:
        """End main, which still waits, and remove the place."""
        if self._main:
            self._main.gate.close()
            os.waitpid(self._main.pid, 0)
        if self._place:
            self._place.close()


def _new_folder(plan: dict[str, Any]) -> str:
    """The run folder, with what stands for the script. Raises `OSError`."""
    script = plan["script"]
    folder = run_folders.new(root(plan["runs"]), plan["name"])
    write_job(folder, script["path"].replace("/./", "/"), plan["python"], script["workers"])
    return folder


def root(override: str) -> str:
    """The folder of all runs, as `places.runs_root` has it. Raises `OSError`."""
    chosen = override or os.environ.get("POOLHOUSE_RUNS") or _usual()
    if chosen.startswith("/") and not {"", "."} & set(chosen.strip("/").split("/")):
        return chosen.rstrip("/")
    from engine.places import runs_root

    return str(runs_root(override))


def _usual() -> str:
    """Where runs are on Linux, if the environment only names a home folder; else empty."""
    home = os.environ.get("HOME", "")
    is_plain = sys.platform == "linux" and home and not os.environ.get("XDG_DATA_HOME")
    return f"{home}/.local/share/poolhouse/runs" if is_plain else ""
