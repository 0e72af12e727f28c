"""Conditions on flags, such as `page.job and not (run.live or run.checking)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import cache
from itertools import product

_TOKEN = re.compile(r"\s*(?:(?P<name>[A-Za-z_]\w*(?:\.\w+)*)|(?P<mark>[()])|(?P<bad>\S))")
_WORDS = {"and", "or", "not"}
_MOST_NAMES = 16
"""`excludes` tries all combinations of flags, so it gives up above this number."""

Test = Callable[[Collection[str]], bool]


class WhenError(ValueError):
    """A condition that cannot be read; the text says where and why."""


class When:
    """A condition, parsed once. The empty one always holds."""

    def __init__(self, text: str = "") -> None:
        """Raises `WhenError`."""
        self.text = text
        reader = _Reader(text)
        self._test = reader.whole()
        self.names = frozenset(reader.names)
        """The flags that it looks at."""

    def holds(self, on: Collection[str]) -> bool:
        """Whether it holds while the flags in `on` are on, and all others off."""
        return self._test(on)

    def excludes(self, other: When) -> bool:
        """Whether the two never hold together. False if there are too many flags to try."""
        names = sorted(self.names | other.names)
        if len(names) > _MOST_NAMES:
            return False
        for states in product((False, True), repeat=len(names)):
            on = {name for name, state in zip(names, states, strict=True) if state}
            if self.holds(on) and other.holds(on):
                return False
        return True

    def __repr__(self) -> str:
        return f"When({self.text!r})"


@cache
def read(text: str) -> When:
    """The parsed condition `text`; the same text is parsed only once. Raises `WhenError`."""
    return When(text)


class _Reader:
    """A recursive descent parser: `or` binds loosest, then `and`, then `not`."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens: list[tuple[str, int]] = []
        self.names: set[str] = set()
        for match in _TOKEN.finditer(text):
            start = match.end() - len(match.group().lstrip())
            if match["bad"]:
                raise WhenError(f"{match['bad']!r} at {start + 1} in {text!r} is no part of a condition")
            self._tokens.append((match.group().strip(), start))

    def whole(self) -> Test:
        if not self._tokens:
            return lambda on: True
        test = self._any_of()
        if self._tokens:
            raise self._unexpected("and, or, or the end")
        return test

    def _any_of(self) -> Test:
        tests = [self._all_of()]
        while self._take("or"):
            tests.append(self._all_of())
        return tests[0] if len(tests) == 1 else lambda on: any(test(on) for test in tests)

    def _all_of(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return tests[0] if len(tests) == 1 else lambda on: all(test(on) for test in tests)

    def _one(self) -> Test:
        if self._take("not"):
            denied = self._one()
            return lambda on: not denied(on)
        if self._take("("):
            inner = self._any_of()
            if not self._take(")"):
                raise self._unexpected("a closing parenthesis")
            return inner
        if not self._tokens or self._tokens[0][0] in _WORDS | {")"}:
            raise self._unexpected("the name of a flag")
        name = self._tokens.pop(0)[0]
        self.names.add(name)
        return lambda on: name in on

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0][0] == word:
            self._tokens.pop(0)
            return True
        return False

    def _unexpected(self, wanted: str) -> WhenError:
        found = f"{self._tokens[0][0]!r} at {self._tokens[0][1] + 1}" if self._tokens else "the end"
        return WhenError(f"{self._text!r}: expected {wanted}, found {found}")
