"""The start of a script's main process: its interpreter boots, and waits until it is to begin.

Imports next to nothing.
"""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import _socket
import marshal
import os
import time

from ...descriptors import keep_high
from ...prctl import die_with_parent
from ...record.schema import MAIN

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable

    from .place import Place

ENVIRONMENT = "POOLHOUSE_SCRIPT"
"""The environment variable that tells the main process what to run; removed once it is read."""


class MainProcess:
    """A child that has started, with our end of its gate: it says what it is, and waits there."""

    def __init__(self, script: dict[str, Any], prepare: Callable[[], object] = bool) -> None:
        """`script` is that part of the plan. `prepare` is called in the child.

        Raises `OSError` if its command cannot be started.
        """
        ours, theirs = _socket.socketpair()
        gate = keep_high(theirs.detach())
        environment = {**script["environment"], ENVIRONMENT: _told(script, gate)}
        said, failed = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            _become(script, environment, gate, prepare, failed)
        os.close(gate)
        os.close(failed)
        number = os.read(said, 16)
        os.close(said)
        if number:
            os.waitpid(self.pid, 0)
            raise OSError(int(number), os.strerror(int(number)))
        self.gate = ours
        self.began = 0.0
        """When it was told to begin."""

    def begin(self, place: Place, folder: str) -> None:
        """Have it run the script, as soon as its interpreter has started. `folder` is that of the run."""
        from ..slots import STACK_SIGNAL, STACKS

        told = {
            "address": place.address,
            "token": place.token,
            "folder": folder,
            "line": place.line,
            "stacks": [place.slot(MAIN) + STACKS, int(STACK_SIGNAL)],
        }
        self.began = time.time()
        try:
            self.gate.sendall(marshal.dumps(told, 4))
            self.gate.shutdown(_socket.SHUT_WR)
        except OSError:  # it was killed
            pass


def _told(script: dict[str, Any], gate: int) -> str:
    """What the main process learns as it starts. The descriptor `gate` is where it waits."""
    told = {
        "path": script["path"],
        "arguments": script["arguments"],
        "workers": script["workers"],
        "gate": gate,
    }
    return marshal.dumps(told, 4).hex()


def _become(
    script: dict[str, Any],
    environment: dict[str, str],
    gate: int,
    prepare: Callable[[], object],
    failed: int,
) -> None:
    """In the child: become the script's interpreter, or say why not."""
    try:
        os.set_inheritable(gate, True)
        os.chdir(script["folder"])
        if script["group"]:
            _join(script["group"])
        prepare()
        die_with_parent()
        os.execvpe(script["command"][0], script["command"], environment)
    except OSError as error:
        os.write(failed, b"%d" % (error.errno or 0))
    finally:
        os._exit(127)


def _join(group: int) -> None:
    """Be in the terminal's foreground with the command that began the run: Ctrl-C arrives here too."""
    try:
        os.setpgid(0, group)
    except OSError:  # that group is gone, or in another session
        pass
