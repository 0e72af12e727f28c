"""`multiprocessing.Pool` with our workers: patched in place below its API; the rest stays as it is."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import functools
import weakref
from types import ModuleType

from ...typed import Any, Callable, cast
from . import children, parts, state, threads
from .link import PoolLink, WorkerDied
from .pickling import Pickling
from .results import Backlog

NOT_DAEMONS = ("ProcessPoolExecutor", "Parallel")
"""Workers of these pools are not daemons, and keep the name of their process class."""

_links: weakref.WeakValueDictionary[int, PoolLink] = weakref.WeakValueDictionary()
"""The pools of workers, by process id. Workers of a pool that is terminated are not removed one by one."""


class Queue:
    """Both queues of a pool, as far as the pool's own code uses them. A worker only gets the key."""

    def __init__(self, link: PoolLink) -> None:
        self.link: PoolLink | None = link
        self.key = link.key
        self.pickling = link.pickling

    def __reduce__(self) -> tuple[Any, ...]:
        return _for_worker, (self.key, self.pickling)

    def put(self, _none: None) -> None:
        """Only called to end the results."""
        if self.link is not None:
            self.link.end_results()


def _for_worker(key: str, pickling: Pickling) -> Queue:
    queue = Queue.__new__(Queue)
    queue.link, queue.key, queue.pickling = None, key, pickling
    return queue


def patch(module: ModuleType) -> None:
    """Patch `multiprocessing.pool`."""
    pool: Any = module.Pool
    stock_init = pool.__init__
    stock_finish, stock_terminate = pool._help_stuff_finish, pool._terminate_pool.__func__
    stock_sentinels, stock_join = pool._get_sentinels, pool._join_exited_workers

    def init(self: Any, processes: Any = None, *args: Any, **kwds: Any) -> None:
        ours = cast("Any", type(self))._setup_queues is setup_queues
        if ours:
            children.become_worker()
            if state.host().workers and (processes is None or processes > 0) and not is_for_a_library(self):
                processes = state.host().workers
        stock_init(self, processes, *args, **kwds)
        if ours:
            link = self._inqueue.link
            link.cache, link.is_built, link.pool = self._cache, True, weakref.ref(self)
            link.prompt = max(link.prompt, 2 * self._processes)

    def setup_queues(self: Any) -> None:
        name = getattr(self, "_poolhouse_name", type(self).__name__)
        refusal = getattr(self, "_poolhouse_refusal", WorkerDied)
        link = PoolLink(name, refusal, getattr(self, "_poolhouse_pickling", None))
        link.book = children.book_as_now()
        self._inqueue = self._outqueue = Queue(link)
        self._quick_put, self._quick_get = link.put, link.get

    def help_stuff_finish(inqueue: Any, task_handler: Any, size: int) -> None:
        if type(inqueue) is Queue:
            assert inqueue.link is not None
            inqueue.link.terminate()
        else:
            stock_finish(inqueue, task_handler, size)

    def terminate_pool(cls: Any, taskqueue: Any, inqueue: Any, *args: Any) -> None:
        if type(inqueue) is Queue and inqueue.link is not None:
            inqueue.link.crew = args[1]
        stock_terminate(cls, taskqueue, inqueue, *args)
        if type(inqueue) is Queue and inqueue.link is not None:
            if inqueue.link.template is not None:
                inqueue.link.template.close()
            inqueue.link.close()

    def get_sentinels(self: Any) -> list[Any]:
        if type(self._outqueue) is Queue:
            return [self._change_notifier._reader]
        return stock_sentinels(self)

    def join_exited_workers(workers: list[Any]) -> bool:
        before = list(workers)
        links = [link for worker in workers if (link := _links.get(getattr(worker, "pid", 0)))]
        kept = list(workers)
        cleaned = stock_join(kept) or any(link.wanted > len(kept) for link in links)
        workers[:] = kept if kept or not links else [Nobody()]  # the standard library divides by their number
        for worker in before:
            if worker not in workers and (link := _links.pop(getattr(worker, "pid", 0), None)):
                link.exited(worker.pid, worker.exitcode)
        return cleaned

    pool.__init__ = functools.wraps(stock_init)(init)
    pool._setup_queues = setup_queues
    pool._help_stuff_finish = staticmethod(help_stuff_finish)
    pool._terminate_pool = classmethod(terminate_pool)
    pool._get_sentinels = get_sentinels
    pool._join_exited_workers = staticmethod(join_exited_workers)
    pool._repopulate_pool_static = staticmethod(_repopulating(pool._repopulate_pool_static))
    pool._get_tasks = staticmethod(parts.getting(pool._get_tasks))
    _patch_calls(module)


