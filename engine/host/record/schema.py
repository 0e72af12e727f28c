"""The tables of run.db, the names of its states and statuses, and how they are stored."""

from __future__ import annotations

APPLICATION_ID = 0x504F4F4C
"""`PRAGMA application_id` of a run.db ("POOL")."""
VERSION = 3
"""`PRAGMA user_version` of a run.db; a reader refuses a newer one, and knows the older ones (`old`)."""

DB = "run.db"
JOB = "job.pool"
LOG = "run.log"
LOCK = "run.lock"
"""Locked by the host for its life, and removed by an orderly end."""
OUTPUT = "output.txt"
"""The output of the host, of the process that reads inputs, and of the server that forks workers."""
LANES = "output"
"""The folder of the workers' output: a file for each lane. No two workers that run at once share one."""
OBJECTS = "objects"
"""The folder for large data: a file for each process that wrote any."""
SPOOL = "inputs"
"""The folder for large inputs of a generator, while a task needs them."""
STDIN_FILE = "stdin"
"""The standard input of the command that began the run, if its inputs come from there."""

STATUSES = ("ok", "error", "timeout", "died", "memory", "unpicklable")
"""Outcomes of a task; `batch.statuses` holds one byte per task, an index into this tuple."""
OK, ERROR, TIMEOUT, DIED, MEMORY, UNPICKLABLE = range(len(STATUSES))
FAILURES = range(ERROR, UNPICKLABLE + 1)
"""The statuses of failed tasks: for each, `batch` has a column of that name with their number."""
KNOWN_STATUSES = bytes(range(len(STATUSES)))
CANCELLED = "cancelled"
"""The kind of an attempt that ended because the run was stopped; its task has no outcome."""
MISSING, RUNNING, WAITING = "missing", "running", "waiting"
"""Other statuses of unfinished tasks for readers: the last two during a run."""
MAIN = 0
"""The number of a script's main process among the workers."""
MOST_TASKS = 1 << 48
"""No run has this many."""

