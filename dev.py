#!/usr/bin/env python3
"""The entry point for everybody who works on Poolhouse.

python3 dev.py run [ARGS]        open the app (without ARGS: with the bundled example)
python3 dev.py test [ARGS]       lint, format, types, import contracts and tests; with ARGS only pytest ARGS
python3 dev.py bench [NAME]      the benchmarks, as tables
python3 dev.py screenshot        take the screenshots of the README again
python3 dev.py package           build the frozen app into dist/; --deb, --wheel and more: see its --help
python3 dev.py lock              pin the dependencies again

Each command first sets up what it needs: `.venv` with the pinned dependencies and, on Linux, the
system libraries of Qt. The second start finds everything in place.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from gui.desktop import libraries

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
STAMP = VENV / "poolhouse-setup.json"
LOCKS = {
    "run": ROOT / "packaging/requirements.lock",
    "dev": ROOT / "packaging/requirements-dev.lock",
}
EXAMPLE = ROOT / "resources/examples/square.pool"
OLDEST = (3, 11)

# What the tests and the screenshots start.
PROGRAMS = {
    "Xvfb": "xvfb",
    "gio": "libglib2.0-bin",
    "strip": "binutils",
    "update-desktop-database": "desktop-file-utils",
    "update-mime-database": "shared-mime-info",
    "xdotool": "xdotool",
}

# What a screen reader needs, each with a pattern of its files: a test drives the window like one.
READER = {
    "dbus-daemon": "usr/bin/dbus-daemon",
    "at-spi2-core": "usr/libexec/at-spi-bus-launcher",
    "python3-gi": "usr/lib/python3/dist-packages/gi/__init__.py",
    "gir1.2-atspi-2.0": "usr/lib/*/girepository-1.0/Atspi-2.0.typelib",
}

SHIPPED = ("engine", "gui", "poolhouse.py", "dev.py")
"""The other systems, for which types are checked too."""

MOST_PROCESSES = 8
"""of tests at a time, however many cores there are."""

TERMINAL_COMMANDS = {"run", "resume", "export", "log", "--help", "-h", "--version"}


class DevError(Exception):
    """A command cannot continue; the text says why and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def attend(command: Sequence[str | Path]) -> int:
    """Run a command in the repository to its end; Ctrl-C reaches it too and does not cut it short."""
    interrupted = False
    with subprocess.Popen([str(part) for part in command], cwd=ROOT) as process:
        while process.returncode is None:
            try:
                process.wait()
            except KeyboardInterrupt:
                interrupted = True
    if interrupted:
        raise KeyboardInterrupt
    return process.returncode


def call(*command: str | Path) -> None:
    """Run a set-up command; if it fails, so does ours."""
    status = attend(command)
    if status:
        raise DevError(f"`{' '.join(map(str, command))}` ended with status {status}.")


# --- set-up ---


def missing_packages(programs: bool) -> list[str]:
    """The Debian packages of the libraries (and programs) that this Linux lacks."""
    if sys.platform != "linux":
        return []
    missing = [PROGRAMS[name] for name in PROGRAMS if programs and not shutil.which(name)]
    missing += [name for name, files in READER.items() if programs and not any(Path("/").glob(files))]
    return sorted([*missing, *libraries.missing()])


def install_packages(packages: list[str]) -> None:
    """Install Debian packages if that is possible, else print the exact command to run."""
    if not packages:
        return
    line = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if not shutil.which("apt-get"):
        raise DevError(f"System libraries are missing. On Debian they are called: {' '.join(packages)}")
    if sys.platform != "win32" and os.getuid() != 0:
        raise DevError(f"System libraries are missing. Run this, then start again:\n  sudo {' '.join(line)}")
    say(f"Installing {', '.join(packages)}")
    call("apt-get", "update", "-q")
    call("env", "DEBIAN_FRONTEND=noninteractive", *line)


