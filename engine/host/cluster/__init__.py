"""Workers on other machines, provided by a Dask cluster.

    host                                     │ machine of a Dask worker
                                             │
    loop ── crew ── worker ── link ── Dask ──┼── agent ── station ── processes of the local kind
                                             │

`link` is the only module that knows Dask: it submits batches and asks questions. `agent` runs in a Dask
worker: it starts the station, passes messages on, and ends the station if the run is gone. `station` is a
process of its own with the same workers as a local pool, so user code meets nothing new, and time limits,
crashes and output are handled where they happen. `shipment` brings the engine and the user's code there.
The loop sees `worker` and `crew`: each thread of a Dask worker is a lane.

An answer contains events of workers, numbered because answers may overtake each other.
"""
