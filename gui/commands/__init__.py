"""What the user can do, in one registry. Menus, buttons and shortcuts are made from it.

    pane --set--> Context --change--> Actions --> QAction --> menus, buttons, shortcuts
                     ^                                                   |
                     '--when-- Registry <------------run-----------------'

The condition `when` of a command says under which flags it can be used. Nothing else enables or disables an
action: a pane only sets its flags. `when`, `context` and `registry` do not know Qt; nothing here knows panes.
"""

from __future__ import annotations

from gui.commands.context import Context
from gui.commands.registry import Command, CommandError, Registry
from gui.commands.when import When, WhenError

__all__ = ["Command", "CommandError", "Context", "Registry", "When", "WhenError"]
