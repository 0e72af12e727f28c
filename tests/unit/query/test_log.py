"""Requests about logs agree with a naive reading, however the file grows; and a search can be cancelled."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.log.filters import Filter
from engine.log.log import Log
from engine.log.recogniser import CONTINUATION, level_in
from engine.query import Client, Done, Failed, Part, Told
from engine.query.log import (
    LogChosen,
    LogPattern,
    LogReading,
    LogRef,
    LogWanted,
    LookAtLog,
    MarkLog,
    ReadLog,
    SeekInLog,
    TakeFromLog,
    Target,
    choosing,
)
from engine.query.request import answer, finish
from engine.query.sources import Sources
from tests.unit.log.naive import Naive
from tests.unit.log.test_against_naive import ANYTHING

ALL = LogWanted()
PATTERNS = st.builds(
    LogPattern,
    st.sampled_from(["zebra", "shop", "one", "s", "ERROR"]),
    st.just(True),
    st.booleans(),
    st.booleans(),
)
WANTED = st.builds(
    LogWanted,
    level=st.integers(0, 6),
    every=st.lists(PATTERNS, max_size=1).map(tuple),
    none=st.lists(PATTERNS, max_size=1).map(tuple),
    matching=st.booleans(),
    context=st.sampled_from([0, 0, 1, 3]),
)
SPANS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 10), st.booleans()), min_size=1, max_size=3)
HERE = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def naive_of(path: Path) -> Naive:
    return Naive(Log(path), path.read_bytes())


def rows_of(naive: Naive, wanted: LogWanted) -> list[int]:
    """The lines that pass a filter, computed line by line."""
    if wanted == ALL:
        return list(range(len(naive.lines)))
    made: Filter = wanted.made(None)
    chosen = set(naive.chosen(made))
    shown: set[int] = set()
    for raw in naive.records():
        if raw.line in chosen:
            marked = wanted.matching and wanted.every
            shown |= {raw.line + n for n, line in enumerate(raw.lines) if not marked or made.marks(line)}
    around = range(-wanted.context, wanted.context + 1)
    return sorted({line + n for line in shown for n in around} & set(range(len(naive.lines))))


def levels_of(naive: Naive) -> list[int]:
    code, found = CONTINUATION, list[int]()
    for own in naive.codes:
        code = own if own != CONTINUATION else code
        found.append(level_in(code) if code != CONTINUATION else 0)
    return found


TABBED = b"   DEBUG\t2024-03-10 11:58:00,254 shop one\n"
SHOP = b"2024-03-10 11:58:00,254 DEBUG shop: one\n"
TRACED = SHOP + b"Traceback (most recent call last):"
"""Without its last line end, its second line is a separate part of the index."""


@HERE
@given(ANYTHING, st.lists(st.integers(0, 400), max_size=3), WANTED, SPANS)
@example(raw=3 * TABBED, cuts=[28, 102], wanted=LogWanted(matching=True), spans=[(0, 3, False)])
def test_pages_of_a_file_that_grows(
    tmp_path_factory: pytest.TempPathFactory,
    raw: bytes,
    cuts: list[int],
    wanted: LogWanted,
    spans: list[tuple[int, int, bool]],
) -> None:
    path = tmp_path_factory.mktemp("log") / "some.log"
    ref = LogRef((path,))
    with Sources() as sources:
        for end in [*sorted(cuts), len(raw)]:
            path.write_bytes(raw[:end])
            naive = naive_of(path)
            state = finish(ReadLog(ref).steps(sources))
            assert (state.lines, state.complete) == (len(naive.lines), True)
            chosen = finish(choosing(ref, wanted).steps(sources))
            rows = rows_of(naive, wanted)
            assert chosen.rows == len(rows)
            levels = levels_of(naive)
            for which, expected in ((ALL, list(range(len(naive.lines)))), (wanted, rows)):
                for first, count, at_end in spans:
                    page = finish(LookAtLog(ref, which, first, count, at_end).steps(sources))
                    begin = max(min(len(expected) - count if at_end else first, len(expected) - count), 0)
                    here = expected[begin : begin + count]
                    assert (page.total, page.exact, page.first) == (len(expected), True, begin)
                    assert list(page.texts) == [naive.lines[n] for n in here]
                    assert array("q", page.numbers).tolist() == here
                    assert list(page.levels) == [levels[n] for n in here]
                    assert list(page.starts) == [naive.codes[n] != CONTINUATION for n in here]
                    text = finish(TakeFromLog(ref, which, first, first + count - 1).steps(sources)).text
                    assert text == "\n".join(naive.lines[n] for n in expected[first : first + count])


@HERE
@given(ANYTHING, PATTERNS, WANTED, st.integers(-1, 40))
@example(
    raw=TRACED,
    pattern=LogPattern("s"),
    wanted=LogWanted(every=(LogPattern("s"),), matching=True),
    row=0,
)
def test_hits_and_errors_are_found_from_any_row(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes, pattern: LogPattern, wanted: LogWanted, row: int
) -> None:
    path = tmp_path_factory.mktemp("log") / "some.log"
    path.write_bytes(raw)
    naive = naive_of(path)
    ref = LogRef((path,))
    shown = rows_of(naive, wanted)
    row = min(row, len(shown) - 1)
    hits = [n for n, line in enumerate(shown) if pattern.made().matches(naive.lines[line])]
    codes = [naive.codes[line] for line in shown]
    errors = [n for n, code in enumerate(codes) if code != CONTINUATION and level_in(code) >= 5]
    with Sources() as sources:
        finish(ReadLog(ref).steps(sources))
        finish(choosing(ref, wanted).steps(sources))
        found = finish(choosing(ref, pattern, wanted).steps(sources))
        assert found.count == len(hits)

        def seek(target: Target) -> int:
            request = SeekInLog(ref, wanted, target, row, pattern=pattern)
            return finish(request.steps(sources)).row

        assert seek(Target.NEXT_HIT) == next((n for n in [*hits, *hits] if n > row), *hits[:1] or [-1])
        assert seek(Target.PREVIOUS_HIT) == next((n for n in hits[::-1] if n < row), *hits[-1:] or [-1])
        assert seek(Target.NEXT_ERROR) == next((n for n in errors if n > row), -1)
        assert seek(Target.PREVIOUS_ERROR) == next((n for n in errors[::-1] if n < row), -1)
        marks = finish(MarkLog(ref, wanted, 7, pattern).steps(sources))
        slots = min(7, max(len(shown), 1))
        of_row = [
            next(s for s in range(slots) if n < (s + 1) * len(shown) // slots) for n in range(len(shown))
        ]
        assert {n for n, hit in enumerate(marks.hits) if hit} >= {of_row[n] for n in hits}
        assert {n for n, error in enumerate(marks.errors) if error} >= {of_row[n] for n in errors}
        if wanted == ALL:
            assert {n for n, hit in enumerate(marks.hits) if hit} == {of_row[n] for n in hits}


def test_no_file_has_no_lines(tmp_path: Path) -> None:
    ref = LogRef((tmp_path / "none.log",))
    page = answer(LookAtLog(ref, ALL, 0, 10))
    assert (page.total, page.exact, page.texts) == (0, True, ())
    assert answer(ReadLog(ref)).complete


def test_the_end_is_there_before_the_file_has_been_read(tmp_path: Path) -> None:
    path = tmp_path / "long.log"
    path.write_text("".join(f"2024-03-10 11:58:57,254 ERROR a: line {n}\n" for n in range(50_000)))
    with Sources() as sources:
        look = LookAtLog(LogRef((path,)), ALL, 0, 3, at_end=True)
        page = finish(look.steps(sources))
        assert not page.exact
        assert [text[-10:] for text in page.texts] == ["line 49997", "line 49998", "line 49999"]
        assert abs(page.total - 50_000) < 5_000
        head = finish(LookAtLog(look.ref, ALL, 0, 3).steps(sources))
        assert [text[-6:] for text in head.texts] == ["line 0", "line 1", "line 2"]
        reading = ReadLog(look.ref).steps(sources)
        next(reading)
        page = finish(look.steps(sources))
        assert (page.exact, list(page.levels)) == (False, [5, 5, 5])
        finish(reading)
        page = finish(look.steps(sources))
        assert (page.exact, page.total, page.first) == (True, 50_000, 49_997)


def test_what_is_written_while_the_file_is_read_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_text("".join(f"2024-03-10 11:58:57,254 INFO a: {n}\n" for n in range(20_000)))
    ref = LogRef((path,))
    with Sources() as sources:
        reading = ReadLog(ref).steps(sources)
        next(reading)
        with path.open("a") as file:
            file.write("2024-03-10 11:58:57,254 INFO a: last\n")
        finish(LookAtLog(ref, ALL, 0, 10).steps(sources))
        assert finish(reading).lines == 20_001


def test_fields_and_times_of_rows(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_text("2024-03-10 11:58:57,254 ERROR shop.pay: refused\n  more\n")
    page = answer_after_reading(LookAtLog(LogRef((path,)), ALL, 0, 10))
    assert page.cells == (
        ("2024-03-10 11:58:57.254", "ERROR", "shop.pay", "", "", "", "refused"),
        (),
    )
    assert list(page.levels) == [5, 5]
    assert list(page.starts) == [1, 0]
    assert array("q", page.times)[0] == 1_710_071_937_254_000


def answer_after_reading(look: LookAtLog):
    with Sources() as sources:
        finish(ReadLog(look.ref).steps(sources))
        return finish(look.steps(sources))


def test_a_line_of_50_mb_is_seen_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "wide.log"
    path.write_bytes(b"x" * (50 << 20) + b"the end\nnext\n")
    look = LookAtLog(LogRef((path,)), ALL, 0, 10)
    page = answer_after_reading(look)
    assert (page.total, len(page.texts[0]), page.texts[1]) == (2, 4_000, "next")
    assert array("q", page.sizes)[0] == (50 << 20) + 7
    page = answer_after_reading(LookAtLog(look.ref, ALL, 0, 10, left=(50 << 20) - 100))
    assert page.texts[0] == "x" * 100 + "the end"


def test_colours_stay_if_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "red.log"
    path.write_text("a \x1b[31mred\x1b[0m word\n")
    ref = LogRef((path,))
    assert answer_after_reading(LookAtLog(ref, ALL, 0, 1)).texts == ("a red word",)
    assert answer_after_reading(LookAtLog(ref, ALL, 0, 1, ansi=True)).texts == ("a \x1b[31mred\x1b[0m word",)


def test_a_choice_by_hand_is_used_and_a_bad_one_is_told(tmp_path: Path) -> None:
    path = tmp_path / "some.log"
    path.write_bytes("café\n".encode("latin-1"))
    ref = LogRef((path,), LogReading(encoding="cp437"))
    assert answer_after_reading(LookAtLog(ref, ALL, 0, 1)).texts == ("cafΘ",)
    with pytest.raises(ValueError, match="There is no encoding"):
        answer(ReadLog(LogRef((path,), LogReading(encoding="nonsense"))))


def test_a_time_a_line_and_several_files(tmp_path: Path) -> None:
    first, second = tmp_path / "a.log", tmp_path / "b.log"
    first.write_text("".join(f"2024-03-10 11:58:{n:02},000 INFO a: {n}\n" for n in range(60)))
    second.write_text("".join(f"2024-03-10 12:00:{n:02},000 INFO b: {n}\n" for n in range(60)))
    ref = LogRef((first, second))
    with Sources() as sources:
        assert finish(ReadLog(ref).steps(sources)).lines == 120

        def seek(**what: object) -> int:
            return finish(SeekInLog(ref, ALL, **what).steps(sources)).row  # pyright: ignore[reportArgumentType]

        assert seek(target=Target.TIME, time="2024-03-10T11:58:30") == 30
        assert seek(target=Target.TIME, time="2024-03-10T11:59:30") == 60
        assert seek(target=Target.LINE, line=59) == 59
        assert seek(target=Target.LINE, file=1, line=5) == 65
        assert seek(target=Target.LINE, file=1, line=500) == 119
        page = finish(LookAtLog(ref, ALL, 58, 4).steps(sources))
        assert [text[-5:] for text in page.texts] == ["a: 58", "a: 59", " b: 0", " b: 1"]
        assert list(page.files) == [0, 0, 1, 1]


@HERE
@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30), st.integers(0, 2)), max_size=30),
    WANTED,
    PATTERNS,
)
def test_several_logs_by_time(
    tmp_path_factory: pytest.TempPathFactory,
    made: list[tuple[int, int, int]],
    wanted: LogWanted,
    pattern: LogPattern,
) -> None:
    wanted = replace(wanted, context=0)
    folder = tmp_path_factory.mktemp("log")
    texts: list[list[str]] = [[], []]
    keyed: list[tuple[int, int, int]] = []
    levels = ("INFO", "ERROR", "WARNING")
    for n, (file, second, more) in enumerate(made):
        keyed.append((second, file, len(texts[file])))
        line = f"2024-03-10 11:58:{second:02},000 {levels[more]} shop: one zebra {n}"
        texts[file] += [line, *(f"  more {n}" for _ in range(more))]
    paths = tuple(folder / name for name in ("a.log", "b.log"))
    for path, lines in zip(paths, texts, strict=True):
        path.write_text("".join(f"{line}\n" for line in lines))
    ref = LogRef(paths, LogReading(format="%(asctime)s %(levelname)s %(name)s: %(message)s"), by_time=True)
    naive = [Naive(Log(path, ref.reading.made()), path.read_bytes()) for path in paths]
    shown = [set(rows_of(one, wanted)) for one in naive]
    expected: list[tuple[int, int]] = []
    for _, file, line in sorted(keyed):
        records = {raw.line: len(raw.lines) for raw in naive[file].records()}
        expected += [(file, n) for n in range(line, line + records[line]) if n in shown[file]]
    with Sources() as sources:
        finish(ReadLog(ref).steps(sources))
        finish(choosing(ref, wanted).steps(sources))
        finish(choosing(ref, pattern, wanted).steps(sources))
        page = finish(LookAtLog(ref, wanted, 0, 200).steps(sources))
        assert list(zip(page.files, array("q", page.numbers), strict=True)) == expected
        assert list(page.texts) == [texts[file][line] for file, line in expected]
        for row, (file, line) in enumerate(expected):
            found = finish(SeekInLog(ref, wanted, Target.LINE, file=file, line=line).steps(sources))
            assert found.row == row
        hits = [n for n, (file, line) in enumerate(expected) if pattern.made().matches(texts[file][line])]
        for row in (-1, 3):
            request = SeekInLog(ref, wanted, Target.NEXT_HIT, row, pattern=pattern)
            assert finish(request.steps(sources)).row == next((n for n in hits if n > row), *hits[:1] or [-1])


# searches in separate processes


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    client.close()


def told_of(box: SimpleQueue[Told]) -> Told:
    while isinstance(told := box.get(timeout=60), Part):
        pass
    return told


def test_a_regular_expression_finds_what_it_should(tmp_path: Path, client: Client) -> None:
    path = tmp_path / "some.log"
    lines = [f"2024-03-10 11:58:57,254 INFO a: item {n}" for n in range(20_000)]
    path.write_text("\n".join(lines) + "\n")
    ref = LogRef((path,))
    box: SimpleQueue[Told] = SimpleQueue()
    client.ask(ReadLog(ref), box.put)
    state = told_of(box)
    assert isinstance(state, Done)
    generation = state.value.generation
    pattern = LogPattern(r"item 1\d*7$", literal=False)
    client.ask(choosing(ref, pattern, generation=generation), box.put)
    found = told_of(box)
    expected = [n for n, line in enumerate(lines) if pattern.made().matches(line)]
    assert isinstance(found, Done)
    assert isinstance(found.value, LogChosen)
    assert (found.value.count, found.value.complete) == (len(expected), True)
    wanted = LogWanted(every=(pattern,))
    client.ask(choosing(ref, wanted, generation=generation), box.put)
    assert told_of(box).value.rows == len(expected)  # pyright: ignore[reportAttributeAccessIssue]
    client.ask(LookAtLog(ref, wanted, 0, 5), box.put)
    page = told_of(box)
    assert isinstance(page, Done)
    assert array("q", page.value.numbers).tolist() == expected[:5]


def test_a_pattern_that_takes_for_ever_holds_nothing_up(tmp_path: Path, client: Client) -> None:
    path = tmp_path / "some.log"
    path.write_text("a" * 60 + "!\n" + "b\n" * 100)
    ref = LogRef((path,))
    box: SimpleQueue[Told] = SimpleQueue()
    client.ask(ReadLog(ref), box.put)
    state = told_of(box)
    assert isinstance(state, Done)
    never: SimpleQueue[Told] = SimpleQueue()
    forever = LogPattern("(a+)+$", literal=False)
    number = client.ask(choosing(ref, forever, generation=state.value.generation), never.put)
    client.ask(LookAtLog(ref, ALL, 0, 5), box.put)
    assert isinstance(told_of(box), Done)
    client.cancel(number)
    other = LogPattern("b$", literal=False)
    client.ask(choosing(ref, other, generation=state.value.generation), box.put)
    found = told_of(box)
    assert isinstance(found, Done)
    assert found.value.count == 100
    assert not any(isinstance(told, Done | Failed) for told in drained(never))


def drained(box: SimpleQueue[Told]) -> Iterator[Told]:
    while not box.empty():
        yield box.get()


def test_what_is_not_a_pattern_is_told() -> None:
    with pytest.raises(ValueError, match="Not a regular expression: "):
        choosing(LogRef((Path("a"),)), LogPattern("(", literal=False))


def test_a_log_that_grows_all_the_time_is_read_to_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "grows.log"
    line = "2024-03-10 11:58:00,000 INFO shop: one\n"
    path.write_text(line * 100)
    ref = LogRef((path,))
    with Sources() as sources:
        for steps in (ReadLog(ref).steps(sources), choosing(ref, LogPattern("one")).steps(sources)):
            state = None
            for _ in range(200):
                try:
                    next(steps)
                except StopIteration as over:
                    state = over.value
                    break
                with path.open("a") as file:
                    file.write(line)
                finish(LookAtLog(ref, ALL, 0, 10).steps(sources))
            assert state is not None
            assert state.complete
        assert finish(ReadLog(ref).steps(sources)).lines == len(path.read_text().splitlines())


def test_hits_among_the_rows_are_rows_too(tmp_path: Path) -> None:
    path = tmp_path / "shop.log"
    path.write_text(
        "".join(f"2024-03-10 11:58:00,000 {'INFO' if n % 2 else 'ERROR'} shop: {n}\n" for n in range(300))
    )
    ref, pattern, errors = LogRef((path,)), LogPattern("shop: 1"), LogWanted(level=5)
    with Sources() as sources:
        finish(ReadLog(ref).steps(sources))
        finish(choosing(ref, pattern).steps(sources))
        finish(choosing(ref, errors).steps(sources))
        for wanted, step in ((ALL, 1), (errors, 2)):
            expected = [n for n in range(0, 300, step) if str(n).startswith("1")]
            page = finish(LookAtLog(ref, wanted, 0, 500, pattern=pattern, only_hits=True).steps(sources))
            assert list(array("q", page.numbers)) == expected
            row, found = -1, []
            for _ in expected:
                place = finish(SeekInLog(ref, wanted, Target.NEXT_HIT, row, pattern=pattern).steps(sources))
                row = place.row
                found.append((place.nth, place.line))
            assert found == list(enumerate(expected, 1))
            back = finish(SeekInLog(ref, wanted, Target.PREVIOUS_HIT, 0, pattern=pattern).steps(sources))
            assert (back.nth, back.line) == (len(expected), expected[-1])
