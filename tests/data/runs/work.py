"""The functions of the runs kept as examples of earlier versions of run.db."""

import os
import time


def numbers():
    """Inputs of all kinds."""
    for n in range(2100):
        yield n
    yield [1, 2, 3]
    yield {"name": "x" * 30}
    yield "a text"


def mixed(x):
    """A scalar, a text, an object, a failure: what a run can have."""
    if isinstance(x, int) and x < 2000:
        return x * 2
    if x == 2000:
        raise ValueError("no such number: 2000")
    if x == 2001:
        os._exit(3)
    if x == 2002:
        return lambda: 1
    if x == 2003:
        return "t" * 70_000
    if x == 2004:
        return ["n", x]
    if x == 2005:
        return {"key": x}
    if x == 2006:
        time.sleep(60)
    if x == 2007:
        return 1.5
    if x == 2008:
        return None
    if x == 2009:
        raise MemoryError
    return [x]


def square(x):
    """Quick."""
    return x * x
