"""Conditions, flags and commands, without a widget or an application."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.commands import Command, CommandError, Context, Registry, When, WhenError

NAMES = ("a", "page.job", "run.live_1")


def _conditions() -> st.SearchStrategy[str]:
    names = st.sampled_from(NAMES)
    return st.recursive(
        names,
        lambda inner: st.one_of(
            inner.map(lambda text: f"not {text}" if " " not in text else f"not ({text})"),
            st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(" ".join),
            inner.map(lambda text: f"( {text})"),
        ),
        max_leaves=8,
    )


@given(_conditions(), st.sets(st.sampled_from(NAMES)))
def test_a_condition_means_what_it_means_in_python(text: str, on: set[str]) -> None:
    words = text.replace("(", "( ").replace(")", " )").split()
    spelled = " ".join(str(word in on) if word in NAMES else word for word in words)
    assert When(text).holds(on) == eval(spelled)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("a and", "expected the name of a flag, found the end"),
        ("or a", "expected the name of a flag, found 'or' at 1"),
        ("a b", "expected and, or, or the end, found 'b' at 3"),
        ("(a or b", "expected a closing parenthesis, found the end"),
        ("a)", "expected and, or, or the end, found ')' at 2"),
        ("a && b", "'&' at 3 in 'a && b' is no part of a condition"),
        ("not", "expected the name of a flag, found the end"),
        ("a.", "'.' at 2"),
    ],
)
def test_what_cannot_be_read_says_where(text: str, complaint: str) -> None:
    with pytest.raises(WhenError) as caught:
        When(text)
    assert complaint in str(caught.value)


def test_an_empty_condition_always_holds() -> None:
    assert When("").holds(())
    assert When("  ").names == frozenset()


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ("run.live", "not run.live", True),
        ("a and b", "b and not a", True),
        ("a", "b", False),
        ("", "a", False),
        (" and ".join(f"a{n}" for n in range(20)), "not a1", False),  # too many to be sure
    ],
)
def test_conditions_that_never_hold_together(one: str, other: str, apart: bool) -> None:
    assert When(one).excludes(When(other)) == apart


class Later:
    """Keeps calls that are due in a moment."""

    def __init__(self) -> None:
        self.calls: list[Callable[[], object]] = []

    def __call__(self, call: Callable[[], object]) -> None:
        self.calls.append(call)

    def pass_by(self) -> None:
        calls, self.calls = self.calls, []
        for call in calls:
            call()


def test_changes_in_a_row_are_told_once_and_those_that_change_nothing_never() -> None:
    later = Later()
    context = Context(later)
    context.declare("a", "b")
    told: list[frozenset[str]] = []
    end = context.watch(lambda: told.append(context.on))
    context["a"] = True
    context.update({"b": True, "a": False})
    assert not told
    later.pass_by()
    assert told == [{"b"}]
    context["b"] = True
    assert not later.calls
    context["a"] = True
    context.flush()
    later.pass_by()
    assert told == [{"b"}, {"a", "b"}]
    end()
    end()
    context["a"] = False
    later.pass_by()
    assert len(told) == 2


def test_a_flag_that_was_not_declared_is_an_error_and_changes_nothing() -> None:
    context = Context()
    context.declare("a")
    with pytest.raises(KeyError, match="no flag is called 'b'"):
        context.update({"a": True, "b": True})
    assert not context["a"]
    with pytest.raises(KeyError):
        context["b"]


@pytest.fixture
def registry() -> Registry:
    context = Context()
    context.declare("page.job", "run.live", "runs.shown")
    return Registry(context)


def test_a_command_runs_only_while_its_condition_holds(registry: Registry) -> None:
    done: list[str] = []
    registry.add(
        Command("run.start", "&Run", lambda: done.append("run"), when="page.job and not run.live"),
        Command("app.quit", "&Quit", lambda: done.append("quit")),
    )
    assert not registry.run("run.start")
    assert registry.can("app.quit")
    registry.context["page.job"] = True
    assert registry.run("run.start")
    assert registry.run("app.quit")
    assert done == ["run", "quit"]
    registry.context["run.live"] = True
    assert not registry.can("run.start")
    assert [command.id for command in registry] == ["run.start", "app.quit"]


def test_a_command_with_a_tick_has_it_while_that_holds(registry: Registry) -> None:
    context = registry.context

    def turn() -> None:
        context["runs.shown"] = not context["runs.shown"]

    registry.add(Command("view.runs", "&Runs", turn, checked="runs.shown"))
    assert not registry.is_checked("view.runs")
    registry.run("view.runs")
    assert registry.is_checked("view.runs")


def test_mistakes_are_found_when_a_command_is_added(registry: Registry) -> None:
    registry.add(Command("a", "A", list, keys="F5"))
    with pytest.raises(CommandError, match="two commands a"):
        registry.add(Command("a", "A", list))
    with pytest.raises(CommandError, match=r"command b depends on a flag that is not declared: run\.lvie"):
        registry.add(Command("b", "B", list, when="run.lvie"))
    with pytest.raises(CommandError, match="command b: 'a or': expected"):
        Command("b", "B", list, when="a or")
    with pytest.raises(CommandError, match="F5 stands for both a and b"):
        registry.add(Command("b", "B", list, keys=("F6", "F5"), when="run.live"))
    with pytest.raises(CommandError, match="there is no command b"):
        registry["b"]
    with pytest.raises(CommandError, match="there is no command b"):
        registry.run("b")


def test_keys_may_be_shared_by_what_never_works_at_the_same_time(registry: Registry) -> None:
    registry.add(
        Command("run.pause", "Pause", list, keys="F6", when="run.live"),
        Command("run.resume", "Resume", list, keys="F6", when="page.job and not run.live"),
        Command("results.copy", "Copy", list, keys="Ctrl+C", scope="results"),
        Command("log.copy", "Copy", list, keys="Ctrl+C", scope="log"),
    )
    with pytest.raises(CommandError, match="Ctrl\\+C stands for both"):
        registry.add(Command("app.copy", "Copy", list, keys="Ctrl+C"))


def test_keys_are_compared_as_the_platform_has_them() -> None:
    names = {"standard:Open": ["Ctrl+O", "Open"], "Ctrl+O": ["Ctrl+O"]}
    registry = Registry(Context(), names.__getitem__)
    registry.add(Command("open", "Open", list, keys="standard:Open"))
    with pytest.raises(CommandError, match="Ctrl\\+O stands for both open and other"):
        registry.add(Command("other", "Other", list, keys="Ctrl+O"))


@pytest.mark.parametrize(
    ("text", "name"),
    [("&Run", "Run"), ("Save && &quit…", "Save & quit…"), ("A && B", "A & B"), ("Stop", "Stop")],
)
def test_the_name_of_a_command_is_its_text_without_the_marks_of_a_menu(text: str, name: str) -> None:
    assert Command("a", text, list).name == name


def test_the_registry_needs_no_qt() -> None:
    code = "import sys, gui.commands; sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
