"""The engine: jobs, the host process and its workers, run folders and logs. No Qt anywhere in it.

    source ──> job ──> check ──> launch ══ pipe ══> host ──> workers
    (scripts)                                        │
                                       runs <── run folder ──> log

`syntax` reads Python without running it, `interpreters` finds Pythons, `inputs` and `trial` look at a job
before its run, `instance` links starts of the app, and `cli` are the commands. What is in `host` runs under
the user's Python and imports nothing of the rest.
"""

from __future__ import annotations

__version__ = "0.1.0"
