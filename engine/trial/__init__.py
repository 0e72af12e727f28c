"""Tries a job on its first input, before its run.

    Job ──> a host with a limit of one task ──> its outcome ──> Trial: result, times, advice
                                                        └──> estimate: how long the whole run would take

After a failure, `advice` says what to do, and `packages` which package to install for a missing module.
"""

from __future__ import annotations

from engine.trial.estimate import Estimate
from engine.trial.trial import REFUSED, Trial, install_command, trial

__all__ = ["REFUSED", "Estimate", "Trial", "install_command", "trial"]
