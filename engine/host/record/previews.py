"""A small picture of a result that is an image of Pillow or a figure of matplotlib.

Whoever views a run later runs nothing of it, so the process that has the object makes the picture, and puts
it beside the results. It imports nothing for that: if there is such an object, its library is loaded.
"""

from __future__ import annotations

import io
import os
import sys
import time

from ..typed import Any, Callable

FOLDER = "previews"
"""In the run folder: a PNG for each task, named by its index."""
SIDE = 960
"""Largest width and height of a picture."""
MOST_PIXELS = 50_000_000
"""A larger image gets no picture."""
MOST_BYTES = 4 << 20
"""Largest picture file."""
MOST = 1_000
"""Most pictures in a run folder; processes that begin at the same time may make a few more."""
SECONDS = 20.0
"""Seconds that one process may spend on pictures; the last one may take longer."""
_SEEN_AS_IT_IS = ("1", "L", "LA", "P", "RGB", "RGBA")


def name_of(task: int) -> str:
    """The file of a task's picture."""
    return f"{task}.png"


class Previews:
    """Makes the pictures of one process."""

    def __init__(self, run_folder: str) -> None:
        self._run_folder = run_folder
        self._folder = os.path.join(run_folder, FOLDER)
        self._left = -1
        """How many may be made; -1 while that is unknown."""
        self._seconds = SECONDS

    def maker(self, value: object) -> Callable[[], bytes | None] | None:
        """A function that makes the picture of a value; None if it has none, or enough were made."""
        if not self._left or self._seconds <= 0:
            return None
        for module, name, make in (
            ("PIL.Image", "Image", _of_image),
            ("matplotlib.figure", "Figure", _of_figure),
        ):
            known: Any = getattr(sys.modules.get(module), name, None)
            if isinstance(known, type) and issubclass(type(value), known):
                return lambda: make(known, value)
        return None

    def keep(self, task: int, make: Callable[[], bytes | None]) -> None:
        """Save the picture of a task's result. If that fails, the task is not at fault."""
        begin = time.perf_counter()
        try:
            if self._left < 0:
                self._begin()
            data = make() if self._left else None
            if data and len(data) <= MOST_BYTES:
                self._write(task, data)
                self._left -= 1
        except Exception:
            self._left = max(self._left - 1, 0)
        self._seconds -= time.perf_counter() - begin

    def _begin(self) -> None:
        if not os.path.isdir(self._run_folder):
            self._left = 0
            return
        os.makedirs(self._folder, exist_ok=True)
        self._left = max(MOST - len(os.listdir(self._folder)), 0)

    def _write(self, task: int, data: bytes) -> None:
        path = os.path.join(self._folder, name_of(task))
        part = f"{path}.{os.getpid()}.part"
        with open(part, "xb") as file:
            file.write(data)
        os.replace(part, path)


def _of_image(kind: Any, image: Any) -> bytes | None:
    width, height = image.size
    if not 0 < width * height <= MOST_PIXELS:
        return None
    small = kind.copy(image)
    kind.thumbnail(small, (SIDE, SIDE))
    if small.mode not in _SEEN_AS_IT_IS:
        small = kind.convert(small, "L" if small.mode in ("F", "I") else "RGB")
    kind.save(small, file := io.BytesIO(), "PNG")
    return file.getvalue()


def _of_figure(kind: Any, figure: Any) -> bytes | None:
    dpi = min(float(figure.dpi), SIDE / max(map(float, figure.get_size_inches())))
    kind.savefig(figure, file := io.BytesIO(), format="png", dpi=dpi)
    return file.getvalue()
