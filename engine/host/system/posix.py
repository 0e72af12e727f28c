"""Linux, macOS and the like."""

from __future__ import annotations

import ctypes
import errno
import faulthandler
import fcntl
import multiprocessing
import os
import resource
import signal
import stat
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, Pipe

assert sys.platform != "win32"

from ..descriptors import keep_high
from ..prctl import die_with_parent

LIMITS_MEMORY = sys.platform != "darwin" and not os.environ.get("POOLHOUSE_WATCH_MEMORY")
"""Whether the system enforces a memory limit of a process; otherwise the host must watch it.

macOS accepts RLIMIT_AS and ignores it. The variable makes the host watch here too: that limits the memory
in use rather than the address space, of which some libraries reserve far more than they use.
"""
PROC_PIDTASKINFO = 4
"""From <sys/proc_info.h>."""
KNOWS_SHARED_MEMORY = sys.platform == "linux"
"""Whether the system reports all shared memory of a process."""
FALLOC_FL_COLLAPSE_RANGE = 8
"""From <linux/falloc.h>."""


def open_append(path: str) -> int:
    """A descriptor whose every write lands in one piece at the end of the file, whoever else writes."""
    return keep_high(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644))


def cut_out(fd: int, begin: int, end: int) -> bool:
    """Remove a part of a file in one step, whoever is writing to it; False if the file system cannot."""
    if sys.platform != "linux" or sys.maxsize < 1 << 32:
        return False
    offset, length = ctypes.c_int64(begin), ctypes.c_int64(end - begin)
    return ctypes.CDLL(None).fallocate(fd, FALLOC_FL_COLLAPSE_RANGE, offset, length) == 0


def out_of_reach(conn: Connection) -> Connection:
    """The same pipe on a high descriptor; `conn` itself is closed."""
    moved = Connection(keep_high(os.dup(conn.fileno())))
    conn.close()
    return moved


