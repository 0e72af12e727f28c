"""The thread that answers requests: order, replacement, errors, and its end."""

from __future__ import annotations

import threading

from pytestqt.qtbot import QtBot

from gui.kit.requests import RequestThread, _alive


class Thing:
    """Something that only one thread may touch."""

    def __init__(self) -> None:
        self.made_in = threading.get_ident()
        self.closed_in = 0

    def where(self) -> int:
        assert threading.get_ident() == self.made_in
        return self.made_in

    def close(self) -> None:
        self.closed_in = threading.get_ident()


def ended(thread: RequestThread) -> bool:
    thread.end()
    return thread.wait(5000)


def test_a_thing_lives_and_dies_in_its_thread(qtbot: QtBot) -> None:
    things: list[Thing] = []

    def make() -> Thing:
        things.append(Thing())
        return things[0]

    thread = RequestThread(make)
    with qtbot.waitSignal(thread.answered) as answer:
        thread.ask("where", Thing.where)
    assert answer.args is not None
    assert answer.args == ["where", things[0].made_in]
    assert things[0].made_in != threading.get_ident()
    assert ended(thread)
    assert things[0].closed_in == things[0].made_in


def test_the_newest_request_of_a_kind_wins(qtbot: QtBot) -> None:
    gate = threading.Event()
    thread = RequestThread(lambda: gate)
    answers: list[tuple[str, object]] = []
    thread.answered.connect(lambda key, answer: answers.append((key, answer)))
    thread.ask("hold", lambda gate: gate.wait(5))
    qtbot.waitUntil(lambda: not thread._requests)
    for number in range(100):
        thread.ask("number", lambda _, number=number: number)
        thread.ask("other", lambda _: "kept")
    gate.set()
    qtbot.waitUntil(lambda: len(answers) == 3)
    assert answers == [("hold", True), ("number", 99), ("other", "kept")]
    assert ended(thread)


def test_errors_are_told_and_the_thread_goes_on(qtbot: QtBot) -> None:
    thread = RequestThread(lambda: 0)
    with qtbot.waitSignal(thread.failed) as failed:
        thread.ask("divide", lambda zero: 1 // zero)
    assert failed.args is not None
    assert failed.args[0] == "divide"
    assert isinstance(failed.args[1], ZeroDivisionError)
    with qtbot.waitSignal(thread.answered):
        thread.ask("add", lambda zero: 1 + zero)
    assert ended(thread)


def test_a_thing_that_cannot_be_opened_is_told_and_the_thread_ends(qtbot: QtBot) -> None:
    def refuse() -> None:
        raise OSError("no")

    thread = RequestThread(refuse)
    with qtbot.waitSignal(thread.failed) as failed:
        pass
    assert failed.args is not None
    assert failed.args[0] == ""
    assert thread.wait(5000)


def test_nothing_is_told_after_the_end(qtbot: QtBot) -> None:
    gate = threading.Event()
    thread = RequestThread(lambda: gate)
    told: list[object] = []
    thread.answered.connect(lambda *what: told.append(what))
    thread.ask("hold", lambda gate: gate.wait(5))
    qtbot.waitUntil(lambda: not thread._requests)
    thread.end()
    gate.set()
    assert thread.wait(5000)
    qtbot.waitUntil(lambda: thread not in _alive)
    assert not told
