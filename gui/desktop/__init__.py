"""What has to do with the desktop around the app: its entry, its libraries, its name there."""

from __future__ import annotations
