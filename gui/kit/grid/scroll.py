"""The scroll position of long content: any number of pixels, mapped onto the 31 bits of a scroll bar."""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2**30
"""Units of the scroll bar. Qt adds a page to a value, so some room must be left."""


@dataclass
class Scroll:
    """The position `y` in content of a given `height`, of which `page` is visible. `y` is always in range."""

    height: int = 0
    page: int = 0
    y: int = 0

    @property
    def end(self) -> int:
        """The greatest position."""
        return max(self.height - self.page, 0)

    @property
    def units(self) -> int:
        """The greatest value of the bar."""
        return min(self.end, MOST)

    @property
    def unit(self) -> int:
        """The value of the bar at the position."""
        return self.y if self.end <= MOST else self.y * MOST // self.end

    def measure(self, height: int, page: int) -> None:
        """The size of the content or of the page has changed."""
        self.height, self.page = height, page
        self.move(self.y)

    def move(self, y: int) -> None:
        """Move to a position, or as near as possible."""
        self.y = max(min(y, self.end), 0)

    def move_bar(self, unit: int) -> None:
        """The bar was moved to this value. If the position already has that value, it stays as it is."""
        if unit != self.unit:
            self.move(unit if self.end <= MOST else unit * self.end // MOST)
