"""The commands of the runs list, and their menu."""

from __future__ import annotations

from gui.commands import Command
from gui.commands.menus import SEPARATOR
from gui.shell.list_doing import ListDoing

FLAGS = (
    "list.saved", "list.live", "list.one", "list.two", "list.pinned", "list.queued", "list.trashed",
    "queue.held",
)  # fmt: skip


def list_commands(do: ListDoing) -> list[Command]:
    """Commands on the runs that are selected in the list."""
    return [
        Command("list.open", "&Open", do.open, when="list.one"),
        Command("list.reveal", "Open &folder", do.reveal, when="list.one"),
        Command(
            "list.compare", "&Compare", do.compare, "Ctrl+Shift+D", when="list.two", scope="runs",
            tip="Show what differs between the two runs that are selected: job, times, results, failures",
        ),
        Command(
            "list.rename", "&Rename…", do.rename, when="list.one",
            tip="Give the run a name (F2 in the list)",
        ),
        Command(
            "list.pin", "&Pin", do.pin, when="list.saved or list.live", checked="list.pinned",
            tip="Keep the runs at the top of the list",
        ),
        Command("list.note", "Not&e…", do.note, when="list.one", tip="Write a note about the run"),
        Command(
            "list.trash", "Move to &trash…", do.trash, "standard:Delete", when="list.saved", scope="runs",
        ),
        Command(
            "list.untrash", "Undo &move to trash", do.undo_trash, when="list.trashed",
            tip="Restore the runs that you last moved to the trash (Ctrl+Z in the list)",
        ),
        Command(
            "list.space", "D&isk use…", do.show_space,
            tip="See how much space the runs take, and which could be deleted",
        ),
        Command("queue.beside", "Start &now", do.start_queued, icon="run", when="list.queued",
                tip="Start it beside the current runs"),
        Command("queue.up", "Move &up", do.move_up, "Alt+Up", when="list.queued", scope="runs"),
        Command("queue.down", "Move do&wn", do.move_down, "Alt+Down", when="list.queued", scope="runs"),
        Command(
            "queue.out", "Remo&ve", do.take_out, "standard:Delete",
            when="list.queued and not list.saved", scope="runs",
            tip="Remove it from the queue",
        ),
        Command(
            "queue.go_on", "Start the &queue", do.go_on, icon="run", when="queue.held",
            tip="Start the runs that were queued when Poolhouse was last closed",
        ),
    ]  # fmt: skip


MENU = (
    "list.open", "list.reveal", "list.compare", SEPARATOR, "list.rename", "list.pin", "list.note", SEPARATOR,
    "list.trash", "list.untrash", "list.space", SEPARATOR,
    "queue.beside", "queue.up", "queue.down", "queue.out",
)  # fmt: skip
"""The context menu of the runs list."""
