"""How a log is read, in full: the formats, how sure that is, and the lines that do not fit."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from engine.query.log import LogReading, LogState
from gui.kit import theme
from gui.logs import inks

_WIDEST = 200


def described(state: LogState, reading: LogReading) -> str:
    """How a log is read, as a text."""
    lines = [f"{state.lines:,} lines, {state.records:,} records"]
    chosen = ", chosen by hand" if reading.encoding else ""
    lines.append(f"Encoding: {state.encoding or 'unknown'}{chosen}")
    lines += [f"Note: {note}" for note in state.notes]
    lines.append("")
    if not state.detected:
        lines.append("No format was found, so the whole file counts as one record.")
        lines.append("Choose the format plain to have a record a line.")
    elif reading.format:
        lines.append(f"Format, chosen by hand: {reading.format}")
        lines.append(f"It fits {state.sure:.0%} of the sampled lines.")
    else:
        one = len(state.detected) == 1
        lines.append("Format that was found:" if one else "Formats that were found:")
        lines += [f"    {one.name}, {one.lines:,} sampled lines: {one.text}" for one in state.detected]
        lines.append(f"They begin {state.sure:.0%} of the sampled lines that could begin a record.")
    counts = [f"{name} {count:,}" for name, count in zip(inks.LEVELS, state.by_level, strict=True) if count]
    lines += ["", f"Levels: {', '.join(counts) or 'none'}"]
    if state.misfits:
        lines += ["", "Lines that fit no format, and so belong to the record above them:"]
        lines += [f"    {line[:_WIDEST]}" for line in state.misfits]
    return "\n".join(lines)


class Explained(QDialog):
    """Shows it in a window."""

    def __init__(self, text: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("How the log is read")
        self.resize(720, 380)
        self.text = QPlainTextEdit(text, readOnly=True, lineWrapMode=QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(theme.monospace())
        self.text.setAccessibleName("How the log is read")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=self)
        buttons.rejected.connect(self.reject)
        whole = QVBoxLayout(self)
        whole.addWidget(self.text)
        whole.addWidget(buttons)
