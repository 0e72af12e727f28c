"""A screen reader without a voice: queries the accessibility bus, as Orca does, and answers in JSON.

It runs under the system's Python, which has the bindings. Each line on stdin is a request.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import gi  # pyright: ignore[reportMissingImports]

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # pyright: ignore[reportMissingImports] # noqa: E402

APP = "poolhouse"
SLOW = 20_000
"""Milliseconds that an app may take to answer."""


def walk(thing: Any) -> Iterator[Any]:
    """A thing and all visible things in it, skipping what disappears meanwhile."""
    try:
        if thing is None or not thing.get_state_set().contains(Atspi.StateType.SHOWING):
            return
        yield thing
        inner = [] if thing.get_role_name() == "table" else range(thing.get_child_count())
        for at in inner:
            yield from walk(thing.get_child_at_index(at))
    except gi.repository.GLib.Error:  # it is gone
        return


def seen() -> Iterator[Any]:
    """All that is visible in the windows of the app."""
    desktop = Atspi.get_desktop(0)
    for at in range(desktop.get_child_count()):
        app = desktop.get_child_at_index(at)
        if app is not None and app.get_name() == APP:
            for window in range(app.get_child_count()):
                yield from walk(app.get_child_at_index(window))


def named(thing: Any) -> str:
    """Its name; for a line in a combo box, the name of the box."""
    above = thing.get_parent()
    inside = above is not None and above.get_role_name() in ("combo box", "spin button")
    return thing.get_name() or (above.get_name() if inside else "")


def look() -> list[list[Any]]:
    """Role, name and whether it is enabled, of everything visible."""
    enabled = Atspi.StateType.ENABLED
    return [[t.get_role_name(), named(t), t.get_state_set().contains(enabled)] for t in seen()]


def find(role: str, name: str) -> Any:
    """The thing of this role and name; None if none is visible and enabled."""
    for thing in seen():
        if (thing.get_role_name(), thing.get_name()) == (role, name):
            return thing if thing.get_state_set().contains(Atspi.StateType.ENABLED) else None
    return None


def press(role: str, name: str) -> bool:
    """Press a button, tick a box or choose a tab; returns whether it is there."""
    thing = find(role, name)
    return thing is not None and thing.get_action_iface().do_action(0)


def fill(role: str, name: str, text: str) -> bool:
    """Put a text into a field; returns whether it is there."""
    thing = find(role, name)
    return thing is not None and thing.get_editable_text_iface().set_text_contents(text)


def rows(name: str) -> list[list[str]] | None:
    """The cells of the table of this name."""
    thing = find("table", name)
    if thing is None:
        return None
    table = thing.get_table_iface()
    across = range(table.get_n_columns())
    return [
        [table.get_accessible_at(row, at).get_name() for at in across] for row in range(table.get_n_rows())
    ]


def select(name: str, row: int) -> bool:
    """Select a row of the table of this name; returns whether it is there."""
    thing = find("table", name)
    return thing is not None and thing.get_table_iface().add_row_selection(row)


def selected(name: str) -> list[int]:
    """The selected rows of the table of this name."""
    thing = find("table", name)
    return list(thing.get_table_iface().get_selected_rows()) if thing is not None else []


DOES = {"look": look, "press": press, "fill": fill, "rows": rows, "select": select, "selected": selected}


def main() -> None:
    Atspi.set_timeout(SLOW, SLOW)
    for line in sys.stdin:
        do, *arguments = json.loads(line)
        print(json.dumps(DOES[do](*arguments)), flush=True)


if __name__ == "__main__":
    main()
