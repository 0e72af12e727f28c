"""A source file opened at a line, in the person's editor."""

from __future__ import annotations

import shlex
from pathlib import Path

from PySide6.QtCore import QProcess, QUrl
from PySide6.QtGui import QDesktopServices

COMMAND = "editor"
"""The setting with the command: `code -g {file}:{line}`; empty for what the desktop opens the file with."""


def words_of(command: str, path: Path, line: int) -> list[str]:
    """The command's words, with the file and the line in their places, the file at the end if it has none."""
    words = shlex.split(command)
    if not any("{file}" in word for word in words):
        words.append("{file}")
    return [word.replace("{file}", str(path)).replace("{line}", str(line)) for word in words]


def open_at(path: Path, line: int, command: str) -> str:
    """Open a file; gives what is wrong, in words, if it cannot be."""
    if not path.is_file():
        return f"{path} is not there."
    if not command:
        return (
            "" if QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))) else f"Nothing opens {path.name}."
        )
    try:
        program, *arguments = words_of(command, path, line)
    except ValueError as error:
        return f"The command of the editor cannot be read: {error}."
    started, _ = QProcess.startDetached(program, arguments)
    return "" if started else f"{program} cannot be started."
