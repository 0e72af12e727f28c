"""What a person can do with a log: its commands, and their menu."""

from __future__ import annotations

from gui.commands import Command
from gui.commands.menus import SEPARATOR, Item
from gui.shell.log_doing import LogDoing

FLAGS = (
    "log.shown", "log.filtered", "log.wrapped", "log.columns", "log.colors", "log.deltas", "log.follow",
    "log.histogram", "log.rotated",
)  # fmt: skip


def log_commands(do: LogDoing) -> list[Command]:
    """Those of the log in front, on a page of its own or of a run."""
    here = "log.shown"
    return [
        Command("log.find", "&Find…", do.find, "Ctrl+F", when=here, tip="Find a text, as you type"),
        Command("log.next_hit", "&Next hit", do.next_hit, "F3", when=here),
        Command("log.previous_hit", "&Previous hit", do.previous_hit, "Shift+F3", when=here),
        Command("log.filter", "F&ilter…", do.filter, "Ctrl+L", when=here, tip="Show only some records"),
        Command("log.all", "Show &all records", do.show_all, when="log.filtered"),
        Command(
            "log.clear", "Leave out everything above", do.clear_to_here, when=here,
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
            "log.open_place", "Open the file that the line names", do.open_place, "Ctrl+Return",
            when=here, scope="log",
        ),
        Command("log.merge", "&Merge with…", do.merge, when=here, tip="Show other logs with it, by time"),
        Command(
            "log.rotated", "Show rotated parts", do.rotated, when="log.rotated",
            tip="Show the earlier parts of the log with it, as one",
        ),
        Command("log.save", "&Save what is shown…", do.save, when=here, tip="Save the selection, or all"),
    ]  # fmt: skip


MENU: list[Item] = [
    "log.find", "log.next_hit", "log.previous_hit", SEPARATOR,
    "log.filter", "log.all", "log.clear", SEPARATOR,
    "log.go_to", "log.next_error", "log.previous_error", SEPARATOR,
    "log.bookmark", "log.note", "log.next_bookmark", "log.previous_bookmark", SEPARATOR,
    "log.follow", "log.wrap", "log.columns", "log.colors", "log.deltas", "log.mark_time", SEPARATOR,
    "log.histogram", "log.groups", "log.highlight", SEPARATOR, "log.merge", "log.rotated", SEPARATOR,
    "log.open_place", "log.save",
]  # fmt: skip
