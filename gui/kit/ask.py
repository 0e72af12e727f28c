"""The few questions that the app asks before something could be lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QFileDialog,
    QInputDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)

from gui.kit import asking

JOBS = "Poolhouse jobs (*.pool)"
ALL = (
    "All supported files (*.pool *.py *.ipynb *.db *.log *.txt *.gz *.csv *.tsv *.jsonl *.ndjson *.parquet);;"
    "Poolhouse jobs (*.pool);;Python files (*.py *.ipynb);;Data (*.csv *.tsv *.jsonl *.ndjson *.parquet);;"
    "Saved runs (run.db);;Logs (*.log *.log.* *.txt *.gz);;All files (*)"
)
RESULTS = (
    "CSV (*.csv);;JSON lines (*.jsonl);;Parquet (*.parquet);;Trace for Perfetto (*.json);;Report (*.html)"
)
_Button = QMessageBox.StandardButton


def _box(icon: QMessageBox.Icon, what: str, parent: QWidget) -> QMessageBox:
    """A question; names in it are shown as plain text, even if they look like markup."""
    box = QMessageBox(icon, "Poolhouse", what, parent=parent)
    box.setTextFormat(Qt.TextFormat.PlainText)
    return box


def unsaved(parent: QWidget, name: str) -> str:
    """Whether to `save` or `discard` unsaved changes, or to `cancel`. A job without a file has no `name`."""
    what = f"{name} has unsaved changes." if name else "The job in the form is not saved."
    box = _box(QMessageBox.Icon.Warning, what, parent)
    box.setInformativeText("Save them first?" if name else "Save it as a file first?")
    box.setStandardButtons(_Button.Save | _Button.Discard | _Button.Cancel)
    box.setDefaultButton(_Button.Save)
    answer = box.exec()
    box.deleteLater()
    return {_Button.Save: "save", _Button.Discard: "discard"}.get(_Button(answer), "cancel")


@dataclass(frozen=True)
class Leave:
    """What to do with unsaved jobs and live runs when the window closes."""

    save: bool
    runs: str
    """`stop` or `keep`, for live runs."""


def leaving(parent: QWidget, unsaved_jobs: Sequence[str], live_runs: Sequence[str]) -> Leave | None:
    """What to do with unsaved jobs and live runs when the window closes; None if it stays open."""
    what = _at_stake(unsaved_jobs, live_runs)
    box = _box(QMessageBox.Icon.Question, what, parent)
    keep_running = QCheckBox("&Keep running without the window")
    if live_runs:
        box.setInformativeText(
            "A run that you keep running is shown again the next time you start Poolhouse."
            " If you stop it, its results and log so far are kept, and you can resume it."
        )
    choose: dict[QAbstractButton, tuple[bool, str]] = {}
    """The meaning of each button: whether to save, and what happens to runs (empty: the checkbox decides)."""
    if unsaved_jobs:
        save = box.addButton(_Button.Save if len(unsaved_jobs) == 1 else _Button.SaveAll)
        choose = {save: (True, ""), box.addButton(_Button.Discard): (False, "")}
        if live_runs:
            box.setCheckBox(keep_running)
    else:
        stop = box.addButton("Stop and &quit", QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton("&Keep running", QMessageBox.ButtonRole.AcceptRole)
        choose = {stop: (False, "stop"), keep: (False, "keep")}
    box.setDefaultButton(box.addButton(_Button.Cancel))
    box.exec()
    chosen, ticked = choose.get(box.clickedButton()), keep_running.isChecked()
    box.deleteLater()
    if chosen is None:
        return None
    return Leave(chosen[0], chosen[1] or ("keep" if ticked else "stop"))


def _at_stake(unsaved_jobs: Sequence[str], live_runs: Sequence[str]) -> str:
    parts = []
    if unsaved_jobs:
        verb = "has" if len(unsaved_jobs) == 1 else "have"
        parts.append(f"{_listed(unsaved_jobs)} {verb} unsaved changes.")
    if live_runs:
        verb = "is" if len(live_runs) == 1 else "are"
        parts.append(f"{_listed(live_runs)} {verb} still running.")
    return " ".join(parts)


def _listed(names: Sequence[str]) -> str:
    if len(names) > 3:
        return f"{', '.join(names[:2])} and {len(names) - 2} others"
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def changed_code(parent: QWidget, *, live: bool) -> str:
    """Whether to run tasks again with the `changed` code of the form, `as it was`, or not (`cancel`)."""
    what = "The code in the form differs from the code of this run."
    box = _box(QMessageBox.Icon.Question, what, parent)
    as_it_was = box.addButton("As it &was run", QMessageBox.ButtonRole.AcceptRole)
    changed = None
    if live:
        box.setInformativeText(
            "A live run keeps its code. The tasks run again with the code that it began with."
        )
    else:
        box.setInformativeText("Existing results stay. Which code should the other tasks use?")
        changed = box.addButton("With the &changed code", QMessageBox.ButtonRole.AcceptRole)
    box.setDefaultButton(box.addButton(_Button.Cancel))
    box.exec()
    chosen = box.clickedButton()
    box.deleteLater()
    return "as it was" if chosen is as_it_was else "changed" if chosen is changed else "cancel"


def preset_name(parent: QWidget, start: str) -> str:
    """The name under which to keep a job, empty if the user cancels."""
    from engine.presets import name_fault

    return asking.name(parent, "Save as preset", "&Name of the preset:", start, name_fault) or ""


def run_name(parent: QWidget, start: str, function: str) -> str | None:
    """The name of a run, empty for its function's name; None if the user cancels."""
    from engine.runs.labels import LONGEST_NAME

    def fault(name: str) -> str:
        return f"A name has at most {LONGEST_NAME} characters." if len(name) > LONGEST_NAME else ""

    label = f"&Name of the run (empty: {function}):"
    return asking.name(parent, "Rename run", label.replace("&&", "&"), start, fault, may_be_empty=True)


