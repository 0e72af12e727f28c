"""Adds Poolhouse to the applications of a Linux desktop: entry, file types, icons and description."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.sax.saxutils import escape

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from engine import __version__
from engine.runs import APPLICATION_ID
from engine.version import built_on
from gui.desktop import product
from gui.kit.resources import ICONS

SIZES = (16, 22, 24, 32, 48, 64, 128, 256, 512)
UPDATES = (
    ["update-desktop-database", "applications"],
    ["update-mime-database", "mime"],
    ["gtk-update-icon-cache", "--quiet", "--ignore-theme-index", "icons/hicolor"],
)
"""Programs that update the desktop's caches, each with the folder that it reads."""

TYPES = (*(kind.mime for kind in product.OWN_TYPES), *product.OPENS_TOO)
ENTRY = """\
[Desktop Entry]
Type=Application
Version=1.5
Name={name}
GenericName=Parallel Task Runner
Comment={summary}
Exec={command} %f
Icon={program}
Terminal=false
StartupNotify=true
StartupWMClass={program}
Categories=Development;Science;Utility;
Keywords={keywords};
MimeType={types};
Actions=new-window;example;

[Desktop Action new-window]
Name=New Window
Exec={command} --new-window

[Desktop Action example]
Name=Open the Example
Exec={command} --example
"""
MIME = """\
<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="{job.mime}">
    <comment>{job.name}</comment>
    <sub-class-of type="text/plain"/>
    <icon name="{program}"/>
    <glob pattern="*.pool"/>
  </mime-type>
  <mime-type type="{run.mime}">
    <comment>{run.name}</comment>
    <sub-class-of type="application/vnd.sqlite3"/>
    <icon name="{program}"/>
    <magic priority="80">
      <match type="string" offset="0" value="SQLite format 3">
        <match type="big32" offset="68" value="0x{magic:08x}"/>
      </match>
    </magic>
    <glob pattern="run.db" weight="80"/>
  </mime-type>
</mime-info>
"""
METAINFO = """\
<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>{id}</id>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>{licence}</project_license>
  <name>{name}</name>
  <summary>{summary}</summary>
  <description><p>{description}</p></description>
  <developer id="org.poolhouse"><name>{copyright}</name></developer>
  <launchable type="desktop-id">{program}.desktop</launchable>
  <content_rating type="oars-1.1"/>
  <provides>
    <binary>{program}</binary>
{provided}
  </provides>
{releases}</component>
"""


def own_command() -> list[str]:
    """The words that start this app: the frozen program, else the script beside its Python."""
    if getattr(sys, "frozen", False):
        return [sys.executable]
    script = Path(sys.executable).with_name(product.PROGRAM)
    root = Path(__file__).resolve().parents[2]
    return [str(script)] if script.exists() else [sys.executable, str(root / "poolhouse.py")]


def data_home() -> Path:
    """Where the desktop looks for what this user has installed."""
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")


def files(command: list[str]) -> Iterator[tuple[str, bytes]]:
    """What there is to install: each path below a `share` folder, and its content."""
    svg = (ICONS / f"{product.PROGRAM}.svg").read_bytes()
    yield f"applications/{product.PROGRAM}.desktop", _entry(command).encode()
    yield f"mime/packages/{product.PROGRAM}.xml", _mime().encode()
    yield f"metainfo/{product.ID}.metainfo.xml", _metainfo().encode()
    yield f"icons/hicolor/scalable/apps/{product.PROGRAM}.svg", svg
    for size in SIZES:
        yield f"icons/hicolor/{size}x{size}/apps/{product.PROGRAM}.png", picture(size)


def install(share: Path, command: list[str]) -> list[Path]:
    """Write it all below `share`; the files. Raises OSError."""
    written: list[Path] = []
    for name, content in files(command):
        path = share / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        written.append(path)
    return written


def uninstall(share: Path) -> list[Path]:
    """Take away what `install` wrote; what was there. Raises OSError."""
    there = [share / name for name, _ in files([product.PROGRAM]) if (share / name).exists()]
    for path in there:
        path.unlink()
    return there


def update(share: Path) -> None:
    """Have the desktop look again, by those of its programs that are installed."""
    for *command, folder in UPDATES:
        if shutil.which(command[0]) and (share / folder).is_dir():
            subprocess.run([*command, str(share / folder)], stdout=subprocess.DEVNULL)


def main(option: str) -> int:
    """`poolhouse --install-desktop` and `--uninstall-desktop`, for this user; the exit status."""
    if sys.platform in ("win32", "darwin"):
        print(
            "Poolhouse: this option is for Linux. On this system, the installer registers the file types.",
            file=sys.stderr,
        )
        return 2
    share = data_home()
    try:
        if option == "--install-desktop":
            changed, done = (
                install(share, own_command()),
                "was added to your applications",
            )
        else:
            changed, done = uninstall(share), "was removed from your applications"
    except OSError as error:
        print(f"Poolhouse: {error.filename} cannot be written: {error.strerror}.", file=sys.stderr)
        return 1
    update(share)
    print(f"Poolhouse {done}: {len(changed)} files below {share}.")
    return 0


def _quoted(words: list[str]) -> str:
    """A command as an Exec line has it."""

    def quote(word: str) -> str:
        if re.fullmatch(r"[\w./-]+", word):
            return word
        inside = re.sub(r'(["`$\\])', r"\\\1", word).replace("\\", "\\\\").replace("%", "%%")
        return f'"{inside}"'

    return " ".join(map(quote, words))


def _entry(command: list[str]) -> str:
    return ENTRY.format(
        name=product.NAME,
        summary=product.SUMMARY,
        command=_quoted(command),
        program=product.PROGRAM,
        keywords=";".join(product.KEYWORDS),
        types=";".join(TYPES),
    )


def _mime() -> str:
    return MIME.format(job=product.JOB, run=product.RUN, program=product.PROGRAM, magic=APPLICATION_ID)


def _metainfo() -> str:
    built = built_on()
    release = f'  <releases><release version="{__version__}" date="{built}"/></releases>\n' if built else ""
    return METAINFO.format(
        id=product.ID,
        licence=product.LICENCE,
        name=product.NAME,
        summary=escape(product.SUMMARY),
        description=escape(product.DESCRIPTION),
        copyright=product.COPYRIGHT,
        program=product.PROGRAM,
        provided="\n".join(f"    <mediatype>{kind.mime}</mediatype>" for kind in product.OWN_TYPES),
        releases=release,
    )


def picture(size: int) -> bytes:
    """The icon of the app as a PNG of this many pixels."""
    svg = (ICONS / f"{product.PROGRAM}.svg").read_bytes()
    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(svg).render(painter)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # pyright: ignore[reportArgumentType, reportCallIssue]
    return bytes(buffer.data().data())
