import traceback
from concurrent.futures import ProcessPoolExecutor, wait
from multiprocessing import Pool


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


def submitted(executor):
    future = executor.submit(in_context, 1)
    wait([future])
    return future.result()


if __name__ == "__main__":
    with Pool(1) as pool, ProcessPoolExecutor(1) as executor:
        for call in (
            lambda: pool.map(caused, [1]),
            lambda: pool.starmap(caused, [(1, 2)]),
            lambda: pool.apply(in_context, (1,)),
            lambda: list(pool.imap(caused, [1])),
            lambda: Pool(0),
            lambda: submitted(executor),
        ):
            try:
                call()
            except Exception as error:
                traceback.print_exc()
                print(error.__context__, error.__cause__)
        pool.map(in_context, [1])
