"""Filters: conditions that combine, and whether a record meets them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property

from engine.log.formats.format import Fields, Format
from engine.log.record import RawRecord, exception_of
from engine.log.search import Pattern
from engine.log.times import Moment, microseconds


@dataclass(frozen=True, slots=True)
class Bound:
    """An end of a time span. Without an offset it is on the writers' clocks."""

    time: datetime

    @property
    def aware(self) -> bool:
        return self.time.tzinfo is not None

    @property
    def microseconds(self) -> int:
        return microseconds(self.time.astimezone(UTC) if self.aware else self.time)

    def of(self, moment: Moment) -> int:
        """A moment on the scale of this bound."""
        return moment.instant if self.aware else moment.wall


@dataclass(frozen=True)
class Filter:
    """Which records match: all conditions must hold; within one, any of its values."""

    level: int | None = None
    """The lowest level."""
    loggers: tuple[str, ...] = ()
    """Loggers, with their children."""
    processes: tuple[str, ...] = ()
    threads: tuple[str, ...] = ()
    tasks: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    since: Bound | None = None
    until: Bound | None = None
    lines: tuple[int, int] | None = None
    """The first and last lines, from 0; a record counts if any of its lines is among them."""
    every: tuple[Pattern, ...] = ()
    any: tuple[Pattern, ...] = ()
    none: tuple[Pattern, ...] = ()

    @cached_property
    def is_empty(self) -> bool:
        """Whether there are no conditions."""
        return self == Filter()

    @cached_property
    def fields_asked(self) -> bool:
        return bool(self.loggers or self.processes or self.threads or self.tasks or self.exceptions)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        return (*self.every, *self.any, *self.none)

    def marks(self, line: str) -> bool:
        """Whether a line contains a hit of one of the patterns."""
        wanted = (*self.every, *self.any)
        return not wanted or any(pattern.matches(line) for pattern in wanted)

    def fits_text(self, lines: Sequence[str]) -> bool:
        """Whether a record meets the patterns."""

        def found(pattern: Pattern) -> bool:
            return any(pattern.matches(line) for line in lines)

        return (
            all(found(pattern) for pattern in self.every)
            and (not self.any or any(found(pattern) for pattern in self.any))
            and not any(found(pattern) for pattern in self.none)
        )

    def fits_fields(self, fields: Fields, exception: str | None, task: int | None = None) -> bool:
        """Whether the conditions on fields are met."""
        return (
            _among(self.loggers, fields.logger, _is_child)
            and _among(self.processes, fields.process, _is_equal, fields.more.get("process_name"))
            and _among(self.threads, fields.thread, _is_equal, fields.more.get("tid"))
            and _among(self.tasks, fields.task, _is_equal, task)
            and _among(self.exceptions, exception, _is_class)
        )

    def fits(
        self,
        raw: RawRecord,
        form: Format | None,
        today: date,
        last: Moment | None = None,
        task: int | None = None,
    ) -> bool:
        """Whether one record matches: what `Chooser` computes for many at once.

        `last` is the time of the record above, which counts if this one has none, and `task` the one that
        wrote it according to the run, which counts as well.
        """
        known = form is not None
        if not known and (self.level is not None or self.since or self.until or self.fields_asked):
            return False
        if self.level is not None and raw.code & 7 < self.level:
            return False
        if not self.fits_lines(raw) or not self.fits_text(raw.lines):
            return False
        if not known or not (self.fields_asked or self.since or self.until):
            return True
        fields = form.fields(raw.lines, today)
        exception = exception_of(raw.lines, fields, form) if self.exceptions else None
        return self.fits_time(fields.time or last) and self.fits_fields(fields, exception, task)

    def fits_lines(self, raw: RawRecord) -> bool:
        if self.lines is None:
            return True
        return raw.line <= self.lines[1] and raw.line + len(raw.lines) > self.lines[0]

    def fits_time(self, moment: Moment | None) -> bool:
        """Whether a moment is within the span; a record without a time is not."""
        if moment is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since.of(moment) >= self.since.microseconds) and (
            self.until is None or self.until.of(moment) <= self.until.microseconds
        )


def _among(
    wanted: Sequence[str], value: object, same: Callable[[str, str], bool], other: object = None
) -> bool:
    if not wanted:
        return True
    return any(same(text, str(given)) for text in wanted for given in (value, other) if given is not None)


def _is_child(wanted: str, logger: str) -> bool:
    return logger == wanted or logger.startswith(f"{wanted}.")


def _is_equal(wanted: str, value: str) -> bool:
    return wanted == value


def _is_class(wanted: str, name: str) -> bool:
    """Whether an exception has this name, with or without its module."""
    return name == wanted or name.rsplit(".", 1)[-1] == wanted
