"""How many cores this process may use, which can be fewer than the machine has."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath


def usable_cores() -> int:
    """The cores that this process may use, by its affinity and the CPU quota of its control groups."""
    if sys.platform == "linux":
        cores, quota = len(os.sched_getaffinity(0)), cpu_quota()
        return cores if quota is None else max(1, min(cores, quota))
    if sys.platform == "win32":
        import psutil

        return len(psutil.Process().cpu_affinity())
    return os.cpu_count() or 1


def cpu_quota(process: Path = Path("/proc/self"), root: Path = Path("/")) -> int | None:
    """The number of cores that control groups grant to a process, rounded up; None if unlimited.

    The quotas of parent groups count too. `root` is the mount root of `process`.
    """
    try:
        groups = (process / "cgroup").read_text().splitlines()
        mounts = (process / "mountinfo").read_text().splitlines()
    except OSError:
        return None
    quotas = [
        quota
        for top, group in _groups(groups, mounts)
        for folder in (group, *group.parents)
        if folder.is_relative_to(top) and (quota := _quota(root / folder.relative_to("/")))
    ]
    return min(quotas, default=None)


def _groups(groups: list[str], mounts: list[str]) -> Iterator[tuple[Path, Path]]:
    """Where a hierarchy that can limit CPU time is mounted, and the process's group in it."""
    for line in mounts:
        before, _, behind = line.partition(" - ")
        top, mounted = map(_unescaped, before.split()[3:5])
        kind, _, options = behind.split(maxsplit=2)
        if kind == "cgroup2":
            path = _path(groups, "")
        elif kind == "cgroup" and "cpu" in options.split(","):
            path = _path(groups, "cpu")
        else:
            continue
        if path is not None:
            # A container may see the outside path of its group, with only that group mounted
            inside = PurePosixPath(path)
            below = inside.relative_to(top) if inside.is_relative_to(top) else PurePosixPath()
            yield Path(mounted), Path(mounted) / below


def _path(groups: list[str], controller: str) -> str | None:
    """The group of a process in the hierarchy of a controller; version 2 has an empty name."""
    for line in groups:
        _, controllers, path = line.split(":", maxsplit=2)
        if controller in controllers.split(","):
            return path
    return None


def _quota(group: Path) -> int | None:
    """The quota of one group."""
    try:
        quota, period = (group / "cpu.max").read_text().split()
    except (OSError, ValueError):
        try:
            quota, period = (
                (group / f"cpu.cfs_{name}_us").read_text().strip() for name in ("quota", "period")
            )
        except OSError:
            return None
    if not (quota.isdecimal() and period.isdecimal() and int(period)):  # "max", or -1 for none
        return None
    return max(1, -(-int(quota) // int(period)))


def _unescaped(path: str) -> str:
    """A path of mountinfo, in which blanks and the like are octal escapes."""
    for character in " \t\n\\":
        path = path.replace(f"\\{ord(character):03o}", character)
    return path
