"""Icon and version of the programs on Windows and macOS, in their systems' formats."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtGui import QImage

from engine import __version__
from gui.desktop import entry, product

VERSION = """\
VSVersionInfo(
  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0x0, OS=0x40004, fileType=0x1),
  kids=[
    StringFileInfo([StringTable("040904B0", [{strings}])]),
    VarFileInfo([VarStruct("Translation", [1033, 1200])]),
  ],
)
"""


def write(folder: Path) -> None:
    """Write what the spec expects in `folder` on this system."""
    if sys.platform in ("win32", "darwin"):
        picture = QImage.fromData(entry.picture(256 if sys.platform == "win32" else 512))
        name = folder / f"{product.PROGRAM}.{'ico' if sys.platform == 'win32' else 'icns'}"
        if not picture.save(str(name)):
            raise OSError(f"{name} cannot be written")
    if sys.platform == "win32":
        (folder / "version.txt").write_text(version_resource(), "utf-8")


def version_resource() -> str:
    """The version resource that Windows shows in the properties of the programs."""
    numbers = (*map(int, __version__.split(".")[:3]), 0)
    strings = {
        "CompanyName": product.COPYRIGHT,
        "FileDescription": product.NAME,
        "FileVersion": __version__,
        "LegalCopyright": f"{product.COPYRIGHT}, {product.LICENCE} licence",
        "ProductName": product.NAME,
        "ProductVersion": __version__,
    }
    structs = ", ".join(f"StringStruct({name!r}, {text!r})" for name, text in strings.items())
    return VERSION.format(numbers=numbers, strings=structs)
