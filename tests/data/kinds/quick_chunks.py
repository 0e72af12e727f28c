"""Chunks of quick tasks, whose values are alike, or not, or stop a chunk on the way."""

from multiprocessing import Pool


def inc(x):
    return x + 1


def half(x):
    return x / 2 if x % 7 else float("nan")


def nothing(x):
    pass


def mixed(x):
    return x if x % 1000 else [x]


def text(x):
    return "a" * (x % 5)


def big(x):
    return x << 62


def square(x):
    return x * x


def above(x):
    return x > 5


def fail(x):
    if x == 3500:
        raise ValueError(x)
    return x


def times(a, b):
    return a * b


if __name__ == "__main__":
    with Pool(2) as pool:
        for function in (inc, half, nothing, mixed, text, big, above):
            print(function.__name__, hash(repr(pool.map(function, range(3000)))) and 1)
            assert repr(pool.map(function, range(3000), 3000)) == repr(list(map(function, range(3000))))
        try:
            pool.map(fail, range(4000), 4000)
        except ValueError as error:
            print(repr(error))
        print(sum(pool.starmap(times, [(x, 2) for x in range(3000)])))
        print(pool.map(repr, [1, True, None, 2.5, ()] * 600)[-5:], pool.map(len, ["ab"] * 3000)[5])
        same = []
        first, second = pool.map(same.__class__, [(), ()], 2)
        print(first is second, sum(pool.imap(inc, range(3000), 1000)))
        many = [x * 7919 % 60_013 for x in range(60_000)]
        print(pool.map(inc, many, 60_000) == [x + 1 for x in many])
        print(pool.map(square, range(60_000), 60_000) == [x * x for x in range(60_000)])
        print(pool.map(half, [x / 3 for x in range(9_000)])[:7], pool.starmap(pow, [], 3), pool.map(inc, range(0)))
        print(list(pool.imap(inc, range(9, -9, -2), 4)), sum(pool.map(above, range(10**20, 10**20 + 500))))
        print(sum(result.get() for result in [pool.apply_async(times, (x,), {"b": 2}) for x in range(300)]))
