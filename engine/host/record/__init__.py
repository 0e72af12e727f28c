"""What is written into the run folder, and in what form.

    worker: values ── rows ──> host: store ── commits ──> run.db <── past, and the readers of engine/runs
              │                        └── texts                        (rows, pieces; old)
              └── objects ──> files

`schema` has the tables of run.db, `store` is its only writer, `commits` writes to disk beside the
loop. `values` turns results into columns, `display` makes the text that shows one, `rows` are the rows of
the table `batch`, `pieces` are lists that can be read in part, `objects` is where large ones go, `packs`
are columns of inputs, `arrays` handles numpy faster than pickle, `wire` is what travels between host and
workers, `plain` reads untrusted pickles. `past` answers questions of a resumed run, `old` reads earlier
versions and `rebuilt` converts them. `origin` records what produced the results.
"""
