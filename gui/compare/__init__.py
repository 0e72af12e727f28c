"""Compare: ways to run a job, measured side by side, with a chart and a verdict.

`thread` measures off the GUI thread, `model` is the table, `chart` the speed-up, `view` the whole pane.
"""
