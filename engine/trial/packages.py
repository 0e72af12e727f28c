"""Packages that an interpreter lacks: which one an import needs, and the command that installs it."""

from __future__ import annotations

import re
from pathlib import Path

from engine.shell import command_line

_MISSING = re.compile(r"no module named '([^'.]+)[^']*'(?!;)", re.IGNORECASE)
"""Python's message about a missing module; `'a.b'; 'a' is not a package` is another error."""
DISTRIBUTIONS = {
    "Crypto": "pycryptodome",
    "Bio": "biopython",
    "OpenSSL": "pyOpenSSL",
    "PIL": "Pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "git": "GitPython",
    "igraph": "python-igraph",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "magic": "python-magic",
    "mpl_toolkits": "matplotlib",
    "MySQLdb": "mysqlclient",
    "osgeo": "GDAL",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "snappy": "python-snappy",
    "sentence_transformers": "sentence-transformers",
    "umap": "umap-learn",
    "usb": "pyusb",
    "websocket": "websocket-client",
    "win32api": "pywin32",
    "win32com": "pywin32",
    "wx": "wxPython",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
"""Packages whose installation name differs from their import name."""


def missing_module(message: str) -> str:
    """The top-level module that is missing according to `message`; else empty."""
    found = _MISSING.search(message)
    return found[1] if found else ""


def distribution(module: str) -> str:
    """The most likely distribution name of the top-level module `module`."""
    return DISTRIBUTIONS.get(module, module)


def install_line(python: Path, module: str) -> str:
    """The command that installs the package of `module` for the interpreter `python`."""
    name = distribution(module)
    if _made_by_uv(python):  # such an environment has no pip
        return command_line(["uv", "pip", "install", "--python", str(python), name])
    return command_line([str(python), "-m", "pip", "install", name])


def _made_by_uv(python: Path) -> bool:
    try:
        lines = (python.parent.parent / "pyvenv.cfg").read_text("utf-8", "replace").splitlines()
    except OSError:
        return False
    return any(line.partition("=")[0].strip() == "uv" for line in lines)
