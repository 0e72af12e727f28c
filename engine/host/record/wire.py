"""The messages between host and workers, and the packed columns that they become in run.db."""

from __future__ import annotations

import io
import marshal
import pickle
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence

from ..typed import TYPE_CHECKING, Any, NamedTuple, cast

if TYPE_CHECKING:
    from ..system import Connection

READY = "ready"
"""(READY, asks): the function is loaded; whether the user's code asks for its lane.

(READY, *lines) from a server that has loaded it for all workers: log lines held back.
"""
REFUSED = "refused"
"""(REFUSED, key, message, traceback): the function cannot be loaded; `key` is the faulty field of the job."""
PREPARES = "prepares"
"""(PREPARES,): the function is loaded, and the job's set-up is called."""
UNFIT = "unfit"
"""(UNFIT, reason): the function is loaded, but in a process that must not be copied."""
RESULTS = "results"
"""(RESULTS, failures, file, *rows.Row): finished tasks; `file` has their large results, if any."""
RETURNED = "returned"
"""(RETURNED, number): the unfinished tasks of this batch were called back, and will not run."""
LOADED = "loaded"
"""(LOADED, modules): names and paths of the user's own loaded modules, as pairs."""
LOST = "lost"
"""(LOST, records, reason): this many log records could not be written since the last report."""
LEAVING = "leaving"
"""(LEAVING, bytes, packages, cpu, own, waited, intake, looks, held): a worker leaves; the most memory that it
held; versions of the packages that it had loaded; seconds of CPU time that its tasks took, that its own
thread took, for which that waited for a core, and in which tasks unpickled their inputs; how often another
thread wanted the interpreter's lock, and how often it had to wait for it. Memory and wait are None if the
system does not say."""
INPUTS = "inputs"
"""(INPUTS, last, total, share, file, bytes, *packs): whether they are the last; the number of all inputs, or
the share of the file that was read, 0 to 1, as far as known; the file of large ones, if any; the total size.
Each pack is its count, column and objects."""
NAMES = "names"
"""(NAMES, names): what the cells of inputs are called, if these are lists of cells."""

LONG = 1 << 15
"""Longer parts of a message travel separately, which saves two copies of them."""


class Failed(NamedTuple):
    """A failed task, as the worker saw it."""

    task: int
    status: int
    message: str
    traceback: str
    time: float


def pack_batch(first: int, items: Sequence[Any], number: int) -> list[bytes]:
    """A batch as messages to a worker."""
    long: list[bytes] = []

    def keep(buffer: pickle.PickleBuffer) -> bool:
        part = cast("bytes", buffer.raw().obj)
        if len(part) > LONG:
            long.append(part)
        return len(part) <= LONG

    return [pickle.dumps((first, items, number), 5, buffer_callback=keep), *long]


def receive_batch(conn: Connection) -> tuple[int, Sequence[Any], int] | None:
    """The first index, the inputs and the number of the next batch; None if the worker should leave."""
    message = conn.recv_bytes()
    return pickle.loads(message, buffers=iter(conn.recv_bytes, None)) if message else None


def send(conn: Connection, *message: Any) -> None:
    """Send a message with marshal: reading it runs nothing."""
    long = [part for part in message if type(part) is bytes and len(part) > LONG]
    if long:
        message = tuple(... if type(part) is bytes and len(part) > LONG else part for part in message)
    conn.send_bytes(marshal.dumps(message))
    for part in long:
        conn.send_bytes(part)


class Messages:
    """Assembles what `send` wrote at the other end of a channel."""

    def __init__(self) -> None:
        self._message: list[Any] | None = None
        """The message whose long parts are still to come."""

    def take(self, frames: Iterable[bytes]) -> Iterator[list[Any]]:
        """The messages that these frames complete. Raises `ValueError`, `EOFError` or `TypeError`."""
        for frame in frames:
            if self._message is None:
                self._message = list(marshal.loads(frame))
            else:
                self._message[self._message.index(...)] = frame
            if ... not in self._message:
                message, self._message = self._message, None
                yield message


FLAT = {"i": 5, "g": 9, "N": 1}
"""How many bytes marshal writes for an int of 32 bits, a float, and None: the code, and the number."""
OPENING = 5
"""Bytes before the items of a list."""


def flat(values: Sequence[Any]) -> tuple[str, bytes] | None:
    """The code in `FLAT` of all of a list or a tuple, and them as packed little-endian numbers.

    None if they are not all of one of these types itself. It takes half the time of asking for types and
    filling an array.
    """
    found = _marshalled(values)
    if found is None:
        return None
    code, data = found
    del data[:: FLAT[code]]
    return code, bytes(data)


