"""The tables of run.db, the names of its states and statuses, and how they are stored."""

from __future__ import annotations

APPLICATION_ID = 0x504F4F4C
"""`PRAGMA application_id` of a run.db ("POOL")."""
VERSION = 2
"""`PRAGMA user_version` of a run.db; a reader refuses a newer one."""

DB = "run.db"
JOB = "job.pool"
LOG = "run.log"
LOCK = "run.lock"
"""Locked by the host for its life, and gone after an orderly end."""
OUTPUT = "output.txt"
OBJECTS = "objects"
"""Folder of what is large: a file for each process that wrote any, one piece behind the other."""
SPOOL = "inputs"
"""Folder of the large inputs of a generator, while a task needs them."""
STDIN_FILE = "stdin"
"""The standard input of the command that began the run, where its inputs are from there."""

STATUSES = ("ok", "error", "timeout", "died", "memory", "unpicklable")
"""Outcomes of a task; `batch.statuses` holds one byte a task, an index into this tuple."""
OK, ERROR, TIMEOUT, DIED, MEMORY, UNPICKLABLE = range(len(STATUSES))
CANCELLED = "cancelled"
"""Kind of an attempt that ended because the run was stopped; its task has no outcome."""

TABLES = """
CREATE TABLE IF NOT EXISTS fact (      -- the run's own facts, JSON by name
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (     -- contiguous tasks that ended together; a task is in one row at most
    id INTEGER PRIMARY KEY,
    first INTEGER NOT NULL,            -- index of its first task
    count INTEGER NOT NULL,
    worker INTEGER NOT NULL,           -- worker.id
    statuses BLOB NOT NULL,            -- one byte a task: index into schema.STATUSES
    stride INTEGER NOT NULL,           -- so many tasks share an entry of starts and ends (very quick ones)
    starts BLOB NOT NULL,              -- little-endian float64, seconds since the epoch
    ends BLOB NOT NULL,                -- likewise
    -- a column of the next ones that is long is a text: file in the folder objects:offset:length
    vals BLOB NOT NULL,                -- pickle, free of globals, of a list: a scalar or display text a task
    opaque BLOB,                       -- offsets (little-endian uint32) of the tasks that are display text
    objects BLOB,                      -- pickle, free of globals, of a list: their full pickles as bytes, or
                                       -- (file in the folder objects, offset, length) of those that are large
    inputs BLOB                        -- where the job does not tell them: pickled list of a scalar, or
                                       -- display text in a tuple of one, a task; a text may be longer by
                                       -- :begin, the place in the list of the first task's
);
CREATE TABLE IF NOT EXISTS failure (   -- one row a failed attempt
    id INTEGER PRIMARY KEY,
    task INTEGER NOT NULL,
    attempt INTEGER NOT NULL,          -- 1 for the first
    kind TEXT NOT NULL,                -- one of schema.STATUSES but ok, or cancelled
    message TEXT NOT NULL,
    traceback TEXT NOT NULL,
    worker INTEGER NOT NULL,
    exit_code INTEGER,                 -- of the worker, where it died
    signal TEXT,                       -- name of the signal that killed it
    time REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS failure_task ON failure (task);
CREATE TABLE IF NOT EXISTS worker (
    id INTEGER PRIMARY KEY,            -- 1 for the first
    pid INTEGER NOT NULL,
    started REAL NOT NULL,
    ended REAL,
    exit_code INTEGER,
    signal TEXT,
    last_task INTEGER
);
"""
