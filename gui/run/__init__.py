"""Live runs and the queue, without widgets, except for the header.

           run                     begins              orders                orders
    page ───────> Sessions ──────────────────> Session ──────────> RunBridge ════════> host process
     ^            Scheduler: Queue, Shelf         │   <──────────  a QThread <════════
     │                                            │     signals,              JSON lines
     └──── changed, grew, ended, finished ────────┘     at most 20 a second   over a pipe

Results do not travel this way: `grew` only says that the run folder has more of them, and views read it.

`state` is the state of one live run, as plain data; `session` keeps it up to date and passes on requests;
`bridge` owns the host's handle in a separate thread; `sessions` has all runs of this window and begins those
that `scheduler` allows, in the order of `queue`, which `shelf` keeps on disk. `stand` reads the state of a
saved run.
"""
