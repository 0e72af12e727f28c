"""Commands, and the registry that finds and runs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from gui.commands.context import Context
from gui.commands.when import When, WhenError, read


class CommandError(ValueError):
    """A command that is not defined correctly: a mistake in the program, found at the start."""


@dataclass(frozen=True)
class Command:
    """Something that the user can do."""

    id: str
    """Such as `run.start`: the name that menus, buttons and settings use."""
    text: str
    """As in a menu: `&` before the mnemonic, `…` at the end if it asks something first."""
    do: Callable[[], object]
    keys: str | tuple[str, ...] = ()
    """`Ctrl+Shift+S`, or `standard:Open` for what the platform uses; the first one is shown."""
    icon: str = ""
    tip: str = ""
    """What it does, in a sentence; the keys are added to it."""
    when: str = ""
    """The condition under which it can be used; empty: always."""
    checked: str | None = None
    """For a command with a tick: the condition under which it is ticked. `do` has to change it."""
    group: str = ""
    """Commands with a tick that exclude each other share a group: they look like radio buttons."""
    scope: str = ""
    """If empty, its keys work in the whole window, else only in this pane."""
    role: Literal["", "quit", "about", "preferences"] = ""
    """What macOS moves to the application menu."""
    condition: When = field(init=False, repr=False, compare=False)
    ticked: When | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if isinstance(self.keys, str):
            object.__setattr__(self, "keys", (self.keys,))
        try:
            object.__setattr__(self, "condition", read(self.when))
            object.__setattr__(self, "ticked", None if self.checked is None else read(self.checked))
        except WhenError as error:
            raise CommandError(f"command {self.id}: {error}") from error

    @property
    def name(self) -> str:
        """Its text without menu marks, for buttons and screen readers."""
        return plain(self.text)

    @property
    def names(self) -> frozenset[str]:
        """The flags that its conditions depend on."""
        return self.condition.names | (self.ticked.names if self.ticked else frozenset())


def plain(text: str) -> str:
    """A menu text without the `&` before the mnemonic; `&&` becomes `&`."""
    return "&".join(part.replace("&", "") for part in text.split("&&"))


def escaped(text: str) -> str:
    """A text escaped for a menu, such as the name of a file."""
    return text.replace("&", "&&")


class Registry:
    """All commands by id. `spell` gives the keys of this platform, each in one spelling."""

    def __init__(self, context: Context, spell: Callable[[str], list[str]] = lambda keys: [keys]) -> None:
        self.context = context
        self._spell = spell
        self._commands: dict[str, Command] = {}
        self._taken: dict[str, list[Command]] = {}
        """The commands of each key sequence."""

    def add(self, *commands: Command) -> None:
        """Register commands. Raises `CommandError` if an id or keys are taken or a flag is unknown."""
        for command in commands:
            self._check(command)
            self._commands[command.id] = command
            for spelling in self._spelled(command):
                self._taken.setdefault(spelling, []).append(command)

    def _check(self, command: Command) -> None:
        if command.id in self._commands:
            raise CommandError(f"there are two commands {command.id}")
        if unknown := sorted(command.names - self.context.known):
            raise CommandError(f"command {command.id} depends on a flag that is not declared: {unknown[0]}")
        for spelling in sorted(self._spelled(command)):
            for other in self._taken.get(spelling, ()):
                if not _apart(command, other):
                    raise CommandError(f"{spelling} stands for both {other.id} and {command.id}")

    def _spelled(self, command: Command) -> set[str]:
        return {spelling for keys in command.keys for spelling in self._spell(keys)}

    def __getitem__(self, id_: str) -> Command:
        try:
            return self._commands[id_]
        except KeyError:
            raise CommandError(f"there is no command {id_}") from None

    def __iter__(self) -> Iterator[Command]:
        """All commands, in the order in which they were added."""
        return iter(tuple(self._commands.values()))

    def can(self, id_: str) -> bool:
        """Whether a command can be used now."""
        return self[id_].condition.holds(self.context.on)

    def is_checked(self, id_: str) -> bool:
        """Whether a command has its tick now."""
        ticked = self[id_].ticked
        return ticked is not None and ticked.holds(self.context.on)

    def run(self, id_: str) -> bool:
        """Run it. Returns False, without running anything, if it cannot be used now."""
        if not self.can(id_):
            return False
        self[id_].do()
        return True


def _apart(one: Command, other: Command) -> bool:
    """Whether two commands may share keys: they belong to different panes or are never enabled together."""
    if one.scope and other.scope and one.scope != other.scope:
        return True
    return one.condition.excludes(other.condition)
