"""When tasks ran, and on which worker: lanes, drawn at any zoom.

- `spans` the rows of run.db by time, kept in memory; `entries` the tasks of some of them, read on demand
- `lanes` the lane of each worker; `marks` events of workers and tasks; `events` those of the whole run
- `stages` what was called, and when
- `density` how much of each pixel is covered; `drawing` one view; `timeline` combines everything
- `answers` the results, as plain data (without numpy)
"""
