"""How an input becomes a call of the user's function."""

from __future__ import annotations

import copy
import threading
import time
from functools import partial, reduce
from itertools import islice

from ..inputs import BadInput, InputError, Pickled
from ..record.arrays import ArrayLoader
from ..typed import Any, Callable, cast

MUTABLE = (list, dict, set)


class Intake(threading.local):
    """What this thread's tasks spent on their inputs before they had them."""

    seconds = 0.0


intake = Intake()


class Refused(Exception):
    """The function cannot be called like this. `name` is the faulty parameter."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def as_call(
    function: Callable[..., Any],
    call: str,
    parameters: dict[str, dict[str, Any]],
    may_be_bad: bool,
    ready: dict[str, Callable[[], Any]] | None = None,
) -> Callable[[Any], Any]:
    """The function as a callable that takes one input of the job. Raises `Refused`.

    `parameters` has for each name {"input": key} or {"value": value, "as": kind}; see the job file. `ready`
    has additional values for parameters with those names, if there are any.
    """
    more = {
        name: partial(_given, get)
        for name, get in (ready or {}).items()
        if name not in parameters and _has(function, name)
    }
    if any("input" in source for source in parameters.values()):
        made = _from_parameters(function, parameters, more)
    else:
        fixed = {name: _fixed(function, name, source) for name, source in parameters.items()}
        made = _spread(function, call, {**fixed, **more})
    return _guarded(made) if may_be_bad else made


def _given(get: Callable[[], Any], _item: Any) -> Any:
    return get()


def _has(function: Callable[..., Any], name: str) -> bool:
    """Whether a parameter with that name can be passed by name."""
    from inspect import Parameter, signature

    try:
        known = signature(function).parameters.get(name)
    except (TypeError, ValueError):
        return False
    return known is not None and known.kind in (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)


def _spread(
    function: Callable[..., Any], call: str, fixed: dict[str, Callable[[Any], Any]]
) -> Callable[[Any], Any]:
    if not fixed:
        if call == "args":
            return lambda item: function(*item)
        return (lambda item: function(**item)) if call == "kwargs" else function

    def named(item: Any) -> dict[str, Any]:
        return {name: get(item) for name, get in fixed.items()}

    if call == "args":
        return lambda item: function(*item, **named(item))
    if call == "kwargs":
        return lambda item: function(**{**item, **named(item)})
    return lambda item: function(item, **named(item))


def _from_parameters(
    function: Callable[..., Any],
    parameters: dict[str, dict[str, Any]],
    more: dict[str, Callable[[Any], Any]],
) -> Callable[[Any], Any]:
    get = {
        name: _from_input(source["input"]) if "input" in source else _fixed(function, name, source)
        for name, source in parameters.items()
    }
    get |= more
    first = [get.pop(name) for name in _positional_only(function, list(get))]
    if not first:
        return lambda item: function(**{name: value(item) for name, value in get.items()})
    return lambda item: function(
        *[value(item) for value in first], **{name: value(item) for name, value in get.items()}
    )


def _positional_only(function: Callable[..., Any], given: list[str]) -> list[str]:
    """The positional-only ones among the parameters `given`, in order."""
    from inspect import signature  # imported here, since it takes longer than the start of a worker

    try:
        known = signature(function).parameters
    except (TypeError, ValueError):  # some built-in functions have no signature
        return []
    by_name = {name for name, p in known.items() if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    unnamed = [name for name, p in known.items() if p.kind == p.POSITIONAL_ONLY]
    takes_any = any(p.kind == p.VAR_KEYWORD for p in known.values())
    for name in given:
        if name not in by_name and name not in unnamed and not takes_any:
            raise Refused(name, f"The function has no parameter {name!r}. It has: {', '.join(known)}.")
    places = [place for place, name in enumerate(unnamed) if name in given]
    for place in range(places[-1] + 1 if places else 0):
        if place not in places:
            name = unnamed[place]
            raise Refused(
                name, f"{name} is positional-only, and comes before {unnamed[place + 1]}: give it too."
            )
    return unnamed[: len(places)]


def _from_input(key: Any) -> Callable[[Any], Any]:
    if key == "":
        return lambda item: item

    def get(item: Any) -> Any:
        try:
            if isinstance(key, int) and type(cast("object", item)) is dict:
                named: dict[str, Any] = item
                return next(islice(named.values(), key, None))
            return item[key]
        except (LookupError, TypeError, StopIteration):
            raise InputError(f"There is no {key!r} in the input") from None

    return get


def _fixed(function: Callable[..., Any], name: str, source: dict[str, Any]) -> Callable[[Any], Any]:
    value, kind = source["value"], source["as"]
    if kind == "path":
        from pathlib import Path

        value = Path(value).expanduser()
    elif kind == "enum":
        value = _member(function, name, value)
    if type(value) in MUTABLE:  # one task must not see what another did to it
        return lambda item: copy.deepcopy(value)
    return lambda item: value


def _member(function: Callable[..., Any], name: str, dotted: str) -> Any:
    """What `dotted` (`Color.RED`) means where the function was defined."""
    from inspect import unwrap

    inner = unwrap(getattr(function, "func", function))
    first, *rest = dotted.split(".")
    try:
        return reduce(getattr, rest, _globals(inner)[first])
    except (KeyError, AttributeError):
        raise Refused(name, f"There is no {dotted!r} in the function's module.") from None


def _globals(function: Any) -> dict[str, Any]:
    found: dict[str, Any] | None = getattr(getattr(function, "__func__", function), "__globals__", None)
    return found or {}


def _guarded(call: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """An input is loaded in its own task; if it cannot be read, that task fails and says why."""

    loads = ArrayLoader().loads

    def checked(item: Any) -> Any:
        if type(item) is Pickled:
            began = time.perf_counter()
            item = item.load(loads)
            intake.seconds += time.perf_counter() - began
        if type(item) is BadInput:
            raise InputError(item.message)
        return call(item)

    return checked
