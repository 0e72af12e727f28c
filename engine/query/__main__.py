"""Entry point of a query process. Its arguments are its end of the pipe, and `aside` if it is a helper."""

from __future__ import annotations

import sys
from pathlib import Path


def main(arguments: list[str]) -> None:
    """Be a query process until the process that started it ends."""
    root = str(Path(__file__).parents[2])
    if root not in sys.path:
        sys.path.append(root)
    from engine.environment import own_modules_first

    own_modules_first()
    from engine.query.aside import Asides
    from engine.query.process import main as serve

    serve(int(arguments[0]), None if len(arguments) > 1 else Asides())


if __name__ == "__main__":
    main(sys.argv[1:])
