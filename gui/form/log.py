"""The Log section: where the function's log records go, and their format."""

from __future__ import annotations

import logging
import re

from PySide6.QtWidgets import QCheckBox, QLineEdit

from engine.job import SEED_FORMAT, TIMED_FORMAT, Job, Log
from gui.form.fields import Choice, PathField, browse_log
from gui.form.section import Section
from gui.kit import theme
from gui.kit.widgets import text_label

OWN = "own"
FORMATS = (
    (TIMED_FORMAT, "Time, process, level, task"),
    (SEED_FORMAT, "Name, level, message"),
    (OWN, "Own"),
)
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MODES = (("w", "Overwrite it"), ("a", "Append to it"))


def example(format_: str) -> str:
    """An example line in the format; empty if the format does not work."""
    if re.search(r"\d{4}", format_):  # a width that would fill the memory
        return ""
    record = logging.LogRecord("root", logging.INFO, "square.py", 12, "A message.", None, None, "my_function")
    record.processName = "Worker-1"
    record.created, record.msecs = 1795445523.25, 250.0
    record.task = 3
    try:
        return logging.Formatter(format_).format(record)
    except (ValueError, TypeError, KeyError, OverflowError):
        return ""


class LogSection(Section):
    """Fields of `[log]`."""

    def __init__(self) -> None:
        super().__init__("Log")
        self.file = PathField(browse_log, "In the run folder only")
        self.file.setToolTip("Write the log to this file as well as to run.log in the run folder")
        self.mode = Choice(MODES)
        self.level = Choice([(level, level) for level in LEVELS])
        self.level.setToolTip("Records below this level are left out")
        self.preset = Choice(FORMATS)
        self.format = QLineEdit()
        self.format.setFont(theme.monospace())
        self.example = text_label("muted")
        self.example.setFont(theme.monospace())
        self.result = QCheckBox("Log the list of results at the end")
        self.add("log.file", "Lo&g file", self.file, focus=self.file.line)
        self.add("log.mode", "If it exists", self.mode)
        self.add("log.level", "&Level", self.level)
        self.add("log.preset", "Format", self.preset, name="Format preset")
        self.add("log.format", "", self.format, name="Format")
        self.add_below(self.example)
        self.add("log.result", "", self.result, name="Log the list of results at the end")
        self.file.edited.connect(self._file_edited)
        self.mode.chosen.connect(lambda: self.touch("log.mode"))
        self.level.chosen.connect(lambda: self.touch("log.level"))
        self.preset.chosen.connect(self._preset)
        self.format.textChanged.connect(self._formatted)
        self.result.toggled.connect(lambda: self.touch("log.result"))

    def _file_edited(self, text: str) -> None:
        self.rows["log.mode"].show(bool(text))
        self.touch("log.file")

    def _preset(self, preset: str) -> None:
        if preset == OWN:
            if not self.loading:
                self.format.setFocus()
        elif preset:
            self.format.setText(preset)
            self.format.setCursorPosition(0)

    def _formatted(self, text: str) -> None:
        known = text if text in (SEED_FORMAT, TIMED_FORMAT) else OWN
        if self.preset.value() != known:
            self.preset.blockSignals(True)
            self.preset.set_value(known)
            self.preset.blockSignals(False)
        line = example(text)
        self.example.setText(line)
        self.example.setVisible(bool(line))
        self.touch("log.format")

    def log(self) -> Log:
        """What the fields hold."""
        return Log(
            file=self.file.text(),
            mode=self.mode.value(),
            level=self.level.value(),
            format=self.format.text(),
            result=self.result.isChecked(),
        )

    def fill(self, job: Job) -> None:
        self.file.set_text(job.log.file, job.folder)
        self.rows["log.mode"].show(bool(job.log.file))
        self.mode.set_value(job.log.mode)
        self.level.set_value(job.log.level)
        self.format.setText(job.log.format)
        self.format.setCursorPosition(0)
        self.result.setChecked(job.log.result)
