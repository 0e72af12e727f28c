"""The shared libraries of a frozen app on Linux: stripped, and what they need from the system."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from gui.desktop.libraries import LIBRARIES, OPTIONAL

BASE = {
    "ld-linux-x86-64.so.2": "libc6",
    "ld-linux-aarch64.so.1": "libc6",
    "libc.so.6": "libc6",
    "libcrypt.so.1": "libcrypt1",
    "libdl.so.2": "libc6",
    "libgcc_s.so.1": "libgcc-s1",
    "libm.so.6": "libc6",
    "libpthread.so.0": "libc6",
    "librt.so.1": "libc6",
    "libutil.so.1": "libc6",
    "libresolv.so.2": "libc6",
    "libstdc++.so.6": "libstdc++6",
}
"""Libraries that every Linux has; never bundled."""


class ToolMissing(Exception):
    """A program of the build is not installed."""


def tool(name: str) -> str:
    """The path of a program of binutils."""
    found = shutil.which(name)
    if not found:
        raise ToolMissing(f"{name} is not installed. On Debian: sudo apt install binutils")
    return found


def libraries(folder: Path) -> list[Path]:
    """The programs and shared libraries of an app, by name."""
    files = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]
    return sorted(path for path in files if path.open("rb").read(4) == b"\x7fELF")


def slim(folder: Path) -> None:
    """Remove libraries that only omitted plugins needed, and the symbols of Python's own build."""
    if sys.platform != "linux":
        return
    while orphans := _orphans(folder):
        for path in orphans:
            path.unlink()
    inside = folder / "_internal"
    for link in [path for path in inside.rglob("*.so*") if path.is_symlink() and not path.exists()]:
        link.unlink()
    files = [*inside.glob("libpython*.so*"), *inside.glob("**/lib-dynload/*.so")]
    subprocess.run([tool("strip"), "--strip-unneeded", *map(str, files)], check=True)


def _orphans(folder: Path) -> list[Path]:
    used = needs(folder)
    return [path for path in libraries(folder) if _is_library(path) and path.name not in used]


def _is_library(path: Path) -> bool:
    """Whether a file is there only because others need it; Python and plugins are loaded by name."""
    return ".so." in path.name and not path.name.startswith("libpython")


def needs(folder: Path) -> set[str]:
    """The libraries that the files of an app load."""
    command = [tool("readelf"), "-d", *map(str, libraries(folder))]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", told))


def needed(folder: Path) -> set[str]:
    """The libraries that an app loads and does not bundle."""
    return needs(folder) - {path.name for path in folder.rglob("*.so*")}


def packages(folder: Path) -> list[str]:
    """The Debian packages that an app needs to start."""
    names = needed(folder) - {*OPTIONAL}
    return sorted({LIBRARIES.get(name) or BASE[name] for name in names})


def unknown_libraries(folder: Path) -> list[str]:
    """System libraries that an app needs and for which no package is known."""
    return sorted(needed(folder) - {*LIBRARIES, *OPTIONAL, *BASE}) if sys.platform == "linux" else []
