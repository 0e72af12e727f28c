"""Requests that misbehave, and a query process that knows them."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.query.aside import Asides
from engine.query.codec import travels
from engine.query.process import main
from engine.query.program import ASIDE, Started, launch
from engine.query.request import Request, Steps, Urgency
from engine.query.sources import Sources

ROOT = Path(__file__).parents[3]
SOURCE = f"import sys; sys.path.append({str(ROOT)!r}); from tests.unit.query import odd; odd.serve()"
COMMAND = [sys.executable, "-P", "-c", SOURCE]


@dataclass(frozen=True)
class Odd(Request[int]):
    folder: Path

    @property
    def source(self) -> Path:
        return self.folder


@travels
@dataclass(frozen=True)
class Pid(Odd):
    urgency: ClassVar[Urgency] = Urgency.ROWS

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        return os.getpid()


@travels
@dataclass(frozen=True)
class PidAside(Odd):
    aside: ClassVar[bool] = True

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        return os.getpid()


@travels
@dataclass(frozen=True)
class Count(Odd):
    """Counts in steps and reports each number, forever unless `last` is one of them."""

    urgency: ClassVar[Urgency] = Urgency.SCAN
    last: int = -1

    def steps(self, sources: Sources) -> Steps[int]:
        number = 0
        while number != self.last:
            yield number
            number += 1
            time.sleep(0.001)
        return number


@travels
@dataclass(frozen=True)
class Die(Odd):
    """Kills the process; a second time only if there is no file `mark`."""

    mark: str = ""

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        if self.mark and (self.folder / self.mark).exists():
            return os.getpid()
        if self.mark:
            (self.folder / self.mark).touch()
        os.abort()


@travels
@dataclass(frozen=True)
class Hang(Odd):
    """Takes forever in one step."""

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        time.sleep(1e6)
        return 0


@travels
@dataclass(frozen=True)
class HangAside(Hang):
    aside: ClassVar[bool] = True

    def steps(self, sources: Sources) -> Steps[int]:
        yield os.getpid()
        return (yield from super().steps(sources))


@travels
@dataclass(frozen=True)
class Eat(Odd):
    """Asks for more memory than there is."""

    def steps(self, sources: Sources) -> Steps[int]:
        yield
        return len(bytearray(1 << 40))


@travels
@dataclass(frozen=True)
class Fail(Odd):
    def steps(self, sources: Sources) -> Steps[int]:
        yield
        raise ValueError("It is odd.")


def start() -> Started:
    """Start a query process that knows these requests."""
    return launch(COMMAND)


def start_aside() -> Started:
    return launch(COMMAND, ASIDE)


def serve() -> None:
    """Be such a process."""
    main(int(sys.argv[1]), None if len(sys.argv) > 2 else Asides(start_aside))
