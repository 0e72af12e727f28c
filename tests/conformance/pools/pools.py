"""What pools promise, a line each: the same under plain Python and as it is. Argument: a start method."""

import itertools
import multiprocessing
import operator
import os
import random
import sys
import threading
import time
from concurrent.futures import FIRST_COMPLETED, CancelledError, ProcessPoolExecutor, as_completed, wait
from functools import partial
from multiprocessing.pool import ThreadPool

SET = []


def begin(*values):
    SET.extend(values)


def double(x):
    return 2 * x


def with_set(x):
    return (x, list(SET))


def minus(a, b=1, *, c=0):
    return a - b - c


def fail(x):
    if x % 4 == 3:
        raise KeyError(x)
    return x


def fail_from(x):
    try:
        fail(3)
    except KeyError as error:
        raise RuntimeError(x) from error


class Odd(Exception):
    def __init__(self, a, b):
        super().__init__(a)
        self.b = b

    def __reduce__(self):
        return Odd, (self.args[0], self.b)


def odd(x):
    raise Odd(x, [x])


def lock(x):
    return threading.Lock()


def slow(x):
    time.sleep(x)
    return x


def name(_):
    process = multiprocessing.current_process()
    return type(process).__name__, process.name.rpartition("-")[0], process.daemon


def whoami(_):
    return os.getpid()


def parent(_):
    return multiprocessing.parent_process().pid, os.environ.get("MADE_BY_MAIN")


def grow(x, kept=[]):
    kept.append(x)
    return kept


def bad_inputs():
    yield 1
    yield 2
    raise OSError("inputs")


class Model:
    factor = 3

    def __init__(self, base):
        self.base = base

    def run(self, x):
        return self.base + self.factor * x

    @staticmethod
    def still(x):
        return -x

    def __call__(self, x):
        return (self.base, x)


class MyPool(multiprocessing.pool.Pool):
    def twice(self, values):
        return self.map(double, self.map(double, values))


class Local(Exception):
    def __reduce__(self):
        raise TypeError("not to be sent")


def fail_locally(n):
    raise Local(n)


def fail_to_begin():
    raise ValueError("no beginning")


def caught(function, *args, **kwds):
    try:
        return function(*args, **kwds)
    except BaseException as error:
        cause = type(error.__cause__).__name__ if error.__cause__ is not None else ""
        return type(error).__name__, str(error)[:60], cause


def drained(iterator):
    found = []
    while True:
        try:
            found.append(next(iterator))
        except StopIteration:
            return found
        except Exception as error:
            found.append(repr(error))


