"""The form of a script: its interpreter and arguments, and what was found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gui.form.fields import Number, PathField
from gui.form.python import PythonField
from gui.form.section import Section
from gui.kit import icons
from gui.kit.ask import folder_to_run_in
from gui.kit.paths import expanded
from gui.kit.tab_order import move_focus
from gui.kit.tips import plain_tip
from gui.kit.widgets import WrappedText, text_label
from gui.script.arguments import ArgumentsSection

if TYPE_CHECKING:
    from pathlib import Path

    from engine.launch import Script
    from engine.source.found import Found

MOST_LISTED = 20
"""Further pools, functions or lines are only counted."""
UNKNOWN = "Not known before it runs."


class ScriptForm(QScrollArea):
    """Shows a script, to be run as it is or opened as a job."""

    run_asked = Signal()
    job_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("form")
        self.setAccessibleName("Script")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._found: Found | None = None
        self.as_it_is = _RunSection()
        self.arguments = ArgumentsSection()
        self.has = _HasSection()
        self.as_job = _JobSection()
        inner = self._inner = QWidget()
        inner.setObjectName("sections")
        box = QVBoxLayout(inner)
        box.setContentsMargins(2, 0, 8, 8)
        box.setSpacing(10)
        self._sections = (self.as_it_is, self.arguments, self.has, self.as_job)
        for section in self._sections:
            box.addWidget(section)
        box.addStretch(1)
        self.setWidget(inner)
        self.as_it_is.button.clicked.connect(self.run_asked)
        self.as_job.button.clicked.connect(self.job_asked)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002
        return move_focus(self._inner, forward=next) or super().focusNextPrevChild(next)

    def show_found(self, found: Found) -> None:
        """Show what was found in a script."""
        first = self._found is None
        self._found = found
        self.as_it_is.show_found(found, first)
        self.arguments.show_arguments(found.arguments)
        self.has.show_found(found)
        self.as_job.show_found(found)
        self._align()

    def give(self, script: Script) -> None:
        """Show how a script is to be run."""
        self.as_it_is.give(script)
        self.arguments.give(script.arguments)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._align()

    def _align(self) -> None:
        """Use one label width in all sections, so that all fields are aligned."""
        width = max(section.label_width() for section in self._sections)
        for section in self._sections:
            section.grid.setColumnMinimumWidth(0, width)

    def script(self) -> Script | None:
        """The script to run; None if a field is wrong, which is shown beside it."""
        from engine.launch import Script

        words = self.arguments.words()
        if self._found is None or words is None:
            return None
        path = self._found.path
        return Script(
            path,
            self.as_it_is.where(path),
            tuple(words),
            python=self.as_it_is.python.text(),
            workers=self.as_it_is.workers.value(),
            named=path.name if self.as_it_is.where(path) == path.parent else str(path),
        )


class _RunSection(Section):
    """How the script runs as it is."""

    def __init__(self) -> None:
        super().__init__("Run as it is")
        self.about = text_label("muted")
        self.about.setText(
            "The script itself runs, and its pools get Poolhouse's workers:"
            " each call of a pool is a stage of the run, each task a row."
        )
        self.add_wide(self.about)
        self.file = QLineEdit(readOnly=True)
        self.folder = PathField(folder_to_run_in, "The script's own")
        self.folder.setToolTip("Where it runs: relative paths in the script and its arguments begin here")
        self.python = PythonField()
        self.workers = Number("As the script says")
        self.add("script.file", "File", self.file)
        self.add("script.folder", "Fol&der", self.folder, focus=self.folder.line, name="Folder to run in")
        self.add("script.python", "P&ython", self.python, focus=self.python.box, name="Python")
        self.add("script.workers", "&Workers", self.workers, name="Workers of each pool")
        self.button = QPushButton(icons.icon("run"), "Run as it &is")
        self.button.setToolTip("Run the script (F5)")
        self.add_below(self.button)

    def show_found(self, found: Found, first: bool) -> None:
        self.file.setText(str(found.path))
        self.file.setToolTip(plain_tip(str(found.path)))
        self.file.setCursorPosition(0)
        if first:
            self.folder.start_in(found.path.parent)
            self.python.set_text(found.python, found.path.parent)
            self.python.set_near(found.path)

    def clear_problems(self) -> None:
        """Take back what was wrong with the fields in the last run."""
        for row in self.rows.values():
            row.tell("", "")

    def where(self, path: Path) -> Path:
        """The folder in which the script at `path` runs."""
        return path.parent / expanded(self.folder.text())

    def give(self, script: Script) -> None:
        own = script.path.parent
        self.folder.set_text("" if script.folder == own else str(script.folder), own)
        self.python.set_text(script.python, own)
        self.workers.setValue(script.workers)


class _HasSection(Section):
    """What is in the script."""

    def __init__(self) -> None:
        super().__init__("What is in it")
        self.pools, self.functions = WrappedText("Pools"), WrappedText("Functions")
        self.left_out = WrappedText("Left out")
        self.add("script.pools", "Pools", self.pools)
        self.add("script.functions", "Functions", self.functions)
        self.add("script.left_out", "Left out", self.left_out)

    def show_found(self, found: Found) -> None:
        pools = [f"{place}: {what}" for place, what in found.pools]
        none = "None found. Those in modules that it imports are taken over, too."
        self.pools.setText(_listed(pools) or (none if found.known else UNKNOWN))
        self.functions.setText(_listed(found.functions) or ("None" if found.known else UNKNOWN))
        self.left_out.setText(_listed(found.left_out))
        self.rows["script.left_out"].show(bool(found.left_out))


class _JobSection(Section):
    """The job that can be read from the script."""

    def __init__(self) -> None:
        super().__init__("As a job")
        self.about = WrappedText("As a job")
        self.button = QPushButton(icons.icon("form"), "")
        self.add_wide(self.about)
        self.add_below(self.button)

    def show_found(self, found: Found) -> None:
        if found.why:
            sure = " with certainty" if found.known else ""
            self.about.setText(f"It cannot be read as a job{sure}. {found.why}")
            self.button.setText("&Choose one of its functions…")
        else:
            name = found.job.function.name or found.job.function.import_path
            count = found.job.inputs.count
            said = "" if count is None else f" with {count:,} input{'' if count == 1 else 's'}"
            self.about.setText(f"It calls {name}{said}. As a job, it can be changed and resumed.")
            self.button.setText("Open as a &job")
        self.button.setVisible(not found.why or bool(found.functions))


def _listed(lines: tuple[str, ...] | list[str]) -> str:
    more = [f"and {len(lines) - MOST_LISTED:,} more"] if len(lines) > MOST_LISTED else []
    return "\n".join([*lines[:MOST_LISTED], *more])
