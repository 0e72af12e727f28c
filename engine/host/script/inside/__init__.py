"""What runs in a script's own processes: main, and whatever it forks or spawns.

    main.py       runs the script as __main__
    books.py      runs a notebook as __main__
    children.py   adopts the processes that it spawns
    state.py      where the host is
    patches.py    patches modules of the standard library as the script imports them
    logs.py       run.log, beside the script's own handlers
    traces.py     tracebacks without our frames
    sites.py      where a pool was called
    pools.py      multiprocessing.Pool, below its API
    link.py       a pool's end of the connection to the host
    results.py    results in main: those of `imap` that nobody has read yet wait in a file
    template.py   forks replacements for workers
    executors.py  concurrent.futures.ProcessPoolExecutor, over such a pool
    unsent.py     calls that cannot be pickled
    joblib.py     joblib's backends, over such a pool
    calls.py      a task of multiprocessing.pool as a unit
    pickling.py   how calls and results travel
    values.py     how a notebook's variables travel to a spawned process
    threads.py    ThreadPool and ThreadPoolExecutor, which are only recorded
    processes.py  Process, also only recorded
    recorded.py   reports them to the host
    worker.py     the life of a worker
    chunk.py      a chunk of a map; inputs as they are recorded
    chunks.py     runs the tasks of a chunk
    row.py        their results, as a row of run.db
    raised.py     what a task raises, as it travels
    stdout.py     what is printed
    prints.py     which tasks printed it
    stacks.py     the stacks of a worker, on request
    files.py      files of ours, on high descriptors
    tasks.py      runs units, and turns their results into answers and rows

Nothing is imported here before the script imports what it is for.
"""
