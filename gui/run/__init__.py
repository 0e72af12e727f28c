"""The run in hand: from the form's job to a live run, its header and its controls."""

from __future__ import annotations
