"""Reads the results of the run whose folder this file is in, as the objects themselves.

    import runpy
    run = runpy.run_path("FOLDER/read_results.py")

    for result in run["results"]():        # one task after the other, however many there are
        print(result.task, result.value)
    run["results"]([3, 17])                # only these tasks, in this order
    pandas.DataFrame(run["results"]())     # a column for each field

It needs only this folder and Python from 3.9 on. Objects are unpickled, which runs code of theirs: read only
runs that you trust. A class is looked up where your program would import it, then in the copy of the code
in this folder.
"""

from __future__ import annotations

import ast
import importlib.abc
import importlib.util
import io
import itertools
import json
import os
import pickle
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, NamedTuple, cast

FOLDER = os.path.dirname(os.path.abspath(__file__))
STATUSES = ("ok", "error", "timeout", "died", "memory", "unpicklable")
PIECE = 1024
"""Items of a piece of a column."""
FORMS = {"int32": ("i", 4), "int64": ("q", 8), "float64": ("d", 8)}
"""How numbers are kept: their code in an array, and bytes."""
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Result(NamedTuple):
    """One task."""

    task: int
    input: Any
    """None if only the job file has it, and that cannot be read here; a text if it is not plain data."""
    status: str
    """`ok`, `error`, `timeout`, `died`, `memory`, `unpicklable`, `cancelled` or `missing`."""
    value: Any
    """What the function returned; None without a result, an `Unreadable` if it cannot be unpickled."""
    error: str
    seconds: float | None
    worker: int | None
    attempts: int
    started: datetime | None


