"""Backends for joblib before 1.5, whose methods have other names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from engine.host.script.inside import joblib


class OldLoky:
    def apply_async(self, function: Any, callback: Any = None) -> Any:
        return self.wrap_future_result((function, callback))

    @staticmethod
    def wrap_future_result(future: Any) -> Any:
        return future


class OldMultiprocessing:
    pass


def test_backends_have_the_methods_of_their_version() -> None:
    backends = SimpleNamespace(LokyBackend=OldLoky, MultiprocessingBackend=OldMultiprocessing)
    backend = joblib._multiprocessing(backends)()  # pyright: ignore[reportPrivateUsage]
    assert backend.apply_async("f", callback="done") == ("f", "done")
    assert not hasattr(backend, "submit")


def test_files_of_arrays_are_removed() -> None:
    done: list[str] = []

    class OldManager:
        def _unregister_temporary_resources(self) -> None:
            done.append("unregistered")

        def _try_delete_folder(self, allow_non_empty: bool) -> None:
            done.append(f"deleted {allow_non_empty}")

    joblib._remove_files(OldManager())  # pyright: ignore[reportPrivateUsage]
    assert done == ["unregistered", "deleted True"]
