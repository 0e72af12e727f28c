"""Logs in CSV: a record is a row, and what its columns are is said by a header or by what they hold."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from engine.log import levels
from engine.log.exceptions import exception_in
from engine.log.formats.format import NOT_A_START, Fields, number, read_any_time
from engine.log.formats.naming import Namer, are_loggers
from engine.log.formats.structured import Paths

_DELIMITERS = (",", ";", "\t")
_LEAST_COLUMNS = 3
_LEAST_ROWS = 3
_SHARE = 0.8
"""Share of the lines that must have as many columns as most."""
_ALIKE = 0.9
"""Share of the values of a column that must be times, or levels, for it to be the time or the level."""
_MOST_LINES = 300
_QUOTED = re.compile(r'(?:^|[,;\t])"(?:[^"]|"")*"(?=[,;\t]|$)')
_ESCAPED = re.compile(r'(?:^|(?P<mark>[,;\t]))"(?:[^"]|"")*(?:""|(?P=mark))(?:[^"]|"")*"(?=[,;\t]|$)')
"""A column whose quotes are needed."""
_TITLES = {
    # of Windows' event logs and of PostgreSQL, spelled without blanks, dashes and case
    "time": ("timecreated", "dateandtime", "timegenerated", "clocktime", "eventtime"),
    "level": ("leveldisplayname", "entrytype", "errorseverity"),
    "logger": ("providername", "source", "sourcename", "applicationname", "module"),
    "message": ("description", "details"),
    "process": ("processid", "pid"),
    "thread": ("threadid", "tid"),
    "task": (),
    "exception": (),
}


@dataclass(frozen=True)
class CsvFormat:
    """Rows of columns whose roles are known by their places."""

    delimiter: str
    columns: int
    roles: Mapping[str, int]
    """The place of `time`, `level`, `message` and the other fields."""
    name: str = "csv"
    text: str = "CSV"
    rank: int = 20
    titles: Sequence[str] = field(default=())

    @cached_property
    def is_late(self) -> bool:
        """Whether time or level may be in a later line: behind a message that has several."""
        message = self.roles.get("message", self.columns)
        return any(self.roles.get(role, -1) > message for role in ("time", "level"))

    def level(self, line: str) -> int:
        row = self._row([line])
        if row and self.is_late and line.count('"') % 2:  # the end of a message with several lines
            return NOT_A_START
        known = self.columns if row else self.roles.get("message", 0)
        row = row or self._begun(line)
        if row is None:
            return NOT_A_START
        if (at := self.roles.get("time")) is not None and at < known and not _is_time(row[at]):
            return NOT_A_START
        if (at := self.roles.get("level")) is None or at >= known:
            return levels.NONE
        if "time" not in self.roles and not levels.is_level(row[at]):
            return NOT_A_START
        return levels.level_of(row[at])

    def late_level(self, line: str, nth: int) -> int:
        """The level in a line that ends a message with several, `NOT_A_START` if it does not."""
        at, message = self.roles.get("level", -1), self.roles.get("message", self.columns)
        if at < message or line.count('"') % 2 == 0:
            return NOT_A_START
        row = _cells([f'"{line}'], self.delimiter)
        is_end = len(row) == self.columns - message and levels.is_level(row[at - message])
        return levels.level_of(row[at - message]) if is_end else NOT_A_START

    def fields(self, lines: Sequence[str], today: date) -> Fields:
        row = self._row(lines)
        if row is None:
            return Fields(message="\n".join(lines))
        said = {role: row[at].strip() for role, at in self.roles.items()}
        made = Fields(message=row[self.roles["message"]] if "message" in self.roles else "", whole=True)
        made.time = read_any_time(said["time"], today) if "time" in said else None
        if text := said.get("level"):
            made.level, made.level_text = levels.level_of(text), text
        made.logger = said.get("logger") or None
        made.process, made.thread = number(said.get("process")), number(said.get("thread"))
        made.task = number(said.get("task")) or None
        made.exception = said.get("exception") or exception_in("\n".join(lines).split("\n")[1:])
        titles = self.titles or [f"column {n}" for n in range(1, self.columns + 1)]
        taken = set(self.roles.values())
        made.more = {
            title: row[n] for n, title in enumerate(titles) if n not in taken and n < len(row) and row[n]
        }
        return made

    def _row(self, lines: Sequence[str]) -> list[str] | None:
        """The columns of a row, which may go over several lines; None if there are too few."""
        if self.roles.get("message") != self.columns - 1:
            row = _cells(lines, self.delimiter)
            return row if len(row) == self.columns else None
        text = "\n".join(lines)
        head = self._head.match(text)
        if head is None:
            return None
        row = _cells([text[: head.end() - 1]], self.delimiter)
        return [*row, _last(text[head.end() :])] if len(row) == self.columns - 1 else None

    def _begun(self, line: str) -> list[str] | None:
        """The columns of a row whose message goes on in the line below."""
        row = _cells([line], self.delimiter)
        message = self.roles.get("message", -1)
        if line.count('"') % 2 == 0 or len(row) != message + 1 or (not message and line[:1] != '"'):
            return None
        return row + [""] * (self.columns - len(row))

    @cached_property
    def _head(self) -> re.Pattern[str]:
        """The columns in front of the message."""
        end = re.escape(self.delimiter)
        return re.compile(rf'(?:(?:"(?:[^"]|"")*"|[^"{end}][^{end}]*|){end}){{{self.columns - 1}}}')


_IN_QUOTES = re.compile(r'"((?:.*?[^"])?(?:"")*)"[ \t]*(?:\n|\Z)', re.DOTALL)


def _last(text: str) -> str:
    """A message that is the last column; quotes in it may not have been doubled."""
    found = _IN_QUOTES.match(text)
    return found[1].replace('""', '"') if found else text


def infer_rows(lines: Sequence[str], today: date) -> list[CsvFormat]:
    """The format of lines that are rows with quoted columns, or with titles above them, if they are."""
    lines = [line for line in lines[:_MOST_LINES] if line.strip() and not line.startswith("#")]
    whole = [line for line in lines if line.count('"') % 2 == 0]
    lines = whole if len(whole) >= _LEAST_ROWS else lines  # rows that go over several lines tell nothing
    for delimiter in _DELIMITERS:
        rows = [_cells([line], delimiter) for line in lines if delimiter in line]
        counts = Counter(map(len, rows))
        columns = counts.most_common(1)[0][0] if counts else 0
        if columns < _LEAST_COLUMNS:
            continue
        titles = _titles(rows[:1], columns)
        quoted = sum(bool(_QUOTED.search(line)) for line in lines)
        escaped = any(_ESCAPED.search(line) for line in lines)
        if not titles and not escaped and quoted < 0.3 * len(lines):
            continue
        kept = [row for row in rows[bool(titles) :] if len(row) == columns]
        if not kept or len(kept) < _SHARE * len([row for row in rows if len(row) >= columns]):
            continue
        roles = _roles(kept, titles, today)
        if "time" in roles or "level" in roles:
            text = "CSV: " + delimiter.join(titles or _described(roles, columns))
            return [CsvFormat(delimiter, columns, roles, text=text, titles=tuple(titles))]
    return []


def _cells(lines: Sequence[str], delimiter: str) -> list[str]:
    ended = [f"{line}\n" for line in lines[:-1]] + [lines[-1]]
    try:
        return next(csv.reader(ended, delimiter=delimiter))
    except (csv.Error, StopIteration):  # a column that is too long, or a blank line
        return []


def _titles(rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """The titles of the columns, if the first row has some."""
    if not rows or len(rows[0]) != columns or not all(re.match(r"[A-Za-z@_]", cell) for cell in rows[0]):
        return []
    titles = [cell.strip() for cell in rows[0]]
    known = [title for title in titles if _role_of(title)]
    return titles if len(set(titles)) == columns and len(known) >= 2 else []


def _role_of(title: str) -> str | None:
    squeezed = re.sub(r"[\s_-]", "", title).lower()
    for role, names in vars(Paths()).items():
        if title in names or title.lower() in names or squeezed in _TITLES[role]:
            return role
    return None


def _roles(rows: Sequence[Sequence[str]], titles: Sequence[str], today: date) -> dict[str, int]:
    """The place of each field, by the titles, or else by what is in the columns."""
    roles: dict[str, int] = {}
    for n, title in enumerate(titles):
        if role := _role_of(title):
            roles.setdefault(role, n)
    columns = [[row[n].strip() for row in rows] for n in range(len(rows[0]))]
    taken = set(roles.values())
    for n, values in enumerate(columns):
        said = [value for value in values if value]
        if n in taken or not said:
            continue
        role = _role_of_values(said, today, titled=bool(titles))
        if role and role not in roles:
            roles[role] = n
            taken.add(n)
    if "time" in roles and not _are_times(columns[roles["time"]], today):
        del roles["time"]
    if "level" in roles and not _mostly([levels.is_level(value) for value in columns[roles["level"]]]):
        del roles["level"]
    free = [n for n in range(len(columns)) if n not in taken]
    if "message" not in roles and free:
        roles["message"] = max(free, key=lambda n: (sum(map(len, columns[n])), n))
    return roles


def _role_of_values(values: Sequence[str], today: date, *, titled: bool) -> str | None:
    if _are_times(values, today):
        return "time"
    if _mostly([levels.is_level(value) and not value.isdecimal() for value in values]):
        return "level"
    if titled:
        return None
    kind = Namer().name(values, "")
    if kind in ("process", "thread"):
        return kind
    few = len(set(values)) <= max(1, len(values) // 4)
    if kind in ("pid", "tid"):
        return "process" if few else None
    if kind == "logger" and ((few and len(set(values)) > 1) or are_loggers(values)):
        return "logger"
    return None


def _are_times(values: Sequence[str], today: date) -> bool:
    return _mostly([read_any_time(value, today) is not None for value in values])


def _mostly(facts: Sequence[bool]) -> bool:
    return bool(facts) and sum(facts) >= _ALIKE * len(facts)


def _is_time(text: str) -> bool:
    return any(char.isdigit() for char in text) and len(text.strip()) >= len("11:58")


def _described(roles: Mapping[str, int], columns: int) -> list[str]:
    names = {n: role for role, n in roles.items()}
    return [names.get(n, f"column {n + 1}") for n in range(columns)]