def is_for_a_library(pool: object) -> bool:
    """Whether an executor or the like has made this pool, and knows its size."""
    return hasattr(pool, "_poolhouse_name")


class Nobody:
    """Stands for the workers of a pool while it has none: the standard library counts them."""

    pid = exitcode = None

    def is_alive(self) -> bool:
        return False

    def terminate(self) -> None:
        """Nothing to end."""

    def join(self) -> None:
        """Nothing to wait for."""


def _repopulating(stock: Callable[..., None]) -> Callable[..., None]:
    def repopulate(
        ctx: Any, process: Any, processes: int, pool: list[Any], inqueue: Any, outqueue: Any, *setup: Any
    ) -> None:
        if type(inqueue) is not Queue:
            stock(ctx, process, processes, pool, inqueue, outqueue, *setup)
            return
        link = inqueue.link
        if link is None or link.broken or link.is_stuck:
            return
        from .template import LostTemplate

        add = _start_workers if link.name in NOT_DAEMONS else stock
        workers = [worker for worker in pool if type(worker) is not Nobody]
        try:
            make = _maker(ctx, process, inqueue, link, setup)
            with children.shown(link.book):
                add(ctx, make, max(processes, link.wanted), workers, inqueue, outqueue, *setup)
        except LostTemplate as lost:
            link.stuck(str(lost))
        finally:
            pool[:] = workers or pool
            _links.update((worker.pid, link) for worker in workers)

    return repopulate


def _maker(
    ctx: Any, process: Any, queue: Queue, link: PoolLink, setup: tuple[Any, ...]
) -> Callable[..., Any]:
    """Makes workers for the standard library to start; by fork itself only in the pool's constructor."""
    from .template import Template
    from .worker import work

    forks = ctx.get_start_method() == "fork"
    arguments = (queue, *setup)
    if forks and link.template is None:
        link.template = Template(ctx, process, work, arguments)

    def make(_ctx: Any, target: Any = None, args: Any = ()) -> Any:
        del target, args
        worker = process(ctx, target=work, args=arguments)
        if forks and link.is_built:
            worker._Popen = link.template.popen
        return worker

    return make


def _start_workers(ctx: Any, make: Any, processes: int, workers: list[Any], *_: Any) -> None:
    """What the standard library does for a pool, with workers that are no daemons."""
    while len(workers) < processes:
        worker = make(ctx)
        worker.start()
        workers.append(worker)


def _patch_calls(module: ModuleType) -> None:
    """Make calls of a pool note where they were made."""
    for name in ("ApplyResult", "IMapIterator"):
        kind: Any = getattr(module, name)
        setattr(kind, "__init__", _noting(kind.__init__, name == "ApplyResult"))


def _noting(stock: Callable[..., None], is_apply: bool) -> Callable[..., None]:
    def init(self: Any, pool: Any, *args: Any, **kwds: Any) -> None:
        stock(self, pool, *args, **kwds)
        queue = getattr(pool, "_inqueue", None)
        is_shared = is_apply and type(self).__name__ == "ApplyResult"
        if type(queue) is Queue and queue.link is not None:
            queue.link.called(self._job, is_shared)
            if not is_apply:
                self._items = Backlog()
        elif type(queue) is threads.Inqueue:
            threads.note(self, is_shared)

    return init