def run_note(parent: QWidget, name: str, start: str) -> str | None:
    """A note on a run; None if the user cancels."""
    return asking.text(parent, "Note", f"Note to {name}:", start)


def task_number(parent: QWidget) -> int | None:
    """The number of the task to go to, None if the user cancels."""
    box = QInputDialog(parent)
    box.setWindowTitle("Go to task")
    box.setLabelText("Index of the task:")
    box.setInputMode(QInputDialog.InputMode.TextInput)
    field = box.findChild(QLineEdit)
    assert field is not None
    field.setValidator(QRegularExpressionValidator(QRegularExpression(r"\s*\d{0,18}\s*"), field))
    given = box.exec() == QInputDialog.DialogCode.Accepted and box.textValue().strip()
    box.deleteLater()
    return int(given) if given else None


def replace_preset(parent: QWidget, name: str) -> bool:
    """Whether to replace the preset with this name."""
    return _confirmed(parent, f"There is already a preset “{name}”.", "Saving replaces it.", "&Replace")


def delete_preset(parent: QWidget, name: str) -> bool:
    """Whether to delete a preset."""
    return _confirmed(parent, f"Delete the preset “{name}”?", "You cannot undo this.", "&Delete")


def _confirmed(parent: QWidget, what: str, why: str, do: str) -> bool:
    box = _box(QMessageBox.Icon.Question, what, parent)
    box.setInformativeText(why)
    button = box.addButton(do, QMessageBox.ButtonRole.AcceptRole)
    box.addButton(_Button.Cancel)
    box.setDefaultButton(_Button.Cancel)
    box.exec()
    chosen = box.clickedButton() is button
    box.deleteLater()
    return chosen


def files_to_open(parent: QWidget, folder: str) -> list[str]:
    """Files to open, none if the user cancels."""
    found, _ = QFileDialog.getOpenFileNames(parent, "Open", folder, ALL)
    return found


def logs_to_add(parent: QWidget, folder: str) -> list[str]:
    """Logs to show together with another one."""
    found, _ = QFileDialog.getOpenFileNames(
        parent, "Merge with", folder, "Logs (*.log *.log.* *.txt *.gz);;All files (*)"
    )
    return found


def run_to_open(parent: QWidget, folder: str) -> str:
    """A run folder to open."""
    return QFileDialog.getExistingDirectory(parent, "Open a run folder", folder)


def folder_to_run_in(parent: QWidget, folder: str) -> str:
    """The folder in which a script runs."""
    return QFileDialog.getExistingDirectory(parent, "Choose the folder to run in", folder)


def job_to_save(parent: QWidget, start: str) -> str:
    """Where to save a job."""
    return _to_save(parent, "Save the job as", start, JOBS, "pool")


def script_to_save(parent: QWidget, start: str) -> str:
    """Where to save a script."""
    return _to_save(parent, "Save the script as", start, "Python files (*.py)", "py")


def results_to_save(parent: QWidget, start: str) -> str:
    """Where to export results; the suffix decides the format."""
    return _to_save(parent, "Export results as", start, RESULTS, "csv")


def value_to_save(parent: QWidget, start: str) -> Path | None:
    """Where to save a value of a run."""
    dialog = QFileDialog(parent, "Save the value as", start, "All files (*)")
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return Path(chosen[0]) if chosen else None


def chart_to_save(parent: QWidget, start: str) -> str:
    """Where to save a chart; the suffix decides the format."""
    kinds = "Pictures (*.png);;Drawings (*.svg);;Tables (*.csv)"
    return _to_save(parent, "Save the chart as", start, kinds, "png")


def log_to_save(parent: QWidget, start: str) -> str:
    """Where to save what a log shows; the suffix decides the format."""
    return _to_save(
        parent, "Save what is shown as", start, "Text (*.log *.txt);;JSON lines (*.jsonl);;CSV (*.csv)", "log"
    )


def _to_save(parent: QWidget, title: str, start: str, kinds: str, suffix: str) -> str:
    dialog = QFileDialog(parent, title, start, kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(_first_suffix(kind)))
    chosen = dialog.selectedFiles() if dialog.exec() else []
    dialog.deleteLater()
    return chosen[0] if chosen else ""


def _first_suffix(kind: str) -> str:
    """The suffix of files of a kind, as in `CSV (*.csv)`."""
    return kind.partition("*.")[2].partition(" ")[0].rstrip(")")
