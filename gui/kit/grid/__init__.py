"""A table of any number of rows that we paint ourselves.

    model (the rows at hand) -> area (scrolls, selects, paints what is on screen)

`area` is the widget, `header` its columns, `painter` draws cells; `selection`, `scroll` and `keys` are plain
arithmetic on rows. `mirror` represents the area for screen readers.
"""

from __future__ import annotations
