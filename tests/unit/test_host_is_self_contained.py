"""What runs in host and workers imports only the standard library (of 3.9 and newer) and itself."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HOST = Path(__file__).parents[2] / "engine/host"
SOURCES = sorted(HOST.rglob("*.py"))
PRIVATE = "_poolhouse"  # the engine's name in the user's interpreter


OF_A_CLUSTER = {"cluster/link.py": "distributed", "cluster/agent.py": "distributed"}
"""The one package that is imported if the mode dask is chosen; the agent runs where it is installed."""


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(level, module) of each import; level 0 is an absolute one."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((0, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or ""


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(HOST).as_posix())
def test_imports_stay_inside(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"), str(path), feature_version=(3, 9))
    depth = len(path.relative_to(HOST).parts)
    for level, module in imports(tree):
        if level:
            assert level <= depth, f"{'.' * level}{module} leaves engine/host"
        elif module.split(".")[0] != PRIVATE and module != OF_A_CLUSTER.get(
            path.relative_to(HOST).as_posix()
        ):
            assert module.split(".")[0] in sys.stdlib_module_names, f"{module} is a third party's"


COMPILE = """
import pathlib, sys
for path in sys.argv[1:]:
    compile(pathlib.Path(path).read_bytes(), path, "exec")
"""

FIND = """
import importlib.util, json, sys
print(json.dumps([name for name in json.loads(sys.argv[1]) if not importlib.util.find_spec(name)]))
"""

# What exists only on some systems.
OF_ONE_SYSTEM = {"_winapi", "fcntl", "msvcrt", "resource", "winreg"}


def test_every_interpreter_compiles_it(interpreter: Path) -> None:
    command = [interpreter, "-I", "-W", "error", "-c", COMPILE, *SOURCES]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


def test_every_interpreter_has_what_it_imports(interpreter: Path) -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in SOURCES]
    names = {module.split(".")[0] for tree in trees for level, module in imports(tree) if not level} - {
        PRIVATE,
        *OF_A_CLUSTER.values(),
    }
    command = [interpreter, "-I", "-c", FIND, json.dumps(sorted(names))]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)) <= OF_ONE_SYSTEM
