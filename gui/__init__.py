"""The window: a Qt front end for the engine. It never runs, imports or unpickles user code.

    shell ──> pages ──> panes (form, document, trial, results, logs, workers, runs) ──> kit
      │                   │
      └── commands        └── run: the live runs, without widgets ──> engine.launch

`app` is the start. It loads only `job` and a few small modules of the engine. What opens a job, run or log
is imported when needed, so that the first frame does not wait for it (tests/gui/test_start.py).
"""
