"""Frames: what was packed comes out, and nothing else can."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.query.codec import NotAFrame, pack, travels, unpack


@travels
@dataclass(frozen=True)
class Parcel:
    name: str
    inside: Any
    data: bytes


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary()
VALUES = st.recursive(
    SCALARS | st.just(Path("/some/where")),
    lambda inner: (
        st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.builds(Parcel, st.text(), inner, st.binary())
    ),
)


@given(VALUES)
def test_what_was_packed_comes_out(value: Any) -> None:
    assert unpack(pack(value)) == value


def test_lone_surrogates_travel() -> None:
    assert unpack(pack(("\udcff", "\ud800"))) == ("\udcff", "\ud800")


def test_only_what_may_travel_does() -> None:
    @dataclass(frozen=True)
    class Stranger:
        name: str

    with pytest.raises(TypeError, match="Stranger does not travel"):
        pack(Stranger("x"))
    with pytest.raises(AssertionError, match="two classes"):
        travels(dataclass(type("Parcel", (), {})))


def frame(head: Any, parts: bytes = b"") -> bytes:
    data = json.dumps(head).encode()
    return struct.pack("<I", len(data)) + data + parts


@given(st.binary() | st.binary().map(lambda data: struct.pack("<I", len(data)) + data))
def test_bytes_that_are_no_frame_are_refused(data: bytes) -> None:
    try:
        unpack(data)
    except NotAFrame:
        return
    assert json.loads(data[4:])  # it happens to be one


@pytest.mark.parametrize(
    "data",
    [
        b"",
        frame([[], {"$": "os.system", "=": ["true"]}]),
        frame([[], {"$": "Parcel", "=": ["too", "few"]}]),
        frame([[], {"$": "bytes", "=": 0}]),
        frame([[], {"name": 1}]),
        frame({}),
    ],
)
def test_what_names_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(NotAFrame):
        unpack(data)
