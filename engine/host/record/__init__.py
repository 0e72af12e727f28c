"""What is written into the run folder, and in which form.

    worker: values ── rows ──> host: store ── commits ──> run.db <── past, and the readers of engine/runs
              │                        └── texts                        (rows, pieces; old)
              └── objects ──> files

`schema` has the tables of run.db, `store` is its one writer, `commits` brings it to the disk beside the
loop. `values` turns results into columns, `display` makes the text that shows one, `rows` are the rows of
the table `batch`, `pieces` are lists of which a part can be read, `objects` is where large ones go, `packs`
are columns of inputs, `arrays` what is quicker for numpy than pickle, `wire` what travels between host and
workers, `plain` reads pickles from anywhere. `past` is what a resumed run asks, `old` reads earlier versions
and `rebuilt` makes them today's. `origin` says what made the results.
"""
