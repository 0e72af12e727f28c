"""What the commands of a log do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.shell.open_pages import OpenPages

if TYPE_CHECKING:
    from gui.logs.view import LogView


class LogDoing:
    """Carries out commands on the log in front."""

    def __init__(self, pages: OpenPages) -> None:
        self._pages = pages

    @property
    def _view(self) -> LogView | None:
        return self._pages.current.log_view

    def find(self) -> None:
        """Let the person look for a text."""
        if self._view:
            self._view.narrowing.find_text()

    def next_hit(self) -> None:
        """Go to the next hit."""
        if self._view:
            self._view.narrowing.next_hit()

    def previous_hit(self) -> None:
        """Go to the hit before."""
        if self._view:
            self._view.narrowing.previous_hit()

    def filter(self) -> None:
        """Let the person say which records are shown."""
        if self._view:
            self._view.narrowing.filter()

    def show_saved(self, nth: int) -> None:
        """Apply one of the saved filters."""
        if self._view:
            self._view.show_saved(nth)

    def show_all(self) -> None:
        """Show all records again."""
        if self._view:
            self._view.narrowing.show_all()

    def clear_to_here(self) -> None:
        """Leave out what is above the line one is at."""
        if self._view:
            self._view.narrowing.clear_to_here()

    def go_to(self) -> None:
        """Let the person say where to go."""
        if self._view:
            self._view.go_to_bar.begin()

    def next_error(self) -> None:
        """Go to the next error."""
        if self._view:
            self._view.places.next_error()

    def previous_error(self) -> None:
        """Go to the error before."""
        if self._view:
            self._view.places.previous_error()

    def bookmark(self) -> None:
        """Mark the line one is at, or no longer."""
        if self._view:
            self._view.bookmarks.toggle()

    def note(self) -> None:
        """Let the person write a note to it."""
        if self._view:
            self._view.bookmarks.write()

    def next_bookmark(self) -> None:
        """Go to the next bookmark."""
        if self._view:
            self._view.places.bookmark()

    def previous_bookmark(self) -> None:
        """Go to the bookmark before."""
        if self._view:
            self._view.places.bookmark(back=True)

    def follow(self) -> None:
        """Keep at the end, or no longer."""
        if self._view:
            self._view.toggle_follow()

    def wrap(self) -> None:
        """Let long lines go on below, or not."""
        if self._view:
            self._view.looks.toggle_wrap()

    def columns(self) -> None:
        """Show records in columns, or lines as they are."""
        if self._view:
            self._view.looks.toggle_columns()

    def colors(self) -> None:
        """Show the colours that a program wrote, or not."""
        if self._view:
            self._view.looks.toggle_ansi()

    def deltas(self) -> None:
        """Show the time since the record above, or not."""
        if self._view:
            self._view.looks.toggle_deltas()

    def mark_time(self) -> None:
        """Count times from the line one is at, or again from the record above."""
        if self._view:
            self._view.looks.toggle_mark()

    def histogram(self) -> None:
        """Show records over time, or not."""
        if self._view:
            self._view.toggle_histogram()

    def groups(self) -> None:
        """Show which messages repeat."""
        if self._view:
            self._view.summing.group()

    def highlight(self) -> None:
        """Highlight the selected text, or no longer."""
        if self._view:
            self._view.narrowing.toggle_highlight()

    def open_place(self) -> None:
        """Open the file that the line one is at names."""
        if self._view:
            self._view.taking.open_place()

    def show_task(self) -> None:
        """Show the task that wrote the line one is at."""
        if self._view:
            self._view.belonging.show_task()

    def printed(self) -> None:
        """Show what workers printed among the records of the log, or the log alone."""
        if self._view:
            self._view.belonging.toggle_printed()

    def save(self) -> None:
        """Save what is selected or shown."""
        if self._view:
            self._view.taking.save()

    def merge(self) -> None:
        """Let the person choose logs to be shown with this one."""
        if self._view:
            self._view.add_files()

    def rotated(self) -> None:
        """Show the earlier parts of the log too."""
        if self._view:
            self._view.show_rotated()