def pools(ctx):
    with ctx.Pool(2, begin, (7, "x")) as pool:
        yield "map", pool.map(double, range(30))
        yield "map of nothing", pool.map(double, [])
        yield "map with chunks", pool.map(double, range(11), chunksize=3)
        yield "map of a generator", pool.map(double, (x for x in range(5)))
        yield "map of numbers", pool.map(operator.neg, [1, 2.5, True, 10**30, -0.0])
        yield "map to None", pool.map(begin, [])
        yield "map of texts", pool.map(str.upper, ["a", "ß", "\udc80"[:0]])
        yield "map to one list", pool.map(grow, range(4), chunksize=4)
        yield "large results", [len(x) for x in pool.map(bytes, [300_000, 10, 70_000], chunksize=3)]
        yield "large result", len(pool.apply(bytes, (1 << 20,)))
        yield "large input", pool.apply(len, (bytes(2 << 20),))
        yield "many quick ones", sum(pool.map(double, range(50_000)))
        yield "many quick ones that fail", caught(pool.map, partial(operator.floordiv, 1), range(-9000, 9000))
        yield "starmap", pool.starmap(minus, [(1, 2), (3, 4), (5,)])
        yield "starmap of no arguments", caught(pool.starmap, minus, [3])
        yield "starmap with chunks", pool.starmap(minus, [(1, 2), (3, 4), (5, 6)], 2)
        yield "imap", list(pool.imap(double, range(20)))
        yield "imap with chunks", list(pool.imap(double, range(20), chunksize=6))
        yield "imap_unordered", sorted(pool.imap_unordered(double, range(300)))
        yield "imap_unordered with chunks", sorted(pool.imap_unordered(double, range(300), chunksize=7))
        yield "imap of bad inputs", drained(pool.imap(double, bad_inputs()))
        yield "imap of bad inputs with chunks", drained(pool.imap(double, bad_inputs(), chunksize=2))
        yield "imap that fails", drained(pool.imap(fail, range(6)))
        yield "imap that fails with chunks", drained(pool.imap(fail, range(6), chunksize=3))
        yield "map that fails", caught(pool.map, fail, range(7))
        yield "map that fails with a cause", caught(pool.map, fail_from, [5])
        yield "map of bad inputs", caught(pool.map, double, bad_inputs())
        yield "an odd exception", caught(pool.map, odd, [4])
        yield "a result that cannot be pickled", caught(pool.apply, lock, (1,))[0]
        yield "results that cannot be pickled", caught(pool.map, lock, [1, 2])[0]
        yield "an input that cannot be pickled", caught(pool.apply, double, (threading.Lock(),))[:1]
        yield "a function that cannot be pickled", caught(pool.map, lambda x: x, [1])[:1]
        yield "apply", pool.apply(minus, (5,), {"b": 2, "c": 1})
        result = pool.apply_async(minus, (9, 1))
        yield "apply_async", (result.get(30), result.ready(), result.successful())
        result = pool.apply_async(fail, (3,))
        result.wait()
        yield "apply_async that fails", (result.ready(), result.successful(), caught(result.get))
        seen = []
        results = [pool.apply_async(fail, (n,), {}, seen.append, lambda e: seen.append(repr(e))) for n in range(4)]
        [result.wait() for result in results]
        yield "callbacks", sorted(map(str, seen))
        done = threading.Event()
        pool.map_async(double, range(3), 1, lambda values: (seen.append(values), done.set()))
        done.wait(30)
        yield "map_async with a callback", seen[-1]
        yield "starmap_async", pool.starmap_async(minus, [(3, 1)]).get(30)
        late = pool.apply_async(slow, (0.5,))
        yield "a timeout of get", caught(late.get, 0.01)
        iterator = pool.imap(slow, [0.3])
        yield "a timeout of next", (caught(iterator.next, 0.01)[0], iterator.next(30))
        yield "not ready", caught(pool.apply_async(slow, (0.3,)).successful)[0]
        yield "bad chunksize", caught(pool.imap, double, [1], 0)
        yield "initializer", pool.map(with_set, [1])
        yield "method", pool.map(Model(2).run, range(3))
        yield "static method", pool.map(Model.still, range(3))
        yield "callable object", pool.map(Model(2), range(3))
        yield "partial", pool.map(partial(minus, 10, c=2), range(3))
        yield "builtin", pool.map(len, ["a", "bc"])
        yield "name", sorted(set(pool.map(name, range(8))))
        yield "parent", {pid == os.getpid() for pid, _ in pool.map(parent, range(4))}
        yield "environment", {made for _, made in pool.map(parent, range(4))}
        yield "repr", repr(pool)
        yield "workers", len(pool._pool)
    yield "after the end", caught(pool.map, double, [1])
    with ctx.Pool(1, maxtasksperchild=2) as pool:
        yield "maxtasksperchild", [len(list(same)) for _, same in itertools.groupby(pool.map(whoami, range(6), 1))]
    with ctx.Pool(2, maxtasksperchild=1) as pool:
        yield "maxtasksperchild and imap", list(pool.imap(double, range(8)))
    pool = ctx.Pool(2)
    later = pool.map_async(double, range(5))
    pool.close()
    yield "after close", caught(pool.apply, double, (1,))
    pool.join()
    yield "close and join", later.get()
    pool = ctx.Pool(2)
    pool.map_async(slow, [60, 60, 60])
    pool.terminate()
    pool.join()
    yield "terminate", caught(pool.apply, double, (1,))
    yield "bad size", caught(ctx.Pool, 0)
    with ctx.Pool(1) as pool:
        yield "exception not picklable", caught(pool.apply, fail_locally, (1,))
    yield "bad initializer", caught(ctx.Pool, 1, 5)
    with MyPool(2, context=ctx) as pool:
        yield "subclass", pool.twice([1, 2])
    with ctx.Pool(2) as pool:
        yield "imap without end", list(itertools.islice(pool.imap(double, itertools.count()), 5))
    one, two = ctx.Pool(1), ctx.Pool(2)
    yield "two pools", one.map(double, two.map(double, range(4)))
    two.terminate()
    yield "the other pool", one.map(double, [5])
    one.close()
    one.join()
    found = []
    for turn in range(3):
        with ctx.Pool(2) as pool:
            found += pool.map(double, [turn])
    yield "pools in a loop", found
    with ThreadPool(2) as threads:
        yield "threads", threads.map(double, range(4))


