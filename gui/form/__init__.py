"""The form: sections Function, Inputs, Pool and Log, mapped from and to a job.

    Job ── set_job ──> Section.fill ──> rows of fields ── changed(key) ──> Form ── changed ──> page
     ^                                                                      │
     └───────────────────────────────── Form.job ───────────────────────────┘

A key such as `run.workers` names a field everywhere: in the job file, in a `Problem` and in `Section.rows`.
Problems come back through `show_problems` and appear below their fields.
"""

from __future__ import annotations

from gui.form.form import Form

__all__ = ["Form"]
