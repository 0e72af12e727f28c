"""The source of the function in a separate, larger window, with a search."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout

from gui.form.editor import SourceEditor
from gui.form.find_bar import FindBar

SIZE = QSize(900, 640)


class LargeEditor(QDialog):
    """Edits the text of another editor: both show the same document, so nothing needs to be copied back."""

    def __init__(self, small: SourceEditor) -> None:
        super().__init__(small.window())
        self.setWindowTitle("Source of the function")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.editor = SourceEditor()
        self.editor.setAccessibleName("Source of the function, large")
        self.editor.share(small)
        self.find_bar = FindBar(self.editor)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, parent=self)
        find = buttons.addButton("Find", QDialogButtonBox.ButtonRole.ActionRole)
        find.setToolTip("Find a text in the source (Ctrl+F)")
        find.setAutoDefault(False)
        find.clicked.connect(self.find_bar.begin)
        buttons.rejected.connect(self.accept)
        keys = QKeySequence.StandardKey
        for key, do in (
            (keys.Find, self.find_bar.begin),
            (keys.FindNext, self.find_bar.next),
            (keys.FindPrevious, self.find_bar.previous),
        ):
            QShortcut(key, self, do)
        whole = QVBoxLayout(self)
        whole.addWidget(self.editor, 1)
        whole.addWidget(self.find_bar)
        whole.addWidget(buttons)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.9))
        self.editor.setFocus()
