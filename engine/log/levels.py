"""Levels of log records: the seven to which all spellings are mapped."""

from __future__ import annotations

import re
from functools import lru_cache

NONE, TRACE, DEBUG, INFO, WARNING, ERROR, CRITICAL = range(7)
NAMES = (None, "TRACE", "DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
"""By number; None is for a record without a level, or with one of unknown rank."""

SPELLINGS = {
    TRACE: "trace trc trac trce finest finer verbose vrb silly all",
    DEBUG: "debug dbg debu deb dbug fine subdebug d1 d2 d3 d4 d5 debug1 debug2 debug3 debug4 debug5",
    INFO: "info information informational inf notice note success config log subinfo default",
    WARNING: "warning warn wrn war warni subwarning",
    ERROR: "error err erro severe exception fail failure failed suberror",
    CRITICAL: "critical crit crt cri criti fatal fata ftl panic pani dpanic alert emerg emergency off",
}
_BETWEEN = re.compile(r"([A-Z]+)[+-]\d{1,2}")
"""A level between two others, as Go's slog names it: `INFO+2`."""
LETTERS = {
    "T": TRACE,
    "V": TRACE,
    "D": DEBUG,
    "I": INFO,
    "N": INFO,
    "W": WARNING,
    "E": ERROR,
    "C": CRITICAL,
    "F": CRITICAL,
}
SYSLOG = ("emerg", "alert", "critical", "err", "warning", "notice", "info", "debug")
"""Names of the severities 0 to 7 of syslog."""

ICONS = {"✏": TRACE, "🐞": DEBUG, "ℹ": INFO, "✅": INFO, "⚠": WARNING, "❌": ERROR, "☠": CRITICAL}
"""What loguru writes for `{level.icon}`, without the mark that asks for colours."""
ICON = rf"(?:[{''.join(ICONS)}]\ufe0f?)"

_BY_WORD = {word: level for level, words in SPELLINGS.items() for word in words.split()}
_PYTHON = {5: TRACE, 10: DEBUG, 20: INFO, 25: INFO, 30: WARNING, 40: ERROR, 50: CRITICAL}
_NODE = {10: TRACE, 20: DEBUG, 30: INFO, 40: WARNING, 50: ERROR, 60: CRITICAL}

UPPER_WORDS = (
    "TRACE|DEBUG|INFORMATION|INFO|SUCCESS|NOTICE|WARNING|WARN|ERROR|CRITICAL|FATAL|SEVERE|CONFIG|FINEST|FINER|FINE"
    "|VERBOSE|EXCEPTION|ALERT|EMERGENCY|EMERG|PANIC|CRITI|CRIT|ERR|DBG|INF|WARNI|WRN|FTL|VRB"
)
WORD = rf"Level -?\d+|[A-Z][A-Z0-9_]+|(?i:{UPPER_WORDS})|{ICON}"
"""A level at its place in a format: any word in capitals may be a level that the program added."""


@lru_cache(maxsize=1024)
def level_of(text: str) -> int:
    """The level that a text names; `Level 15` and unknown words have none."""
    word = text.strip()
    if word.isdecimal():
        return _PYTHON.get(int(word), NONE)
    if word[:1] in ICONS:
        return ICONS[word[0]]
    if len(word) == 1:
        return LETTERS.get(word.upper(), NONE)
    if word[-1:].isdecimal() and (found := _BETWEEN.fullmatch(word)):
        word = found[1]
    return _BY_WORD.get(word.lower(), NONE)


def level_of_priority(text: str) -> int:
    """The level of a syslog priority, alone or with its facility: `165` is notice."""
    return level_of(SYSLOG[int(text) & 7])


def is_level(text: str) -> bool:
    """Whether a text names a level, including those without a rank."""
    return level_of(text) != NONE or (text.startswith("Level ") and text[6:].lstrip("-").isdigit())


def level_of_number(number: int, *, node: bool = False) -> int:
    """The level of a number, in Python's or in Node.js's scale."""
    return (_NODE if node else _PYTHON).get(number, NONE)


def level_named(text: str) -> int:
    """The level that the user names in a condition. Raises ValueError, which lists the levels."""
    level = level_of_number(int(text)) if text.isdigit() else level_of(text)
    if level == NONE:
        raise ValueError(f"{text!r} is not a level. Levels are trace, debug, info, warning, error, critical.")
    return level
