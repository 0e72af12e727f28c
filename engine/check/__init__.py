"""Finds what is wrong with a job without running any of the user's code.

    Job ──> check ──> problems, each with the key of its field

`job` checks the function, the interpreter and the log; `inputs` looks at files of inputs; `parameters`
compares calls with the signature; `setup` checks the set-up. `engine/job/schema.py` defines which single
values are valid.
"""

from __future__ import annotations

from engine.check.job import check

__all__ = ["check"]
