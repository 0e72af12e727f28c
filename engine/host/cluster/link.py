"""The link to a Dask cluster: a client in its own thread. The only module that imports `distributed`.

The host's loop calls `submit` and `ask`, which return immediately, and collects what has arrived with `take`
when it is woken. What arrives is one of the following messages, with its data.
"""

from __future__ import annotations

import asyncio
import logging
import marshal
import os
import pickle
import sys
import threading
import uuid
import warnings
from collections import deque
from collections.abc import Coroutine, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
from multiprocessing import Pipe
from types import SimpleNamespace

from ..errors import BrokenRun
from ..system import Selector
from ..typed import Any, Callable
from . import agent as agents
from . import events
from .fitting import is_in_reach, try_to_reach, unfit, words

CAME = "came"
"""(address, threads): a Dask worker is available, and has a station."""
WENT = "went"
"""(address): it is gone, or its station is."""
ANSWERED = "answered"
"""(address, frames): a station has answered."""
LOST = "lost"
"""(reason): the scheduler is gone."""
UNFIT = "unfit"
"""(reason): a Dask worker cannot be used."""

CONNECT_SECONDS = 10.0
INSTALL_SECONDS = 60.0
"""Seconds that a Dask worker has to unpack the shipment and start its station."""
LOOK_SECONDS = 1.0
"""Seconds between two queries for the list of Dask workers. A station that was silent for this long is asked
what its workers are doing, which also tells it that the run is alive."""
END_SECONDS = 5.0
MOST_BREAKS = 20
"""A station that has ended this often in a row, with no batch between, is not started again there."""
MISSING = (
    "The mode dask needs the package distributed, and {python} has no module named 'distributed'. Install it,"
    " or choose an interpreter that has it, the same version as the cluster."
)
FROZEN = (
    "The mode dask needs the package distributed, and the Python inside Poolhouse has only the standard"
    " library: choose an interpreter that has it, the same version as the cluster."
)
UNREACHABLE = (
    "The Dask scheduler at {address} cannot be reached: {why}. Start it (dask scheduler), or correct the"
    " address."
)
NO_CLUSTER = "A Dask cluster on this machine cannot be started: {why}."
NO_IMPORT = "The mode dask needs the package distributed, which cannot be imported: {why}."


