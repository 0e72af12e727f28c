"""A task of `multiprocessing.pool` as a unit: its kind, and how its call travels."""

from __future__ import annotations

import sys

assert sys.platform != "win32"

import pickle
from collections.abc import Sequence
from functools import partial
from multiprocessing.reduction import ForkingPickler
from types import BuiltinFunctionType, FunctionType

from ...record.pieces import dumps_numbers, dumps_piece, joined
from ...record.values import is_scalar, is_text
from ...record.wire import NotPlain
from ...typed import Any, NamedTuple, cast
from .. import messages
from .chunk import is_batch
from .kinds import LEAVES, are_fixed, kinds_of, text_size
from .parts import Part, Shrunk
from .pickling import Pickling

FEW = 64
"""Up to this number of inputs, they are pickled together with their function."""
_reducers: dict[Any, Any] = vars(ForkingPickler)["_extra_reducers"]


class Packed(NamedTuple):
    """A unit of one or more tasks that call the function `inner`."""

    kind: str
    tasks: int
    inner: Any
    function: bytes
    call: bytes


def packed_call(pickling: Pickling, function: Any, args: tuple[Any, ...], kwds: dict[str, Any]) -> Packed:
    """A task, packed. Raises what its pickling raises."""
    pool: Any = sys.modules["multiprocessing.pool"]  # an import at the top would be circular in children
    if function is pool.mapstar:
        inner, batch = args[0]
        return _packed_map(pickling, inner, batch)
    if function is pool.starmapstar:
        inner, batch = args[0]
        return _packed_map(pickling, inner, batch, messages.STAR)
    if type(function) is partial and getattr(function.func, "__name__", "") == "_process_chunk":
        (inner,) = function.args
        return _packed_map(pickling, inner, args[0], messages.STAR)
    if is_batch(function):
        batch = cast("Any", function)
        return Packed(messages.BATCH, len(batch.items), batch.items[0][0], b"", pickling.calls(batch))
    call: Any = (function, args, kwds)
    data = pickle.dumps(call) if _is_plain(pickling, function, args, kwds) else pickling.calls(call)
    return Packed(messages.ONE, 1, function, b"", data)


def has_no_inputs(function: Any) -> bool:
    """Whether a task only says that an iterable of inputs has failed; its argument is the error."""
    return function is sys.modules["multiprocessing.pool"]._helper_reraises_exception  # pyright: ignore


def _is_plain(pickling: Pickling, function: Any, args: tuple[Any, ...], kwds: dict[str, Any]) -> bool:
    """Whether all picklers agree on a call, so that the fastest one can be used."""
    return (
        not kwds
        and _is_pickled_by_name(pickling, function)
        and all(is_scalar(item) or is_text(item) for item in args)
    )


def _is_pickled_by_name(pickling: Pickling, function: Any) -> bool:
    kind = cast("type[Any]", type(function))
    is_known = kind is FunctionType or kind is BuiltinFunctionType
    return is_known and type(pickling) is Pickling and kind not in _reducers


def _packed_map(pickling: Pickling, inner: Any, batch: Sequence[Any], kind: str = messages.MAP) -> Packed:
    count = len(batch)
    if count > FEW and _is_pickled_by_name(pickling, inner):
        if type(batch) is range and kind == messages.MAP:
            return Packed(messages.RANGE, count, inner, pickle.dumps(inner), pickle.dumps(batch))
        pieces = _Pieces()
        if are_fixed([batch[0]]) and (column := pieces.column(batch)):
            fixed = messages.FIXED if pieces.has_others else messages.PIECES
            kind = messages.FIXED_STAR if kind == messages.STAR else fixed
            return Packed(kind, count, inner, pickle.dumps(inner), column)
    items = tuple(batch)
    return Packed(kind, len(items), inner, b"", pickling.calls((inner, items)))


class _Pieces:
    """Inputs that are immutable in pieces, so that they are unpickled a few at a time."""

    has_others = False
    """Whether some are not recorded as they are; else their column is that of run.db."""

    def column(self, batch: Sequence[Any]) -> bytes:
        """Such a column; empty if there are others."""
        try:
            return joined([self._piece(items) for items in Part.of(batch).pieces()])
        except (NotPlain, RecursionError, Shrunk):
            return b""

    def _piece(self, items: Sequence[Any]) -> bytes:
        if numbers := dumps_numbers(items):
            return numbers
        kinds = kinds_of(items)
        if not are_fixed(items, kinds):
            raise NotPlain
        if not kinds <= LEAVES or text_size(items, kinds) < 0:
            self.has_others = True
        return dumps_piece(items)
