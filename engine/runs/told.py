"""A run in a few words, from the job in its folder: the function, its file and its inputs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.host.record.schema import JOB
from engine.job import Inputs, Job, JobError, display_name, load
from engine.runs.labels import one_line

LONGEST = 80


@dataclass(frozen=True)
class Told:
    """Each is empty if unknown."""

    function: str = ""
    file: str = ""
    """The function's file, or the module of an import."""
    inputs: str = ""


def told(folder: Path) -> Told:
    """A description of the run in `folder`."""
    try:
        job = load(folder / JOB)
    except JobError as error:
        if error.job is None:
            return Told()
        job = error.job
    return Told(one_line(display_name(job)), _place(job), inputs_words(job.inputs))


def _place(job: Job) -> str:
    function = job.function
    if function.import_path:
        return function.import_path.rpartition(":")[0]
    return str(job.resolve(function.file)) if function.file else ""


def inputs_words(inputs: Inputs) -> str:
    """Inputs in a few words."""
    text = _words(inputs)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _words(inputs: Inputs) -> str:
    if inputs.kind == "none":
        return ""
    if inputs.kind == "range":
        step = f", {inputs.step}" if inputs.step != 1 else ""
        return f"range({inputs.start}, {inputs.stop}{step})"
    if inputs.kind == "list":
        return f"{len(inputs.values):,} value{'s' if len(inputs.values) != 1 else ''}"
    if inputs.kind == "grid":
        return f"grid of {', '.join(inputs.grid)}"
    if inputs.kind == "generator":
        return f"{inputs.generator}()"
    if inputs.kind == "files":
        return one_line(_pattern(Path(inputs.pattern)))
    return "standard input" if inputs.path == "-" else one_line(Path(inputs.path).name)


def _pattern(pattern: Path) -> str:
    """The end of a pattern, from its last folder with a plain name: `photos/*.png`."""
    parts = [part for part in pattern.parts if part != pattern.anchor]
    plain = [n for n, part in enumerate(parts[:-1]) if not any(sign in part for sign in "*?[")]
    return str(Path(*parts[plain[-1] if plain else 0 :]))
