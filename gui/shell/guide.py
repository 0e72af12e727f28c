"""The guide: its text, its contents, and search."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QKeySequence, QShortcut, QTextBlock, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QListWidget,
    QSplitter,
    QTextBrowser,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from gui.kit.line_edit import ClearableEdit
from gui.kit.resources import HELP
from gui.logs import inks

SECTION = 2
"""The level of headings that the contents list."""
MARGIN = 18
MOST_HITS = 500


class Guide(QDialog):
    """The guide in a separate window."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Poolhouse guide")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 640)
        self.text = ClearableEdit("Search the guide")
        self.text.setAccessibleName("Search the guide")
        self.count = QLabel()
        self.count.setProperty("muted", True)
        self.count.setWordWrap(True)
        self.count.hide()
        self.contents = QListWidget()
        self.contents.setAccessibleName("Contents")
        self.contents.setFrameShape(QListWidget.Shape.NoFrame)
        self.contents.setSpacing(2)
        self.pages = QTextBrowser()
        self.pages.setAccessibleName("Guide")
        self.pages.setOpenExternalLinks(True)
        self.pages.setSource(QUrl.fromLocalFile(str(HELP / "guide.md")))
        self.pages.document().setDocumentMargin(MARGIN)
        self.pages.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.sections = self._sections()
        self.contents.addItems([block.text() for block in self.sections])
        self.hits: list[QTextCursor] = []
        self._lay_out()
        self.text.textChanged.connect(self._search)
        self.text.returnPressed.connect(self.go_to_next)
        self.contents.currentRowChanged.connect(self._show_section)
        self.pages.verticalScrollBar().valueChanged.connect(self._mark_section)
        QShortcut(QKeySequence.StandardKey.Find, self, self._focus_search)
        QShortcut(QKeySequence.StandardKey.FindNext, self, self.go_to_next)
        QShortcut(QKeySequence.StandardKey.FindPrevious, self, self.go_to_previous)
        self.text.setFocus()

    def _lay_out(self) -> None:
        left = QWidget()
        side = QVBoxLayout(left)
        side.setContentsMargins(10, 10, 0, 10)
        side.setSpacing(6)
        side.addWidget(self.text)
        side.addWidget(self.count)
        side.addWidget(self.contents, 1)
        split = QSplitter()
        split.addWidget(left)
        split.addWidget(self.pages)
        split.setStretchFactor(1, 1)
        split.setSizes([220, 640])
        split.setChildrenCollapsible(False)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(split)

    def _sections(self) -> list[QTextBlock]:
        found: list[QTextBlock] = []
        block = self.pages.document().begin()
        while block.isValid():
            if block.blockFormat().headingLevel() == SECTION:
                found.append(block)
            block = block.next()
        return found

    # Contents

    def _show_section(self, row: int) -> None:
        if row >= 0:
            self._scroll_to(self.sections[row])

    def _scroll_to(self, block: QTextBlock) -> None:
        place = self.pages.document().documentLayout().blockBoundingRect(block).top()
        bar = self.pages.verticalScrollBar()
        bar.setValue(round(place) - MARGIN // 2)

    def _mark_section(self, top: int) -> None:
        """Mark the section at the top of the text in the contents."""
        layout = self.pages.document().documentLayout()
        passed = [layout.blockBoundingRect(block).top() <= top + MARGIN for block in self.sections]
        current = self.contents.currentRow()
        row = sum(passed) - 1
        if row != current and not self._shows(current):
            self.contents.blockSignals(True)  # the text moved, not the user's choice
            self.contents.setCurrentRow(row)
            self.contents.blockSignals(False)

    def _shows(self, row: int) -> bool:
        """Whether the heading of a section is on screen: the last ones cannot reach the top."""
        if row < 0:
            return False
        place = self.pages.document().documentLayout().blockBoundingRect(self.sections[row]).top()
        bar = self.pages.verticalScrollBar()
        return bar.value() == bar.maximum() and place >= bar.value()

    # Search

    def _focus_search(self) -> None:
        self.text.setFocus()
        self.text.selectAll()

    def _search(self, text: str) -> None:
        """Find all places of a text, and list only sections with a hit."""
        text = text.strip()
        self.hits = self._find(text) if text else []
        marked = inks.of_hit()
        selections: list[QTextEdit.ExtraSelection] = []
        for cursor in self.hits:
            selection = QTextEdit.ExtraSelection()
            selection.cursor, selection.format = cursor, marked  # type: ignore[misc]
            selections.append(selection)
        self.pages.setExtraSelections(selections)
        with_hits = {self._section_of(cursor) for cursor in self.hits}
        for row in range(self.contents.count()):
            self.contents.item(row).setHidden(bool(text) and row not in with_hits)
        many = f"{len(self.hits)} place{'' if len(self.hits) == 1 else 's'}"
        self.count.setText(many if self.hits else f"“{text}” is not in the guide." if text else "")
        self.count.setVisible(bool(text))
        if self.hits:
            self._go_to(self.hits[0])

    def _find(self, text: str) -> list[QTextCursor]:
        found: list[QTextCursor] = []
        cursor = self.pages.document().find(text)
        while not cursor.isNull() and len(found) < MOST_HITS:
            found.append(cursor)
            cursor = self.pages.document().find(text, cursor)
        return found

    def _section_of(self, cursor: QTextCursor) -> int:
        return sum(block.position() <= cursor.position() for block in self.sections) - 1

    def go_to_next(self) -> None:
        """Go to the next hit, wrapping around."""
        at = self.pages.textCursor().selectionStart()
        later = [hit for hit in self.hits if hit.selectionStart() > at]
        for hit in (later or self.hits)[:1]:
            self._go_to(hit)

    def go_to_previous(self) -> None:
        """Go to the previous hit, wrapping around."""
        at = self.pages.textCursor().selectionStart()
        earlier = [hit for hit in self.hits if hit.selectionStart() < at]
        for hit in (earlier or self.hits)[-1:]:
            self._go_to(hit)

    def _go_to(self, hit: QTextCursor) -> None:
        self.pages.setTextCursor(hit)
        bar, place = self.pages.verticalScrollBar(), self.pages.cursorRect(hit).top()
        if not 0 <= place < self.pages.viewport().height() * 2 // 3:
            bar.setValue(bar.value() + place - self.pages.viewport().height() // 3)
        self.contents.blockSignals(True)
        self.contents.setCurrentRow(self._section_of(hit))
        self.contents.blockSignals(False)
