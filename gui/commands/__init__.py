"""What a person can do, in one registry; menus, buttons, shortcuts and the palette are faces of it.

    pane --set--> Context --change--> Actions --> QAction --> menus, buttons, shortcuts
                     ^                                                   |
                     '--when-- Registry <------------run-----------------'

A command says in `when` under which flags it can be used. Nothing else enables or disables an action: a pane
sets its flags and is done. `when`, `context` and `registry` know nothing of Qt. No pane is known here.
"""

from __future__ import annotations

from gui.commands.context import Context
from gui.commands.registry import Command, CommandError, Registry
from gui.commands.when import When, WhenError

__all__ = ["Command", "CommandError", "Context", "Registry", "When", "WhenError"]
