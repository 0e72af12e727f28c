"""Jobs as code: a stand-alone multiprocessing script, read back too, and a command line.

Job ──> script: function + inputs + call ──> text ── read ──> the same Job └──> command: `poolhouse run`
with its words
"""

from __future__ import annotations

from engine.source.code.command import debug_command, run_command
from engine.source.code.read import read_written
from engine.source.code.script import CannotWrite, plain, write_script

__all__ = ["CannotWrite", "debug_command", "plain", "read_written", "run_command", "write_script"]
