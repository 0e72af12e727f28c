"""An array is pickled as pickle does it, whatever came before it."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.host.arrays import ArrayPickler

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
    """Several of a kind come one after the other: from the third on, a pattern is there to be used."""
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


def test_the_metadata_of_a_type_are_kept() -> None:
    pickler = ArrayPickler()
    for note in ("one", "two"):
        dtype = np.dtype("i8", metadata={"note": note})
        for _ in range(4):
            array = np.zeros(3, dtype)
            assert pickler.dumps(array) == pickle.dumps(array, 5)
