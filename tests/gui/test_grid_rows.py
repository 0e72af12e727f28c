"""The arithmetic of a painted table: spans of rows, the scroll bar's units, texts that are cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QFont, QFontMetrics

from gui.kit import theme
from gui.kit.grid.cutting import Cutter
from gui.kit.grid.scroll import MOST, Scroll
from gui.kit.grid.selection import RowSelection

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["choose", "extend", "toggle", "all", "insert"]),
        st.integers(0, 40),
        st.integers(1, 5),
    ),
    max_size=20,
)


@given(STEPS)
def test_a_selection_is_that_of_a_naive_one(steps: list[tuple[str, int, int]]) -> None:
    selection, rows = RowSelection(), list(range(10))
    chosen: set[int] = set()
    current = anchor = -1
    fresh = 10
    for what, place, count in steps:
        at = place % len(rows)
        if what == "insert":
            selection.insert(at, count)
            rows[at:at] = range(fresh, fresh + count)
            fresh += count
        elif what == "all":
            selection.choose_all(len(rows))
            chosen = set(rows)
        else:
            {"choose": selection.choose, "extend": selection.extend, "toggle": selection.toggle}[what](at)
            current = rows[at]
            if what == "extend":
                anchor = anchor if anchor >= 0 else current
                ends = sorted([rows.index(anchor), at])
                chosen = set(rows[ends[0] : ends[1] + 1])
            else:
                chosen = chosen ^ {current} if what == "toggle" else {current}
                anchor = current
        assert {row for row in range(len(rows)) if row in selection} == {
            row for row, name in enumerate(rows) if name in chosen
        }
        assert len(selection) == len(chosen)
        assert bool(selection) == bool(chosen)
        assert selection.spans == sorted(selection.spans)
        assert (rows[selection.current] if selection.current >= 0 else -1) == current
        assert (rows[selection.anchor] if selection.anchor >= 0 else -1) == anchor


@given(st.integers(0, 2**50), st.integers(1, 5000), st.integers(0, 2**50))
def test_a_bar_reaches_both_ends_and_keeps_a_position(height: int, page: int, y: int) -> None:
    scroll = Scroll()
    scroll.measure(height, page)
    scroll.move(y)
    assert 0 <= scroll.y <= max(height - page, 0)
    assert 0 <= scroll.unit <= scroll.units <= MOST
    before = scroll.y
    scroll.move_bar(scroll.unit)
    assert scroll.y == before
    scroll.move_bar(scroll.units)
    assert scroll.y == scroll.end or scroll.unit == scroll.units
    scroll.move(scroll.end)
    assert scroll.unit == scroll.units
    scroll.move(0)
    assert scroll.unit == 0


@given(st.integers(1, 2**50), st.integers(0, MOST))
def test_a_value_of_the_bar_is_a_position(height: int, unit: int) -> None:
    scroll = Scroll()
    scroll.measure(height, 1)
    scroll.move_bar(min(unit, scroll.units))
    assert abs(scroll.unit - min(unit, scroll.units)) <= 1


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("'/srv/photos/2026/holidays/picture_17.jpeg'", ("'/srv", "_17.jpeg'")),
        ("PosixPath('/srv/photos/2026/holidays/picture_17.jpeg')", ("PosixPath('", "jpeg')")),
        (r"C:\Users\somebody\Documents\a long name.txt", ("C:", ".txt")),
        ("https://example.org/some/where/far/away/index.html", ("https", ".html")),
        ("some words that are no path at all and go on", ("some words", "…")),
        ("é" * 60, ("é", "…")),
        ("/é" * 60, ("/é", "é")),
    ],
)
@pytest.mark.parametrize("monospace", [True, False])
def test_paths_are_cut_in_the_middle_and_others_at_the_end(
    qapp: object, text: str, kept: tuple[str, str], monospace: bool
) -> None:
    font = theme.monospace() if monospace else QFont()
    room = QFontMetrics(font).horizontalAdvance("x" * 25)
    shown = Cutter(font).cut(text, room)
    assert shown.startswith(kept[0])
    assert shown.endswith(kept[1])
    assert "…" in shown
    assert QFontMetrics(font).horizontalAdvance(shown) <= room


@given(st.text(max_size=30), st.integers(0, 200))
def test_a_text_is_never_wider_than_its_room(qapp: object, text: str, room: int) -> None:
    font = theme.monospace()
    shown = Cutter(font).cut(text, room)
    assert "…" in shown or text.replace("\x9c", "\ufffd").startswith(shown) or text.startswith(shown)
    if text.isascii() and text.isprintable():
        assert QFontMetrics(font).horizontalAdvance(shown) <= room
