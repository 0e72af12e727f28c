"""What the faults of tests/faults/table.py use."""
import ctypes, locale, logging, multiprocessing, os, re, signal, subprocess, sys, threading, time

class Silent(BaseException):
    def __str__(self):
        raise RuntimeError("no words")

class Holds(Exception):
    def __init__(self, held):
        super().__init__("holds", held)

class Odd:
    def __repr__(self):
        raise RuntimeError("not to be shown")

class Says(Exception):
    """An exception that says what `said` gives; a function that raises will do."""
    def __init__(self, said):
        self.said = said
    def __str__(self):
        return self.said()

def lies(name, error=RuntimeError):
    """An exception whose attribute `name` cannot be read."""
    def fail(self):
        raise error("not to be read")
    return type("Lies", (Exception,), {name: property(fail)})

class Text(str):
    def __str__(self):
        raise RuntimeError("no text")
    __len__ = __getitem__ = encode = isascii = replace = __add__ = __str__

def chain(links):
    error = None
    for n in range(links):
        try:
            raise ValueError(n) from error
        except ValueError as raised:
            error = raised
    return error

def loop():
    a, b = ValueError("a"), ValueError("b")
    a.__cause__, b.__cause__ = b, a
    return a

def broken(*names):
    """A metaclass on which all of these fail."""
    def fail(*args):
        raise RuntimeError("not to be asked")
    return type("Broken", (type,), dict.fromkeys(names, fail))

class Shown:
    def __repr__(self):
        return "shown"
class Unhashable(Shown, metaclass=type("Meta", (type,), {"__eq__": lambda a, b: a is b})):
    pass
class Broken(Shown, metaclass=broken("__eq__", "__hash__", "__instancecheck__", "__subclasscheck__")):
    pass
class Nameless(Shown, metaclass=type("Meta", (type,), {"__name__": property(lambda c: 1 / 0)})):
    def __repr__(self):
        raise ValueError
class SameAsInt(Shown, metaclass=type("Meta", (type,), {
    "__eq__": lambda a, b: True, "__hash__": lambda c: hash(int)
})):
    """No set can tell its class from `int`."""
class SaysInt(Shown):
    __class__ = int
class NeverPickled(SaysInt):
    def __reduce_ex__(self, protocol):
        raise TypeError("not to be pickled")
class SameAndNeverPickled(SameAsInt):
    def __reduce_ex__(self, protocol):
        raise TypeError("not to be pickled")
class Number(int):
    def __repr__(self):
        return "a number"
class Typed(Shown):
    def __repr__(self):
        return Text("text \ud800")
class ExitsInRepr:
    def __repr__(self):
        sys.exit(1)
class ExitsInPickle(Shown):
    def __reduce_ex__(self, protocol):
        sys.exit(1)

class NoTruth(Exception):
    def __bool__(self):
        raise RuntimeError("no truth value")
    def __len__(self):
        return 0

class DiesInPickle:
    def __reduce__(self):
        os._exit(7)
