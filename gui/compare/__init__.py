"""Compare: the ways to run a job measured beside each other, with a chart and the verdict.

`thread` measures off the GUI thread, `model` is the table, `chart` the speed-up, `view` all of it.
"""
