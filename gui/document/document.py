"""The job in the form as a document: its file, its name, whether it has changed, and saving it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from engine.job import Job, load, new_job, save
from gui.form import Form
from gui.kit import ask
from gui.kit.banner import Banner
from gui.kit.work import Latest
from gui.settings.store import Settings

UNTITLED = "Untitled"
NOT_SAVED = "The job was not saved."
NOT_VALID = "{} is not a valid job."
"""A problem with the name of a job file, which no longer applies once the job is saved."""


class Document(QObject):
    """What the form shows, and where it is saved."""

    changed = Signal()
    """The file, name or modified state has changed."""
    replaced = Signal()
    """Another job is shown."""

    def __init__(self, form: Form, banner: Banner, settings: Settings) -> None:
        super().__init__(form)
        self._form = form
        self._banner = banner
        self._settings = settings
        self._then: Callable[[], None] | None = None
        self._saver = Latest(self)
        self._saver.answered.connect(self._saved)
        self._saver.failed.connect(self._not_saved)
        self.path: Path | None = None
        self._name = ""
        """The name that it was opened or saved with."""
        self._named = UNTITLED
        """The name that was last reported."""
        self.modified = False
        form.changed.connect(self._modify)
        form.function.renamed.connect(self._rename)

    @property
    def name(self) -> str:
        """What the document is called: a new one after its function, or else the file of it."""
        return self._name or self._form.function.title() or UNTITLED

    def _rename(self) -> None:
        if self.name != self._named:
            self._named = self.name
            self.changed.emit()

    def show(self, job: Job, name: str, path: Path | None = None, *, reveal: bool = False) -> None:
        """Put `job` into the form as an unchanged document."""
        self._form.set_job(job, reveal=reveal)
        self._settle(name, path)
        self.replaced.emit()

    def clear(self) -> None:
        """Begin a new document."""
        self._form.set_job(new_job(), adrift=True)
        self._settle("", None)
        self.replaced.emit()

    def guard(self, then: Callable[[], None]) -> None:
        """Call `then` once unsaved changes are saved or discarded; never if the user cancels."""
        name = self.path.name if self.path else ""  # an opened script is not what would be saved
        answer = ask.unsaved(self._form.window(), name) if self.modified else "discard"
        if answer == "save":
            self.save(then)
        elif answer == "discard":
            then()

    def save(self, then: Callable[[], None] | None = None) -> None:
        """Save to the document's file; ask for one if it has none."""
        if self.path is None:
            self.save_as(then)
        else:
            self._write(self.path, then)

    def save_as(self, then: Callable[[], None] | None = None) -> None:
        """Save to a file that the user chooses."""
        start = self.path or Path(self._settings.folder) / f"{Path(self.name).stem}.pool"
        found = ask.job_to_save(self._form.window(), str(start))
        if found:
            self._write(Path(found), then)

    def _write(self, path: Path, then: Callable[[], None] | None) -> None:
        problems = self._form.own_problems()
        if problems or self._form.busy:
            self._form.reveal()
            why = (
                problems[0].message if problems else "The inputs are still being read. Try again in a moment."
            )
            self._banner.fail(NOT_SAVED, why, of_fields=True)
            return
        self._then = then
        job = self._form.job()

        def write() -> tuple[Job, Job, Path]:
            save(job, path)
            return job, load(path), path

        self._saver.ask(write)

    def _saved(self, outcome: tuple[Job, Job, Path]) -> None:
        job, kept, path = outcome
        self._banner.take_back(NOT_VALID.format(self.name))
        if self._form.job() == job:
            self._form.set_job(kept, reveal=True)
            self._settle(path.name, path)
        else:  # edited while it was being written: the form is newer than the file
            self.path, self._name = path, path.name
            self.changed.emit()
        self._banner.take_back(NOT_SAVED)
        self._settings.add_recent(path)
        self._settings.put("folder", str(path.parent))
        then, self._then = self._then, None
        if then is not None:
            then()

    def _not_saved(self, error: Exception) -> None:
        self._then = None
        why = f"{error}\nChoose another place with Save As."
        self._banner.fail(NOT_SAVED, why)

    def _settle(self, name: str, path: Path | None) -> None:
        self._name, self.path, self.modified = name, path, False
        self._named = self.name
        self.changed.emit()

    def _modify(self) -> None:
        if not self.modified:
            self.modified = True
            self.changed.emit()