class Unreadable:
    """Stands for a value that could not be unpickled here."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        """Its display text."""
        self.reason = reason

    def __repr__(self) -> str:
        return f"<{self.text}: {self.reason}>"


def results(tasks: Iterable[int] | None = None) -> Iterator[Result]:
    """The results of all tasks in order, or of these tasks, one at a time."""
    path = os.path.join(FOLDER, "run.db")
    if not os.path.isfile(path):
        raise FileNotFoundError(path)
    db = sqlite3.connect(path)
    try:
        run = _Run(db)
        yield from run.all() if tasks is None else map(run.one, tasks)
    finally:
        db.close()


class _Run:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        (version,) = db.execute("PRAGMA user_version").fetchone()
        self._kind: type[_Row] = _Row if version >= 3 else _OldRow
        self._total = self._fact("total")
        self._told = _told_inputs()
        self._last: _Row | None = None

    def _fact(self, name: str) -> Any:
        row = self._db.execute("SELECT value FROM fact WHERE name = ?", (name,)).fetchone()
        return json.loads(row[0]) if row else None

    def all(self) -> Iterator[Result]:
        position = 0
        for (number,) in self._db.execute("SELECT id FROM batch ORDER BY first").fetchall():
            row = self._row(number)
            yield from self._missing(position, row.first)
            for begin in range(0, row.count, PIECE):
                yield from self._ended(row, begin, min(begin + PIECE, row.count))
            position = row.first + row.count
        yield from self._missing(position, self._total or position)

    def one(self, task: int) -> Result:
        row = self._last
        if row is None or not row.first <= task < row.first + row.count:
            found = self._db.execute(
                "SELECT id FROM batch WHERE first <= ? ORDER BY first DESC LIMIT 1", (task,)
            ).fetchone()
            row = self._row(found[0]) if found else None
        if row is not None and row.first <= task < row.first + row.count:
            self._last = row
            return next(self._ended(row, task - row.first, task - row.first + 1))
        if task < 0 or (self._total is not None and task >= self._total):
            raise IndexError(f"The run has no task {task}.")
        return next(self._missing(task, task + 1))

    def _row(self, number: int) -> _Row:
        query = f"SELECT {self._kind.READ} FROM batch WHERE id = ?"
        return self._kind(*self._db.execute(query, (number,)).fetchone())

    def _ended(self, row: _Row, begin: int, stop: int) -> Iterator[Result]:
        failed = self._failures(row.first + begin, row.first + stop)
        kept = row.inputs(begin, stop)
        inputs = self._inputs(row.first + begin, row.first + stop) if kept is None else kept
        columns = zip(inputs, row.values(begin, stop), row.starts(begin, stop), row.seconds(begin, stop))
        for task, (given, value, start, seconds) in enumerate(columns, row.first + begin):
            status = row.statuses[task - row.first] if row.statuses else 0
            messages = failed.get(task, [])
            yield Result(
                task,
                _shown(given),
                STATUSES[status],
                _value(status, value),
                messages[-1][1] if status and messages else "",
                seconds,
                row.worker,
                len(messages) + (not status),
                EPOCH + timedelta(seconds=start),
            )

    def _missing(self, first: int, stop: int) -> Iterator[Result]:
        for begin in range(first, stop, PIECE):
            end = min(begin + PIECE, stop)
            failed = self._failures(begin, end)
            for task, given in enumerate(self._inputs(begin, end), begin):
                tries = failed.get(task, [])
                kind, message, worker = tries[-1] if tries else ("", "", None)
                status = kind if kind == "cancelled" else "missing"
                yield Result(task, given, status, None, message, None, worker, len(tries), None)

    def _inputs(self, first: int, stop: int) -> Sequence[Any]:
        """The inputs from the job file."""
        found = list(self._told[first:stop])
        return found + [None] * (stop - first - len(found))

    def _failures(self, first: int, stop: int) -> dict[int, list[tuple[str, str, int]]]:
        """Kind, message and worker of the failed attempts at some tasks."""
        found: dict[int, list[tuple[str, str, int]]] = {}
        for task, *told in self._db.execute(self._kind.FAILURES, (first, stop)):
            found.setdefault(task, []).append(cast("tuple[str, str, int]", tuple(told)))
        return found


class _Row:
    """Tasks that ended together: a row of run.db."""

    READ = "first, count, worker, statuses, vals, objects, inputs, stride, start, starts, seconds, form"
    FAILURES = (
        "SELECT task, kind, coalesce(text.text, ''), worker FROM failure LEFT JOIN text ON text.id = message"
        " WHERE task >= ? AND task < ? ORDER BY failure.id"
    )

    def __init__(self, first: int, count: int, worker: int, statuses: bytes | None, *columns: Any) -> None:
        self.first = first
        self.count = count
        self.worker = worker
        self.statuses = statuses
        self._vals, self._objects, self._kept_inputs, self._stride, *self._rest = columns

    def _times(self) -> tuple[Sequence[float], Sequence[float]]:
        """When each entry began, and how long each of its tasks took."""
        start, starts, seconds, _ = self._rest
        offsets = [0.0] if starts is None else _numbers("f", starts)
        return [start + offset for offset in offsets], _numbers("f", seconds)

    def starts(self, begin: int, stop: int) -> list[float]:
        starts, seconds = self._times()
        stride = self._stride
        return [
            starts[at // stride] + at % stride * seconds[at // stride] if stride > 1 else starts[at]
            for at in range(begin, stop)
        ]

    def seconds(self, begin: int, stop: int) -> list[float]:
        seconds = self._times()[1]
        return [seconds[at // self._stride] for at in range(begin, stop)]

    def values(self, begin: int, stop: int) -> Sequence[Any]:
        """Values; one that is not kept itself is a `_Pickled`. `begin` is that of a piece, or one task."""
        form = self._rest[-1]
        if form == "none":
            return [None] * (stop - begin)
        if form is not None:
            code, size = FORMS[form]
            with _opened(self._vals) as (file, at, _):
                file.seek(at + size * begin)
                return _numbers(code, file.read(size * (stop - begin))).tolist()
        piece, skipped = divmod(begin, PIECE)
        (items,) = _pieces(self._vals, piece, piece + 1)
        count = sum(type(item) is tuple for item in items)
        pickles = iter(next(_pieces(self._objects, piece, piece + 1)) if count else ())
        return [_Pickled(item[0], next(pickles)) if type(item) is tuple else item for item in items][
            skipped : skipped + stop - begin
        ]

    def inputs(self, begin: int, stop: int) -> Sequence[Any] | None:
        """Inputs that are kept here; None if the job file has them."""
        if self._kept_inputs is None:
            return None
        if isinstance(self._kept_inputs, str) and self._kept_inputs.startswith("range("):
            numbers = ast.literal_eval(self._kept_inputs[len("range") :])
            return range(*numbers)[begin:stop]
        column, offset = _place_in_list(self._kept_inputs)
        begin, stop = begin + offset, stop + offset
        pieces = _pieces(column, begin // PIECE, (stop - 1) // PIECE + 1)
        items = list(itertools.chain.from_iterable(pieces))
        return items[begin % PIECE : begin % PIECE + stop - begin]


class _OldRow(_Row):
    """A row of version 1 or 2, whose columns are pickles of all its tasks."""

    READ = "first, count, worker, statuses, vals, objects, inputs, stride, starts, ends, opaque"
    FAILURES = "SELECT task, kind, message, worker FROM failure WHERE task >= ? AND task < ? ORDER BY id"
    _made: list[Any] | None = None

    def _times(self) -> tuple[Sequence[float], Sequence[float]]:
        starts, ends = _numbers("d", self._rest[0]), _numbers("d", self._rest[1])
        return starts, [(end - start) / self._stride for start, end in zip(starts, ends)]

    def values(self, begin: int, stop: int) -> Sequence[Any]:
        if self._made is None:
            self._made = list(pickle.loads(_whole(self._vals)))
            places = _numbers("I", self._rest[2] or b"")
            pickles: list[Any] = [] if self._objects is None else pickle.loads(_whole(self._objects))
            for place, kept in zip(places, pickles):
                self._made[place] = _Pickled(self._made[place], kept)
        return self._made[begin:stop]

    def inputs(self, begin: int, stop: int) -> Sequence[Any] | None:
        if self._kept_inputs is None:
            return None
        column, offset = _place_in_list(self._kept_inputs)
        return pickle.loads(_whole(column))[offset + begin : offset + stop]


class _Pickled(NamedTuple):
    """A value's pickle, or its file, offset and length, with its display text."""

    text: str
    kept: Any

    def load(self) -> Any:
        try:
            if isinstance(self.kept, bytes):
                return _Unpickler(io.BytesIO(self.kept)).load()
            name, begin, _ = self.kept
            with open(os.path.join(FOLDER, "objects", name), "rb") as file:
                file.seek(begin)
                return _Unpickler(file).load()
        except Exception as error:  # it may be of any class, whose code may raise anything
            return Unreadable(self.text, f"{type(error).__name__}: {error}")


