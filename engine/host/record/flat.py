"""Recognises pickles of flat lists and dicts by regular expressions, about as quickly as reading them."""

from __future__ import annotations

import re
from functools import lru_cache

from ..typed import NamedTuple


class Patterns(NamedTuple):
    """Compiled when needed, since that takes longer than many a process needs to start."""

    opening: re.Pattern[bytes]
    """Of a flat list."""
    items: re.Pattern[bytes]
    """At most a thousand of its items, since each takes memory until all have matched."""
    tail: re.Pattern[bytes]
    """After a text: into the memo, and it may be the only item of a tuple."""
    flat_dict: re.Pattern[bytes]
    run: re.Pattern[bytes]
    """Several numbers in a row,"""
    number: re.Pattern[bytes]
    """and one."""


RUN_LENGTH = 16
NUMBER = rb"(?:K.|M..|J.{4}|G.{8}|[N\x88\x89])"
"""Matches what stands for a number, a bool or None,"""
LONG = rb"\x8a(?:\x05.{5}|\x06.{6}|\x07.{7}|\x08.{8})"
"""and for a longer integer."""


@lru_cache(maxsize=1)
def patterns() -> Patterns:
    text = rb"[\x8cC]%b" % _text_of_one_byte_length()
    again = rb"(?:h[^\0]|j(?!\0{4}).{4})"  # an earlier text; index 0 of the memo is the container
    frame = rb"\x95.{8}"
    tail = rb"\x94?(?:\x85\x94?)?"
    # Most lists that come here are of short texts, each kept in the memo: trying these first saves half.
    lengths = b"|".join(_of_length(length) for length in range(32))
    short_text = rb"\x8c(?:%b)\x94(?!\x85)" % lengths
    key = rb"(?:%b\x94?|%b)" % (text, again)
    pair = rb"%b(?:%b|%b|%b)" % (key, NUMBER, LONG, key)
    found = (
        rb"\x80[\x04\x05](?:%b)?\]\x94?" % frame,
        rb"(?:%b|%b%b|%b|%b|%b|%b){0,1000}" % (short_text, text, tail, NUMBER, LONG, again, frame),
        tail,
        rb"\x80[\x04\x05](?:%b)?\}\x94?(?:\((?:%b){0,1000}u|%bs)?\.\Z" % (frame, pair, pair),
        rb"%b{%d}" % (NUMBER, RUN_LENGTH),
        NUMBER,
    )
    return Patterns(*(re.compile(pattern, re.DOTALL) for pattern in found))


def _text_of_one_byte_length() -> bytes:
    """A pattern for a length byte and this many bytes: sixteen groups of sixteen lengths each."""
    groups: list[bytes] = []
    for low in range(0, 256, 16):
        lengths = b"|".join(_of_length(length) for length in range(low, low + 16))
        span = re.escape(bytes([low])), re.escape(bytes([low + 15]))
        groups.append(b"(?=[%b-%b])(?:%b)" % (*span, lengths))
    return b"(?:%b)" % b"|".join(groups)


def _of_length(length: int) -> bytes:
    """A pattern for a length byte and this many bytes."""
    return re.escape(bytes([length])) + b".{%d}" % length


def is_flat(data: bytes) -> bool:
    """Whether it is a list of scalars, and of tuples of one text: nothing is hashed or deeply nested."""
    known = patterns()
    opening = known.opening.match(data)
    if opening is None:
        return False
    at, is_marked = opening.end(), False
    while True:
        items = known.items.match(data, at)
        assert items is not None
        if items.end() > at:
            at = items.end()
            continue
        code = data[at : at + 1]
        if code in (b"X", b"B"):
            tail = known.tail.match(data, at + 5 + int.from_bytes(data[at + 1 : at + 5], "little"))
            assert tail is not None
            at = tail.end()
        elif code == (b"e" if is_marked else b"("):
            is_marked = not is_marked
            at += 1
        elif code == b"a" and not is_marked:
            at += 1
        else:
            return code == b"." and not is_marked and at + 1 == len(data)
