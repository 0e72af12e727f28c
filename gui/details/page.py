"""The page about one task: its error, input, result, log and output as one text with links."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QUrl
from PySide6.QtGui import (
    QColor,
    QImage,
    QResizeEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextOption,
)
from PySide6.QtWidgets import QFrame, QTextBrowser, QWidget

from engine.query.detail import INPUT, LOG, PAGE, PRINTED, VALUE, Attempt, Detail, Text
from engine.query.traces import CHANGED, PLACE
from engine.results.names import UNENDED
from gui.kit import theme, words

OPEN, TURN = "open", "page"
"""Links: `open:LINE:PATH` shows a source file, `page:PART:START` a page of a text."""
_CONTROLS = {code: chr(0x2400 + code) for code in range(32) if code not in (9, 10)} | {127: "\u2421"}
"""Visible replacements for invisible characters."""
_CONTROLS |= dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x2028, 0x2029), "\ufffd")
"""Likewise for characters that reverse the text direction or look like line breaks."""
_SHORTEST = 0.002
"""Durations, in seconds, below which processor clocks are too coarse."""
_CPU = (
    (1.2, "kept more than one core busy, as threads of a library do"),
    (0.8, "computed nearly all of the time"),
    (0.2, "computed for a part of the time, and waited for the rest"),
    (0.0, "waited nearly all of the time, for a disk, a network, other processes or a sleep"),
)
"""A description of a task by its share of processor time."""
_TITLES = {"died": "What the interpreter and the task wrote", "": "Printed"}


class Page(QTextBrowser):
    """Shows a `Detail`. Selection and scroll position stay while the text is the same."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Details of the selected task")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setUndoRedoEnabled(False)
        self.setTabChangesFocus(False)  # Tab moves from link to link
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.document().setDocumentMargin(8)
        self._cursor = QTextCursor(self.document())
        self._files: Mapping[str, str] = {}
        self._picture: tuple[QImage, str] | None = None

    def show_picture(self, picture: tuple[QImage, str] | None) -> None:
        """The task that is shown next has this picture and this description of it."""
        self._picture = picture

    def show_detail(self, detail: Detail, turned: Mapping[str, Text]) -> None:
        """Show a task; `turned` has the pages of texts that were turned beyond the first page."""
        bar = self.verticalScrollBar()
        at = bar.value()
        self._files = {file.path: file.state for file in detail.files}
        self.setUpdatesEnabled(False)
        self.clear()
        self._cursor = QTextCursor(self.document())
        self._cursor.beginEditBlock()
        self._write(detail, turned)
        self._cursor.endEditBlock()
        self.setTextCursor(QTextCursor(self.document()))  # else Qt would keep its end in view
        self.setUpdatesEnabled(True)
        bar.setValue(at)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Stay at the top: Qt would scroll to its cursor."""
        bar = self.verticalScrollBar()
        at_top = bar.value() == 0
        super().resizeEvent(event)
        if at_top:
            bar.setValue(0)

    def _write(self, detail: Detail, turned: Mapping[str, Text]) -> None:
        failed = detail.status not in ("ok", *UNENDED[1:])
        if failed and detail.failures:
            self._attempt(detail.failures[-1], turned, "Error")
            if detail.status == "died":
                self._printed(detail, turned)
        if self._picture is not None:
            image, what = self._picture
            self._title("Picture", what)
            self._block(2)
            self._cursor.insertImage(image)
        if detail.stage:
            self._title("Stage")
            self._block(2)
            self._insert(detail.stage, "text", mono=False)
        if detail.input.kind != "none":
            self._value("Input", INPUT, turned.get(INPUT, detail.input))
        if detail.value.kind != "none":
            self._value("Result", VALUE, turned.get(VALUE, detail.value))
        if time := cpu_in_words(detail):
            self._title("Time")
            self._block(2)
            self._insert(time, "text", mono=False)
        if detail.log.text:
            self._text("Log", LOG, turned.get(LOG, detail.log))
        if detail.status != "died":
            self._printed(detail, turned)
        earlier = detail.failures[:-1] if failed else detail.failures
        for attempt in reversed(earlier):
            when = words.date_and_clock(attempt.time)
            self._attempt(attempt, turned, f"Attempt {attempt.number}, worker {attempt.worker}, {when}")

    def _attempt(self, attempt: Attempt, turned: Mapping[str, Text], title: str) -> None:
        self._title(title)
        self._line(attempt.message, ink="problem", weight=True)
        part = str(attempt.number)
        trace = turned.get(part, attempt.trace)
        if trace.text.rstrip("\n") not in ("", attempt.message):
            is_stack = attempt.kind == "timeout"
            self._text("Stack when its time was up" if is_stack else "Traceback", part, trace)

    def _printed(self, detail: Detail, turned: Mapping[str, Text]) -> None:
        text = turned.get(PRINTED, detail.printed)
        if not text.text and not detail.left_out:
            return
        notes: list[str] = []
        first, last = detail.printers
        if first != last:
            notes.append(f"by one of the tasks {first:,} to {last:,}")
        if detail.left_out:
            notes.append(f"{words.size(detail.left_out)} are not kept")
        self._text(_TITLES.get(detail.status, _TITLES[""]), PRINTED, text, ", ".join(notes))

    def _value(self, title: str, part: str, text: Text) -> None:
        note = {
            "text": "text of 1 character" if text.size == 1 else f"text of {text.size:,} characters",
            "bytes": f"{words.size(text.size)} in hexadecimal",
            "long": "its beginning",
        }.get(text.kind, "")
        self._text(title, part, text, note)

    def _text(self, title: str, part: str, text: Text, note: str = "") -> None:
        """A text with its title, and links to its other pages."""
        self._title(title, note)
        is_exact = text.kind == "text" and part in (INPUT, VALUE)
        self._linked(text.text if is_exact else text.text.rstrip("\n"))
        if text.start or text.more:
            self._turns(part, text)

    def _turns(self, part: str, text: Text) -> None:
        self._block(4)
        if text.kind == "long":
            self._link("Read the whole text, page by page", f"{TURN}:{part}:0")
            return
        end = text.start + len(text.text)
        of = f" of {text.size:,}" if text.kind == "text" and text.size > 0 else ""
        self._insert(f"Characters {text.start + 1:,} to {end:,}{of}", "muted", mono=False)
        if text.start:
            self._link("Previous page", f"{TURN}:{part}:{max(text.start - PAGE, 0)}")
        if text.more:
            self._link("Next page", f"{TURN}:{part}:{end}")

    # formatting

    def _title(self, text: str, note: str = "") -> None:
        self._block(0 if self.document().isEmpty() else 12)
        self._insert(text, "muted", mono=False, bold=True)
        if note:
            self._insert(f"  {note}", "muted", mono=False)

    def _line(self, text: str, ink: str, weight: bool) -> None:
        self._block(2)
        self._insert(_seen(text), ink, mono=True, bold=weight)

    def _linked(self, text: str) -> None:
        """A text with links to the existing source files that it names."""
        text = _seen(text)
        self._block(2)
        at = 0
        for found in PLACE.finditer(text):
            state = self._files.get(found[2])
            if state is None:
                continue
            self._insert(text[at : found.start(2) - 1], "text")
            at = text.index(found[3], found.end(2)) + len(found[3])
            tip = "Show this line in an editor"
            if state == CHANGED:
                tip += ". The file has changed since the run began"
            self._link(text[found.start(2) - 1 : at], f"{OPEN}:{found[3]}:{found[2]}", tip, inside=True)
            if state == CHANGED:
                self._insert(" (changed since)", "warning", mono=False)
        self._insert(text[at:], "text")

    def _link(self, text: str, target: str, tip: str = "", *, inside: bool = False) -> None:
        if not inside:
            self._insert("   ", "muted", mono=False)
        look = self._look("accent", mono=inside)
        look.setAnchor(True)
        look.setAnchorHref(bytes(QUrl.toPercentEncoding(target, b":").data()).decode("ascii"))
        look.setFontUnderline(not inside)
        look.setToolTip(tip)
        self._cursor.insertText(text, look)

    def _block(self, above: int) -> None:
        form = QTextBlockFormat()
        form.setTopMargin(above)
        if self.document().isEmpty():
            self._cursor.setBlockFormat(form)
        else:
            self._cursor.insertBlock(form)

    def _insert(self, text: str, ink: str, *, mono: bool = True, bold: bool = False) -> None:
        self._cursor.insertText(text, self._look(ink, mono=mono, bold=bold))

    def _look(self, ink: str, *, mono: bool, bold: bool = False) -> QTextCharFormat:
        look = QTextCharFormat()
        font = theme.monospace() if mono else self.font()
        font.setBold(bold)
        look.setFont(font)
        look.setForeground(QColor(getattr(theme.colors(), ink)))
        return look


def cpu_in_words(detail: Detail) -> str:
    """How much of its time a task (or its batch) was on a processor; empty if that is unknown."""
    if detail.cpu is None or detail.cpu_seconds < _SHORTEST:
        return ""
    share = detail.cpu / detail.cpu_seconds
    what = next(what for least, what in _CPU if share >= least)
    took, used = words.duration(detail.cpu_seconds), words.duration(detail.cpu)
    if detail.cpu_tasks == 1:
        return f"{used} of processor time in {took} ({share:.0%}): it {what}."
    return (
        f"{used} of processor time in {took} ({share:.0%}), for the {detail.cpu_tasks:,} tasks of its batch"
        f" together: they {what}."
    )


def _seen(text: str) -> str:
    """A text in which every character is visible."""
    return text.replace("\r\n", "\n").translate(_CONTROLS)


def target_of(url: QUrl) -> tuple[str, str, str]:
    """A link as its kind and its other parts."""
    text = QUrl.fromPercentEncoding(url.toString(QUrl.ComponentFormattingOption.FullyEncoded).encode())
    kind, _, rest = text.partition(":")
    first, _, second = rest.partition(":")
    return kind, first, second
