"""A running host, as seen by the process that started it."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from engine.host.record.schema import OUTPUT
from engine.host.system import Connection, what_is_short
from engine.launch import messages
from engine.launch.environment import interpreter
from engine.launch.messages import Ended, Hello, LinkLost, Message
from engine.launch.orders import Orders
from engine.launch.process import HostProcess, LaunchError, kill, kill_tree, launch, process_of
from engine.launch.script import SCRIPT, Script

if TYPE_CHECKING:
    import psutil

    from engine.job import Job

HELLO_SECONDS = 30.0
"""Seconds after which a silent host counts as failed."""
HEED_SECONDS = 0.1
"""How often, until then, to check whether the start was cancelled."""
END_SECONDS = 10.0
"""Seconds that a host has to end after its last message."""
KILL_SECONDS = 5.0
"""Seconds that it has to end immediately; then its process is killed."""
DIED = "The run's own process died."
SILENT = "The run's own process did not answer, so it was ended."


class HostHandle:
    """A host process seen from outside, with the pipe to it.

    `receive` belongs to one thread; `stop` and `kill` may be called from any.
    """

    def __init__(
        self, process: HostProcess | None, link: Connection, folder: Path | None, resumed: bool
    ) -> None:
        self._process = process
        """None if another app started it."""
        self.pid = 0 if process is None else process.pid
        self._known: psutil.Process | None = None
        """The host's process, once it may have to be ended."""
        self._link = link
        self._orders = Orders(link)
        self._last_resort: threading.Timer | None = None
        self._forced = False
        self._folder = folder
        """None until the host has made it."""
        self._resumed = resumed
        self._over = False
        self._kept_on = False
        self._advice = "resume the run"
        """What to do if the host dies."""
        self._ends_leftovers = True
        """Whether processes that tasks left running end with the run."""

    @classmethod
    def start(
        cls,
        job: Job,
        folder: Path,
        *,
        resume: bool = False,
        limit: int = 0,
        only: Sequence[tuple[int, int]] | None = None,
        priority: str = "normal",
        given_up: Callable[[], object] = bool,
    ) -> HostHandle:
        """Start a host for `job` in its run folder, and wait for its hello.

        `limit`, `only` and `priority` are those of `plan.describe`.

        Raises `LaunchError`, also if it is `given_up` before the host is there, and `UnreadableRun` if
        there is no run to resume.
        """
        from engine.launch import plan

        previous = _last_launch(folder) if resume else None
        python = interpreter(job.python)
        host = cls(*launch(python, folder), folder, resume)
        host._ends_leftovers = job.run.leftovers == "end"
        host._greet(python, given_up)
        host._begin(plan.describe(job, folder, previous, limit, priority, only))
        return host

    @classmethod
    def run_script(cls, script: Script, folder: Path, given_up: Callable[[], object] = bool) -> HostHandle:
        """Run a script as it is: start its host in its run folder, and wait for its hello.

        Raises `LaunchError`.
        """
        python = interpreter(script.python)
        host = cls(*launch(python, folder, script), folder, False)
        host._advice = "run the script again"
        host._begin(script.told(folder, python))
        host._greet(python, given_up)
        return host

    @classmethod
    def of_script(cls, pid: int, link: int) -> HostHandle:
        """The host of a script in this terminal, which was forked as `pid`, with our end of its pipe.

        Raises `LaunchError`.
        """
        assert sys.platform != "win32"
        from engine.launch.forked import ForkedHost

        host = cls(ForkedHost(pid), Connection(link), None, False)
        host._advice = "run the script again"
        host._greet(Path(sys.executable), bool)
        return host

    @property
    def folder(self) -> Path | None:
        """The run folder; None if it could not be made."""
        return self._folder

    @classmethod
    def attach(cls, folder: Path) -> HostHandle:
        """Connect to the live run in `folder`, which was told to keep on. Raises `LaunchError`.

        Its first messages are `Started` and `Progress`.
        """
        from engine.launch.attach import invite
        from engine.runs.reader import open_run

        with open_run(folder) as run:
            facts, leftovers = run.facts(), run.job.run.leftovers
        if facts.state != "running":
            raise LaunchError(f"The run in {folder} is over.")
        link = invite(folder)
        if link is None:
            raise LaunchError(f"The run in {folder} does not answer; another window may have it.")
        host = cls(None, link, folder, True)
        host.pid = facts.pid
        host._kept_on = True
        host._ends_leftovers = leftovers == "end"
        return host

    def _begin(self, plan: dict[str, Any]) -> None:
        """Tell the host what it is to do. Raises `LaunchError`."""
        try:
            self._orders.send(plan)
        except OSError as error:
            if self._process is not None:
                kill_tree(self._process.pid)
            self.close()
            raise LaunchError(f"The run cannot start: {what_is_short(error)}.") from error

    def _greet(self, python: Path, given_up: Callable[[], object]) -> None:
        hello: Message | None = None
        due = time.monotonic() + HELLO_SECONDS
        while hello is None and not given_up() and time.monotonic() < due:
            hello = self.receive(HEED_SECONDS)
        if isinstance(hello, Hello):
            self.pid = hello.pid
            self._folder = self._folder or (Path(hello.folder) if hello.folder else None)
            return
        if hello is None and self._process is not None:
            kill_tree(self._process.pid)
        self.close()
        if given_up():
            raise LaunchError("It was stopped before it began.")
        errors = (self._folder / OUTPUT).read_text("utf-8", "replace").strip() if self._folder else ""
        raise LaunchError(
            f"{python} did not start as a host: {errors.splitlines()[-1] if errors else 'it said nothing'}."
            " Choose another interpreter.",
            "function.python",
            errors,
        )

    def receive(self, timeout: float | None = None) -> Message | None:
        """The next message; None if none arrives within `timeout` seconds, or none can arrive any more."""
        if self._over:
            return None
        try:
            if not self._link.poll(timeout):
                return None
            message = messages.read(self._link.recv_bytes())
        except (EOFError, OSError):
            cause = SILENT if self._forced else DIED
            message = LinkLost(f"{cause} Its results so far are kept; {self._advice}.")
        if isinstance(message, (Ended, LinkLost)):
            self._over = True
            self._reap(message)
        return message

    def _reap(self, last: Message) -> None:
        """After the host's last message: wait for its end, and remove a run folder in which nothing ran."""
        self._calm()
        self._see_off()
        if self._folder is None:
            return
        if isinstance(last, LinkLost) and self._ends_leftovers:
            from engine.launch.aftermath import end_family

            end_family(self._folder)
        elif isinstance(last, Ended) and not last.ran and last.state == "failed" and not self._resumed:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _see_off(self) -> None:
        if self._process is not None:
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    # Requests to the host. Each returns immediately; `receive` returns the outcome.

    def stop(self) -> None:
        """Stop in order: no new batches, and after some seconds the workers are ended."""
        self._command("stop")

    def finish(self) -> None:
        """Finish: no new batches, and running tasks get all the time they need."""
        self._command("finish")

    def kill(self) -> None:
        """End immediately. If the host does not, its process is killed after some seconds."""
        self._command("kill")
        if self._last_resort is None and not self._over:
            self._known = process_of(self.pid)
            self._last_resort = threading.Timer(KILL_SECONDS, self._force)
            self._last_resort.daemon = True
            self._last_resort.start()

    def interrupt(self) -> None:
        """Send a script that runs as it is what Ctrl-C sends."""
        self._command("interrupt")

    def pause(self) -> None:
        """Hand out no tasks until `resume`."""
        self._command("pause")

    def resume(self) -> None:
        """Hand out tasks again."""
        self._command("resume")

    def resize(self, workers: int) -> None:
        """Change the size of the pool."""
        self._command("resize", workers=workers)

    def kill_worker(self, number: int) -> None:
        """End one worker; its current task fails, and another worker takes its place."""
        self._command("kill_worker", number=number)

    def retry_failed(self, only: Sequence[tuple[int, int]] | None = None) -> None:
        """Run again the tasks that failed so far, during the run. `receive` returns a `Retried`.

        With `only`, ordered spans (first, stop), other tasks stay as they are.
        """
        self._command("retry_failed", **({} if only is None else {"only": list(only)}))

    def look(self, *, stacks: bool = True) -> None:
        """Ask what the workers are doing. `receive` returns `Workers`, with Python stacks if requested."""
        self._command("look", stacks=stacks)

    def keep_on(self) -> None:
        """Let the run continue to its own end when this connection closes."""
        self._kept_on = True
        self._command("keep_on")

    def _command(self, do: str, **arguments: Any) -> None:
        self._orders.send({"do": do, **arguments})

    def _force(self) -> None:
        """Kill the process; `receive` reports that the link is lost."""
        if self._over or self._known is None:
            return
        self._forced = True
        kill(self._known)

    def _calm(self) -> None:
        if self._last_resort is not None:
            self._last_resort.cancel()

    def close(self) -> None:
        """Disconnect. A host that is still running stops immediately, unless it was told to keep on."""
        self._calm()
        self._orders.close()
        if not self._kept_on or self._over:
            self._see_off()
        elif self._process is not None:  # somebody must reap it when it ends
            threading.Thread(target=self._process.wait, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _last_launch(folder: Path) -> float | None:
    from engine.runs.alive import refusal
    from engine.runs.reader import open_run

    with open_run(folder) as run:
        facts = run.facts()
    if facts.state == "running":
        raise LaunchError(refusal(folder, facts.machine))
    if facts.mode == SCRIPT:
        raise LaunchError("A script that ran as it is cannot be resumed: run the script again.")
    return facts.launched
