"""The window: a Qt front end that imports the engine, and never runs, imports or unpickles user code.

    shell ──> pages ──> panes (form, document, trial, results, logs, workers, runs) ──> kit
      │                   │
      └── commands        └── run: the live runs, without widgets ──> engine.launch

`app` is the start. Of the engine it loads `job` and a few small modules. What opens a job, a run or a log is
imported when that happens, so the first frame waits for none of it (tests/gui/test_start.py).
"""