TABLES = """
CREATE TABLE fact (                    -- the run's own facts, JSON by name
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE stage (                   -- tasks that are calls of one function; a run of a job has one stage
    id INTEGER PRIMARY KEY,            -- 1 for the first
    name TEXT NOT NULL,                -- of the function
    file TEXT,                         -- where it is defined, or where it is called from
    line INTEGER,
    first INTEGER NOT NULL,            -- index of its first task
    started REAL                       -- seconds since the epoch, as all times are
);
CREATE TABLE batch (                   -- contiguous tasks that ended together; a task is in one row at most
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- grows, and is never used again when the row is taken out
    stage INTEGER NOT NULL,            -- stage.id
    worker INTEGER NOT NULL,           -- worker.id
    first INTEGER NOT NULL,            -- index of its first task
    count INTEGER NOT NULL,            -- how many tasks
    error INTEGER NOT NULL,            -- how many of them ended with each status that is no result
    timeout INTEGER NOT NULL,
    died INTEGER NOT NULL,
    memory INTEGER NOT NULL,
    unpicklable INTEGER NOT NULL,
    statuses BLOB,                     -- one byte a task: index into schema.STATUSES; NULL if all are ok
    stride INTEGER NOT NULL,           -- this many (very quick) tasks share an entry of starts and seconds
    start REAL NOT NULL,               -- when the first of them began,
    last_start REAL NOT NULL,          -- when the last of them began,
    end REAL NOT NULL,                 -- and when all were over, and their results kept
    starts BLOB,                       -- little-endian float32, seconds since start; NULL if it is one entry
    seconds BLOB NOT NULL,             -- little-endian float32: what a task took, without the keeping
    shortest REAL NOT NULL,            -- the least of seconds,
    longest REAL NOT NULL,             -- the greatest,
    longest_task INTEGER NOT NULL,     -- and the index of the task that took it
    -- A list in pieces is what pieces.py writes: pickles, free of globals, of 1024 items each (the last may
    -- have fewer), and behind them uint64, little-endian: where each begins, and how many they are. A column
    -- that is long is a text: file in the folder objects:offset:length.
    form TEXT,                         -- of vals: int32, int64 or float64, little-endian, an entry a task;
                                       -- none: all gave None, and vals is NULL; NULL: a list in pieces
    vals BLOB,                         -- what each task gave: a scalar or short text itself, anything else as
                                       -- display text in a tuple of one
    least REAL,                        -- of the values that are int or float (not NaN); NULL if none is, or
    greatest REAL,                     -- if the tasks were so quick that looking for it would take longer
    numbers BLOB,                      -- the values as little-endian float64, NaN for what is no int or
                                       -- float; NULL if none is one, or if form says that vals is just that
    objects BLOB,                      -- list in pieces, as those of vals: for each tuple there the full
                                       -- pickle as bytes, or (file in the folder objects, offset, length)
    log BLOB,                          -- where tasks wrote into run.log, little-endian int64 in threes: place
                                       -- of the task in this row, offset and length of lines that follow on
    prints BLOB,                       -- what tasks printed, in the file of their lane, int64 in fours: the
                                       -- place in this row of the first of some tasks, how many they are (it
                                       -- is not always known which of them printed), offset and length, as if
                                       -- nothing were left out of the file; tasks may lie outside of the row
    cpu REAL,                          -- seconds of processor time that the tasks took together; NULL if that
                                       -- is not known
    inputs BLOB                        -- if the job does not tell them: list in pieces as vals; a text may be
                                       -- longer by :begin, the place in the list of the first task's, or be
                                       -- the range of them as Python writes it: range(0, 5)
);
CREATE INDEX batch_first ON batch (first, count);
CREATE INDEX batch_failed ON batch (first) WHERE statuses IS NOT NULL;
CREATE TABLE text (                    -- texts of failures, each once
    id INTEGER PRIMARY KEY,            -- a hash of it
    text TEXT NOT NULL
);
CREATE TABLE failure (                 -- one row a failed attempt
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    attempt INTEGER NOT NULL,          -- 1 for the first
    kind TEXT NOT NULL,                -- one of schema.STATUSES but ok, or cancelled
    message INTEGER NOT NULL,          -- text.id
    traceback INTEGER,                 -- text.id; NULL if there is none
    ends INTEGER NOT NULL,             -- 1 if the message, and the end of its line, follow the traceback
    worker INTEGER NOT NULL,
    exit_code INTEGER,                 -- of the worker, if it died
    signal TEXT,                       -- name of the signal that killed it
    time REAL NOT NULL,
    log BLOB,                          -- where the attempt wrote into run.log, if its batch does not say so:
                                       -- little-endian int64 in twos, offset and length
    prints BLOB                        -- likewise what it printed, as in batch, places counted from the task
);
CREATE INDEX failure_task ON failure (task);
CREATE TABLE worker (
    id INTEGER PRIMARY KEY,            -- 1 for the first; 0 is the main process of a script
    lane INTEGER,                      -- output/LANE.txt has what it printed; NULL if there is no such file
    pid INTEGER NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    exit_code INTEGER,
    signal TEXT,
    last_task INTEGER
);
"""
ADDED = """
CREATE TABLE IF NOT EXISTS usage (     -- what worker processes took, looked at now and then; thinned out
    moment INTEGER,                    -- whole seconds since the epoch
    worker INTEGER,                    -- worker.id, the first one of its process
    memory INTEGER NOT NULL,           -- bytes that it occupied
    cpu REAL NOT NULL,                 -- seconds of processor time since it began
    PRIMARY KEY (moment, worker)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS event (     -- what happened to the run as a whole
    id INTEGER PRIMARY KEY,
    time REAL NOT NULL,
    kind TEXT NOT NULL                 -- one of schema.EVENTS; of many commits some are left out
);
CREATE TABLE IF NOT EXISTS at_hand (   -- while the run goes on: what workers are on, as it was at a commit
    worker INTEGER PRIMARY KEY,        -- of late; empty once it has ended
    task INTEGER NOT NULL,             -- it may have an outcome by now
    since REAL NOT NULL                -- about when the worker began it
);
"""
"""Missing in an older run.db, and added when its run is resumed; so is `batch.cpu`."""
LAUNCHED, ENDED, PAUSED, RESUMED, COMMIT = EVENTS = ("launched", "ended", "paused", "resumed", "commit")
"""Kinds of events: a host began or ended, paused or continued, committed rows."""
