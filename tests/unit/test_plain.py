"""Pickles of plain data are read as Python reads them, and nothing else is read at all."""

from __future__ import annotations

import io
import pickle
import pickletools
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.host.record.plain import DEEPEST, FREE_SHARED, HEAD, MOST_SHARED, check, plain_load, plain_loads

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(max_size=300)
    | st.text(min_size=250, max_size=300)
)
KEYS = st.none() | st.booleans() | st.integers() | st.text() | st.binary()
KEYS |= st.tuples(st.text(), st.integers())
PLAIN = st.recursive(
    SCALARS | st.frozensets(KEYS) | st.binary().map(bytearray),
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(KEYS, inner)
        | st.sets(KEYS)
        | st.tuples(inner, inner, inner)
    ),
)


@given(PLAIN)
def test_plain_data_is_read(value: Any) -> None:
    data = pickle.dumps(value, 5)
    assert plain_loads(data) == value
    assert plain_load(io.BytesIO(data + b"more"), len(data)) == value


@given(st.lists(SCALARS | st.tuples(st.text())), st.integers(1, 3))
def test_columns_are_read(items: list[Any], times: int) -> None:
    column = items * times
    assert plain_loads(pickle.dumps(column, 5)) == column


@pytest.mark.parametrize(
    "value",
    [
        list(range(200_000)),
        [n / 7 for n in range(5_000)] + ["é" * n for n in range(600)] + [b"\x94." * n for n in range(600)],
        {f"key {n}": [n, {"inner": (n, -n, 2.5)}] for n in range(3_000)},
        {(n, n + 1): n for n in range(200)},
        {n: n / 3 for n in range(5_000)},
        [[n / 3 for n in range(1_000)] for _ in range(5)],
        [[0] * 10] * 1_000,
        2**100_000,
        "x" * 100_000,
    ],
    ids=lambda value: f"{type(value).__name__} of {str(value)[:15]}" if not isinstance(value, int) else "int",
)
def test_long_plain_data_are_read(value: Any) -> None:
    assert plain_loads(pickle.dumps(value, 5)) == value


def wide(depth: int) -> bytes:
    """A tuple of the same tuple twice, and so on: hashing it takes 2 ** depth steps."""
    return b")\x94" + b"".join(b"h" + bytes([n]) + b"h" + bytes([n]) + b"\x86\x94" for n in range(depth))


def chosen(count: int) -> bytes:
    """Numbers with the same hash."""
    return b"".join(pickle.dumps(n * (2**61 - 1), 4)[11:-1] for n in range(2**20, 2**20 + count))


