"""A definition of a format as data, either ours or from a user's file, and how it is compiled."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.log import levels
from engine.log.formats import template as templates
from engine.log.formats.format import Format, TextFormat
from engine.log.formats.structured import EliotFormat, JsonFormat, Paths
from engine.log.times import ISO, time_format

NUMBERED = {"word": levels.level_of, "priority": levels.level_of_priority}


@dataclass(frozen=True)
class Sample:
    """A record in the format, and its content: a test of the definition, and its example."""

    text: str
    says: Mapping[str, object]


@dataclass(frozen=True)
class Definition:
    """A format by one of `template`, `pattern`, `logging` and `json`; see the help page on logs."""

    name: str
    template: str = ""
    """Literals and fields in braces: `[{time}] {level: <8} {message}`."""
    pattern: str = ""
    """A regular expression with named groups. @time@, @level@ and @LEVEL@ stand for their patterns."""
    logging: str = ""
    """A format string of `logging`, in any of its styles."""
    json: Mapping[str, Any] | None = None
    """The paths of each field in a JSON object, and under `needs` those that identify the format."""
    time: str = ISO
    """How times are written: `iso`, or as for strftime."""
    level: str = "word"
    """How the field `level` is read: `word`, or `priority` for a syslog number."""
    rank: int = 8
    title: str = ""
    samples: tuple[Sample, ...] = ()

    def compiled(self) -> Format:
        """The format. Raises ValueError if the definition is invalid."""
        if self.json is not None:
            return self._json(self.json)
        if self.pattern:
            return self._by_pattern()
        if self.logging:
            style = templates.guess_style(self.logging)
            made = templates.parse(self.logging, style, None if self.time == ISO else self.time)
        elif self.template:
            made = templates.template(self.template, self.time)
        else:
            raise ValueError(f"The format {self.name} has no template, pattern, logging or json.")
        text = self.logging or self.template
        return of_template(made, self.name, self.title or text, self.rank + made.rank)

    def _by_pattern(self) -> TextFormat:
        time = time_format(self.time)
        pattern = self.pattern.replace("@time@", time.pattern)
        pattern = pattern.replace("@level@", levels.WORD).replace("@LEVEL@", levels.UPPER_WORDS)
        try:
            whole = re.compile(pattern, re.DOTALL)
        except re.error as error:
            raise ValueError(f"The pattern of the format {self.name} is wrong: {error}.") from None
        return TextFormat(
            self.name,
            self.title or self.pattern,
            start=whole,
            whole=whole,
            rank=self.rank + len(whole.groupindex),
            time=time if "time" in whole.groupindex else None,
            level_of=NUMBERED[self.level],
            says_level="level" in whole.groupindex,
        )

    def _json(self, places: Mapping[str, Any]) -> JsonFormat:
        known = Paths().__dict__.keys()
        if unknown := sorted(places.keys() - known - {"needs", "numbers"}):
            raise ValueError(
                f"The format {self.name} knows no field {unknown[0]}: there are {', '.join(known)}."
            )
        paths = Paths(**{name: _places(value) for name, value in places.items() if name in known})
        kind = EliotFormat if self.name == "eliot" else JsonFormat
        return kind(
            self.name,
            self.title or self.name,
            self.rank,
            needs=tuple(_places(places.get("needs", ()))),
            paths=paths,
            level_kind=str(places.get("numbers", "python")),
            guesses=not places,
        )


def _places(value: Any) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def of_template(made: templates.Template, name: str, text: str, rank: int) -> TextFormat:
    """The format of a template."""
    return TextFormat(
        name,
        text,
        start=made.start,
        whole=made.whole,
        rank=rank,
        time=made.time,
        template=made,
        says_level=made.has_level,
    )


def given(text: str, style: str | None = None, datefmt: str | None = None) -> Format:
    """The format of a format string that the user pasted. Raises TemplateError."""
    made = templates.parse(text, style or templates.guess_style(text), datefmt)
    if made.anchor == 0:
        from engine.log.formats.plain import PlainFormat

        return replace(PlainFormat(), text=text)
    return of_template(made, "given", text, 100)


def read_definitions(path: Path) -> list[Definition]:
    """The definitions in a user's file. Raises OSError, or ValueError that says what is wrong where."""
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ValueError(f"{path} cannot be read as TOML: {error}.") from None
    entries = found.get("format", [])
    if not isinstance(entries, list):
        raise ValueError(f"{path}: each format begins with a line [[format]].")
    return [_definition(path, entry) for entry in entries]  # pyright: ignore[reportUnknownVariableType]


def _definition(path: Path, entry: Any) -> Definition:
    keys = set(Definition.__dataclass_fields__)
    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):  # pyright: ignore[reportUnknownMemberType]
        raise ValueError(f"{path}: a format has no name.")
    entry = dict(entry)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    name = str(entry["name"])
    if unknown := sorted(entry.keys() - keys):
        raise ValueError(f"{path}: the format {name} has an unknown key {unknown[0]!r}.")
    samples = entry.pop("samples", [])
    made = Definition(
        **entry, samples=tuple(Sample(str(sample["text"]), sample.get("says", {})) for sample in samples)
    )
    compiled = made.compiled()
    for sample in made.samples:
        if compiled.level(sample.text.split("\n")[0]) < 0:
            raise ValueError(f"{path}: the format {name} does not fit its own sample {sample.text!r}.")
    return made