def _marshalled(values: Sequence[Any]) -> tuple[str, bytearray] | None:
    """The code in `FLAT` of all of a list or a tuple, and how marshal writes them; None for others.

    An item begins where the one before it ends: so if the code of the first is wherever one must begin, all
    are of its type.
    """
    try:
        data = bytearray(marshal.dumps(cast("list[Any]", values), 2))
    except ValueError:  # an item is of a kind that cannot be written
        return None
    first = data[OPENING : OPENING + 1]
    size = FLAT.get(code := first.decode("latin-1"), 0)
    count = len(values)
    if not size or len(data) != OPENING + size * count or data[OPENING::size].count(first) != count:
        return None
    del data[:OPENING]
    return code, data


WORD = 8
"""Bytes of a length in a pickle."""
SHORT_INT = 5
"""Bytes of an int of 32 bits as marshal writes it: a code, and the number."""


def are_short_ints(values: Sequence[Any]) -> bool:
    """Whether all of a list or a tuple are of the type int itself, and of 32 bits: quicker than by types.

    If an item is written with the code of such an int, the next one begins after it; so if there is that code
    wherever one must begin, all are. If it gives False, they may still be ints, only longer ones.
    """
    try:
        data = marshal.dumps(cast("list[Any]", values), 1)
    except ValueError:  # an item is of a kind that cannot be written
        return False
    return len(data) == SHORT_INT * (len(values) + 1) and data[SHORT_INT::SHORT_INT].count(b"i") == len(
        values
    )


CODES = {"i": (b"J", 5), "N": (b"N", 1)}
"""How pickle writes what marshal writes with these codes: with another code, and this many bytes."""
FLOAT_SIZE = 9
"""Bytes of a float in a pickle: a code, and a number whose bytes are in the other order than marshal's."""
TUPLE = b"\x80\x03("
"""How the pickle of a tuple of more than three items begins. It ends with"""
TUPLE_END = 4
"""this many bytes after them."""
LIST = b"\x80\x05\x95"
"""How the pickle of a list begins; the length of the rest follows, and"""
OPENED = b"]\x94("
"""this. Then come its items, in groups of"""
GROUP = 1000
"""this many,"""
NEXT = b"e("
"""between which there is this,"""
END = b"e."
"""and this after the last."""


def pickled_numbers(items: Sequence[Any]) -> tuple[bytes, int]:
    """More than three numbers of one type as a pickle has them, and the bytes of each; 0 for others."""
    if type(items[0]) is float:
        return _pickled_floats(tuple(items))
    found = _marshalled(items)
    if found is None or found[0] not in CODES:
        return b"", 0
    kind, data = found
    code, size = CODES[kind]
    data[::size] = code * len(items)
    return bytes(data), size


def _pickled_floats(items: tuple[Any, ...]) -> tuple[bytes, int]:
    file = io.BytesIO()
    try:
        PlainPickler(file, 3).dump(items)  # without frames
    except (NotPlain, RecursionError):
        return b"", 0
    data = file.getvalue()
    end = len(TUPLE) + FLOAT_SIZE * len(items)
    is_whole = len(data) == end + TUPLE_END and data[len(TUPLE) : end : FLOAT_SIZE].count(b"G") == len(items)
    return (data[len(TUPLE) : end], FLOAT_SIZE) if is_whole else (b"", 0)


def pickle_of_numbers(numbers: bytes, size: int) -> bytes:
    """The pickle of a list of such numbers."""
    group = GROUP * size
    groups = NEXT.join([numbers[begin : begin + group] for begin in range(0, len(numbers), group)])
    rest = b"".join((OPENED, groups, END))
    return b"".join((LIST, len(rest).to_bytes(WORD, "little"), rest))


def packed(values: array[Any]) -> bytes:
    """The array's items as little-endian bytes."""
    if sys.byteorder == "big":
        values = values[:]
        values.byteswap()
    return values.tobytes()


def unpacked(code: str, data: bytes) -> array[Any]:
    """Little-endian bytes as an array of type `code`."""
    values: array[Any] = array(code)
    values.frombytes(data)
    if sys.byteorder == "big":
        values.byteswap()
    return values


class NotPlain(Exception):
    """A value that cannot be unpickled without globals."""


class PlainPickler(pickle.Pickler):
    """Pickles plain data as fast as any pickler, and refuses the rest: raises `NotPlain`.

    It goes by the true type of an object, since a class may claim to be `int`.
    """

    def reducer_override(self, obj: Any) -> Any:
        raise NotPlain


class _PlainUnpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"not plain: {module}.{name}")


def own_loads(data: bytes) -> Any:
    """Unpickle plain data from another process of this run. Data from a file must go through `plain`."""
    return _PlainUnpickler(io.BytesIO(data)).load()
