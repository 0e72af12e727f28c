"""What the frozen app contains and omits: modules, Qt plugins, and its description for macOS."""

from __future__ import annotations

import json
import pkgutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from gui.desktop import product

LEFT_OUT = {"antigravity", "ensurepip", "idlelib", "lib2to3", "pydoc_data", "test", "this", "tkinter"}
LEFT_OUT |= {"nis", "turtle", "turtledemo", "_tkinter"}
"""Omitted from the standard library: teaching, Tk drawing, making and testing Pythons, NIS."""
EXCLUDED = [*sorted(LEFT_OUT), "pandas", "pyarrow", "setuptools", "pip", "yaml", "dask", "distributed"]
EXCLUDED += ["pyqtgraph.examples", "pyqtgraph.opengl"]
"""Never included, whatever the analysis finds."""
LEXERS = "pygments.lexers."
WANTED_LEXERS = {f"{LEXERS}{name}" for name in ("_mapping", "python")}
UNWANTED_HOOKS = {"pyi_rth_pyside6", "pyi_rth_pkgutil", "pyi_rth_inspect"}
"""PyInstaller hooks that would load Qt before it is known to be needed; Qt finds its plugins without them."""

UNWANTED = [
    "*/Qt/translations/*",
    "*/Qt/qml/*",
    *(
        f"*/plugins/{folder}/*"
        for folder in ("egldeviceintegrations", "generic", "networkinformation", "tls")
    ),
    *(f"*/plugins/{folder}/*" for folder in ("qmltooling", "sqldrivers", "printsupport", "designer")),
    *(f"*/plugins/platforms/*q{name}.*" for name in ("eglfs", "linuxfb", "minimal*", "vnc")),
    *(f"*/plugins/platforms/*q{name}.*" for name in ("vkkhrdisplay", "direct2d")),
    "*/plugins/wayland-graphics-integration-client/*",
    "*/plugins/xcbglintegrations/*",
    "*/plugins/*-server/*",
    "*/plugins/vectorimageformats/*",
    "*/plugins/platformthemes/*qgtk3.*",
    *(f"*/plugins/imageformats/*q{name}.*" for name in ("icns", "pdf", "tga", "tiff")),
    *(f"*/plugins/imageformats/*q{name}.*" for name in ("wbmp", "webp")),
    *(f"*/plugins/wayland-shell-integration/*{name}*" for name in ("ivi", "qt-", "fullscreen", "wl-")),
    "*QtNetwork*",
    "*/pyqtgraph/icons/peegee/*",
]
"""Patterns of files that nothing in Poolhouse uses."""
OF_THE_SYSTEM = [
    *(f"{name}.so.*" for name in ("libstdc++", "libgcc_s", "libX11", "libX11-xcb", "libxcb")),
    *(f"{name}.so.*" for name in ("libdbus-1", "libfontconfig", "libfreetype")),
]
"""Libraries that must fit the system's drivers, fonts and services, so the app must not bring its own."""

Entry = tuple[str, str, str]


@dataclass(frozen=True)
class Contents:
    """What a build put into the app."""

    files: dict[str, Path]
    """The name in the app, and the source."""
    modules: frozenset[str]

    @classmethod
    def read(cls, path: Path) -> Self:
        """The contents as the spec file left them."""
        told = json.loads(path.read_text("utf-8"))
        return cls({name: Path(source) for name, source in told["files"]}, frozenset(told["modules"]))


def wanted(entries: Iterable[Entry]) -> list[Entry]:
    """The files of an analysis, without those that nothing uses."""
    return [
        entry
        for entry in entries
        if not any(fnmatch(entry[0].replace("\\", "/"), pattern) for pattern in (*UNWANTED, *OF_THE_SYSTEM))
    ]


def wanted_modules(entries: Iterable[Entry]) -> list[Entry]:
    """The modules, without those that only other programming languages need."""
    return [entry for entry in entries if not entry[0].startswith(LEXERS) or entry[0] in WANTED_LEXERS]


def standard_library() -> list[str]:
    """Every module of the standard library: code that PyInstaller cannot see may import any of them."""
    found: list[str] = []
    for name in sorted(sys.stdlib_module_names - LEFT_OUT):
        try:
            spec = find_spec(name)
        except ValueError:  # `__main__` cannot be found as a module
            continue
        if spec is None:  # a module of another system
            continue
        found.append(name)
        if spec.submodule_search_locations:
            found += _below(name, spec.submodule_search_locations)
    return found


def _below(package: str, folders: Iterable[str]) -> list[str]:
    found: list[str] = []
    for module in pkgutil.iter_modules(folders, f"{package}."):
        if module.name.rpartition(".")[2] in ("test", "tests", "__main__", "idle_test"):
            continue
        found.append(module.name)
        if module.ispkg:
            found += _below(module.name, [f"{folder}/{module.name.rpartition('.')[2]}" for folder in folders])
    return found


def plist() -> dict[str, Any]:
    """What macOS reads about the app: the file types that it opens, its own first."""
    own = [
        {
            "UTTypeIdentifier": kind.uti,
            "UTTypeDescription": kind.name,
            "UTTypeConformsTo": ["public.data"],
            "UTTypeTagSpecification": {
                "public.mime-type": [kind.mime],
                "public.filename-extension": [
                    pattern.removeprefix("*.") for pattern in kind.patterns if pattern.startswith("*.")
                ],
            },
        }
        for kind in product.OWN_TYPES
    ]
    opened = [
        {
            "CFBundleTypeName": kind.name,
            "CFBundleTypeRole": "Editor",
            "LSHandlerRank": "Owner",
            "LSItemContentTypes": [kind.uti],
        }
        for kind in product.OWN_TYPES
    ]
    others = {
        "CFBundleTypeName": "Python scripts and logs",
        "CFBundleTypeRole": "Viewer",
        "LSHandlerRank": "Alternate",
        "LSItemContentTypes": list(product.OPENS_TOO.values()),
    }
    return {
        "CFBundleDisplayName": product.NAME,
        "NSHighResolutionCapable": True,
        "NSHumanReadableCopyright": product.COPYRIGHT,
        "UTExportedTypeDeclarations": own,
        "CFBundleDocumentTypes": [*opened, others],
    }
