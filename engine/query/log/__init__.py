"""Questions about logs: one file, or several as one.

    LogRef (files, how to read them) ─> Logs (open, indexed) ─> Rows (which lines, in which order) ─> pages

The result of a filter or a search stays here under the condition itself. So a request needs no handle, and a
process that replaces a dead one computes everything again. `reading` indexes, `looking` returns the visible
rows, `choosing` filters and searches, `seeking` finds places, `taking` copies,
`saving` writes files, `summing` counts, `belonging` knows the task of a line.
"""

from __future__ import annotations

from engine.query.log.belonging import LogTask, TaskOfLine
from engine.query.log.choosing import LogChosen, choosing
from engine.query.log.looking import COLUMNS, NO_PAGE, LogPage, LookAtLog, plain
from engine.query.log.reading import ChoicesForLog, LogChoices, LogFormat, LogState, ReadLog
from engine.query.log.saving import LogSaved, SaveLog
from engine.query.log.seeking import LogMarks, LogPlace, MarkLog, SeekInLog, Target
from engine.query.log.spec import NO_PATTERN, LogPattern, LogReading, LogRef, LogWanted
from engine.query.log.summing import CountOverTime, GroupLog, LogGroup, LogGroups, LogHistogram
from engine.query.log.taking import LINES, MESSAGES, RECORDS, LogText, TakeFromLog

__all__ = [
    "COLUMNS",
    "LINES",
    "MESSAGES",
    "NO_PAGE",
    "NO_PATTERN",
    "RECORDS",
    "ChoicesForLog",
    "CountOverTime",
    "GroupLog",
    "LogChoices",
    "LogChosen",
    "LogFormat",
    "LogGroup",
    "LogGroups",
    "LogHistogram",
    "LogMarks",
    "LogPage",
    "LogPattern",
    "LogPlace",
    "LogReading",
    "LogRef",
    "LogSaved",
    "LogState",
    "LogTask",
    "LogText",
    "LogWanted",
    "LookAtLog",
    "MarkLog",
    "ReadLog",
    "SaveLog",
    "SeekInLog",
    "TakeFromLog",
    "Target",
    "TaskOfLine",
    "choosing",
    "plain",
]