class Link:
    """The cluster at `address`, or one of its own on this machine with this many workers."""

    def __init__(self, address: str, workers: int, selector: Selector, woken: Callable[[], object]) -> None:
        self._address = address
        self._workers = workers
        self._selector = selector
        self._woken = woken
        self._came: deque[tuple[Any, ...]] = deque()
        self._bell, self._rope = Pipe(duplex=False)
        self._rings = False
        self._module = f"_poolhouse_agent_{uuid.uuid4().hex}"
        self._shipment = b""
        self._client: Any = None
        self._cluster: Any = None
        self._threads: dict[str, int] = {}
        """Of the Dask workers with a station, by address,"""
        self._breaks: dict[str, int] = {}
        """and how often the station of each has ended."""
        self._answered = set[str]()
        """Those whose station has answered since the last check."""
        self._installing = set[str]()
        self._direct = True
        """Whether the host can reach each Dask worker, so that results need not pass the scheduler."""
        self._tasks = set[asyncio.Future[Any]]()
        self._count = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="Dask", daemon=True)
        self._over = False
        self._shipped = _shipped()

    # called by the host's thread

    def connect(self, given_up: Callable[[], bool]) -> None:
        """Connect, and check whether the cluster fits. Raises `BrokenRun`."""
        _distributed()
        self._thread.start()
        done = self._call(self._connect())
        while not given_up():
            with suppress(TimeoutError, NotYet):
                done.result(0.1)
                return
        raise BrokenRun("It was stopped before it began.")

    def begin(self, shipment: bytes) -> None:
        """Bring the shipment to each Dask worker, also to those that join later."""
        self._shipment = shipment
        self._selector.add(self._bell, self._hear)
        self._call(self._watch())

    def take(self) -> list[tuple[Any, ...]]:
        """What has arrived."""
        came: list[tuple[Any, ...]] = []
        while self._came:
            came.append(self._came.popleft())
        return came

    def submit(self, address: str, worker: int, head: tuple[Any, ...], packed: Sequence[bytes]) -> None:
        """Let a worker of a station run a batch, as a Dask task."""
        payload = pickle.dumps([marshal.dumps(head), *packed], 5)
        quick = head[3] > 1  # several tasks in a batch: none takes long
        self._call(self._run_batch(address, worker, payload, quick))

    def ask(self, address: str, *head: Any) -> None:
        """Ask a station."""
        self._call(self._ask(address, head))

    def wait_for_workers(self) -> None:
        """Show a cluster without workers that there is work."""
        self._call(self._knock())

    def close(self) -> None:
        """End the stations, and a cluster of its own."""
        if self._over:
            return
        self._over = True
        if self._thread.is_alive():
            closing = self._call(self._close())
            with suppress(Exception):
                closing.result(2 * END_SECONDS)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(END_SECONDS)
        if self._shipment:
            self._selector.remove(self._bell)
        self._bell.close()
        self._rope.close()

    def _call(self, what: Coroutine[Any, Any, None]) -> Future[None]:
        return asyncio.run_coroutine_threadsafe(what, self._loop)

    def _hear(self) -> None:
        self._bell.recv_bytes()
        self._rings = False
        self._woken()

    # called by the client's thread

    def _tell(self, kind: str, *content: Any) -> None:
        self._came.append((kind, *content))
        if not self._rings and not self._over:
            self._rings = True
            self._rope.send_bytes(b"!")

    async def _connect(self) -> None:
        distributed = _distributed()
        try:
            if not self._address:
                self._cluster = await distributed.LocalCluster(
                    n_workers=self._workers,
                    threads_per_worker=1,
                    processes=True,
                    asynchronous=True,
                    dashboard_address=None,
                    memory_limit=0,
                    silence_logs=logging.CRITICAL,
                )
            else:
                await self._loop.run_in_executor(None, try_to_reach, self._address, CONNECT_SECONDS)
            self._client = await distributed.Client(
                self._cluster or self._address,
                asynchronous=True,
                timeout=CONNECT_SECONDS,
                set_as_default=False,
                name="Poolhouse",
            )
        except Exception as error:
            why = words(error, f"no answer within {CONNECT_SECONDS:g} s")
            reason = UNREACHABLE if self._address else NO_CLUSTER
            raise BrokenRun(reason.format(address=self._address, why=why), "run.scheduler") from None
        versions = await self._client.get_versions(check=False)
        reasons = [unfit("The scheduler", versions["scheduler"], versions["client"])]
        of_workers = [
            unfit(f"The worker at {address}", told, versions["client"])
            for address, told in versions["workers"].items()
        ]
        if of_workers and all(of_workers):
            reasons.append(of_workers[0])
        if reason := next(filter(None, reasons), ""):
            raise BrokenRun(reason, "run.scheduler")

    async def _watch(self) -> None:
        """Keep track of the Dask workers until the scheduler is gone."""
        while not self._over:
            try:
                there: dict[str, int] = await asyncio.wait_for(self._client.ncores(), CONNECT_SECONDS)
                if self._client.status != "running":
                    raise OSError("the connection is closed")
            except Exception as error:
                if not self._over:
                    self._tell(LOST, words(error, "it does not answer"))
                return
            for address in self._threads.keys() - there.keys():
                self._lose(address)
            new = {address: threads for address, threads in there.items() if self._is_new(address)}
            if new:
                self._installing.update(new)
                self._go_on(self._install_all(new))
            for address in self._threads.keys() - self._answered:
                self._go_on(self._ask(address, (events.STATE, -1)))
            self._answered.clear()
            await asyncio.sleep(LOOK_SECONDS)

    def _go_on(self, what: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(what)
        self._tasks.add(task)  # the loop itself holds no strong reference
        task.add_done_callback(self._tasks.discard)

    def _lose(self, address: str) -> None:
        if self._threads.pop(address, None) is not None:
            self._tell(WENT, address)

    def _is_new(self, address: str) -> bool:
        return address not in self._threads and address not in self._installing

    async def _install_all(self, new: dict[str, int]) -> None:
        """Start stations on Dask workers. Their versions are asked for together: that goes to all workers."""
        try:
            versions = await asyncio.wait_for(self._client.get_versions(check=False), CONNECT_SECONDS)
        except Exception:  # the scheduler is gone, which `_watch` notices, or a worker does not answer
            self._installing.difference_update(new)
            return
        for address, threads in new.items():
            told = versions["workers"].get(address)
            if reason := unfit(f"The worker at {address}", told, versions["client"]):
                self._tell(UNFIT, reason)  # it stays in `_installing`, so that it is not tried again
            else:
                self._go_on(self._install(address, threads))

    async def _install(self, address: str, threads: int) -> None:
        """Start a station on a Dask worker."""
        try:
            install = self._client.run(
                self._shipped.install, self._module, _source(), self._shipment, workers=[address]
            )
            await asyncio.wait_for(install, INSTALL_SECONDS)
            if self._direct:
                self._direct = await self._loop.run_in_executor(None, is_in_reach, address)
        except Exception as error:
            if self._breaks.setdefault(address, 0) >= MOST_BREAKS:
                self._tell(UNFIT, f"The worker at {address} cannot be used: {words(error, 'too slow')}.")
                return
            self._breaks[address] += 1
        else:
            self._threads[address] = threads
            self._tell(CAME, address, threads)
        self._installing.discard(address)

    async def _ask(self, address: str, head: tuple[Any, ...]) -> None:
        frames = [marshal.dumps(head)]
        try:
            answers = await self._client.run(self._shipped.ask, self._module, frames, workers=[address])
            self._hears(address, answers[address])
        except Exception as error:
            await self._broke(address, error)

    async def _run_batch(self, address: str, worker: int, payload: bytes, quick: bool) -> None:
        self._count += 1
        future: Any = None
        try:
            future = self._client.submit(
                self._shipped.run_batch,
                self._module,
                worker,
                payload,
                quick,
                key=f"poolhouse-{self._module[-8:]}-{self._count}",
                workers=[address],
                allow_other_workers=False,
                pure=False,
                retries=0,
            )
            frames: list[bytes] = await self._client.gather(future, direct=self._direct)
            self._breaks.pop(address, None)
            self._hears(address, frames)
        except Exception as error:
            await self._broke(address, error)
        finally:
            if future is not None:
                future.release()

    def _hears(self, address: str, frames: list[bytes]) -> None:
        self._answered.add(address)
        self._tell(ANSWERED, address, frames)

    async def _broke(self, address: str, error: BaseException) -> None:
        """A station did not answer: it is gone, unless its Dask worker is."""
        if address not in self._threads or self._over:
            return
        if isinstance(error, asyncio.CancelledError):
            raise error
        with suppress(Exception):
            await self._client.run(self._shipped.remove, self._module, workers=[address])
        self._breaks[address] = self._breaks.get(address, 0) + 1
        if self._breaks[address] > MOST_BREAKS:
            self._installing.add(address)
            self._tell(UNFIT, f"The worker at {address} cannot be used: {words(error, 'no answer')}.")
        self._lose(address)

    async def _knock(self) -> None:
        with suppress(Exception):
            await self._client.submit(int, key=f"poolhouse-{self._module[-8:]}-0", pure=False)

    async def _close(self) -> None:
        with suppress(Exception):
            if self._client is not None and self._client.status == "running" and self._threads:
                ending = self._client.run(self._shipped.remove, self._module, on_error="ignore")
                await asyncio.wait_for(ending, END_SECONDS)
        for task in list(self._tasks):
            task.cancel()
        for part in (self._client, self._cluster):
            if part is not None:
                with suppress(Exception):
                    await asyncio.wait_for(part.close(), END_SECONDS)


def _distributed() -> Any:
    """Dask's own package. Raises `BrokenRun` if it is not installed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import distributed  # pyright: ignore[reportMissingImports, reportUnknownVariableType]
    except ModuleNotFoundError as error:
        if error.name not in ("distributed", "dask"):
            raise BrokenRun(NO_IMPORT.format(why=error), "run.mode") from error
        text = FROZEN if getattr(sys, "frozen", False) else MISSING
        raise BrokenRun(text.format(python=sys.executable), "run.mode") from None
    except Exception as error:
        raise BrokenRun(NO_IMPORT.format(why=error), "run.mode") from error
    logger = logging.getLogger("distributed")
    logger.propagate = False  # run.log belongs to the job
    logger.setLevel(logging.CRITICAL)
    warnings.filterwarnings("ignore", module="distributed")
    warnings.filterwarnings("ignore", message="Sending large graph")
    return distributed  # pyright: ignore[reportUnknownVariableType]


def _source() -> str:
    with open(agents.__file__, encoding="utf-8") as file:
        return file.read()


def _shipped() -> SimpleNamespace:
    """The functions that Dask workers call. Being in a main module, they are sent by value."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(_source(), os.path.basename(agents.__file__), "exec"), names)
    return SimpleNamespace(**{name: names[name] for name in ("install", "ask", "run_batch", "remove")})
