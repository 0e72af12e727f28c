"""The job file behind the form: saving, undoing, presets, copies as code."""

from __future__ import annotations
