"""The names of months and days, by how they begin, in the languages that a locale may make strftime write."""

from __future__ import annotations

_MONTHS = (
    # of English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Scandinavia, Russian, Turkish
    "jan jän ene gen sty янв oca",
    "feb fév fev lut фев şub",
    "mar mär mrz mrt maa мар",
    "apr avr abr kwi апр nis",
    "may mai mag mei maj мая май",
    "jun juin giu cze июн haz",
    "jul juil lug lip июл tem",
    "aug aoû ago sie авг ağu",
    "sep set wrz сен eyl",
    "oct okt ott out paź окт eki",
    "nov lis ноя kas",
    "dec dez déc dic gru дек ara",
)
_DAYS = (
    "mon tue wed thu fri sat sun mit die don fre sam son mo di mi do fr sa so lun mar mer jeu ven dim "
    "mié jue vie sáb dom gio sab seg ter qua qui sex maa din woe vri zat zon ma wo vr za zo "
    "mån tis ons tor lör sön man tir lør søn"
)
_NUMBERS = {start: number for number, starts in enumerate(_MONTHS, 1) for start in starts.split()}
_LETTER = r"[^\W\d_]"


def _beginning_with(starts: set[str]) -> str:
    """A pattern of words that begin so, with the dot of an abbreviation; two letters are a whole word."""
    by_first: dict[str, list[str]] = {}
    for start in sorted(starts, key=lambda start: (-len(start), start)):
        rest = start[1:] + (rf"{_LETTER}{{0,8}}" if len(start) > 2 else rf"(?!{_LETTER})")
        by_first.setdefault(start[0], []).append(rest)
    branches = "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in by_first.items())
    return rf"(?i:(?:{branches})\.?)"


MONTH = _beginning_with(set(_NUMBERS))
DAY = _beginning_with(set(_DAYS.split()))
LONG_MONTH, LONG_DAY = f"(?:{MONTH})", f"(?:{DAY})"
_IN_ENGLISH = (
    # each pattern with its English part; long names first, since they contain the short ones
    (LONG_MONTH, "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*"),
    (MONTH, "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"),
    (LONG_DAY, "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*"),
    (DAY, "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"),
)


def in_english(pattern: str) -> str:
    """A pattern with English names alone, which takes much less time to compile."""
    for general, english in _IN_ENGLISH:
        pattern = pattern.replace(general, english)
    return pattern


def month_number(name: str) -> int:
    """The number of a month by its name. Raises ValueError if there is none of that name."""
    name = name.lower()
    for size in (4, 3):
        if number := _NUMBERS.get(name[:size]):
            return number
    raise ValueError(f"{name} is not a month.")