def die_with(lifeline: int, host: int) -> bool:
    """Have the system kill this process when the host closes the pipe `lifeline`, or dies as its parent.

    Both, because each alone has a gap: a forked sibling holds a copy of the pipe's other end, and the parent
    under forkserver is a server, which may fail without harm to its children. False if the system cannot.
    """
    if sys.platform != "linux":
        return False
    kept = keep_high(os.dup(lifeline))
    fcntl.fcntl(kept, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(kept, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(kept, fcntl.F_SETFL, fcntl.fcntl(kept, fcntl.F_GETFL) | fcntl.FASYNC)
    return os.getppid() != host or die_with_parent()


def lead_group() -> None:
    """Give this process, and those that it starts, a process group of their own."""
    os.setpgid(0, 0)


def form_group() -> None:
    """Put this process into a process group of its own whose leader is gone.

    If it led the group itself, code in it could not begin a session.
    """
    try:
        leader = os.fork()
    except OSError:  # no more processes
        lead_group()
        return
    if leader == 0:
        while True:
            signal.pause()
    os.setpgid(leader, leader)
    os.setpgid(0, leader)
    os.kill(leader, signal.SIGKILL)
    os.waitpid(leader, 0)


def group_of(pid: int) -> int:
    """The process group of a process; 0 if it is gone."""
    try:
        return os.getpgid(pid)
    except OSError:
        return 0


def end_group(leader: int) -> None:
    """Kill the rest of the group of a process that is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def limit_memory(size: int) -> None:
    """Deny allocations beyond `size` bytes of address space to this process, if `LIMITS_MEMORY`."""
    if LIMITS_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (size, size))


@contextmanager
def memory_limited(size: int) -> Generator[None, None, None]:
    """`limit_memory` for a while; 0 means no limit."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    if size and LIMITS_MEMORY:
        resource.setrlimit(resource.RLIMIT_AS, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


def resident(pid: int) -> int:
    """Bytes of memory that a process occupies; 0 if it is gone."""
    if sys.platform == "darwin":
        return _task_info(pid)[1]
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * resource.getpagesize()
    except (OSError, IndexError):
        return 0


def _task_info(pid: int) -> ctypes.Array[ctypes.c_uint64]:
    """The data of macOS about a process: struct proc_taskinfo of <sys/proc_info.h>."""
    info = (ctypes.c_uint64 * 12)()  # the virtual size, the resident size, ...
    size = ctypes.sizeof(info)
    ctypes.CDLL(None).proc_pidinfo(pid, PROC_PIDTASKINFO, ctypes.c_uint64(0), info, size)
    return info


def peak_memory() -> int | None:
    """The memory peak of this process in bytes."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def waited_for_core() -> float | None:
    """Seconds during which this thread waited for a core; None if the system does not report that."""
    try:
        with open("/proc/thread-self/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1]) / 1e9
    except (OSError, ValueError, IndexError):
        return None


def stops() -> int | None:
    """How often this thread has stopped by itself, to wait for something; None if the system does not say."""
    if sys.platform != "linux":
        return None
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def stack_pipe() -> tuple[Connection | None, Connection | None]:
    """A pipe for the stack of a worker: the host's end and the worker's."""
    return Pipe(duplex=False)


def ignore_stack_requests() -> None:
    """Ignore the signal, so that a request before a worker is set up does not end it: it inherits this."""
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


_kept: list[Connection] = []
"""The worker's end, which must stay open."""


def show_stack_on_request(end: Connection) -> None:
    """Write the Python stack to `end` at each SIGUSR1: at once, even if this process hangs in C."""
    _kept.append(out_of_reach(end))
    if _may_use_signal():
        faulthandler.register(signal.SIGUSR1, file=_kept[-1].fileno(), all_threads=True)


def renew_stack_requests() -> None:
    """Handle SIGUSR1 again, after it had another handler for a while."""
    if _kept:
        faulthandler.unregister(signal.SIGUSR1)
        faulthandler.register(signal.SIGUSR1, file=_kept[-1].fileno(), all_threads=True)


def leave_signal_to_user() -> None:
    """If the user's module uses the signal, close the pipe: `stacks` sends it no more."""
    if not _may_use_signal():
        while _kept:
            _kept.pop().close()


def _may_use_signal() -> bool:
    """Whether SIGUSR1 is as the host has handed it down, as far as Python knows."""
    return signal.getsignal(signal.SIGUSR1) is signal.SIG_IGN


def ask_for_stack(pid: int) -> None:
    """Have a worker write its stack to its pipe."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGUSR1)


def is_open(pipe: Connection) -> bool:
    """Whether the worker has kept its end of a stack pipe; discards late answers to earlier requests."""
    os.set_blocking(pipe.fileno(), False)
    while True:
        try:
            if not os.read(pipe.fileno(), 1 << 16):
                return False
        except BlockingIOError:
            return True
        except OSError:
            return False


def read_stack(pipe: Connection) -> bytes:
    """What has arrived of a stack; empty if nothing has, or will."""
    try:
        return os.read(pipe.fileno(), 1 << 16)
    except OSError:
        return b""


def own_frames(stack: str) -> str:
    """A stack without the frames of the engine and of multiprocessing below the user's."""
    lines = stack.splitlines()
    ours = (
        f'  File "{os.path.dirname(os.path.dirname(__file__))}',
        f'  File "{os.path.dirname(multiprocessing.__file__)}',
    )
    return "\n".join(line for line in lines if not line.startswith(ours))


def open_files() -> set[tuple[int, int, int]]:
    """The descriptors of this process and their targets, except devices without a position."""
    found: set[tuple[int, int, int]] = set()
    for fd in map(int, os.listdir("/proc/self/fd" if sys.platform == "linux" else "/dev/fd")):
        with suppress(OSError):  # the one from which the listing was read
            status = os.fstat(fd)
            if not (stat.S_ISCHR(status.st_mode) and status.st_rdev in _stateless_devices()):
                found.add((fd, status.st_dev, status.st_ino))
    return found


def shared_memory() -> set[str]:
    """The memory that copies of this process would share; empty unless `KNOWS_SHARED_MEMORY`."""
    if not KNOWS_SHARED_MEMORY:
        return set()
    with open("/proc/self/maps") as maps:
        return {line for line in maps if line.split()[1].startswith("rw-s")}


def _stateless_devices() -> list[int]:
    return [os.stat(f"/dev/{name}").st_rdev for name in ("null", "zero", "random", "urandom")]


def has_children() -> bool:
    """Whether this process has started another one, which may have ended; its exit status is lost."""
    try:
        os.waitpid(-1, os.WNOHANG)
    except ChildProcessError:
        return False
    return True


def has_foreign_threads() -> bool:
    """Whether threads other than Python's and those of fork-safe libraries are running."""
    if sys.platform == "darwin":
        threads, libraries = _task_info(os.getpid())[10] >> 32, 0
    elif sys.platform == "linux":
        threads = sum(map(_may_be_foreign, os.listdir("/proc/self/task")))
        with open("/proc/self/maps") as maps:
            libraries = len({line.split()[-1] for line in maps if "openblas" in line})
    else:
        return False
    return threads > threading.active_count() + libraries * ((os.cpu_count() or 1) - 1)


def _may_be_foreign(thread: str) -> bool:
    with open(f"/proc/self/task/{thread}/comm") as name:
        return name.read() != "jemalloc_bg_thd\n"


def describe_status(code: int) -> str:
    """The meaning of an exit status of 0 or more."""
    return f"exited with status {code}"


def close_all_but(kept: set[int]) -> None:
    """Close the descriptors that a fork has copied, except these and the standard ones."""
    below = 3
    for fd in sorted(kept):
        if fd >= below:
            os.closerange(below, fd)
            below = fd + 1
    os.closerange(below, _most_files())


def _most_files() -> int:
    try:
        return max(map(int, os.listdir("/proc/self/fd" if sys.platform == "linux" else "/dev/fd"))) + 1
    except (OSError, ValueError):
        return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def what_is_short(error: BaseException) -> str:
    """What the system lacks to start a process, in words."""
    number = getattr(error, "errno", None)
    if number in (errno.EMFILE, errno.ENFILE):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return f"the limit on open files ({limit:,}, `ulimit -n`) is reached"
    if number == errno.EAGAIN:
        limit = resource.getrlimit(resource.RLIMIT_NPROC)[0]
        many = "unlimited" if limit == resource.RLIM_INFINITY else f"{limit:,}"
        return f"the limit on processes ({many}, `ulimit -u`, or that of the container) is reached"
    if number == errno.ENOMEM:
        return "there is not enough memory for another process"
    return f"no process can be started ({error or type(error).__name__})"
