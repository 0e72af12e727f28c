"""Workers on other machines, which a Dask cluster lends.

    host                                     │ machine of a Dask worker
                                             │
    loop ── crew ── worker ── link ── Dask ──┼── agent ── station ── processes of the local kind
                                             │

`link` is the only module that knows Dask: it submits batches and asks questions. `agent` is what runs in
a Dask worker: it starts the station, passes on what comes, and ends it if the run is gone. `station` is a
process of its own with workers as the local pool has them, so user code meets nothing new, and time limits,
crashes and output are dealt with where they happen. `shipment` takes the engine and the person's code there.
`worker` and `crew` are what the loop sees: each thread of a Dask worker is a lane.

An answer carries events of workers, numbered, since answers may overtake each other.
"""
