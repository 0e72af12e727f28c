"""Large values bypass pipes, host and database: their owner writes a file, and passes on the location."""

from __future__ import annotations

import os
import pickle
import stat
from contextlib import suppress

from ..descriptors import keep_high  # not from `system`, which takes long to load
from ..typed import Any, BinaryIO, Callable

LARGE = 1 << 16
"""Longer pickles go to the file, shorter ones to run.db."""

LONG_COLUMN = 1 << 18
"""Longer columns of a row also go to a file; a text from `told` then replaces the column."""
MOST_KNOWN = 1_000
"""Files whose names are known to be on disk; if each task has its own worker, there are more and more."""

Place = tuple[str, int, int]
"""The location of a pickle: the name of its file in a folder known to both sides, offset and length."""
READ = os.O_RDONLY | sum(getattr(os, flag, 0) for flag in ("O_BINARY", "O_NOFOLLOW", "O_NONBLOCK"))


def told(place: Place) -> str:
    """A location as text."""
    return ":".join(map(str, place))


def file_of(kept: bytes | str | None) -> str | None:
    """The file of `objects/` that has a column of a row, if one has it."""
    return kept.partition(":")[0] if isinstance(kept, str) and ":" in kept else None


def length(kept: bytes | str) -> int:
    """The length of a column of a row, in bytes."""
    return len(kept) if isinstance(kept, bytes) else int(kept.rpartition(":")[2])


def place_of(kept: str, folder: str) -> Place:
    """The location in a text. Raises `OSError`."""
    try:
        name, begin, size = kept.split(":")
        return name, int(begin), int(size)
    except (ValueError, AttributeError):
        raise OSError(f"{kept!r} is not a place in {folder}") from None


def column(folder: str, kept: bytes | str) -> bytes:
    """A column of a row: itself, or what its text locates in a file of `folder`. Raises `OSError`."""
    if isinstance(kept, bytes):
        return kept
    place = place_of(kept, folder)
    with opened(folder, place) as file:
        return file.read(place[2])


def part_of(folder: str, kept: bytes | str, size: int, begin: int, stop: int) -> bytes:
    """A part of a column with this total length. Raises `OSError`, and `ValueError` if the length differs."""
    place = None if isinstance(kept, bytes) else place_of(kept, folder)
    if size != (len(kept) if place is None else place[2]):
        raise ValueError("a column has more or fewer items than its row")
    if place is None:
        return bytes(kept[begin:stop]) if isinstance(kept, bytes) else b""
    with opened(folder, place) as file:
        file.seek(place[1] + begin)
        return file.read(stop - begin)


def opened(folder: str, place: Place) -> BinaryIO:
    """The file of `folder` with a location, positioned there. Raises `OSError`.

    A run folder may come from anybody: nothing outside it is read, and nothing but regular files.
    """
    name, begin, size = place
    if os.path.islink(folder) or name != os.path.basename(name):
        raise OSError(f"{name} is not in {folder}")
    file = os.fdopen(os.open(os.path.join(folder, name), READ), "rb")
    status = os.fstat(file.fileno())
    if not stat.S_ISREG(status.st_mode) or begin < 0 or not 0 <= size <= status.st_size - begin:
        file.close()
        raise OSError(f"{name} in {folder} is cut short, or is no file")
    file.seek(begin)
    return file


class ObjectFile:
    """A file of large pickles, created when needed. If it cannot be written, they take another way."""

    def __init__(self, folder: str, name: str) -> None:
        self._pid = os.getpid()
        self._folder = folder
        self._name = name
        self._fd = -1
        self._end = 0
        self._usable = True

    @property
    def path(self) -> str:
        """The file, if it was created."""
        return "" if self._fd < 0 else os.path.join(self._folder, self._name)

    def close(self) -> None:
        """No more will be written."""
        self._usable = False
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def pickle(self, value: Any) -> Place | None:
        """Pickle a value with large parts straight into the file; None if that is not possible."""
        return self.append(lambda: pickle.Pickler(self, 5).dump(value))

    def tell(self) -> int:
        """Its current length."""
        return self._end

    def keep(self, data: bytes) -> Place | None:
        """Write a pickle to the file; None if that is not possible."""
        return self.append(lambda: self.write(data))

    def append(self, write: Callable[[], object]) -> Place | None:
        """Let `write` write to the file, through its method of that name. None if that is not possible."""
        if os.getpid() != self._pid:
            os._exit(0)  # user code forked, and the child came back here too: the file belongs to its parent
        try:
            self._open()
        except OSError:  # user code may have closed the file
            self._usable = False
            return None
        begin = self._end
        try:
            write()
        except OSError:  # the disk may be full: smaller things may still fit
            self._usable = False
            with suppress(OSError):
                os.ftruncate(self._fd, begin)
            return None
        return self._name, begin, self._end - begin

    def _open(self) -> None:
        if not self._usable:
            raise OSError("The file could not be written before")
        if self._fd < 0:
            with suppress(FileExistsError):
                os.mkdir(self._folder)  # not the run folder, if that was removed
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            self._fd = keep_high(self._made(flags))
        elif os.lseek(self._fd, 0, os.SEEK_CUR) != self._end:
            raise OSError("The descriptor now belongs to another file")

    def _made(self, flags: int) -> int:
        for more in ("", *map("-{}".format, range(1, 100))):
            try:
                made = os.open(os.path.join(self._folder, self._name + more), flags, 0o644)
            except FileExistsError:  # of a process with the same id, which a container soon reuses
                continue
            self._name += more
            return made
        raise FileExistsError(self._name)

    def write(self, data: Any) -> int:
        """Append an object with the buffer protocol; called by the pickler. Returns its size."""
        rest = memoryview(data).cast("B")
        size = len(rest)
        while rest:
            written = os.write(self._fd, rest)
            self._end += written
            rest = rest[written:]
        return size


class Syncer:
    """Syncs the files that workers wrote, on the host's side."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._written: set[str] = set()
        self._known: set[str] = set()

    def note(self, name: str) -> None:
        """The file `name` has grown; an empty name means none."""
        if name:
            self._written.add(name)

    def take(self) -> set[str]:
        """The files that have grown since the last call."""
        written, self._written = self._written, set()
        return written

    def sync(self, written: set[str]) -> None:
        """Return when all these files are on disk. Raises `OSError`."""
        for name in written:
            sync(os.path.join(self.folder, name))
        if not written <= self._known and hasattr(os, "O_DIRECTORY"):
            for folder in (self.folder, os.path.dirname(self.folder)):  # the names of the files too
                sync(folder, os.O_RDONLY)
        if len(self._known) > MOST_KNOWN:
            self._known.clear()
        self._known |= written


def sync(path: str, flags: int = os.O_RDWR) -> None:
    """Return when a file is on disk. Raises `OSError`."""
    fd = os.open(path, flags)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
