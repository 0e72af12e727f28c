"""Trying a job on its first input, before its run."""

from __future__ import annotations

from engine.trial.estimate import Estimate
from engine.trial.trial import REFUSED, Trial, trial

__all__ = ["REFUSED", "Estimate", "Trial", "trial"]
