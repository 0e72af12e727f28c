"""Log files of any size: where their lines are."""

from __future__ import annotations

from engine.log.index import LogIndex

__all__ = ["LogIndex"]
