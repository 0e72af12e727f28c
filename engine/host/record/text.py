"""The gate for text: whatever user code produces, UTF-8, JSON and SQLite can store what comes out here."""

from __future__ import annotations

from ..typed import Any, cast

LEFT_OUT = "\n[{:,} characters are left out here]\n"


def plain(text: str) -> str:
    """The same text as an exact `str` without lone surrogates and NULs, which are written as escapes."""
    if type(text) is not str:
        text = str.__str__(text)  # a subclass may answer anything; this does not ask it
    if not text.isascii():
        text = text.encode("utf-8", "backslashreplace").decode()
    return text.replace("\0", "\\x00") if "\0" in text else text


def bounded(text: str, longest: int) -> str:
    """Plain text of at most `longest` characters."""
    return plain(str.__getitem__(text, slice(longest)))


def both_ends(text: str, longest: int) -> str:
    """Plain text; if it is longer than `longest`, its beginning and end are kept in equal parts."""
    size = str.__len__(text)
    if size <= longest:
        return plain(text)
    half = longest // 2
    begin, end = str.__getitem__(text, slice(half)), str.__getitem__(text, slice(size - half, None))
    return plain(begin) + LEFT_OUT.format(size - 2 * half) + plain(end)


def plain_all(value: Any) -> Any:
    """A value for JSON, with every text in it plain."""
    if isinstance(value, str):
        return plain(value)
    if isinstance(value, dict):
        named = cast("dict[Any, Any]", value)
        return {plain_all(key): plain_all(item) for key, item in named.items()}
    if isinstance(value, (list, tuple)):
        return [plain_all(item) for item in cast("list[Any]", value)]
    return value


def type_name(kind: type) -> str:
    """The name of a type, bounded, whatever its metaclass says."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return bounded(name, 200)