def _value(status: int, kept: Any) -> Any:
    if STATUSES[status] == "unpicklable":
        return Unreadable(str(kept), "it could not be pickled")
    if status:
        return None
    return kept.load() if type(kept) is _Pickled else kept


def _shown(given: Any) -> Any:
    """An input: itself, or its display text, which is kept in a tuple of one."""
    if type(given) is not tuple:
        return given
    kept = cast("tuple[Any, ...]", given)
    return kept[0] if len(kept) == 1 else kept


# Columns: bytes, or the text FILE:OFFSET:LENGTH for what is in a file of objects/.


class _opened:  # noqa: N801 - it is used as a function
    """The file with a column, the column's offset in it, and its length."""

    def __init__(self, column: bytes | str) -> None:
        self._column = column

    def __enter__(self) -> tuple[Any, int, int]:
        if isinstance(self._column, bytes):
            self._file: Any = io.BytesIO(self._column)
            return self._file, 0, len(self._column)
        name, begin, size = self._column.split(":")
        self._file = open(os.path.join(FOLDER, "objects", name), "rb")
        return self._file, int(begin), int(size)

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _whole(column: bytes | str) -> bytes:
    with _opened(column) as (file, begin, size):
        file.seek(begin)
        return file.read(size)


def _pieces(column: bytes | str, first: int, stop: int) -> Iterator[list[Any]]:
    """Some pieces of a list: pickles, followed by their offsets and their number."""
    with _opened(column) as (file, start, size):
        file.seek(start + size - 8)
        count = int.from_bytes(file.read(8), "little")
        file.seek(start + size - 8 * (count + 1))
        begins = _numbers("Q", file.read(8 * count))
        for number in range(first, stop):
            file.seek(start + begins[number])
            yield pickle.load(file)


def _place_in_list(column: bytes | str) -> tuple[bytes | str, int]:
    """A column of inputs, and the index in it at which a row begins."""
    if isinstance(column, str) and column.count(":") == 3:
        place, _, begin = column.rpartition(":")
        return place, int(begin)
    return column, 0


def _numbers(code: str, data: bytes) -> array[Any]:
    numbers: array[Any] = array(code)
    numbers.frombytes(data)
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


# Inputs that only the job file has.


