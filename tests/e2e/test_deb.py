"""The Debian package, installed in an overlay of this machine that is removed after the test."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.program import ROOT

LIMIT = 110

LAYER = """
set -eu
mount -t tmpfs tmpfs "$1"
for folder in usr var etc; do
    mkdir -p "$1/$folder/upper" "$1/$folder/work"
    layers="lowerdir=/$folder,upperdir=$1/$folder/upper,workdir=$1/$folder/work"
    mount -t overlay overlay -o "$layers" "/$folder"
done
shift
exec sh -eu -c "$@"
"""
USE = """
say() { echo "=== $*"; }
quietly() { "$@" > "$log" 2>&1 || { cat "$log"; exit 1; }; }
log="$2/apt"
quietly apt-get install -qq -y --no-install-recommends -o APT::Sandbox::User=root "$1"
say version; poolhouse --version
say types
echo "[function]" > "$2/a.pool"
gio info -a standard::content-type "$2/a.pool" | grep content-type
say program; gio mime application/x-poolhouse-job
rm -rf /usr/bin/python* /usr/lib/python3* /usr/bin/gcc* /usr/bin/cc
mount -t tmpfs tmpfs "$3"
say example
examples=/usr/lib/poolhouse/_internal/resources/examples
folder=$(env -i PATH=/usr/bin:/bin poolhouse run --quiet --runs "$2/runs" $examples/square.pool)
tail -n 1 "$folder/run.log"
say run; gio info -a standard::content-type "$folder/run.db" | grep content-type
say opened; QT_QPA_PLATFORM=offscreen timeout 3 poolhouse --new-window "$2/a.pool" || echo "status $?"
say left
dpkg -L poolhouse | while read -r file; do [ -d "$file" ] || echo "$file"; done > "$2/files"
mkdir -p /usr/lib/poolhouse/_internal/sources/engine/host/__pycache__
touch /usr/lib/poolhouse/_internal/sources/engine/host/__pycache__/wire.cpython-39.pyc
quietly apt-get purge -qq -y poolhouse
while read -r file; do [ ! -e "$file" ] || echo "$file"; done < "$2/files"
ls -d /usr/lib/poolhouse /usr/bin/poolhouse 2> /dev/null || true
"""


@pytest.fixture
def package(request: pytest.FixtureRequest) -> Path:
    if not request.config.getoption("frozen"):
        pytest.skip("the package is tried with --frozen, as `dev.py test` does once it is built")
    if sys.platform != "linux" or os.getuid() != 0:
        pytest.skip("only root installs packages")
    found = sorted((ROOT / "dist").glob("poolhouse_*.deb"))
    if not found:
        pytest.skip("a Debian package is made on Debian only")
    return found[-1]


def test_it_installs_runs_opens_by_type_and_goes_cleanly(package: Path, tmp_path: Path) -> None:
    layer = tmp_path / "layer"
    layer.mkdir()
    pythons = Path(sys.base_prefix) if not sys.base_prefix.startswith("/usr") else tmp_path / "none"
    pythons.mkdir(exist_ok=True)
    command = ["unshare", "--mount", "sh", "-c", LAYER, "sh", layer, USE, "sh", package, tmp_path, pythons]
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(tmp_path),
        "DEBIAN_FRONTEND": "noninteractive",
        "LANG": "C.UTF-8",
    }
    done = subprocess.run(
        list(map(str, command)), env=environment, capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    parts = dict(part.split("\n", 1) for part in done.stdout.split("=== ")[1:])
    assert parts["version"].startswith("Poolhouse 0.")
    assert "application/x-poolhouse-job" in parts["types"]
    assert "poolhouse.desktop" in parts["program"]
    assert parts["example"] == "root - INFO - Result: [1, 4, 9, 16, 25]\n"
    assert "application/x-poolhouse-run" in parts["run"]
    assert parts["opened"] == "status 124\n"  # it was there until it was ended
    assert parts["left"] == ""
    assert done.stderr == ""
