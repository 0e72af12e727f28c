"""When tasks ran, and on which worker: lanes, drawn at any zoom.

- `spans` the rows of run.db by time, kept in memory; `entries` the tasks of some of them, read when needed
- `lanes` where each worker stands; `marks` what happened to them besides their tasks; `events` to the run
- `stages` what was called, and when
- `density` how much of each pixel is covered; `drawing` one view; `timeline` puts it all together
- `answers` what comes out, as plain data (without numpy)
"""
