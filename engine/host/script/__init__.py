"""A script as it is: its main part runs for real, and its pools use our workers.

    host ── starts ──> main process: the script, as __main__
     │  ^                  │ forks or spawns, as the script says
     │  │ tasks, results   v
     │  └──────────── pools, workers      each dials the host's socket, with a token
     v
    run.db

`inside` runs in the script's processes: it patches `multiprocessing.pool` below its API and runs tasks in
workers. `outside` runs in the host: it gives tasks to workers, passes results on to main, and records both.
`messages` defines the messages between them. A *unit* is what a pool submits at once: one call, or a chunk of
a map.
"""