def _told_inputs() -> Sequence[Any]:
    try:
        with open(os.path.join(FOLDER, "job.pool"), encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return ()
    inputs = _section(text)
    kind = inputs.get("kind", "list")
    if kind == "range":
        return range(inputs.get("start", 0), inputs.get("stop", 0), inputs.get("step", 1))
    if kind == "list":
        return _literals(inputs.get("values", ()))
    if kind == "grid":
        return _Grid(inputs)
    return ()


def _section(text: str) -> dict[str, Any]:
    """The table [inputs]; before Python 3.11, which has no TOML module, only a range."""
    try:
        tomllib = importlib.import_module("tomllib")
    except ImportError:
        lines = text.partition("[inputs]\n")[2].partition("\n[")[0].splitlines()
        pairs = [line.partition(" = ")[::2] for line in lines]
        numbers = {key: int(value) for key, value in pairs if key in ("start", "stop", "step")}
        return {"kind": "range", **numbers} if ("kind", '"range"') in pairs else {}
    return tomllib.loads(text).get("inputs", {"kind": "none"})


def _literals(values: Any) -> Sequence[Any]:
    """Values, which may be written as Python."""
    if not isinstance(values, str):
        return values
    return ast.literal_eval(_Names().visit(ast.parse(values.strip(), mode="eval")))


class _Names(ast.NodeTransformer):
    """Replaces what `repr` writes for values without a literal form."""

    KNOWN: ClassVar[dict[str, Any]] = {
        "nan": float("nan"),
        "inf": float("inf"),
        "nanj": complex(0, float("nan")),
        "infj": complex(0, float("inf")),
        "Ellipsis": ...,
    }

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return ast.Constant(self.KNOWN[node.id]) if node.id in self.KNOWN else node


class _Grid(Sequence[Any]):
    """Each combination of the values of several names, the last one changing fastest."""

    def __init__(self, inputs: dict[str, Any]) -> None:
        grid = {name: _literals(values) for name, values in inputs.get("grid", {}).items()}
        self._names, self._values = list(grid), list(grid.values())
        self._zipped = inputs.get("combine") == "zip"
        self._cells = inputs.get("call") == "args"

    def __len__(self) -> int:
        lengths = list(map(len, self._values))
        if self._zipped or not lengths:
            return min(lengths, default=0)
        total = 1
        for length in lengths:
            total *= length
        return total

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[at] for at in range(*place.indices(len(self)))]
        cells: list[Any] = []
        for values in reversed(self._values):
            place, at = (place, place) if self._zipped else divmod(place, len(values))
            cells.insert(0, values[at])
        return cells if self._cells else dict(zip(self._names, cells))


# Classes of the code that ran.


class _Unpickler(pickle.Unpickler):
    """Finds a class where the program would, then in the copy of the code that ran."""

    def find_class(self, module_name: str, global_name: str) -> Any:
        _CODE.use()
        try:
            return super().find_class(module_name, global_name)
        except (ImportError, AttributeError):
            module = _CODE.module(module_name)
            if module is None:
                raise
        found: Any = module
        for name in global_name.split("."):
            found = getattr(found, name)
        return found


class _Code(importlib.abc.MetaPathFinder):
    """Imports modules from the copies in the folder `code`, if nothing else finds them."""

    def __init__(self) -> None:
        self._modules: dict[str, Any] = {}
        self._copies: dict[str, tuple[str, str]] | None = None
        """Path of the copy, and of the original, by the name of the module."""

    def use(self) -> None:
        """Begin to be asked for modules."""
        if self._copies is not None:
            return
        self._copies = {}
        try:
            with open(os.path.join(FOLDER, "code", "index.json"), encoding="utf-8") as file:
                index = json.load(file)
        except (OSError, ValueError):  # no code was kept
            return
        for entry in index["modules"]:
            stem = os.path.splitext(os.path.basename(entry["path"]))[0]
            copy = os.path.join(FOLDER, "code", entry["copy"])
            for name in (entry["name"] or stem, "" if entry["name"] else f"{stem}_"):
                if name and os.path.isfile(copy):
                    self._copies.setdefault(name, (copy, entry["path"]))
        sys.meta_path.append(self)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        return self._spec(fullname, fullname)

    def _spec(self, name: str, known_as: str) -> Any:
        copies = self._copies or {}
        if known_as in copies:
            copy, path = copies[known_as]
            inside = [os.path.dirname(path)] if os.path.basename(path) == "__init__.py" else None
            return importlib.util.spec_from_file_location(name, copy, submodule_search_locations=inside)
        if any(other.startswith(known_as + ".") for other in copies):  # a package without a file of its own
            return importlib.util.spec_from_loader(name, None, is_package=True)
        return None

    def module(self, name: str) -> Any:
        """The copy of a module whose name means another one here; None if there is none."""
        if name not in self._modules:
            spec = self._spec(f"_of_run_{name}", name)
            if spec is None or spec.loader is None:
                return None
            self._modules[name] = module = importlib.util.module_from_spec(spec)
            sys.modules[spec.name] = module
            spec.loader.exec_module(module)
        return self._modules[name]


_CODE = _Code()
