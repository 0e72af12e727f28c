"""What a job is: a function, its inputs, how to run it and where to log."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

STDIN = "-"
"""A path of inputs that means the standard input of `poolhouse run`."""
SEED_FORMAT = "%(name)s - %(levelname)s - %(message)s"
"""The log format of a job file that names none."""
TIMED_FORMAT = "%(asctime)s %(processName)s %(levelname)s %(task)s %(message)s"
"""The log format of a new job in the window."""


@dataclass(frozen=True)
class Function:
    """The function to call: exactly one of `file` (with `name`), `import_path` or `source` is set."""

    file: str = ""
    """A .py file or a notebook, absolute or relative to the job's folder."""
    name: str = ""
    """Dotted name inside `file` or `source`, such as `square` or `Model.fit`."""
    import_path: str = ""
    """`package.module:function`; the key `import` in a job file."""
    source: str = ""
    """Python source that defines the function; without a `name` it is the last function defined."""
    python: str = ""
    """The interpreter that runs it: a path, or a name on PATH; empty means the app's own."""
    setup: str = ""
    """A function beside it that each worker calls before its first task; its result goes to the parameter
    with the same name, if there is one."""

    @property
    def filled(self) -> str:
        """The parameter for the set-up's result, if the function has one; empty without a set-up."""
        return self.setup.rpartition(".")[2]


@dataclass(frozen=True)
class Inputs:
    """The inputs of a job, one task each. `kind` decides which other fields are used."""

    kind: str = "none"
    values: tuple[Any, ...] = ()
    """For `list`: Python literals (also tuples, None, bytes, which a job file keeps as text)."""
    start: int = 0
    stop: int = 0
    step: int = 1
    call: str = ""
    """How an input becomes a call: `one` f(x), `args` f(*x), `kwargs` f(**x); empty follows from the kind."""
    path: str = ""
    """For `lines`, `csv`, `jsonl`, `parquet`: a file, absolute or relative to the job's folder, or STDIN."""
    encoding: str = ""
    """Encoding of a text file; detected if empty."""
    delimiter: str = ""
    """Delimiter of a CSV file; detected if empty."""
    header: bool = True
    """Whether the first row of a CSV file has column names."""
    types: dict[str, str] = field(default_factory=dict[str, str])
    """Types of columns of a CSV file; the others are detected."""
    pattern: str = ""
    """For `files`: a glob, relative to the job's folder; `**` matches any folders."""
    grid: dict[str, tuple[Any, ...]] = field(default_factory=dict[str, tuple[Any, ...]])
    """For `grid`: the values of each name."""
    combine: str = "product"
    """How they are combined: `product` makes all combinations, `zip` takes them in step."""
    generator: str = ""
    """For `generator`: the name of a function beside the job's own that yields the inputs."""

    @property
    def called(self) -> str:
        """How an input becomes a call, with the default for an empty `call`."""
        if self.kind == "none":
            return "args"
        if self.kind == "csv":
            return self.call or ("kwargs" if self.header else "args")
        return self.call or ("kwargs" if self.kind in ("parquet", "grid") else "one")

    @property
    def count(self) -> int | None:
        """The number of tasks, if the job determines it; `none` is one call without arguments."""
        if self.kind == "list":
            return len(self.values)
        if self.kind == "range":
            span = self.stop - self.start
            return max(0, -(-span // self.step)) if self.step else 0
        if self.kind == "grid":
            from engine.host.inputs import combinations

            return combinations(self.grid, self.combine)
        return 1 if self.kind == "none" else None


@dataclass(frozen=True)
class Parameter:
    """Where the argument of one parameter comes from: the input, or a fixed value."""

    input: str | int | None = None
    """A column or key (text) or a position (number) of the input, "" for the whole input; None if fixed."""
    value: Any = None
    form: str = ""
    """The meaning of a fixed value whose type does not show it: `path` or `enum`; `as` in a job file."""

    def told(self) -> dict[str, Any]:
        """What the host gets."""
        return {"value": self.value, "as": self.form} if self.input is None else {"input": self.input}


@dataclass(frozen=True)
class Run:
    """How to run the tasks."""

    mode: str = "pool"
    workers: int = 0
    """Worker processes, or threads; 0 means the usable cores."""
    start_method: str = ""
    batch: int = 0
    """Tasks in a batch; 0 adapts."""
    timeout: float = 0.0
    """Seconds for one task; 0 means no limit."""
    retries: int = 0
    tasks_per_worker: int = 0
    memory_limit: str = ""
    stop_after_failures: int = 0
    blas_threads: int = 0
    """Threads that a numeric library may start in each worker; 0 shares the usable cores among workers."""
    leftovers: str = "end"
    """Processes that tasks started and left running: `end` them with the run, or `leave` them."""
    priority: str = ""
    """Of the workers: `normal`, or `low` to give way to other programs. Empty means low beside a window."""
    scheduler: str = ""
    """Address of a Dask scheduler, for the mode dask; if empty, the run starts a cluster."""


@dataclass(frozen=True)
class Log:
    """Where and how to write log records."""

    file: str = ""
    """An additional log file besides run.log, absolute or relative to the job's folder."""
    mode: str = "w"
    level: str = "INFO"
    format: str = SEED_FORMAT
    result: bool = False
    """Log the ordered list of results at the end."""


@dataclass(frozen=True)
class Job:
    """A complete job. Relative paths start from `folder`, and tasks run there."""

    function: Function = field(default_factory=Function)
    inputs: Inputs = field(default_factory=Inputs)
    run: Run = field(default_factory=Run)
    log: Log = field(default_factory=Log)
    folder: Path = field(default_factory=Path.cwd)
    parameters: dict[str, Parameter] = field(default_factory=dict[str, Parameter])
    """If any comes from the input, only these are passed; otherwise they are added to it."""
    setup: dict[str, Parameter] = field(default_factory=dict[str, Parameter])
    """Fixed values for the parameters of the set-up."""

    def resolve(self, path: str) -> Path:
        """`path` as an absolute path, relative to the job's folder."""
        try:
            given = Path(path).expanduser()
        except RuntimeError:  # a ~ without such a user is an ordinary name
            given = Path(path)
        return (self.folder / given).absolute()

    @property
    def python(self) -> str:
        """The interpreter as an absolute path; empty for the app's own. A bare name may be on PATH."""
        given = self.function.python
        if not given:
            return ""
        path = self.resolve(given)
        on_path = shutil.which(given) if Path(given).name == given and not path.exists() else None
        return str(Path(on_path).absolute() if on_path else path)

    def with_(self, **sections: Any) -> Job:
        """This job with whole sections (or `folder`) replaced."""
        return replace(self, **sections)


@dataclass(frozen=True)
class Problem:
    """A problem of a job: its key (`run.workers`), and what would be valid."""

    key: str
    message: str
    """A full sentence that names the value and what is accepted."""


def new_job(function: Function | None = None, folder: Path | None = None) -> Job:
    """A new job in the window."""
    return Job(function or Function(), log=Log(format=TIMED_FORMAT), folder=folder or Path.home())


class JobError(ValueError):
    """A job that is not valid. `problems` names each faulty key; `job` has the valid rest."""

    def __init__(self, problems: list[Problem], job: Job | None = None) -> None:
        super().__init__("\n".join(f"{p.key}: {p.message}" if p.key else p.message for p in problems))
        self.problems = problems
        self.job = job
