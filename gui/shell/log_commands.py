"""The commands of a log, and their menu."""

from __future__ import annotations

from gui.commands import Command
from gui.commands.menus import SEPARATOR, Item, Submenu
from gui.settings import SAVED_ON_KEYS
from gui.shell.log_doing import LogDoing

FLAGS = (
    "log.shown", "log.filtered", "log.wrapped", "log.columns", "log.colors", "log.deltas", "log.follow",
    "log.histogram", "log.rotated", "log.of_run", "log.printed", "log.with_printed", "log.hits",
)  # fmt: skip


def log_commands(do: LogDoing) -> list[Command]:
    """Commands on the front log, on a page of its own or of a run."""
    here = "log.shown"
    return [
        Command("log.find", "&Find…", do.find, "Ctrl+F", when=here, tip="Find a text, as you type"),
        Command("log.next_hit", "&Next hit", do.next_hit, "F3", when=here),
        Command("log.previous_hit", "&Previous hit", do.previous_hit, "Shift+F3", when=here),
        Command(
            "log.hits", "List the hits", do.hits, "Ctrl+Shift+L", checked="log.hits", when=here,
            tip="Show all lines with a hit below the log",
        ),
        Command("log.filter", "F&ilter…", do.filter, "Ctrl+L", when=here, tip="Show only some records"),
        *_saved(do),
        Command("log.all", "Show &all records", do.show_all, when="log.filtered"),
        Command(
            "log.clear", "Hide everything above", do.clear_to_here, when=here,
            tip="Show only what comes from this line on",
        ),
        Command(
            "log.go_to", "&Go to…", do.go_to, "Ctrl+G", when="log.shown and not results.shown",
            tip="Go to a line, a time or a part",
        ),
        Command("log.next_error", "Next &error", do.next_error, "F8", when=here),
        Command("log.previous_error", "P&revious error", do.previous_error, "Shift+F8", when=here),
        Command("log.bookmark", "&Bookmark", do.bookmark, "Ctrl+B", when=here, tip="Mark this line, or not"),
        Command("log.note", "Write a note…", do.note, "Ctrl+Shift+B", when=here, tip="Annotate this line"),
        Command("log.bookmarks", "All bookmarks…", do.bookmarks, when=here, tip="List them with their notes"),
        Command("log.next_bookmark", "Ne&xt bookmark", do.next_bookmark, "F2", when=here),
        Command("log.previous_bookmark", "Pre&vious bookmark", do.previous_bookmark, "Shift+F2", when=here),
        Command("log.follow", "F&ollow the end", do.follow, checked="log.follow", when=here),
        Command("log.wrap", "&Wrap lines", do.wrap, "W", checked="log.wrapped", when=here, scope="log"),
        Command("log.columns", "&Columns", do.columns, "C", checked="log.columns", when=here, scope="log"),
        Command(
            "log.colors", "Colours of the program", do.colors, checked="log.colors", when=here,
            tip="Show the colours that a program wrote for its terminal",
        ),
        Command(
            "log.deltas", "&Time since the line above", do.deltas, "T", checked="log.deltas",
            when=here, scope="log",
        ),
        Command(
            "log.mark_time", "Count times from &here", do.mark_time, "M", when=here, scope="log",
            tip="Show the time since this line, or again since the line above",
        ),
        Command(
            "log.histogram", "Records over time", do.histogram, "H", checked="log.histogram",
            when=here, scope="log",
        ),
        Command("log.groups", "Repeate&d messages…", do.groups, "G", when=here, scope="log"),
        Command("log.highlight", "High&light the selection", do.highlight, "L", when=here, scope="log"),
        Command(
            "log.highlights", "Highlights…", do.highlights, when=here,
            tip="Texts, each with a colour of its own",
        ),
        Command(
            "log.copy_records", "Copy records", do.copy_records, "R", when=here, scope="log",
            tip="Copy the selected records, whole",
        ),
        Command(
            "log.copy_messages", "Copy messages", do.copy_messages, "Shift+R", when=here, scope="log",
            tip="Copy the messages of the selected records",
        ),
        Command(
            "log.explain", "How the log is read…", do.explain, when=here,
            tip="The formats that were found, how sure that is, and lines that do not fit",
        ),
        Command(
            "log.open_place", "Open the file that the line names", do.open_place, "Ctrl+Return",
            when=here, scope="log",
        ),
        Command(
            "log.show_task", "Show the task of this line", do.show_task, "Ctrl+T",
            when="log.shown and log.of_run",
            tip="Go to the result of the task that wrote this line",
        ),
        Command(
            "log.printed", "With what workers printed", do.printed, checked="log.with_printed",
            when="log.shown and log.printed", tip="Show what workers printed among the records, by time",
        ),
        Command("log.merge", "&Merge with…", do.merge, when=here, tip="Show other logs with it, by time"),
        Command(
            "log.rotated", "Show rotated parts", do.rotated, when="log.rotated",
            tip="Show the earlier parts of the log with it, as one",
        ),
        Command("log.save", "&Save what is shown…", do.save, when=here, tip="Save the selection, or all"),
    ]  # fmt: skip


def _saved(do: LogDoing) -> list[Command]:
    """The first saved filters, which have keys."""
    return [
        Command(
            f"log.saved_{n}", f"Filter &{n}", lambda n=n: do.show_saved(n), f"Alt+{n}", when="log.shown",
            tip="Apply this one of the saved filters",
        )
        for n in range(1, SAVED_ON_KEYS + 1)
    ]  # fmt: skip


SAVED: list[Item] = [f"log.saved_{n}" for n in range(1, SAVED_ON_KEYS + 1)]
MENU: list[Item] = [
    "log.find", "log.next_hit", "log.previous_hit", "log.hits", SEPARATOR,
    "log.filter", Submenu("Saved filters", SAVED), "log.all", "log.clear", SEPARATOR,
    "log.go_to", "log.next_error", "log.previous_error", SEPARATOR,
    "log.bookmark", "log.note", "log.bookmarks", "log.next_bookmark", "log.previous_bookmark", SEPARATOR,
    "log.follow", "log.wrap", "log.columns", "log.colors", "log.deltas", "log.mark_time", SEPARATOR,
    "log.histogram", "log.groups", "log.highlight", "log.highlights", SEPARATOR,
    "log.merge", "log.rotated", "log.printed", "log.explain", SEPARATOR,
    "log.show_task", "log.open_place", "log.copy_records", "log.copy_messages", "log.save",
]  # fmt: skip
