import asyncio
import multiprocessing
import os
import signal
import sys
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.pool import ThreadPool


def times(x, y=1):
    return x * y


def fail(x):
    assert x != 3, ValueError(x)


async def main():
    print(await asyncio.get_running_loop().run_in_executor(None, times, 3))


def process(how):
    how and (sys.exit(how) if how > 0 else os.kill(os.getpid(), -how))


if __name__ == "__main__":
    def opened():
        return open(__file__)

    with ThreadPool(2) as pool:
        print(pool.map(times, range(6)))
        print(pool.starmap(times, [(1, 2), (3, 4)]))
        print(pool.apply(times, (1,), {"y": 5}))
        try:
            pool.map(fail, [0, 1, 2, 3], 4)
        except Exception:
            traceback.print_exc()
    with ThreadPoolExecutor(2) as executor:
        print(list(executor.map(times, range(3))))
        try:
            executor.submit(fail, 3).result()
        except AssertionError:
            traceback.print_exc()
        print(executor.submit(opened).result().name == __file__)
    processes = [multiprocessing.Process(target=process, args=(how,)) for how in (0, 3, -9, -15)]
    class Own(multiprocessing.Process):
        def run(self):
            print("own", flush=True)
    own = Own()
    own.start(), own.join()
    [each.start() for each in processes], [each.join() for each in processes]
    print([each.exitcode for each in processes])
    queue = multiprocessing.SimpleQueue()
    putting = multiprocessing.Process(target=queue.put, args=(5,))
    putting.start(), print(queue.get()), putting.join()
    asyncio.run(main())
    left = multiprocessing.Process(target=time.sleep, args=(600,), daemon=True)
    left.start()
    with multiprocessing.Manager() as manager:
        shared, lock = manager.dict(), manager.Lock()
        with lock:
            shared["x"] = 1
        print(shared)
