"""The host's loop: the parts of a run while it is active.

One thread, which waits in one place (`Selector.wait`) and nowhere else:

        app ── commands ──> control ─┐                     ┌─ stacks: "where is it now?"
         ^                           v                     v
         └── progress ─── counts   loop ── callbacks ─── selector
                            ^        │                     ^  ^  ^
    run.db <── commits ── ledger <───┤ results             │  │  └─ reader of inputs
                                     v                     │  └──── ends of processes (pidfd)
               queue ── batches ─> dispatch ── give ──> workers' channels
                                     ^
               crew ── starts and buries workers; their orphans

`loop` listens and checks; `dispatch` decides which tasks go where (it starts nobody and waits for
nobody); `crew` starts and ends workers; `ledger` keeps outcomes and retries; `counts` counts what
is on disk; `control` has the app's requests; `sizer` finds how long a batch should be.
"""
