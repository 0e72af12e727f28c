"""What the host's modules have of `typing`, without loading it, since a script waits for that.

`typing` takes 3 ms to load and, with annotations that are texts, up to 3 ms for each class of named tuples.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import IO, Any, BinaryIO, Callable, NamedTuple, NoReturn, Protocol, cast, overload
else:
    from collections import namedtuple
    from collections.abc import Callable

    IO = Any = BinaryIO = NoReturn = Protocol = object

    def cast(_kind, value):
        """The value."""
        return value

    def overload(function):
        """The function, which the implementation replaces."""
        return function

    class _Made(type):
        """Makes a tuple with the names that are annotated in a class."""

        def __new__(cls, name, _bases, body):
            names = list(body.pop("__annotations__", ()))
            defaults = [body.pop(known) for known in names if known in body]
            made = namedtuple(name, names, defaults=defaults, module=body["__module__"])
            for known in body.keys() - {"__module__", "__qualname__"}:
                setattr(made, known, body[known])
            return made

    NamedTuple = type.__new__(_Made, "NamedTuple", (), {})

__all__ = [
    "IO",
    "TYPE_CHECKING",
    "Any",
    "BinaryIO",
    "Callable",
    "NamedTuple",
    "NoReturn",
    "Protocol",
    "cast",
    "overload",
]
