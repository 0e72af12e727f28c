"""Trying a job on its first input, before its run."""

from __future__ import annotations

from engine.trial.estimate import Estimate
from engine.trial.trial import REFUSED, Trial, install_command, trial

__all__ = ["REFUSED", "Estimate", "Trial", "install_command", "trial"]
