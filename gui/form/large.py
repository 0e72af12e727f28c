"""The source of the function in a separate, larger window."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout

from gui.form.editor import SourceEditor

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
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.accept)
        whole = QVBoxLayout(self)
        whole.addWidget(self.editor, 1)
        whole.addWidget(buttons)
        self.resize(SIZE.boundedTo(self.screen().availableSize() * 0.9))
        self.editor.setFocus()
