"""The display texts of values as the rows of run.db store them."""

from __future__ import annotations

from typing import Any, cast

from engine.host.record.display import display, display_all


def shown(kept: Any) -> str:
    """The display text of a row's entry: the entry itself, or the text in its tuple."""
    if type(kept) is tuple:
        text = cast("tuple[Any, ...]", kept)[:1]
        return text[0] if text and type(text[0]) is str else display(kept)
    return display(kept)


def all_shown(kept: list[Any]) -> list[str]:
    """`shown` for each."""
    kinds = set(map(type, kept))
    if kinds == {tuple} and set(map(len, kept)) == {1}:
        texts = [text for (text,) in kept]
        if set(map(type, texts)) == {str}:
            return texts
    return list(map(shown, kept)) if tuple in kinds else display_all(kept)
