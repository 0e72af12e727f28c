"""Sizes in bytes for people to read."""

from __future__ import annotations


def size(count: int) -> str:
    """A number of bytes in the unit that fits it."""
    if count < 1024:
        return f"{count:,} byte{'s' if count != 1 else ''}"
    value, unit = float(count), "bytes"
    for larger in ("KiB", "MiB", "GiB", "TiB"):
        if value < 999.5:
            break
        value, unit = value / 1024, larger
    return f"{three_digits(value)} {unit}" if value < 999.5 else f"{value:,.0f} {unit}"


def three_digits(value: float) -> str:
    """A number to three digits, if it is less than a thousand."""
    return f"{value:.{0 if value >= 99.95 else 1 if value >= 9.995 else 2}f}"
