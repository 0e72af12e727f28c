"""The base class of sources, and an input that could not be read."""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Sequence

from ..typed import Any, Callable

LOOK = 4096
"""While counting, the interval between two reports in inputs."""


class Unreadable(Exception):
    """Inputs that cannot be read at all. `key` is the faulty field of the job."""

    def __init__(self, key: str, message: str) -> None:
        super().__init__(message)
        self.key = key


class InputError(ValueError):
    """What is wrong with one input. Its task fails with this."""

    __module__ = "builtins"  # a traceback shows it without our private package


class BadInput:
    """Stands for an input that cannot be read, so that its task can report it."""

    def __init__(self, message: str, text: str) -> None:
        self.message = message
        self._text = text

    def __repr__(self) -> str:
        return self._text


class Pickled:
    """An input that the host does not open. Its own task unpickles it, since that may run user code."""

    def __init__(self, data: bytes | tuple[str, int], text: str = "", holds: object = None) -> None:
        """`data` is the pickle, or the file kept by `holds`, and where in it the pickle begins."""
        self._data = data
        self.text = text
        self._holds = holds

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        data = self._data
        return Pickled, (pickle.PickleBuffer(data) if isinstance(data, bytes) else data,)

    def __repr__(self) -> str:
        return self.text

    def load(self, loads: Callable[[bytes], Any] = pickle.loads) -> Any:
        """The input itself; `loads` unpickles a small one. Raises InputError."""
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
    """Inputs that are read one by one, each time from the first."""

    key = "inputs.path"
    """The field of the job that says where they are."""
    plain = True
    """Whether its inputs, bad ones aside, can be unpickled without globals."""
    total: int | None = None
    """How many there are, if that is known at once."""
    names: Sequence[str] = ()
    """Of the cells of its inputs, if these are lists of cells."""

    @property
    def share(self) -> float | None:
        """The share of it that has been read, 0 to 1; None if unknown."""
        return None

    def __iter__(self) -> Iterator[Any]:
        raise NotImplementedError

    def count(self) -> Iterator[int]:
        """Count them: yields the number so far now and then; the last one is the total."""
        number = 0
        for _ in self._records():
            number += 1
            if number % LOOK == 0:
                yield number
        yield number

    def _records(self) -> Iterator[Any]:
        """As many things as there are inputs, but faster to read."""
        return iter(self)
