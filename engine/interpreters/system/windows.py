"""Interpreters on Windows."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
import winreg
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

assert sys.platform == "win32"

NAMES = r"python3?\.exe"
"""Names of interpreters on PATH."""


def registered() -> list[Path]:
    """Interpreters in the registry (PEP 514), as the launcher `py` lists them."""
    found: list[Path] = []
    for root in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
        for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
            with (
                suppress(OSError),
                winreg.OpenKey(root, r"Software\Python", 0, winreg.KEY_READ | view) as key,
            ):
                found += [path for company in _subkeys(key) for path in _of_company(key, company)]
    return list(dict.fromkeys(found))


def _of_company(key: winreg.HKEYType, company: str) -> Iterator[Path]:
    if company == "PyLauncher":  # reserved for the launcher by PEP 514
        return
    with winreg.OpenKey(key, company) as tags:
        for tag in _subkeys(tags):
            with suppress(OSError), winreg.OpenKey(tags, rf"{tag}\InstallPath") as place:
                yield _executable(place)


def _executable(place: winreg.HKEYType) -> Path:
    try:
        return Path(winreg.QueryValueEx(place, "ExecutablePath")[0])
    except OSError:
        return Path(winreg.QueryValue(place, None)) / "python.exe"


def _subkeys(key: winreg.HKEYType) -> Iterator[str]:
    for number in range(winreg.QueryInfoKey(key)[0]):
        yield winreg.EnumKey(key, number)


def is_stub(path: Path) -> bool:
    """Whether this is only a stub that offers to install an interpreter."""
    try:
        return "WindowsApps" in path.parts and path.stat().st_size == 0
    except OSError:
        return True


def own_session() -> dict[str, Any]:
    """Arguments of `Popen` for a process that `end` can end together with all that it starts."""
    return {"creationflags": subprocess.CREATE_NO_WINDOW}


def passing_on(handle: int) -> dict[str, Any]:
    """Arguments of `Popen` for a process that inherits one end of a pipe, but no signals of the terminal."""
    os.set_handle_inheritable(handle, True)
    startup = subprocess.STARTUPINFO(lpAttributeList={"handle_list": [handle]})
    flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
    return {"startupinfo": startup, "creationflags": flags, "close_fds": False}


def end(process: subprocess.Popen[Any]) -> None:
    """End a process."""
    kill(process)
    process.wait()


def kill(process: subprocess.Popen[Any]) -> None:
    """The same, for a process that somebody else waits for."""
    process.kill()


@contextmanager
def without_own_libraries() -> Generator[None]:
    """While starting a process, do not pass on the frozen app's library folder."""
    own = getattr(sys, "_MEIPASS", None)
    if own is None:
        yield
        return
    ctypes.windll.kernel32.SetDllDirectoryW(None)
    try:
        yield
    finally:
        ctypes.windll.kernel32.SetDllDirectoryW(own)
