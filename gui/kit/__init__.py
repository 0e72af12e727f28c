"""What all panes share and that knows none of them."""

from __future__ import annotations
