"""What is wrong with a job, as far as that is known without running any of the user's code.

    Job ──> check ──> problems, each with the key of its field

`job` checks the function, the interpreter and the log; `inputs` looks at files of inputs; `parameters`
compares calls with the signature; `setup` looks at the set-up. What a single value may be is said in
`engine/job/schema.py`.
"""

from __future__ import annotations

from engine.check.job import check

__all__ = ["check"]
