"""Builds the packages: the frozen app, the Debian package made from it, and the wheel.

python3 dev.py package                        the frozen app, dist/poolhouse
python3 dev.py package --deb                  and dist/poolhouse_VERSION_ARCH.deb
python3 dev.py package --check-reproducible   build twice, and compare
python3 dev.py package --wheel                only the wheel
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import deb
import elf
import licences
import looks
import reproducible
from contents import Contents

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"
WORK = ROOT / "build/frozen"
APP = DIST / "poolhouse"
INGREDIENTS = ["engine", "gui", "resources", "packaging", "poolhouse.py", "LICENSE", "pyproject.toml"]
"""The sources of the frozen app, besides the Python and the libraries of this machine."""


class BuildError(Exception):
    """The build produced nothing that can be shipped; the text says why."""


def git(*words: str) -> str:
    """Git's output for this tree; empty outside a repository."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def commit() -> str:
    """The commit that is built, marked if files differ from it."""
    return git("describe", "--always", "--dirty=+", "--exclude=*") or "unknown"


def epoch() -> str:
    """The time that the build states: that of the commit."""
    return os.environ.get("SOURCE_DATE_EPOCH") or git("log", "-1", "--format=%ct") or "315532800"


def moment() -> datetime:
    """The same as a date."""
    return datetime.fromtimestamp(int(epoch()), UTC)


def key() -> str:
    """What a build depends on: if the key changes, the app must be built again."""
    found = hashlib.sha256(f"{sys.version} {platform.platform()} {commit()}".encode())
    for part in INGREDIENTS:
        path = ROOT / part
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"\0{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return found.hexdigest()


def stamp(dist: Path) -> Path:
    """The file that holds the key of the app in `dist`: it is beside the app, not part of it."""
    return dist / "poolhouse.key"


def is_built() -> bool:
    """Whether the frozen app exists and matches the current sources."""
    return stamp(DIST).exists() and APP.is_dir() and stamp(DIST).read_text() == key()


def is_newer(package: Path) -> bool:
    """Whether a package exists and was made from the current app."""
    return package.exists() and package.stat().st_mtime > stamp(DIST).stat().st_mtime


def build(dist: Path = DIST) -> Path:
    """Build the frozen app again below `dist`; returns its folder."""
    began, made_from = time.monotonic(), key()
    stamp(dist).unlink(missing_ok=True)
    shutil.rmtree(WORK, ignore_errors=True)
    work = WORK / "poolhouse"
    work.mkdir(parents=True)
    (work / "built.txt").write_text(f"{commit()} {moment():%Y-%m-%d}", "utf-8")
    copy_sources(work / "sources/engine/host")
    looks.write(work)
    pyinstaller(dist)
    folder = dist / "poolhouse"
    contents = Contents.read(work / "contents.json")
    if missing := missing_libraries(contents):
        raise BuildError("\n".join(["Install these libraries, so that they come into the app:", *missing]))
    elf.slim(folder)
    if unknown := elf.unknown_libraries(folder):
        raise BuildError(f"These libraries are neither in the app nor in gui/desktop/libraries.py: {unknown}")
    licences.write(folder, contents, commit(), moment())
    stamp(dist).write_text(made_from)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
    print(f"{folder}: {size / 1e6:.0f} MB in {time.monotonic() - began:.0f} s", flush=True)
    return folder


def copy_sources(target: Path) -> None:
    """Copy the sources of the host, compiled for the bundled Python, checked by content, not time."""
    source = ROOT / "engine/host"
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    options = ["-q", "--invalidation-mode", "checked-hash", "-s", str(target), "-p", "engine/host"]
    command = [sys.executable, "-m", "compileall", *options, str(target)]
    subprocess.run(command, env=steady_environment(), check=True)


def steady_environment() -> dict[str, str]:
    """Environment for reproducible builds: constant sets are ordered by their hashes."""
    return {**os.environ, "PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": epoch()}


def pyinstaller(dist: Path) -> None:
    """Run PyInstaller so that its output is the same every time."""
    environment = {
        **steady_environment(),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "packaging")]),
    }
    options = ["--noconfirm", "--log-level", "INFO", "--distpath", str(dist), "--workpath", str(WORK)]
    command = [sys.executable, "-m", "PyInstaller", *options, str(ROOT / "packaging/poolhouse.spec")]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    (WORK / "pyinstaller.log").write_text(done.stdout, "utf-8")
    if done.returncode:
        raise BuildError(f"{done.stdout[-4000:]}\nPyInstaller ended with status {done.returncode}.")


def missing_libraries(contents: Contents) -> list[str]:
    """What PyInstaller only warns about: libraries that the app needs and this machine lacks."""
    found = re.compile(r"Library not found: could not resolve '(.+)', dependency of '(.+)'")
    log = (WORK / "pyinstaller.log").read_text("utf-8")
    sources = set(contents.files.values())
    return [f"{name}, which {by} needs" for name, by in found.findall(log) if Path(by) in sources]


def wheel() -> None:
    """The wheel, for people who have Python."""
    for old in ("lib", f"bdist.{platform.system().lower()}-{platform.machine()}"):
        shutil.rmtree(ROOT / "build" / old, ignore_errors=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "wheel", "-q"]
    subprocess.run([*pip, "--no-deps", "--no-build-isolation", "-w", str(DIST), "."], cwd=ROOT, check=True)


def main(words: Sequence[str]) -> int:
    """Build what was asked for."""
    assert __doc__
    parser = argparse.ArgumentParser(prog="dev.py package", description=__doc__.splitlines()[0])
    parser.add_argument("--deb", action="store_true", help="make the Debian package too")
    parser.add_argument("--wheel", action="store_true", help="only the wheel")
    parser.add_argument("--check-reproducible", action="store_true", help="build twice, and compare")
    parser.add_argument("--if-changed", action="store_true", help="keep a build of what is here")
    given = parser.parse_args(words)
    try:
        if given.wheel:
            wheel()
        elif given.check_reproducible:
            return reproducible.check(build, WORK)
        elif not (given.if_changed and is_built()):
            build()
        if given.deb and not (given.if_changed and is_newer(deb.package_of(APP))):
            print(deb.build(APP, WORK, epoch()))
    except (BuildError, elf.ToolMissing) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
