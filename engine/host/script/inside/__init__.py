"""What runs in a script's own processes: main, and whatever it forks or spawns.

    main.py       runs the script as __main__
    children.py   takes in what it spawns
    state.py      where the host is
    patches.py    patches modules of the standard library as the script imports them
    logs.py       run.log, beside the script's own handlers
    traces.py     tracebacks without our frames
    sites.py      where a pool was called from
    pools.py      multiprocessing.Pool, below its API
    link.py       a pool's end of the connection to the host
    template.py   forks workers that take the place of others
    executors.py  concurrent.futures.ProcessPoolExecutor, over such a pool
    joblib.py     joblib's backends, over such a pool
    calls.py      a task of multiprocessing.pool as a unit
    pickling.py   how calls and results travel
    threads.py    ThreadPool and ThreadPoolExecutor, which are only recorded
    processes.py  and so is Process
    recorded.py   tells the host of them
    worker.py     the life of a worker
    chunk.py      a chunk of a map; inputs as they are recorded
    chunks.py     runs the tasks of a chunk
    row.py        what they gave, as a row of run.db
    raised.py     what a task raises, as it travels
    stdout.py     what is printed
    stacks.py     what a worker is on, if it is asked
    tasks.py      runs units, and makes answers and rows of what they give

Nothing is imported here before the script imports what it is for.
"""
