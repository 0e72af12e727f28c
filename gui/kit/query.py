"""Questions about run folders and logs, answered by query processes, told by signals in the GUI thread."""

from __future__ import annotations

import atexit
import threading
import time
from collections import Counter, deque
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from engine.query import Client, Done, Failed, Part, QueryError, Request, Told

A = TypeVar("A")

_SLICE = 0.006
"""Seconds for which answers are delivered at a time; the rest follows after other events."""


class Query(QObject):
    """The questions of one pane about one source. Under each key, only the newest request is answered.

    Nothing is delivered after `end`.
    """

    answered = Signal(str, object)
    """Key and answer."""
    came_in_part = Signal(str, object)
    """Key and the part of the answer that is there so far."""
    failed = Signal(str, object)
    """Key and QueryError."""

    def __init__(self, source: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.source = source
        self._service = _service()
        self._id = self._service.add(self)
        service, own_id = self._service, self._id
        self.destroyed.connect(lambda: service.remove(own_id))

    def ask(self, key: str, request: Request[Any]) -> None:
        """Ask, replacing an older request under the same key. Returns immediately."""
        self._service.ask(self._id, key, request)

    def cancel(self, key: str) -> None:
        """The answer under a key is no longer wanted."""
        self._service.cancel(self._id, key)

    def end(self) -> None:
        """No answer is wanted any more."""
        self._service.remove(self._id)


def wait_for(request: Request[A]) -> A:
    """The answer to a request. Blocks, so call it in a thread that may wait. Raises QueryError."""
    return _client().answer(request)


class _Service(QObject):
    """The program's only client, and the path of its answers into the GUI thread."""

    _came = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.client = _client()
        self._ids = count(1)
        self._queries: dict[int, Query] = {}
        self._asked: dict[tuple[int, str], int] = {}
        """The number of the unanswered request under each key."""
        self._sources: dict[int, Path] = {}
        self._uses: Counter[Path] = Counter()
        self._box: deque[tuple[int, str, Told]] = deque()
        """Answers not yet delivered: filled by the client's thread, emptied by the window's."""
        self._came.connect(self._hand_out, Qt.ConnectionType.QueuedConnection)

    def add(self, query: Query) -> int:
        """Register a query; returns its id."""
        own_id = next(self._ids)
        self._queries[own_id] = query
        self._sources[own_id] = query.source
        self._uses[query.source] += 1
        return own_id

    def remove(self, own_id: int) -> None:
        """Forget a query and its requests."""
        if self._queries.pop(own_id, None) is None:
            return
        for asked in [asked for asked in self._asked if asked[0] == own_id]:
            self.client.cancel(self._asked.pop(asked))
        source = self._sources.pop(own_id)
        self._uses[source] -= 1
        if not self._uses[source]:
            del self._uses[source]
            self.client.release(source)

    def ask(self, own_id: int, key: str, request: Request[Any]) -> None:
        """Ask on behalf of a query."""
        if own_id not in self._queries:
            return

        def tell(told: Told) -> None:
            self._box.append((own_id, key, told))
            if len(self._box) == 1:
                self._came.emit()

        self._asked[own_id, key] = self.client.ask(request, tell, (own_id, key))

    def cancel(self, own_id: int, key: str) -> None:
        """Forget the request of a query under a key."""
        number = self._asked.pop((own_id, key), None)
        if number is not None:
            self.client.cancel(number)

    def _hand_out(self) -> None:
        until = time.perf_counter() + _SLICE
        while self._box:
            own_id, key, told = self._box.popleft()
            if self._asked.get((own_id, key)) == told.number:
                if not isinstance(told, Part):
                    del self._asked[own_id, key]
                _tell(self._queries[own_id], key, told)
            if time.perf_counter() > until:
                break
        if self._box:
            self._came.emit()


def _tell(query: Query, key: str, told: Told) -> None:
    if isinstance(told, Part):
        query.came_in_part.emit(key, told.value)
    elif isinstance(told, Done):
        query.answered.emit(key, told.value)
    else:
        assert isinstance(told, Failed)
        query.failed.emit(key, QueryError(told.reason))


_lock = threading.Lock()
_the_client: list[Client] = []
_the_service: list[_Service] = []


def _client() -> Client:
    with _lock:
        if not _the_client:
            _the_client.append(Client())
        return _the_client[0]


def _service() -> _Service:
    if not _the_service:
        _the_service.append(_Service())
    return _the_service[0]


def keep_spare() -> None:
    """Have a process ready for the next large source."""
    _client().keep_spare()


def close() -> None:
    """End all query processes; called last when the program ends."""
    _the_service.clear()
    while _the_client:
        _the_client.pop().close()


atexit.register(close)
