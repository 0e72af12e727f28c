"""Live runs, without widgets, and the queue of those to come; the header is the one exception.

           run                     begins              orders                orders
    page ───────> Sessions ──────────────────> Session ──────────> RunBridge ════════> host process
     ^            Scheduler: Queue, Shelf         │   <──────────  a QThread <════════
     │                                            │     signals,              JSON lines
     └──── changed, grew, ended, finished ────────┘     at most 20 a second   over a pipe

Results do not come this way: `grew` only says that the run folder has more of them, and views read it.

`state` is how one live run stands, as plain data; `session` keeps it up to date and passes on what is asked
of the run; `bridge` owns the host's handle in a separate thread; `sessions` has all runs of this window,
and begins what `scheduler` lets begin, by the order of `queue`, which `shelf` keeps on disk. `stand` reads
how a saved run stands.
"""
