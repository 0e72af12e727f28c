"""Jobs: what they are, and how they are saved.

    .pool file ── toml ──> Job ── toml ──> .pool file
                            ^
                schema: the keys, their defaults, what each accepts

`text` parses typed values, `parameters` the table `[parameters]`; `paths` makes a job mean the same from
anywhere, and `naming` derives its name. Whether its files and functions exist is checked by `engine.check`.
"""

from __future__ import annotations

from engine.job.model import (
    SEED_FORMAT,
    STDIN,
    TIMED_FORMAT,
    Function,
    Inputs,
    Job,
    JobError,
    Log,
    Parameter,
    Problem,
    Run,
    new_job,
)
from engine.job.naming import display_name, last_name
from engine.job.paths import pinned
from engine.job.schema import KEYS, KINDS, LEVELS, MODES, MOST_WORKERS, check_value
from engine.job.text import LiteralError, parse_inputs, parse_size, parse_value, parse_values, values_text
from engine.job.toml import dumps, load, loads, save

__all__ = [
    "KEYS",
    "KINDS",
    "LEVELS",
    "MODES",
    "MOST_WORKERS",
    "SEED_FORMAT",
    "STDIN",
    "TIMED_FORMAT",
    "Function",
    "Inputs",
    "Job",
    "JobError",
    "LiteralError",
    "Log",
    "Parameter",
    "Problem",
    "Run",
    "check_value",
    "display_name",
    "dumps",
    "last_name",
    "load",
    "loads",
    "new_job",
    "parse_inputs",
    "parse_size",
    "parse_value",
    "parse_values",
    "pinned",
    "save",
    "values_text",
]
