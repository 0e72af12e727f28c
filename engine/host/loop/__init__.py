"""The host's loop: what a run is made of while it goes on.

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

`loop` listens and looks around; `dispatch` decides which tasks go where (it starts and waits for
nobody); `crew` starts and ends workers; `ledger` keeps outcomes and retries; `counts` says what of
it is on the disk; `control` is what the app wants; `sizer` finds how long a batch should be.
"""