HOSTILE = {
    "global": b"\x80\x04cbuiltins\nopen\n.",
    "stack global": b"\x80\x04\x8c\x08builtins\x8c\x04open\x93.",
    "persistent": b"\x80\x04NQ.",
    "extension": b"\x80\x04\x82\x01.",
    "buffer": b"\x80\x05\x97.",
    "a place in the memo": b"\x80\x04Nr\xff\xff\xff\x1f.",
    "the size of a bytearray": b"\x80\x05\x96" + struct.pack("<Q", 2**31) + b".",
    "the size of bytes": b"\x80\x04\x8e" + struct.pack("<Q", 2**40) + b".",
    "the size of a number": b"\x80\x04\x8b\xff\xff\xff\x7f.",
    "the size of a text in a list": b"\x80\x04]\x94(X\xff\xff\xff\x7fabce.",
    "hash of shared tuples": b"\x80\x04}" + wide(60) + b"Ns.",
    "text of shared tuples": b"\x80\x04" + wide(60) + b".",
    "set of shared tuples": b"\x80\x04\x8f(" + wide(60) + b"\x90.",
    "contains itself": b"\x80\x04]\x94h\x00a.",
    "contains itself, among numbers": b"\x80\x04]\x94(K\x01h\x00e.",
    "contain each other": b"\x80\x04]\x94]\x94h\x00aa.",
    "filled afterwards": b"\x80\x04]\x94]\x94h\x00h\x00\x86h\x00h\x01h\x01\x86a\x86.",
    "deep lists": b"\x80\x04" + b"]" * 10_000 + b"a" * 9_999 + b".",
    "deep tuples": b"\x80\x04N" + b"\x85" * 10_000 + b".",
    "keys of one hash": b"\x80\x04\x8f(" + chosen(20_000) + b"\x90.",
    "no value": b"\x80\x04.",
    "two values": b"\x80\x04NN.",
    "no mark": b"\x80\x04]e.",
    "a mark too many": b"\x80\x04(].",
    "nothing to fill": b"\x80\x04K\x01K\x02a.",
    "no end": b"\x80\x04]",
    "empty": b"",
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_what_would_run_or_take_much_is_refused(data: bytes) -> None:
    with pytest.raises(pickle.UnpicklingError):
        plain_loads(data)


def test_a_frame_that_ends_within_an_argument_changes_nothing() -> None:
    """Read from a file, CPython would take the length of the bytearray from elsewhere, and use all memory."""
    data = (
        b"\x80\x05\x95\x13" + bytes(7) + b"]\x94(NNNNN\x87\x94NN\x96" + bytes(8) + b"\x94\x87\x94\x87\x94e."
    )
    assert plain_loads(data) == [None, (None, (None, None, None), (None, None, bytearray()))]


def test_nothing_is_run(tmp_path: Any) -> None:
    class Evil:
        def __reduce__(self) -> tuple[Any, ...]:
            return (open, (str(tmp_path / "made"), "w"))

    with pytest.raises(pickle.UnpicklingError):
        plain_loads(pickle.dumps([1, Evil()]))
    assert not list(tmp_path.iterdir())


def test_a_long_pickle_with_a_global_is_not_read_to_its_end() -> None:
    file = io.BytesIO(b"\x80\x05\x8c\x05numpy\x8c\x07ndarray\x93" + bytes(10 * HEAD))
    with pytest.raises(pickle.UnpicklingError):
        plain_load(file, 10 * HEAD)
    assert file.tell() == HEAD


OPCODES = [op.code.encode("latin-1") for op in pickletools.opcodes]
PIECES = st.one_of(
    st.sampled_from(OPCODES),
    st.sampled_from([b"]\x94", b"}\x94", b"\x8f\x94", b")\x94", b"\x86\x94", b"K\x01", b"("]),
    st.integers(0, 3).map(lambda n: b"h" + bytes([n])),
    st.binary(max_size=4),
    st.integers(0, 2**64 - 1).map(lambda n: struct.pack("<Q", n)),
    SCALARS.map(lambda value: pickle.dumps(value, 4)[2:-1]),
)
STREAMS = st.lists(PIECES, max_size=60).map(lambda pieces: b"\x80\x04" + b"".join(pieces) + b".")


def deepest(value: Any) -> int:
    """The depth of a value, computed without recursion."""
    depth, layer = 0, [value]
    while layer:
        depth += 1
        assert depth <= DEEPEST + 1
        inner = [item for item in layer if isinstance(item, (list, tuple, set, frozenset))]
        dicts = [item for item in layer if isinstance(item, dict)]
        layer = [part for item in inner for part in item]
        layer += [part for item in dicts for pair in item.items() for part in pair]
    return depth


@given(STREAMS | st.binary() | st.binary().map(lambda data: b"\x80\x05]\x94(" + data + b"e."))
def test_hostile_bytes_cost_little(data: bytes) -> None:
    try:
        check(data)
    except pickle.UnpicklingError:
        return
    try:
        value = plain_loads(data)
    except pickle.UnpicklingError:  # a list as a key, say
        return
    deepest(value)
    most = max(FREE_SHARED, MOST_SHARED * len(data))
    assert len(repr(value)) <= 16 * most


@given(PLAIN, st.data())
def test_a_damaged_pickle_is_refused_or_read(value: Any, draw: st.DataObject) -> None:
    data = bytearray(pickle.dumps(value, 5))
    for _ in range(draw.draw(st.integers(1, 4))):
        data[draw.draw(st.integers(0, len(data) - 1))] = draw.draw(st.integers(0, 255))
    try:
        deepest(plain_loads(bytes(data)))
    except pickle.UnpicklingError:
        return