def executors(ctx):
    with ProcessPoolExecutor(2, mp_context=ctx, initializer=begin, initargs=(8,)) as executor:
        yield "executor map", list(executor.map(double, range(20)))
        yield "executor map with chunks", list(executor.map(minus, range(7), range(7), chunksize=3))
        yield "executor map of nothing", list(executor.map(double, []))
        yield "executor map that fails", drained(executor.map(fail, range(6)))
        yield "submit", executor.submit(minus, 9, c=3).result()
        futures = [executor.submit(fail, n) for n in range(4)]
        yield "exceptions", [caught(future.result) for future in futures]
        yield "as_completed", sorted(f.result() for f in as_completed([executor.submit(double, n) for n in range(9)]))
        done, _ = wait([executor.submit(slow, 0.01)], return_when=FIRST_COMPLETED)
        yield "wait", [future.result() for future in done]
        seen = []
        future = executor.submit(double, 4)
        future.result()
        future.add_done_callback(lambda f: seen.append(f.result()))
        yield "done callback", seen
        yield "executor initializer", executor.submit(with_set, 1).result()
        yield "not picklable", caught(executor.submit(lock, 1).result)[0]
        yield "executor timeout", caught(executor.submit(slow, 0.5).result, 0.01)[0]
        yield "executor name", executor.submit(name, 1).result()[1:]
    yield "name of a thread", threading.Thread().name
    with ProcessPoolExecutor(3, mp_context=ctx) as executor:
        executor.submit(double, 1).result()
        yield "processes for one call", len(executor._processes)
    yield "executor after shutdown", caught(executor.submit, double, 1)
    with ProcessPoolExecutor(1, mp_context=ctx) as executor:
        busy = executor.submit(slow, 0.5)
        waiting = [executor.submit(double, n) for n in range(6)]
        cancelled = waiting[-1].cancel()
        yield "cancel", (cancelled, waiting[-1].cancelled(), caught(waiting[-1].result)[0], busy.result())
    executor = ProcessPoolExecutor(1, mp_context=ctx)
    busy = executor.submit(slow, 0.3)
    waiting = [executor.submit(double, n) for n in range(6)]
    executor.shutdown(cancel_futures=True)
    yield "shutdown that cancels", (busy.result(), waiting[-1].cancelled())
    executor = ProcessPoolExecutor(1, mp_context=ctx)
    last = executor.submit(double, 21)
    executor.shutdown(wait=False)
    yield "shutdown that does not wait", last.result()
    with ProcessPoolExecutor(1, mp_context=ctx, initializer=fail_to_begin) as executor:
        yield "executor initializer that fails", caught(executor.submit(double, 1).result)[0]
    yield "CancelledError", CancelledError.__name__


if __name__ == "__main__":
    os.environ["MADE_BY_MAIN"] = "yes"
    random.seed(1)
    context = multiprocessing.get_context(sys.argv[1])
    for label, value in itertools.chain(pools(context), executors(context)):
        print(f"{label}: {value!r}", flush=True)
    sys.exit(4)
