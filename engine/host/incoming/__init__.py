"""Inputs on their way to the workers.

    known beforehand:  job file ───────────────────────────────> queue ────┐
    read on the way:   file, generator ─> reader_process ─> streamed ──────┴─> batches for workers
                                           ^ asked by reader (the handle)

`queue` cuts what the job tells into batches; `streamed` does so with what the reader process has sent,
which the host hands on without opening it (`record/packs`). `comparison` says if a resumed run reads
other inputs.
"""
