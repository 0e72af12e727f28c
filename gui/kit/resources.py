"""The files that ship with the app: icons, style, examples, help pages."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
ICONS = RESOURCES / "icons"
STYLE = RESOURCES / "style" / "poolhouse.qss"
HELP = RESOURCES / "help"
NOTICES = RESOURCES.parents[1] / "NOTICES.txt"
"""In the folder of the frozen app, beside its executables."""
EXAMPLES = RESOURCES / "examples"


def examples() -> list[Path]:
    """The bundled example jobs, by name."""
    return sorted(EXAMPLES.glob("*.pool"))
