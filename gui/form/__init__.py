"""The form: sections Function, Inputs, Pool and Log, mapped from and to a job."""

from __future__ import annotations

from gui.form.form import Form

__all__ = ["Form"]
