from multiprocessing import Pool

COUNT = 3000
NUMBERS = [x * 7919 % COUNT for x in range(COUNT)]
LISTS = {
    "texts": [f"text {x}\0\udc80" if x % 7 == 0 else f"é {x}" for x in NUMBERS],
    "bytes": [b"%d\n" % x for x in NUMBERS],
    "long": ["x" * (70_000 if x == 1234 else 3) for x in NUMBERS],
    "mixed": [[None, True, x, x / 3, f"{x}", 1 << x % 90, (x,)][x % 7] for x in NUMBERS],
    "tuples": [(x, f"{x}\n'", None) for x in NUMBERS],
    "one": [(float(x),) for x in NUMBERS],
    "uneven": [(x,) * (x % 10) for x in NUMBERS],
    "nested": [(x, (x,)) for x in NUMBERS],
    "dicts": [{"x": x} for x in NUMBERS],
    "lists": [[x, str(x)] for x in NUMBERS],
    "late": [*range(2500), *[[x] for x in range(500)]],
}
seen = []


def same(x):
    return x


def shown(x):
    return repr(x)[:99]


def kept(x):
    """The same list each time, one longer."""
    if len(seen) == 10:
        seen.clear()
    seen.append(x if type(x) is int else 0)
    return seen if type(x) is int else len(seen)


def changed(x):
    x["x"] += 1
    return [x["x"], x]


def third(*items):
    return items[2:3] if len(items) > 2 else len(items)


if __name__ == "__main__":
    with Pool(2) as pool:
        for name, items in LISTS.items():
            print(name, pool.map(same, items, 1500) == items, hash(tuple(pool.map(shown, items)[::99])) != 0)
        print(pool.map(changed, LISTS["dicts"], 1500)[::500])
        print(pool.starmap(third, LISTS["tuples"], 1500)[::500], pool.starmap(third, LISTS["uneven"], 1500)[::99])
        grown = pool.map(kept, NUMBERS, 1500)
        print(len(grown), {len(values) for values in grown})
