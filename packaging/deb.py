"""The Debian package, made from the frozen app."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import elf

from engine import __version__
from gui.desktop import entry, product

HOME = "usr/lib/poolhouse"
CONTROL = """\
Package: {program}
Version: {version}
Architecture: {machine}
Maintainer: {copyright} <poolhouse@example.org>
Installed-Size: {size}
Depends: {depends}
Recommends: desktop-file-utils, hicolor-icon-theme, shared-mime-info, {optional}
Section: devel
Priority: optional
Description: {summary}
 {description}
"""
BEFORE_REMOVAL = f"""\
#!/bin/sh
# What other Pythons have compiled beside the sources that they were given.
find /{HOME}/_internal/sources -name __pycache__ -prune -exec rm -rf {{}} +
"""


def build(app: Path, work: Path, epoch: str) -> Path:
    """Make the package of the frozen `app`, beside it. Files are dated `epoch`."""
    root = work / "deb"
    shutil.rmtree(root, ignore_errors=True)
    shutil.copytree(app, root / HOME, symlinks=True)
    link = root / "usr/bin" / product.PROGRAM
    link.parent.mkdir()
    link.symlink_to(f"../lib/{product.PROGRAM}/{product.PROGRAM}")
    entry.install(root / "usr/share", [f"/usr/bin/{product.PROGRAM}"])
    notices = root / "usr/share/doc" / product.PROGRAM / "copyright"
    notices.parent.mkdir(parents=True)
    shutil.copy(app / "NOTICES.txt", notices)
    _control(root, app)
    for path in root.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
    made = package_of(app)
    options = ["--root-owner-group", "-Zzstd", "-z16"]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": epoch}
    command = ["dpkg-deb", *options, "--build", str(root), str(made)]
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return made


def package_of(app: Path) -> Path:
    """Where the package of an app is."""
    return app.with_name(f"{product.PROGRAM}_{__version__}_{_machine()}.deb")


def _machine() -> str:
    return _output("dpkg", "--print-architecture")


def _control(root: Path, app: Path) -> None:
    folder = root / "DEBIAN"
    folder.mkdir()
    files = [path for path in root.rglob("*") if path.is_file() and not path.is_symlink()]
    depends = [f"libc6 (>= {_glibc(app)})" if name == "libc6" else name for name in elf.packages(app)]
    text = CONTROL.format(
        program=product.PROGRAM,
        version=__version__,
        machine=_machine(),
        copyright=product.COPYRIGHT,
        size=sum(path.stat().st_size for path in files) // 1024,
        depends=", ".join(depends),
        optional=", ".join(sorted(elf.OPTIONAL.values())),
        summary=product.SUMMARY,
        description=product.DESCRIPTION,
    )
    (folder / "control").write_text(text, "utf-8")
    script = folder / "prerm"
    script.write_text(BEFORE_REMOVAL, "utf-8")
    script.chmod(0o755)


def _glibc(app: Path) -> str:
    """The oldest C library that the app runs with."""
    told = _output(elf.tool("readelf"), "-V", "--wide", *map(str, elf.libraries(app)))
    found = {tuple(map(int, version.split("."))) for version in re.findall(r"GLIBC_([0-9.]+)", told)}
    return ".".join(map(str, max(found)))


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
