"""For tests of the window: each gets its own window, and ways to wait for work in other threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from engine.query.listing import ListRuns
from engine.runs import runs_root
from gui.form import Form
from gui.kit import ask, query, work
from gui.kit.ask import Leave
from gui.kit.theme import Theme
from gui.kit.threads import wait_for_all
from gui.shell.pages.job import JobPage
from gui.shell.window import Window


@pytest.fixture(autouse=True)
def no_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    """A question that a test does not expect fails it, instead of waiting forever for an answer."""

    def asked(*_args: object, **_more: object) -> str:
        raise AssertionError("a question was asked")

    for name in (
        "unsaved",
        "changed_code",
        "leaving",
        "files_to_open",
        "run_to_open",
        "job_to_save",
        "results_to_save",
        "script_to_save",
        "value_to_save",
        "chart_to_save",
        "log_to_save",
        "logs_to_add",
        "preset_name",
        "run_name",
        "run_note",
        "task_number",
        "replace_preset",
        "delete_preset",
    ):
        monkeypatch.setattr(ask, name, asked)


@pytest.fixture(scope="session", autouse=True)
def query_process(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One query process for all tests: starting it takes longer than many of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))
        there = SimpleQueue[object]()
        query._service().client.ask(ListRuns(tmp_path_factory.getbasetemp() / "none"), there.put)
        there.get(timeout=60)
    yield
    query.close()


@pytest.fixture
def own_query_processes() -> Iterator[None]:
    """Query processes for one test alone, which end with it: for requests that start other processes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(query, "_the_client", [])
        patch.setattr(query, "_the_service", [])
        yield
        query.close()


@pytest.fixture(autouse=True)
def views_close() -> Iterator[None]:
    """A view that was not closed fails its test."""
    yield
    assert not query._service()._queries, "a view was not closed"


@pytest.fixture(scope="session")
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp)


@pytest.fixture
def make_window(qtbot: QtBot, theme: Theme) -> Callable[[], Window]:
    """Makes windows with the test's own runs and settings; each is closed at the end."""

    def make() -> Window:
        window = Window(runs_root(), theme)
        qtbot.addWidget(window, before_close_func=lambda window: settle(qtbot, window))
        with qtbot.waitSignal(window.drawn, timeout=10_000):
            window.show()
        return window

    return make


@pytest.fixture
def window(make_window: Callable[[], Window]) -> Window:
    return make_window()


@pytest.fixture
def form(qtbot: QtBot, theme: Theme) -> Form:
    form = Form()
    qtbot.addWidget(form, before_close_func=_finish)
    form.show()
    return form


@pytest.fixture
def square(tmp_path: Path) -> Path:
    """A Python file with two functions."""
    path = tmp_path / "square.py"
    path.write_text(
        '"""Squares."""\n\n\ndef square(x: int) -> int:\n    """The square of x."""\n    return x * x\n\n\n'
        "def cube(x):\n    return x**3\n"
    )
    return path


@pytest.fixture
def script(tmp_path: Path) -> Path:
    """A script that uses a pool itself."""
    path = tmp_path / "pool_map.py"
    path.write_text(
        "import multiprocessing\n\n\ndef my_function(x):\n    return x * x\n\n\n"
        'if __name__ == "__main__":\n    with multiprocessing.Pool(processes=4) as pool:\n'
        "        print(pool.map(my_function, [1, 2, 3, 4, 5]))\n"
    )
    return path


def _finish(_widget: QWidget) -> None:
    work.finish()


def settle(qtbot: QtBot, window: Window) -> None:
    """End what a test left running, so that its window can be closed."""
    give_up_changes(window)
    for waiting in window.sessions.queue.waiting:
        window.sessions.queue.take_out(waiting.id)
    for session in window.sessions.live:
        session.kill()
    qtbot.waitUntil(lambda: not window.sessions.live, timeout=20000)
    work.finish()
    wait_for_all()


def give_up_changes(window: Window) -> None:
    """Mark all jobs as unchanged, so that closing asks nothing."""
    for page in window.pages.all:
        if isinstance(page, JobPage):
            page.document.modified = False


@pytest.fixture
def answer_leaving(monkeypatch: pytest.MonkeyPatch) -> Callable[[Leave | None], None]:
    """Answers the question that closing asks."""
    return lambda answer: monkeypatch.setattr(ask, "leaving", lambda *_: answer)
