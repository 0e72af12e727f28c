"""What the commands of a log do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.shell.open_pages import OpenPages

if TYPE_CHECKING:
    from gui.logs.view import LogView


class LogDoing:
    """Carries out commands on the front log."""

    def __init__(self, pages: OpenPages) -> None:
        self._pages = pages

    @property
    def _view(self) -> LogView | None:
        return self._pages.current.log_view

    def find(self) -> None:
        """Let the user search for a text."""
        if self._view:
            self._view.narrowing.find_text()

    def next_hit(self) -> None:
        """Go to the next hit."""
        if self._view:
            self._view.narrowing.next_hit()

    def previous_hit(self) -> None:
        """Go to the previous hit."""
        if self._view:
            self._view.narrowing.previous_hit()

    def hits(self) -> None:
        """List the hits, or stop doing so."""
        if self._view:
            self._view.toggle_hits()

    def filter(self) -> None:
        """Let the user edit the filter."""
        if self._view:
            self._view.narrowing.filter()

    def show_saved(self, nth: int) -> None:
        """Apply a saved filter."""
        if self._view:
            self._view.show_saved(nth)

    def show_all(self) -> None:
        """Show all records again."""
        if self._view:
            self._view.narrowing.show_all()

    def clear_to_here(self) -> None:
        """Hide what is above the current line."""
        if self._view:
            self._view.narrowing.clear_to_here()

    def go_to(self) -> None:
        """Let the user say where to go."""
        if self._view:
            self._view.go_to_bar.begin()

    def next_error(self) -> None:
        """Go to the next error."""
        if self._view:
            self._view.places.next_error()

    def previous_error(self) -> None:
        """Go to the previous error."""
        if self._view:
            self._view.places.previous_error()

    def bookmark(self) -> None:
        """Set or remove a bookmark on the current line."""
        if self._view:
            self._view.bookmarks.toggle()

    def note(self) -> None:
        """Let the user write a note on the current line."""
        if self._view:
            self._view.bookmarks.write()

    def bookmarks(self) -> None:
        """Show all bookmarks."""
        if self._view:
            self._view.windows.bookmarks()

    def next_bookmark(self) -> None:
        """Go to the next bookmark."""
        if self._view:
            self._view.places.bookmark()

    def previous_bookmark(self) -> None:
        """Go to the previous bookmark."""
        if self._view:
            self._view.places.bookmark(back=True)

    def follow(self) -> None:
        """Stay at the end, or stop doing so."""
        if self._view:
            self._view.toggle_follow()

    def wrap(self) -> None:
        """Wrap long lines, or not."""
        if self._view:
            self._view.looks.toggle_wrap()

    def columns(self) -> None:
        """Show record fields in columns, or lines as they are."""
        if self._view:
            self._view.looks.toggle_columns()

    def colors(self) -> None:
        """Show or hide the colours that a program wrote."""
        if self._view:
            self._view.looks.toggle_ansi()

    def deltas(self) -> None:
        """Show or hide the time since the record above."""
        if self._view:
            self._view.looks.toggle_deltas()

    def mark_time(self) -> None:
        """Count times from the current line, or again from the record above."""
        if self._view:
            self._view.looks.toggle_mark()

    def histogram(self) -> None:
        """Show or hide the histogram."""
        if self._view:
            self._view.toggle_histogram()

    def groups(self) -> None:
        """Show which messages repeat."""
        if self._view:
            self._view.summing.group()

    def highlight(self) -> None:
        """Highlight the selected text, or stop doing so."""
        if self._view:
            self._view.narrowing.toggle_highlight()

    def highlights(self) -> None:
        """Let the user edit what is highlighted."""
        if self._view:
            self._view.windows.highlights()

    def explain(self) -> None:
        """Show how the log is read."""
        if self._view:
            self._view.explain()

    def copy_records(self) -> None:
        """Copy the selected records."""
        if self._view:
            self._view.taking.copy_records()

    def copy_messages(self) -> None:
        """Copy the messages of the selected records."""
        if self._view:
            self._view.taking.copy_messages()

    def open_place(self) -> None:
        """Open the file that the current line names."""
        if self._view:
            self._view.taking.open_place()

    def show_task(self) -> None:
        """Show the task that wrote the current line."""
        if self._view:
            self._view.belonging.show_task()

    def printed(self) -> None:
        """Mix what workers printed into the log, or show the log alone."""
        if self._view:
            self._view.belonging.toggle_printed()

    def save(self) -> None:
        """Save the selection or what is shown."""
        if self._view:
            self._view.taking.save()

    def merge(self) -> None:
        """Let the user choose logs to show together with this one."""
        if self._view:
            self._view.add_files()

    def rotated(self) -> None:
        """Show the earlier (rotated) parts of the log too."""
        if self._view:
            self._view.show_rotated()
