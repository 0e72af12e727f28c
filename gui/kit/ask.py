"""The few questions that the app asks before something would be lost."""

from __future__ import annotations

from PySide6.QtWidgets import QFileDialog, QInputDialog, QLineEdit, QMessageBox, QWidget

JOBS = "Poolhouse jobs (*.pool)"
ALL = (
    "All that can be opened (*.pool *.py *.db *.log *.txt);;Poolhouse jobs (*.pool);;"
    "Python files (*.py);;Saved runs (run.db);;Logs (*.log *.txt);;All files (*)"
)
_Button = QMessageBox.StandardButton


def unsaved(parent: QWidget, name: str) -> str:
    """Whether to `save` or `discard` unsaved changes, or to `cancel`. A job without a file has no `name`."""
    what = f"{name} has unsaved changes." if name else "The job in the form is not saved."
    box = QMessageBox(QMessageBox.Icon.Warning, "Poolhouse", what, parent=parent)
    box.setInformativeText("Save them first?" if name else "Save it as a file first?")
    box.setStandardButtons(_Button.Save | _Button.Discard | _Button.Cancel)
    box.setDefaultButton(_Button.Save)
    answer = box.exec()
    box.deleteLater()
    return {_Button.Save: "save", _Button.Discard: "discard"}.get(_Button(answer), "cancel")


def live_run(parent: QWidget) -> str:
    """Whether to `stop` the run before the window closes, to `keep` it running, or to `cancel`."""
    box = QMessageBox(QMessageBox.Icon.Question, "Poolhouse", "A run is still going on.", parent=parent)
    box.setInformativeText(
        "It can keep running without the window, and is shown again when Poolhouse is started again."
        " Where it is stopped, results and log so far are kept, and it can be resumed."
    )
    stop = box.addButton("Stop and &quit", QMessageBox.ButtonRole.DestructiveRole)
    keep = box.addButton("&Keep running", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(_Button.Cancel)
    box.setDefaultButton(_Button.Cancel)
    box.exec()
    chosen = box.clickedButton()
    box.deleteLater()
    return "stop" if chosen is stop else "keep" if chosen is keep else "cancel"


def preset_name(parent: QWidget, start: str) -> str:
    """Under which name to keep a job, empty where the person cancels."""
    name, given = QInputDialog.getText(
        parent, "Save as preset", "Name of the preset:", QLineEdit.EchoMode.Normal, start
    )
    return name if given else ""


def replace_preset(parent: QWidget, name: str) -> bool:
    """Whether a preset takes the place of the one that has its name."""
    return _confirmed(parent, f"There is a preset “{name}” already.", "Saving replaces it.", "&Replace")


def delete_preset(parent: QWidget, name: str) -> bool:
    """Whether to delete a preset."""
    return _confirmed(parent, f"Delete the preset “{name}”?", "It cannot be brought back.", "&Delete")


def _confirmed(parent: QWidget, what: str, why: str, do: str) -> bool:
    box = QMessageBox(QMessageBox.Icon.Question, "Poolhouse", what, parent=parent)
    box.setInformativeText(why)
    button = box.addButton(do, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(_Button.Cancel)
    box.setDefaultButton(_Button.Cancel)
    box.exec()
    chosen = box.clickedButton() is button
    box.deleteLater()
    return chosen


def file_to_open(parent: QWidget, folder: str) -> str:
    """A file to open, empty where the person cancels."""
    found, _ = QFileDialog.getOpenFileName(parent, "Open", folder, ALL)
    return found


def run_to_open(parent: QWidget, folder: str) -> str:
    """A run folder to open."""
    return QFileDialog.getExistingDirectory(parent, "Open a run folder", folder)


def job_to_save(parent: QWidget, start: str) -> str:
    """Where to save a job."""
    return _to_save(parent, "Save the job as", start, JOBS, "pool")


def script_to_save(parent: QWidget, start: str) -> str:
    """Where to save a script."""
    return _to_save(parent, "Save the script as", start, "Python files (*.py)", "py")


def _to_save(parent: QWidget, title: str, start: str, kinds: str, suffix: str) -> str:
    dialog = QFileDialog(parent, title, start, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""
