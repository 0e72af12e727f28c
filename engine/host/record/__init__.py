"""What is written into the run folder, and in which form.

`schema` has the tables of run.db, `store` is its one writer, `commits` brings it to the disk beside the
loop. `values` turns a result into what is kept, `objects` is where large ones go, `packs` are columns of
inputs, `arrays` what is quicker for numpy than pickle, `wire` what travels between host and workers.
"""
