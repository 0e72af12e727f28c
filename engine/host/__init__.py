"""What runs under the user's interpreter: host and workers. Standard library only, Python 3.9+.

    boot ──> main ──> loop ── batches ──> processes ──> work (in the workers)
                       │ ^                               │
             incoming ─┘ └────────── outcomes ───────────┘
                       └──> record: the run folder

Imports run downwards only; `loop` draws itself. `system` is where the systems differ.
"""
