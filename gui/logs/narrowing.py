"""Find and filter: connects their bars with the reader."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from PySide6.QtCore import QObject, Signal

from engine.query.log import NO_PATTERN, LogChosen, LogPattern, LogPlace, LogWanted
from gui.logs.area import LogArea
from gui.logs.filter_bar import FilterBar
from gui.logs.find_bar import FindBar
from gui.logs.highlights import Highlight, toggled
from gui.logs.places import Places
from gui.logs.reader import ALL, LogReader
from gui.logs.saved import filters, highlights, keep_highlights
from gui.settings.store import Settings

_LONGEST = 200
"""Longest selection that is used as a search text."""


class Narrowing(QObject):
    """Connects the two bars with the reader of the current log."""

    rows_changed = Signal()
    """The visible rows, or the hits in them, have changed."""
    highlights_changed = Signal()
    chosen_changed = Signal()
    """The filter or its progress has changed."""

    def __init__(
        self,
        area: LogArea,
        find_bar: FindBar,
        filter_bar: FilterBar,
        places: Places,
        settings: Settings,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._area, self._find, self._filter, self._places = area, find_bar, filter_bar, places
        self._settings = settings
        self._reader: LogReader | None = None
        area.highlights = highlights(settings)
        find_bar.pattern_changed.connect(self._look_for)
        find_bar.next_asked.connect(self.next_hit)
        find_bar.previous_asked.connect(self.previous_hit)
        find_bar.stop_asked.connect(self._stop)
        filter_bar.wanted_changed.connect(self._choose)
        places.arrived.connect(self._arrived)

    def read_by(self, reader: LogReader | None) -> None:
        """The view shows another log."""
        self._reader = reader
        if reader:
            reader.chosen_came.connect(self._chosen_came)
            reader.found_came.connect(self._found_came)
            reader.choose(self._filter.wanted)
            reader.find(self._find.pattern if self._find.isVisible() else NO_PATTERN)

    # find

    def find_text(self) -> None:
        """Let the user search; begin with the selection if it is within a line."""
        self._find.begin(self._selected_text())

    def _selected_text(self) -> str:
        span = self._area.selected
        if not span or span[0][0] != span[1][0]:
            return ""
        line = self._area.line(span[0][0]) or ""
        text = line[span[0][1] : span[1][1] if span[1][1] >= 0 else len(line)]
        return text if len(text) <= _LONGEST else ""

    def _look_for(self, pattern: LogPattern) -> None:
        self._area.hit = None
        if self._reader:
            if pattern.text:
                self._area.set_follow(False)
            self._reader.find(pattern)
            self.rows_changed.emit()

    def _stop(self) -> None:
        if self._reader:
            self._reader.stop_search()

    def next_hit(self) -> None:
        """Go to the next hit."""
        self._go_to_hit(back=False)

    def previous_hit(self) -> None:
        """Go to the previous hit."""
        self._go_to_hit(back=True)

    def _go_to_hit(self, *, back: bool) -> None:
        if self._find.isVisible():
            self._places.hit(back=back)
        else:
            self.find_text()

    def _arrived(self, name: str, place: LogPlace) -> None:
        if name != "hit":
            return
        row = self._area.shown.row(place.row)
        self._area.hit = (place.row, *(row.hits[0] if row and row.hits else (0, 0)))
        if self._reader and self._reader.found:
            self._find.count.setText(f"{place.nth:,} of {self._reader.found.count:,} lines")

    def _found_came(self, found: LogChosen) -> None:
        lines = "1 line" if found.count == 1 else f"{found.count:,} lines"
        text = lines if found.count else "Not found"
        self._find.count.setText(text if found.complete else f"{lines} … {found.share:.0%}")
        self.rows_changed.emit()
        if found.complete and found.count and self._area.hit is None and not self._area.follow:
            self._places.first_hit()

    # filter

    @property
    def filtered(self) -> bool:
        """Whether some records are hidden."""
        return self._reader is not None and self._reader.wanted != ALL

    @property
    def nothing_fits(self) -> bool:
        """Whether the filter matches nothing so far."""
        chosen = self._reader.chosen if self._reader else None
        return chosen is not None and chosen.complete and not chosen.rows

    def filter(self) -> None:
        """Let the user edit the filter."""
        self._filter.begin()

    def show_wanted(self, wanted: LogWanted) -> None:
        """Apply a filter."""
        self._filter.show()
        self._filter.show_wanted(wanted)

    def show_saved(self, nth: int) -> bool:
        """Apply a saved filter by its position; False if there is none."""
        kept = list(filters(self._settings).values())
        if nth >= len(kept):
            return False
        self.show_wanted(kept[nth])
        return True

    def include_text(self) -> None:
        """Show only records with the selected text, too."""
        if text := self._selected_text():
            self._filter.show()
            self._filter.add(text, without=False)

    def exclude_text(self) -> None:
        """Hide records with the selected text, too."""
        if text := self._selected_text():
            self._filter.show()
            self._filter.add(text, without=True)

    def include_found(self) -> None:
        """Show only records with what is searched for."""
        pattern = self._find.pattern
        if pattern.text and self._find.isVisible():
            self.show_wanted(replace(self._filter.wanted, every=(*self._filter.wanted.every, pattern)))

    def show_all(self) -> None:
        """Show all records again."""
        self._filter.close_bar()

    def show_span(self, since: str, until: str) -> None:
        """Show only the records of a time span."""
        self.show_wanted(replace(self._filter.wanted, since=since, until=until))

    def toggle_highlight(self) -> None:
        """Highlight the selected text in every log, or stop doing so."""
        if text := self._selected_text():
            self.keep_highlights(toggled(highlights(self._settings), text))

    def keep_highlights(self, kept: Sequence[Highlight]) -> None:
        """Highlight these texts from now on."""
        keep_highlights(self._settings, kept)
        self.read_highlights()

    def read_highlights(self) -> None:
        """Another log may have changed what is highlighted."""
        self._area.highlights = highlights(self._settings)
        self._area.viewport().update()
        self.highlights_changed.emit()

    def clear_to_here(self) -> None:
        """Hide everything above the current line."""
        row = self._area.current
        line, time = self._area.shown.number(row), self._area.shown.time(row)
        if line is None or not self._reader:
            return
        if self._reader.ref.by_time:
            if time is not None:
                clock = datetime(1970, 1, 1) + timedelta(microseconds=time)
                self.show_wanted(replace(self._filter.wanted, since=clock.isoformat()))
            return
        self.show_wanted(replace(self._filter.wanted, from_line=line, from_file=self._area.shown.file(row)))

    def _choose(self, wanted: LogWanted) -> None:
        if self._reader:
            self._places.keep()
            self._reader.choose(wanted)
            self._area.unselect()
            self._area.hit = None
            if wanted == ALL:
                self._places.come_back()
            self.rows_changed.emit()
        self.chosen_changed.emit()

    def _chosen_came(self, chosen: LogChosen) -> None:
        records = "1 record" if chosen.count == 1 else f"{chosen.count:,} records"
        self._filter.count.setText(records if chosen.complete else f"{records} … {chosen.share:.0%}")
        self.rows_changed.emit()
        if chosen.complete:
            self._places.come_back()
        self.chosen_changed.emit()
