"""What sources of inputs have in common, and an input that is none."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence
from typing import Any, Callable

LOOK = 4096
"""While inputs are counted, the number so far is told this often."""


class Unreadable(Exception):
    """Inputs that cannot be had at all. `key` is the field of the job at fault."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class InputError(ValueError):
    """What is wrong with one input. Its task fails with this."""

    __module__ = "builtins"  # a traceback names it without our private package


class BadInput:
    """Stands for an input that cannot be read, so that its task can say so."""

    def __init__(self, message: str, text: str) -> None:
        self.message = message
        self._text = text

    def __repr__(self) -> str:
        return self._text


class Pickled:
    """An input that the host does not look into. Its own task takes it up, for that is user code too."""

    def __init__(self, data: bytes | tuple[str, int], text: str = "", holds: object = None) -> None:
        """`data` is the pickle, or the file, kept by `holds`, and where in it that begins."""
        self._data = data
        self.text = text
        self._holds = holds

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        data = self._data
        return Pickled, (pickle.PickleBuffer(data) if isinstance(data, bytes) else data,)

    def __repr__(self) -> str:
        return self.text

    def load(self, loads: Callable[[bytes], Any] = pickle.loads) -> Any:
        """The input itself; `loads` is for the pickle of a small one. Raises InputError."""
        try:
            if isinstance(self._data, bytes):
                return loads(self._data)
            path, begin = self._data
            with open(path, "rb") as file:
                file.seek(begin)
                return pickle.load(file)
        except MemoryError:
            raise
        except Exception as error:
            raise InputError(f"The input cannot be unpickled: {type(error).__name__}: {error}") from error


class Source:
    """Inputs that are read one by one, from the first again each time."""

    key = "inputs.path"
    """The field of the job that says where they are."""
    plain = True
    """Whether its inputs, bad ones aside, are made of what pickle needs no global for."""
    total: int | None = None
    """How many there are, if that is known at once."""
    names: Sequence[str] = ()
    """Of the cells of its inputs, if these are lists of cells."""

    @property
    def share(self) -> float | None:
        """How much of it has been read by now, 0 to 1; None if that cannot be said."""
        return None

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def count(self) -> Iterator[int]:
        """Count them: gives how many there are so far, now and then; the last number is the whole."""
        number = 0
        for _ in self._records():
            number += 1
            if number % LOOK == 0:
                yield number
        yield number

    def _records(self) -> Iterator[Any]:
        """As many things as there are inputs, quicker to have than those."""
        return iter(self)
