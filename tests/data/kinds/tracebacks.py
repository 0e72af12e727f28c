import traceback
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import Pool, get_context


def caused(x, y=0):
    try:
        {}[x]
    except KeyError as error:
        raise ValueError(x) from error


def in_context(x):
    try:
        {}[x]
    except KeyError:
        raise ValueError(x)


def submitted(executor, function):
    future = executor.submit(function, 1)
    wait([future])
    return future.result()


def local(x):
    return lambda: x


class Local(Exception):
    def __reduce__(self):
        raise TypeError("not to be sent")


def fail_locally(x):
    raise Local(x)


def unsendable(x):
    return Local(x)


if __name__ == "__main__":
    with Pool(1) as pool, ProcessPoolExecutor(1) as executor:
        for call in (
            lambda: pool.map(caused, [1]),
            lambda: pool.starmap(caused, [(1, 2)]),
            lambda: pool.apply(in_context, (1,)),
            lambda: list(pool.imap(caused, [1])),
            lambda: Pool(0),
            lambda: pool.starmap(caused, [1]),
            lambda: pool.map(local(1), [1]),
            lambda: pool.apply(unsendable, (1,)),
            lambda: submitted(executor, in_context),
            lambda: submitted(executor, local(1)),
            lambda: submitted(executor, unsendable),
            lambda: submitted(executor, fail_locally),
            lambda: executor.submit(),
            lambda: get_context("spawn").Pool(1, local(1)),
        ):
            try:
                call()
            except Exception as error:
                traceback.print_exc()
                print(error.__context__, error.__cause__)
        pool.map(in_context, [1])
