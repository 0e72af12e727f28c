"""An array is pickled as pickle does it, whatever came before it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.host.record.arrays import ArrayLoader, ArrayPickler, display

TYPES = ["i8", "<i4", ">i4", "f8", "c16", "?", "U3", "S4", "M8[s]", "O", [("a", "i4"), ("b", "f8")]]
SHAPES = [(), (0,), (1,), (4,), (2, 3), (3, 2)]


def made(dtype: Any, shape: tuple[int, ...], fill: int, form: str) -> Any:
    array = np.full(shape, fill, np.int64).astype(dtype)
    if form == "fortran":
        return np.asfortranarray(array)
    if form == "strided":
        return np.repeat(array, 2, axis=0)[::2] if array.ndim else array
    if form == "fixed":
        array.flags.writeable = False
    return array


arrays = st.builds(
    made,
    st.sampled_from(TYPES),
    st.sampled_from(SHAPES),
    st.integers(0, 9),
    st.sampled_from(["plain", "plain", "fortran", "strided", "fixed"]),
)


@given(st.lists(st.tuples(arrays, st.integers(1, 4)), max_size=8))
def test_the_pickle_is_that_of_pickle(runs: list[tuple[Any, int]]) -> None:
    """Several of a kind follow each other: from the third on, a pattern exists that can be used."""
    pickler = ArrayPickler()
    for array, times in runs:
        for _ in range(times):
            assert pickler.dumps(array) == pickle.dumps(array, 5)


def test_a_pattern_is_used() -> None:
    pickler = ArrayPickler()
    for n in range(3):
        pickler.dumps(np.arange(5) * n)
    pickler._head += b"here"
    assert b"here" in pickler.dumps(np.arange(5))


@given(st.lists(st.tuples(arrays, st.integers(1, 4)), max_size=8))
def test_an_array_is_unpickled_as_pickle_does_it(runs: list[tuple[Any, int]]) -> None:
    loader = ArrayLoader()
    for array, times in runs:
        for _ in range(times):
            data = pickle.dumps(array, 5)
            ours, theirs = loader.loads(data), pickle.loads(data)
            assert (ours.dtype, ours.shape, ours.strides) == (theirs.dtype, theirs.shape, theirs.strides)
            assert ours.flags.writeable == theirs.flags.writeable
            assert pickle.dumps(ours, 5) == pickle.dumps(theirs, 5)


def test_a_pattern_is_used_to_unpickle_and_gives_an_array_of_its_own() -> None:
    loader = ArrayLoader()
    loaded = [loader.loads(pickle.dumps(np.arange(50) * n, 5)) for n in range(4)]
    loaded[3][:] = 7
    assert loaded[2].tolist() == [2 * n for n in range(50)]
    loader._make = bytes
    assert loader.loads(pickle.dumps(np.arange(50), 5)) == np.arange(50).tobytes()


def test_what_is_no_array_is_unpickled_too() -> None:
    loader = ArrayLoader()
    for value in [b"a" * 40, b"b" * 40, b"c" * 40, [1], [2], [3]]:
        assert loader.loads(pickle.dumps(value, 5)) == value


def test_long_arrays_have_one_text_by_pattern_or_not() -> None:
    pickler = ArrayPickler()
    for shape in [(40,), (5, 8)]:
        for n in range(4):
            array = np.arange(40, dtype=np.float32).reshape(shape) + n
            by_pattern = pickler.by_pattern(array)
            assert (by_pattern is None) == (n < 2)
            if by_pattern is not None:
                assert by_pattern == (display(array), pickle.dumps(array, 5))
            pickler.dumps(array)
    assert display(np.arange(40)) == "array([0, 1, 2, 3, 4, 5, ...], shape=(40,), dtype=int64)"
    assert display(np.arange(3)) == "array([0, 1, 2])"
    table = "array([[0, 1, 2, 3],\n       [4, 5, 6, 7],\n       [8, 9, 10, 11]], shape=(3, 4), dtype=int64)"
    assert display(np.arange(12).reshape(3, 4)) == table
    assert display(np.arange(1000).reshape(100, 10)).splitlines()[-2:] == [
        "       [50, 51, 52, 53, 54, 55, ...],",
        "       ...], shape=(100, 10), dtype=int64)",
    ]


def test_the_metadata_of_a_type_are_kept() -> None:
    pickler = ArrayPickler()
    for note in ("one", "two"):
        dtype = np.dtype("i8", metadata={"note": note})
        for _ in range(4):
            array = np.zeros(3, dtype)
            assert pickler.dumps(array) == pickle.dumps(array, 5)
