"""Where the files that ship with the app are: icons, style, examples, help pages."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parent.parent / "resources"
ICONS = RESOURCES / "icons"
STYLE = RESOURCES / "style" / "poolhouse.qss"
HELP = RESOURCES / "help"
EXAMPLES = RESOURCES / "examples"


def examples() -> list[Path]:
    """The bundled example jobs, by name."""
    return sorted(EXAMPLES.glob("*.pool"))
