"""Copies the form's job to the clipboard as code: a Python script or a command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from engine.job import Job, Problem, display_name
from gui.document.document import Document
from gui.form import Form
from gui.kit import ask
from gui.kit.banner import Banner
from gui.kit.work import Latest
from gui.settings.store import Settings


class Refused(Exception):
    """The job has problems of its own."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


class Copying(QObject):
    """Writes the job as code, off the GUI thread."""

    def __init__(
        self,
        form: Form,
        document: Document,
        banner: Banner,
        settings: Settings,
        unexpected: Callable[[BaseException], None],
    ) -> None:
        super().__init__(form)
        self._form, self._document, self._banner = form, document, banner
        self._settings = settings
        self._unexpected = unexpected
        self._job = Job()
        self._writer = Latest(self)
        self._writer.answered.connect(self._written)
        self._writer.failed.connect(self._not_written)
        self._saver = Latest(self)
        self._saver.answered.connect(self._saved)
        self._saver.failed.connect(self._not_saved)

    def script(self) -> None:
        """Copy the job as a script that needs no Poolhouse."""
        form = self._form
        form.reveal()
        if form.busy:
            self._banner.fail(
                "Nothing was copied.", "The inputs are still being read. Try again.", of_fields=True
            )
        elif own := form.own_problems():
            self._not_written(Refused(own))
        else:
            job = self._job = form.job()
            self._writer.ask(lambda: _script(job))

    def _written(self, script: str) -> None:
        QGuiApplication.clipboard().setText(script)
        self._banner.inform(
            "The script is on the clipboard.",
            "It does what the job does, without Poolhouse. A comment at its top lists what it leaves out.",
            "Save as a file…",
            lambda: self._save(script),
        )

    def _not_written(self, error: Exception) -> None:
        from engine.source.code import CannotWrite

        form = self._form
        if isinstance(error, Refused):
            form.show_problems(error.problems)
            problems = form.all_problems(error.problems)
            form.focus_problem(problems[0].key)
            self._banner.fail("Nothing was copied.", problems[0].message, of_fields=True)
        elif isinstance(error, CannotWrite):
            form.show_problems([Problem(error.key, error.reason)])
            self._banner.fail("This job cannot be written as a script.", error.reason, of_fields=True)
        else:
            self._unexpected(error)

    def _save(self, script: str) -> None:
        start = Path(self._settings.folder) / f"{display_name(self._job)}_pool.py"
        if found := ask.script_to_save(self._form.window(), str(start)):
            self._saver.ask(lambda: Path(found).write_text(script, "utf-8"))

    def _saved(self, _written: int) -> None:
        self._banner.inform("The script is saved.", "")

    def _not_saved(self, error: Exception) -> None:
        self._banner.fail("The script was not saved.", f"{error}\nChoose another place.")

    def command(self) -> None:
        """Copy the command that runs the job's file."""
        document, banner = self._document, self._banner
        if document.path is None or document.modified:
            banner.inform(
                "Save the job first.",
                "The command runs the job from its file.",
                "Save and copy",
                lambda: document.save(self.command),
            )
            return
        from engine.source.code import run_command

        line = run_command(document.path)
        QGuiApplication.clipboard().setText(line)
        banner.inform("The command is on the clipboard.", line)


def _script(job: Job) -> str:
    from engine.check import check

    if found := check(job):
        raise Refused(found)
    from engine.source.code import write_script

    return write_script(job)
