"""The flags that commands depend on, and notifications when they change."""

from __future__ import annotations

from collections.abc import Callable, Mapping

Listener = Callable[[], object]
Later = Callable[[Listener], object]
"""Calls something a moment later, after the changes that belong together."""


def at_once(call: Listener) -> None:
    """Call it without waiting for further changes."""
    call()


class Context:
    """Named flags, each on or off. Several changes in a row cause one notification."""

    def __init__(self, later: Later = at_once) -> None:
        self._later = later
        self._known: set[str] = set()
        self._on: set[str] = set()
        self._listeners: list[Listener] = []
        self._due = False
        """Whether a notification is scheduled."""

    def declare(self, *names: str) -> None:
        """Make flags known; they are off until they are set."""
        self._known.update(names)

    @property
    def on(self) -> frozenset[str]:
        """The flags that are on now."""
        return frozenset(self._on)

    @property
    def known(self) -> frozenset[str]:
        """All flags."""
        return frozenset(self._known)

    def __getitem__(self, name: str) -> bool:
        self._expect(name)
        return name in self._on

    def __setitem__(self, name: str, value: bool) -> None:
        self.update({name: value})

    def update(self, flags: Mapping[str, bool]) -> None:
        """Set several flags. Raises KeyError and sets none if one was never declared."""
        for name in flags:
            self._expect(name)
        before = set(self._on)
        for name, value in flags.items():
            (self._on.add if value else self._on.discard)(name)
        if self._on != before and not self._due:
            self._due = True
            self._later(self.flush)

    def flush(self) -> None:
        """Report changes now, if any are not reported yet."""
        if not self._due:
            return
        self._due = False
        for listener in tuple(self._listeners):
            listener()

    def watch(self, listener: Listener) -> Callable[[], None]:
        """Call `listener` after changes; returns a function that stops this."""
        self._listeners.append(listener)

        def end() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return end

    def _expect(self, name: str) -> None:
        if name not in self._known:
            raise KeyError(f"no flag is called {name!r}")
