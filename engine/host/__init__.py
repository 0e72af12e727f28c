"""The code that runs under the user's interpreter: host and workers. Standard library only, Python 3.9+.

    boot ──> main ──> loop ── batches ──> processes ──> work (in the workers)
                       │ ^                               │
             incoming ─┘ └────────── outcomes ───────────┘
                       └──> record: the run folder

Imports only go downwards; `loop` has its own diagram. `system` has what differs between systems.
"""
