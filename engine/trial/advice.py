"""What to do about a failed trial, in words."""

from __future__ import annotations

from engine.trial.packages import distribution

_BY_STATUS = {
    "unpicklable": "The result cannot be pickled, so it cannot be sent out of its process. Return plain data,"
    " such as numbers, text, lists, dicts or arrays; not nested functions, open files, connections or locks.",
    "died": "The process ended during the function. What it printed last may say why.",
    "timeout": "Raise the time limit, or see where the function waits.",
    "memory": "Raise the memory limit, or give the function smaller inputs.",
    "empty": "The inputs are empty, so there is nothing to try: give at least one.",
    "error": "In a run, only this task would fail; the others would go on.",
}


def advise(status: str, module: str, sealed: bool) -> str:
    """A sentence or two for the status of a trial; `module` is a missing module, or empty.

    `sealed` is whether the interpreter is the app's own, in which nothing can be installed.
    """
    if module:
        name = distribution(module)
        what = f"package {name}" if name == module else f"package {name} (imported as {module})"
        if sealed:
            return f"The {what} is not part of Poolhouse: under Python, choose an interpreter that has it."
        return f"The {what} is not installed for this interpreter: install it, or choose another interpreter."
    return _BY_STATUS.get(status, "")
