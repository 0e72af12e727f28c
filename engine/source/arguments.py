"""Reads the command line arguments that a script defines with argparse, without running it."""

from __future__ import annotations

import ast
import shlex
from dataclasses import dataclass
from typing import Any

_SWITCHES = {"store_true": False, "store_false": True}
_NOTHING_TO_GIVE = ("help", "version")
_OPTIONAL = ("?", "*")


class BadArguments(ValueError):
    """A typed text that is not a valid argument. `name` is that of the argument, empty for the rest."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


@dataclass(frozen=True)
class Argument:
    """One argument, as `add_argument` defines it."""

    name: str
    """Its display name: `--size`, or `folder` if it is positional."""
    flag: str = ""
    """What precedes its value; empty if it is positional."""
    kind: str = "text"
    """`text`, `choice`, or `switch`, which has no value."""
    default: str = ""
    choices: tuple[str, ...] = ()
    help: str = ""
    required: bool = False
    many: bool = False
    """Whether it takes several words."""
    on: bool = False
    """For a switch: whether it is on by default."""


def arguments(tree: ast.Module) -> list[Argument]:
    """The arguments of all parsers in a script, in the order of its text."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "add_argument"
    ]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found: dict[str, Argument] = {}
    for call in calls:
        argument = _argument(call)
        if argument is not None:
            found.setdefault(argument.name, argument)
    return list(found.values())


def _argument(call: ast.Call) -> Argument | None:
    names = [arg.value for arg in call.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    given = {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    action = _literal(given.get("action")) or "store"
    if not names or len(names) != len(call.args) or action in _NOTHING_TO_GIVE:
        return None
    name = max(names, key=len)
    flag = name if name.startswith("-") else ""
    about = " ".join(str(_literal(given.get("help")) or "").split())
    if action in _SWITCHES:
        return Argument(name, flag, "switch", help=about, on=_SWITCHES[action])
    nargs = _literal(given.get("nargs"))
    choices = _literal(given.get("choices"))
    listed: tuple[Any, ...] = tuple(choices) if isinstance(choices, (list, tuple)) else ()  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return Argument(
        name,
        flag,
        "choice" if listed and not nargs else "text",
        default=_default(given.get("default")),
        choices=tuple(str(choice) for choice in listed),
        help=about,
        required=_literal(given.get("required")) is True if flag else nargs not in _OPTIONAL,
        many=nargs is not None and nargs != "?",
    )


def _literal(node: ast.expr | None) -> Any:
    try:
        return None if node is None else ast.literal_eval(node)
    except (ValueError, TypeError, RecursionError):
        return None


def _default(node: ast.expr | None) -> str:
    """A default as a user would type it; empty if it cannot be typed."""
    value = _literal(node)
    if isinstance(value, (list, tuple)):
        return shlex.join(map(str, value))  # pyright: ignore[reportUnknownArgumentType]
    return "" if value is None or value == "" else str(value)


def words(found: list[Argument], values: dict[str, str | bool], rest: str) -> list[str]:
    """The words of a command line. Arguments at their default are left out. Raises `BadArguments`."""
    by_place: list[str] = []
    by_name: list[str] = []
    for argument in found:
        value = values.get(argument.name, argument.on if argument.kind == "switch" else argument.default)
        if argument.kind == "switch":
            by_name += [argument.flag] if value != argument.on else []
            continue
        text = str(value).strip()
        if not text and argument.required and not rest.strip():
            raise BadArguments(argument.name, f"{argument.name} is required: fill it in.")
        if text in ("", argument.default):
            continue
        given = _split(argument.name, text) if argument.many else [text]
        if argument.flag and not argument.many and text.startswith("-"):
            by_name.append(
                f"{argument.flag}={text}" if argument.flag.startswith("--") else f"{argument.flag}{text}"
            )
        elif argument.flag:
            by_name += [argument.flag, *given]
        else:
            by_place += given
    return [*by_place, *by_name, *_split("", rest)]


def _split(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadArguments(name, f"{text} cannot be split into words: {error}.") from None
