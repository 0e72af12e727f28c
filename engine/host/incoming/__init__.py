"""Inputs on their way to the workers.

    known in advance:  job file ───────────────────────────────> queue ────┐
    read on the way:   file, generator ─> reader_process ─> streamed ──────┴─> batches for workers
                                           ^ controlled by reader (the handle)

`queue` cuts the inputs of the job file into batches; `streamed` does so with what the reader process has
sent, which the host passes on without opening it (`record/packs`). `comparison` checks whether a resumed run
reads the same inputs.
"""
