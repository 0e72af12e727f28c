import os

import numpy
from joblib import Parallel, delayed

K = 5


def times(x, y=1):
    return x * y


def plus_k(x):
    return x + K


def fail(x):
    if x == 3:
        raise ValueError(x)
    return x


if __name__ == "__main__":
    print(Parallel(n_jobs=2)(delayed(times)(x, y=2) for x in range(6)))
    print(Parallel(n_jobs=2)(delayed(lambda x: x + 1)(x) for x in range(3)))
    K = 7
    print(Parallel(n_jobs=2)(delayed(plus_k)(x) for x in range(3)))
    with Parallel(n_jobs=2, backend="multiprocessing", batch_size=2) as parallel:
        print(parallel(delayed(times)(x) for x in range(4)))
        print(parallel(delayed(plus_k)(x) for x in range(3)))
    large = numpy.arange(1_000_000.0)
    nested = lambda x: Parallel(n_jobs=2)(delayed(times)(y) for y in range(x))
    print(Parallel(n_jobs=2)(delayed(numpy.sum)(large[x:]) for x in range(2)))
    print(Parallel(n_jobs=2)(delayed(nested)(x) for x in (2, 3)))
    print(list(Parallel(n_jobs=2, return_as="generator")(delayed(times)(x) for x in range(2))))
    for backend in ("loky", "multiprocessing", "threading"):
        try:
            Parallel(n_jobs=2, backend=backend, batch_size=4)(delayed(fail)(x) for x in range(4))
        except ValueError as error:
            print(backend, error, type(error.__cause__).__name__)
    try:
        Parallel(n_jobs=2)(delayed(os._exit)(3) for x in range(1))
    except Exception as error:
        print(type(error).__name__)
