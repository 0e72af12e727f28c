"""The licences of what is bundled: notices to read, and a list of components for machines (CycloneDX)."""

# The types of cyclonedx come from a decorator that pyright cannot follow.
# pyright: reportCallIssue=false, reportAttributeAccessIssue=false, reportArgumentType=false

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from contents import Contents
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component as Listed
from cyclonedx.model.component import ComponentType
from cyclonedx.model.license import DisjunctiveLicense
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from engine import __version__
from gui.desktop import product

HERE = Path(__file__).parent
TEXTS = HERE / "licences"
QT = {"pyside6-essentials", "shiboken6"}
QT_SOURCES = "https://download.qt.io/official_releases/QtForPython/pyside6/"
LICENCE_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice|authors)[^/]*$", re.IGNORECASE)

HEADING = """\
{name} {version} (commit {commit})

{name} itself is under the {licence} licence, see LICENSE.txt. It comes with the components below, each under
its own licence.

Qt and Qt for Python
--------------------
The libraries of Qt {qt} and of Qt for Python {qt} (PySide6, Shiboken) are used under the GNU Lesser General
Public License, version 3. Its text is in licences/LGPL-3.txt and licences/GPL-3.txt. They are unmodified, as
published on PyPI in the packages PySide6_Essentials and shiboken6. Their complete sources are at
  {sources}PySide6-{qt}-src/
  https://download.qt.io/official_releases/qt/{series}/{qt}/single/
Qt itself holds work of others, ICU (under the Unicode licence) and more, listed with their licences at
  https://doc.qt.io/qt-6/licenses-used-in-qt.html

You may replace them: they are shared libraries, in {folder}. Put libraries of the same major version, built
by yourself, in their place, and start {name} as before. Nothing in {name} prevents that, nor the reverse
engineering that debugging such changes needs.
"""


@dataclass(frozen=True)
class Component:
    """A bundled component with a version and a licence."""

    name: str
    version: str
    licence: str
    purl: str
    text: str


def write(app: Path, contents: Contents, commit: str, moment: datetime) -> None:
    """Put notices, texts and the list of components into the app's folder."""
    components = sorted(
        [_python(), *_packages(contents), *_debian(app, contents)], key=lambda one: one.name.lower()
    )
    shutil.copytree(TEXTS, app / "licences", dirs_exist_ok=True)
    shutil.copy(HERE.parent / "LICENSE", app / "LICENSE.txt")
    (app / "NOTICES.txt").write_text(_notices(components, commit), "utf-8")
    (app / "sbom.cdx.json").write_text(_bill(components, moment), "utf-8")


def _notices(components: list[Component], commit: str) -> str:
    versions = {one.name.lower(): one.version for one in components}
    qt = versions["pyside6_essentials"]
    folder = "PySide6" if sys.platform == "win32" else "_internal/PySide6/Qt/lib"
    parts = [
        HEADING.format(
            name=product.NAME,
            version=__version__,
            commit=commit,
            licence=product.LICENCE,
            qt=qt,
            series=qt.rpartition(".")[0],
            sources=QT_SOURCES,
            folder=folder,
        )
    ]
    for one in components:
        title = f"{one.name} {one.version}: {one.licence}"
        parts.append(f"{title}\n{'-' * len(title)}\n{one.text.strip()}\n")
    return "\n\n".join(parts)


def _python() -> Component:
    version = platform.python_version()
    places = [Path(sys.base_prefix) / "LICENSE.txt", *Path(sys.base_prefix).glob("lib/python3*/LICENSE.txt")]
    text = next((place.read_text("utf-8") for place in places if place.exists()), "")
    if not text:
        text = "The PSF licence: https://docs.python.org/3/license.html"
    return Component("Python", version, "PSF-2.0", f"pkg:generic/python@{version}", text)


def _packages(contents: Contents) -> Iterator[Component]:
    """The distributions with a module or file in the app, and PyInstaller, whose loader is in it."""
    modules = {name.partition(".")[0] for name in contents.modules}
    sources = {str(source) for source in contents.files.values()}
    for distribution in distributions():
        name = distribution.name
        files = distribution.files or []
        tops = {file.parts[0].removesuffix(".py") for file in files if file.suffix == ".py"}
        inside = any(str(distribution.locate_file(file)) in sources for file in files if file.suffix != ".py")
        if name == product.PROGRAM or not (inside or modules & tops or name == "pyinstaller"):
            continue
        texts = [
            str(Path(str(distribution.locate_file(file))).read_text("utf-8", "replace"))
            for file in files
            if LICENCE_FILE.search(str(file)) and ".dist-info" in str(file)
        ]
        licence = _licence(distribution)
        if name.lower().replace("_", "-") in QT:
            licence, texts = "LGPL-3.0-only", ["See licences/LGPL-3.txt and licences/GPL-3.txt."]
        if not texts:
            texts = [f"The distribution {name} {distribution.version} has no text of it."]
        purl = f"pkg:pypi/{name.lower().replace('_', '-')}@{quote(distribution.version)}"
        yield Component(name, distribution.version, licence, purl, "\n\n".join(texts))


def _licence(distribution: Distribution) -> str:
    told: Any = distribution.metadata
    if short := told.get("License-Expression"):
        return short
    classifiers = told.get_all("Classifier") or []
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License ::")]
    return "; ".join(named) or (told.get("License") or "see below").splitlines()[0]


def _debian(app: Path, contents: Contents) -> Iterator[Component]:
    """The system packages whose libraries are bundled."""
    if not shutil.which("dpkg-query"):
        return
    inside = {str(path.relative_to(app / "_internal")) for path in (app / "_internal").glob("*.so*")}
    sources = [source for name, source in contents.files.items() if name in inside and source.is_absolute()]
    owners: dict[str, None] = {}
    for source in sources:
        for place in (source, source.resolve(), Path(str(source.resolve()).removeprefix("/usr"))):
            done = subprocess.run(["dpkg-query", "-S", str(place)], capture_output=True, text=True)
            if done.returncode == 0:
                owners[done.stdout.partition(": ")[0].partition(",")[0]] = None
                break
    for owner in owners:
        shown = ["dpkg-query", "-W", "-f", "${Package} ${Version} ${Architecture}", owner]
        name, version, machine = subprocess.run(shown, capture_output=True, text=True).stdout.split(" ")
        notice = Path("/usr/share/doc") / name / "copyright"
        text = notice.read_text("utf-8", "replace") if notice.exists() else "See the package of Debian."
        named = dict.fromkeys(re.findall(r"^License:[ \t]*(\S.*)$", text, re.MULTILINE))
        purl = f"pkg:deb/debian/{name}@{quote(version)}?arch={machine}"
        yield Component(name, version, ", ".join(named) or "see below", purl, text)


def _bill(components: list[Component], moment: datetime) -> str:
    """The components in the format of CycloneDX."""
    listed = [
        Listed(
            name=one.name,
            version=one.version,
            bom_ref=one.purl,
            purl=PackageURL.from_string(one.purl),
            licenses=[DisjunctiveLicense(name=one.licence)],
        )
        for one in components
    ]
    name = f"{product.PROGRAM}-{__version__}"
    app = Listed(type=ComponentType.APPLICATION, name=product.PROGRAM, version=__version__, bom_ref=name)
    bom = Bom(serial_number=uuid5(NAMESPACE_URL, f"{name}-{moment.isoformat()}"), components=listed)
    bom.metadata = BomMetaData(component=app, timestamp=moment)
    bom.register_dependency(app, listed)
    return JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
