"""A table of any number of rows, painted by ourselves.

    model (what is at hand) -> area (scrolling, selecting, painting what is on screen)

`area` is the widget, `header` its columns, `painter` draws cells; `selection`, `scroll` and `keys` are plain
arithmetic on rows. `mirror` stands in for the area where a screen reader asks.
"""

from __future__ import annotations
