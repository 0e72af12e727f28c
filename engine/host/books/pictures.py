"""Saves the figures of a notebook as pictures in the run folder."""

from __future__ import annotations

import os
import sys
from types import ModuleType

from ..typed import Any

FOLDER = "pictures"
"""In the run folder."""
PYPLOT = "matplotlib.pyplot"


class Pictures:
    """Saves what `matplotlib.pyplot` has drawn. `cell` is the number of the running cell."""

    def __init__(self, run_folder: str) -> None:
        self._folder = os.path.join(run_folder, FOLDER)
        self._process = os.getpid()
        self._taken: set[str] = set()
        self.cell = 0

    def patch(self, module: ModuleType) -> None:
        """Patch `matplotlib.pyplot`: figures that are shown are saved, since nobody is looking."""
        pyplot: Any = module

        def show(*args: Any, **kwargs: Any) -> None:
            del args, kwargs
            self.keep()

        def show_one(figure: Any, *args: Any, **kwargs: Any) -> None:
            del figure, args, kwargs
            self.keep()

        pyplot.show = show
        if hasattr(pyplot, "Figure"):
            pyplot.Figure.show = show_one

    def keep(self) -> None:
        """Save the existing figures, and close them."""
        pyplot: Any = sys.modules.get(PYPLOT)
        if pyplot is None or os.getpid() != self._process:
            return
        for number in pyplot.get_fignums():
            figure = pyplot.figure(number)
            self._save(figure)
            pyplot.close(figure)

    def show(self, thing: Any) -> None:
        """Save what is displayed, if it is a figure: pyplot may not know it, or close it."""
        figure: Any = getattr(sys.modules.get("matplotlib.figure"), "Figure", None)
        if figure is not None and isinstance(thing, figure) and os.getpid() == self._process:
            self._save(thing)

    def take(self, thing: Any) -> None:
        """Save the value of a cell if it is a figure that pyplot does not know."""
        pyplot: Any = sys.modules.get(PYPLOT)
        known = [pyplot.figure(number) for number in pyplot.get_fignums()] if pyplot else []
        if not any(thing is figure for figure in known):
            self.show(thing)

    def _save(self, figure: Any) -> None:
        try:
            os.makedirs(self._folder, exist_ok=True)
            figure.savefig(os.path.join(self._folder, self._name()), bbox_inches="tight")
        except Exception as error:
            sys.stderr.write(f"A figure of cell {self.cell} cannot be kept: {error}\n")

    def _name(self) -> str:
        base, count = f"cell-{self.cell}", 1
        name = f"{base}.png"
        while name in self._taken:
            count += 1
            name = f"{base}-{count}.png"
        self._taken.add(name)
        return name
