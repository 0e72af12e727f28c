"""Trying a job on its first input, before its run.

    Job ──> a host with a limit of one task ──> what came of it ──> Trial: result, times, advice
                                                        └──> estimate: how long the whole run would take

If it failed, `advice` says what to do about it, and `packages` which install a missing module asks for.
"""

from __future__ import annotations

from engine.trial.estimate import Estimate
from engine.trial.trial import REFUSED, Trial, install_command, trial

__all__ = ["REFUSED", "Estimate", "Trial", "install_command", "trial"]
