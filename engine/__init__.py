"""The engine: jobs, the host process and its workers, run folders and logs. No Qt in here.

    source ──> job ──> check ──> launch ══ pipe ══> host ──> workers
    (scripts)                                        │
                                       runs <── run folder ──> log

`syntax` reads Python without running it, `interpreters` finds Pythons, `inputs` and `trial` examine a job
before its run, `instance` connects starts of the app, and `cli` has the commands. The code in `host` runs
under the user's Python and imports nothing else from here. `environment` cleans what a program started by a
frozen app would inherit; it, `pythons`, `run_folders` and `script_plan` import next to nothing: a script
waits.
"""

from __future__ import annotations

__version__ = "0.1.0"
