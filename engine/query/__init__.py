"""Processes that read run folders and logs for the window, so that its thread and interpreter lock stay free.

    view ── ask ──> Client ── frames over a pipe ──> Loop ── steps ──> Sources (run.db, logs, indexes)
      ^               │                               │
      └──── told ─────┘ <── parts, answers, errors ───┘── aside ──> a process that a cancel can end

A `Request` is a frozen dataclass that names its source and answers itself in steps. The process works on the
most urgent one for some milliseconds, then checks for new messages. Answers are dataclasses of numbers,
texts and bytes of arrays (`codec` defines the frame). Indexes stay there; views get counts and pages.

- `request` what a request is; `answer` computes one in the calling process, as the command line does
- `run` `rows` `arrange` `detail` `copying` `export` `summary` `timeline` `workers` `log` `output` `listing`
  and more: the requests themselves
- `client` `seat` `link` the asking side
- `process` `loop` `aside` `sources` `guard` the answering side, which `program` starts over a `pipe`

It imports no Qt, and nothing of what it opens is executed.
"""

from __future__ import annotations

from engine.query.client import Client
from engine.query.messages import Done, Failed, Part, Told
from engine.query.request import QueryError, Request, answer

__all__ = ["Client", "Done", "Failed", "Part", "QueryError", "Request", "Told", "answer"]
