"""Reads the command line arguments that a script defines with argparse, without running it."""

from __future__ import annotations

import ast
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

_SWITCHES = ("store_true", "store_false", "store_const", "append_const", "count")
_NOTHING_TO_GIVE = ("help", "version")
_OPTIONAL = ("?", "*")


Values: TypeAlias = "dict[str, str | bool]"
"""What is given, by the name of the argument."""


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
    negation: str = ""
    """For a switch that has one: the flag that switches it off."""

    @property
    def opposite(self) -> str:
        """For a switch: the flag that changes its default."""
        return self.negation if self.on and self.negation else self.flag


def arguments(tree: ast.Module) -> list[Argument]:
    """The arguments of the script's parser, in the order of its text; none if it has subcommands."""
    calls = [
        node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    ]
    if any(_method(call) == "add_subparsers" for call in calls):
        return []
    calls = [call for call in calls if _method(call) == "add_argument"]
    calls.sort(key=lambda call: (call.lineno, call.col_offset))
    found: dict[str, Argument] = {}
    for call in calls:
        argument = _argument(call)
        if argument is not None:
            found.setdefault(argument.name, argument)
    return list(found.values())


def _method(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""


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
        return Argument(name, flag, "switch", help=about, on=action == "store_false")
    if "action" in given and ast.unparse(given["action"]).endswith("BooleanOptionalAction"):
        on = _literal(given.get("default")) is True
        return Argument(name, flag, "switch", help=about, on=on, negation=f"--no-{flag[2:]}")
    nargs = _nargs(given.get("nargs"))
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


def _nargs(node: ast.expr | None) -> Any:
    """Its value; anything but a literal, such as `argparse.REMAINDER`, takes any number of words."""
    return "*" if node is not None and _literal(node) is None else _literal(node)


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


def words(found: list[Argument], values: Values, rest: str) -> list[str]:
    """The words of a command line. Arguments at their default are left out. Raises `BadArguments`."""
    by_place: list[str] = []
    by_name: list[str] = []
    skipped: list[Argument] = []
    for argument in found:
        value = values.get(argument.name, argument.on if argument.kind == "switch" else argument.default)
        if argument.kind == "switch":
            by_name += [argument.opposite] if value != argument.on else []
            continue
        text = str(value).strip()
        if not text and argument.required and not rest.strip():
            raise BadArguments(argument.name, f"{argument.name} is required: fill it in.")
        is_default = text in ("", argument.default)
        if argument.flag:
            by_name += [] if is_default else _named(argument, text)
        elif is_default:
            skipped.append(argument)
        else:
            by_place += _before(skipped, argument)
            by_place += _split(argument.name, text) if argument.many else [text]
            skipped = []
    return [*by_place, *by_name, *_split("", rest)]


def _before(skipped: list[Argument], given: Argument) -> list[str]:
    """The words of arguments at their default that a later one needs before it."""
    found: list[str] = []
    for one in skipped:
        if not one.default:
            raise BadArguments(one.name, f"{one.name} comes before {given.name}: fill it in.")
        found += _split(one.name, one.default) if one.many else [one.default]
    return found


def _named(argument: Argument, text: str) -> list[str]:
    if argument.many:
        return [argument.flag, *_split(argument.name, text)]
    if text.startswith("-"):
        return [f"{argument.flag}={text}" if argument.flag.startswith("--") else f"{argument.flag}{text}"]
    return [argument.flag, text]


def taken_apart(found: list[Argument], given: Sequence[str]) -> tuple[Values, str]:
    """The values, and the rest, from which `words` makes these words again."""
    values, rest = _values(found, list(given))
    try:
        if words(found, values, rest) == list(given):
            return values, rest
    except BadArguments:
        pass
    return {}, shlex.join(given)


def _values(found: list[Argument], left: list[str]) -> tuple[Values, str]:
    values: Values = {}
    places = [argument for argument in found if not argument.flag]
    flags = {one.opposite if one.kind == "switch" else one.flag: one for one in found if one.flag}
    while left:
        word = left.pop(0)
        flag, equals, value = word.partition("=")
        named = flags.get(flag)
        if named is None and word.startswith("-"):
            return values, shlex.join([word, *left])
        argument = named or (places.pop(0) if places else None)
        if argument is None:
            return values, shlex.join([word, *left])
        if argument.kind == "switch":
            values[argument.name] = not argument.on
        elif named and equals:
            values[argument.name] = value
        else:
            taken = [] if named else [word]
            while left and (argument.many or not taken) and left[0].partition("=")[0] not in flags:
                taken.append(left.pop(0))
            values[argument.name] = shlex.join(taken) if argument.many else " ".join(taken)
    return values, ""


def _split(name: str, text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError as error:
        raise BadArguments(name, f"{text} cannot be split into words: {error}.") from None