def key(kind: str) -> str:
    """What the environment was made from; if this changes, the environment must be updated."""
    parts = [LOCKS[kind].read_bytes(), (ROOT / "pyproject.toml").read_bytes(), str(ROOT).encode()]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def stamps() -> dict[str, str]:
    """The keys of `.venv`; empty if it was made by another minor version of Python."""
    try:
        stamp = json.loads(STAMP.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if stamp.get("python") == python_minor() and PYTHON.exists() else {}


def python_minor() -> str:
    return f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}"


def venv_works() -> bool:
    """Whether `.venv` exists, starts, has this minor version, and has pip."""
    if not PYTHON.exists():
        return False
    probe = "import pip, platform as p, sys; print(p.python_implementation(), '%d.%d' % sys.version_info[:2])"
    done = subprocess.run([str(PYTHON), "-c", probe], capture_output=True, text=True)
    return done.returncode == 0 and done.stdout.strip() == python_minor()


def make_venv() -> None:
    if venv_works():
        return
    if Path(sys.prefix).resolve() == VENV.resolve():
        raise DevError("`.venv` has no pip and is running this. Start again with the Python of the system.")
    if VENV.exists():
        say("Replacing .venv: it is broken or belongs to another version of Python")
        shutil.rmtree(VENV)
    if not importlib.util.find_spec("ensurepip"):
        install_packages([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
    say(f"Making .venv with {python_minor()}")
    call(sys.executable, "-m", "venv", VENV)


def set_up(kind: str, system: bool = True) -> None:
    """Prepare `.venv` and the system libraries for `kind` ("run" or "dev")."""
    if system:
        install_packages(missing_packages(programs=kind == "dev"))
    if stamps().get(kind) == key(kind):
        return
    make_venv()
    STAMP.unlink(missing_ok=True)
    say("Installing the pinned dependencies")
    pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "install", "-qq"]
    call(*pip, "--require-hashes", "-r", LOCKS[kind])
    # A plain path entry: the default finder would add 10 ms to the start of each worker.
    call(*pip, "--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "-e", ROOT)
    # Otherwise hosts that may not write bytecode would compile the engine each time.
    call(PYTHON, "-m", "compileall", "-q", ROOT / "engine")
    # The requirements of the tests include those of the app.
    made = {name: key(name) for name in ("run", kind)}
    STAMP.write_text(json.dumps({"python": python_minor(), **made}), "utf-8")


# --- commands ---


def has_display() -> bool:
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def run(args: list[str]) -> int:
    """Run the app; without a display, do the same work in the terminal."""
    in_terminal = bool(TERMINAL_COMMANDS.intersection(args[:1]))
    window = has_display() and not in_terminal
    set_up("run", system=window)
    if not (window or in_terminal):
        return run_in_terminal(Path(args[0]) if args else EXAMPLE)
    command = [str(PYTHON), str(ROOT / "poolhouse.py"), *(args or [str(EXAMPLE)])]
    if os.name != "nt":
        os.execv(command[0], command)
    return attend(command)


def run_in_terminal(file: Path) -> int:
    """Run a job without the window, then print its results and its log."""
    say(f"There is no display (DISPLAY and WAYLAND_DISPLAY are not set), so {file.name} runs here.")
    poolhouse = [str(PYTHON), str(ROOT / "poolhouse.py")]
    with subprocess.Popen([*poolhouse, "run", str(file)], stdout=subprocess.PIPE, text=True) as process:
        # Ctrl-C is for the run, which stops in order; its results so far are printed all the same.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        lines = [line.rstrip("\n") for line in process.stdout or ()]
    if not lines or not (Path(lines[-1]) / "run.db").exists():
        return process.returncode
    say("\nResults")
    subprocess.call([*poolhouse, "export", lines[-1], "--format", "csv"])
    say("\nLog")
    say((Path(lines[-1]) / "run.log").read_text("utf-8", errors="replace"))
    say(f"All of it is kept in {lines[-1]}")
    return process.returncode


def test(args: list[str]) -> int:
    """Everything that CI runs, each step with its name and time; or pytest alone with `args`."""
    set_up("dev")
    pytest = [PYTHON, "-m", "pytest"]
    if args:
        return step("Tests", [*pytest, *args])
    types = [PYTHON, "-m", "pyright", "--warnings", "--pythonplatform"]
    deb = ["--deb"] if shutil.which("dpkg-deb") else []
    checks: dict[str, list[str | Path]] = {
        "Lint": [PYTHON, "-m", "ruff", "check"],
        "Format": [PYTHON, "-m", "ruff", "format", "--check"],
        "Types": [*types, "Linux"],
        "Types on Windows": [*types, "Windows", *SHIPPED],
        "Types on macOS": [*types, "Darwin", *SHIPPED],
        "Import contracts": [BIN / "lint-imports"],
        "Frozen app": [PYTHON, ROOT / "packaging/build.py", "--if-changed", *deb],
    }
    failed = side_by_side(checks)
    # More processes than cores, because many tests mostly wait.
    processes = str(min((os.cpu_count() or 1) + 1, MOST_PROCESSES))
    if step("Tests", [*pytest, "--frozen", "-n", processes, "--dist", "worksteal"]):
        failed.append("Tests")
    say(f"Failed: {', '.join(failed)}" if failed else "All steps passed")
    return 1 if failed else 0


def step(name: str, command: Sequence[str | Path]) -> int:
    say(f"\n=== {name}")
    began = time.perf_counter()
    status = attend(command)
    say(verdict(name, status, began))
    return status


def verdict(name: str, status: int, began: float) -> str:
    return f"=== {name}: {'passed' if status == 0 else 'FAILED'} in {time.perf_counter() - began:.1f} s"


def side_by_side(steps: dict[str, list[str | Path]]) -> list[str]:
    """Run steps in parallel, and show the output of each when it ends; returns the names of failed ones."""
    failed: list[str] = []

    def run_one(name: str) -> tuple[str, int, str]:
        began = time.perf_counter()
        command = [str(part) for part in steps[name]]
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
        )
        ended = verdict(name, done.returncode, began)
        return name, done.returncode, f"\n=== {name}\n{done.stdout}{ended}"

    say(f"\nSide by side: {', '.join(steps)}")
    with ThreadPoolExecutor(len(steps)) as pool:
        for running in as_completed([pool.submit(run_one, name) for name in steps]):
            name, status, text = running.result()
            say(text)
            if status:
                failed.append(name)
    return failed


def bench(args: list[str]) -> int:
    set_up("dev", system=False)
    return attend([PYTHON, "-m", "tests.bench", *args])


def screenshot(args: list[str]) -> int:
    set_up("dev")
    return attend([PYTHON, "-m", "tests.screenshot", *args])


def package(args: list[str]) -> int:
    set_up("dev")
    return attend([PYTHON, ROOT / "packaging/build.py", *args])


def lock(args: list[str]) -> int:
    """Pin names, versions and hashes for every supported system and Python; no addresses."""
    with tempfile.TemporaryDirectory() as folder:
        call(sys.executable, "-m", "venv", folder)
        tools = Path(folder) / BIN.name
        call(tools / PYTHON.name, "-m", "pip", "--disable-pip-version-check", "install", "-q", "uv")
        pin = [tools / "uv", "pip", "compile", "pyproject.toml", "--quiet", "--no-config", "--universal"]
        pin += ["--python-version", ".".join(map(str, OLDEST)), "--generate-hashes", "--no-header"]
        pin += ["--no-annotate", *args]
        call(*pin, "--group", "build", "-o", LOCKS["run"])
        call(*pin, "--group", "build", "--group", "dev", "-c", LOCKS["run"], "-o", LOCKS["dev"])
    return 0


COMMANDS = {
    "run": run,
    "test": test,
    "bench": bench,
    "screenshot": screenshot,
    "package": package,
    "lock": lock,
}


def main(args: list[str]) -> int:
    if sys.version_info[:2] < OLDEST:
        say(f"Poolhouse needs Python {OLDEST[0]}.{OLDEST[1]} or newer; this is {platform.python_version()}.")
        return 2
    if not args or args[0] not in COMMANDS:
        say((__doc__ or "").strip())
        return 0 if args in (["-h"], ["--help"]) else 2
    try:
        return COMMANDS[args[0]](args[1:])
    except DevError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
