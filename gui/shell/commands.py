"""All commands of the window, and its menus."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gui.commands import Command
from gui.commands.menus import SEPARATOR, Item, Listing, Submenu
from gui.commands.registry import escaped
from gui.kit.theme import SCHEMES
from gui.kit.tips import plain_tip
from gui.shell import list_commands, log_commands

if TYPE_CHECKING:
    from gui.shell.doing import Doing

FLAGS = (
    "page.job", "page.run", "page.script", "page.log", "page.compare", "page.several",
    "script.free", "run.again", "compare.ready", "compare.busy", "compare.done",
    "job.checking", "trial.busy", "edit.undo", "edit.redo",
    "run.shown", "run.live", "run.begun", "run.paused", "run.stopping", "run.resumable", "run.failures",
    "run.has_job", "run.retryable", "results.shown",
    "view.runs", "view.form", "recent.any", "desktop.awake", "desktop.notices",
    *(f"scheme.{name}" for name in SCHEMES),
    *list_commands.FLAGS,
    *log_commands.FLAGS,
)  # fmt: skip
"""All flags. Those of pages are set by the front page; the others are off."""
OF_PAGES = (
    *(
        flag
        for flag in FLAGS
        if flag.partition(".")[0]
        in ("page", "job", "trial", "edit", "run", "results", "log", "compare", "script")
    ),
    "view.form",
)


def commands(do: Doing) -> list[Command]:
    """All commands; `do` carries them out."""
    return [
        *_files(do),
        *_edits(do),
        *_runs(do),
        *list_commands.list_commands(do.list),
        *_views(do),
        *log_commands.log_commands(do.log),
        *_helps(do),
    ]


def _files(do: Doing) -> list[Command]:
    return [
        Command("file.new", "&New", do.new, "standard:New", "new", "Start a new job on a new page"),
        Command("file.open", "&Open…", do.open_asked, "standard:Open", "open"),
        Command("file.open_run", "Open r&un folder…", do.open_run_asked, icon="runs"),
        Command("file.save", "&Save", do.save, "standard:Save", "save", when="page.job"),
        Command("file.save_as", "Save &as…", do.save_as, "Ctrl+Shift+S", when="page.job"),
        Command(
            "results.export",
            "&Export results…",
            do.export_results,
            "Ctrl+E",
            tip="Write results to a file: CSV, JSON lines, Parquet, a trace or a report",
            when="run.shown",
        ),
        Command(
            "results.copy_code",
            "Copy results as co&de",
            do.copy_results_code,
            tip="Copy Python that loads the selected results, or all that are shown, as objects",
            when="run.shown",
        ),
        Command("preset.save", "&Save as preset…", do.save_preset, when="page.job"),
        Command("preset.manage", "&Manage presets…", do.manage_presets),
        Command("recent.clear", "&Clear", do.clear_recent, when="recent.any"),
        Command("page.close", "&Close page", do.close_page, ("standard:Close", "Ctrl+F4")),
        Command("app.quit", "&Quit", do.quit, "Ctrl+Q", "quit", role="quit"),
    ]


def _edits(do: Doing) -> list[Command]:
    return [
        Command("edit.undo", "&Undo", do.undo, "standard:Undo", when="edit.undo"),
        Command("edit.redo", "&Redo", do.redo, ("Ctrl+Shift+Z", "Ctrl+Y"), when="edit.redo"),
        Command("edit.copy", "Cop&y", do.copy, "standard:Copy", tip="Copy what is selected"),
        Command("edit.select_all", "Select &all", do.select_all, "standard:SelectAll"),
        Command(
            "edit.copy_script", "Copy as &Python script", do.copy_script, "Ctrl+Shift+C", when="page.job"
        ),
        Command("edit.copy_command", "Copy as &command", do.copy_command, when="page.job"),
        Command(
            "results.go_to", "&Go to task…", do.go_to_task, "Ctrl+G",
            tip="Select a task in the results by its index", when="results.shown",
        ),
        Command(
            "results.find", "Find re&sults…", do.find_results, "Ctrl+F",
            tip="Show only the results that you look for", when="results.shown and not log.shown",
        ),
        Command(
            "task.show_in_log", "Show the task in the &log", do.show_in_log, "Ctrl+T",
            tip="Show what the selected task logged", when="results.shown and not log.shown",
        ),
        Command(
            "results.next_failed", "&Next failed task", do.next_failed, "F8",
            when="results.shown and not log.shown",
        ),
        Command(
            "results.previous_failed", "Pre&vious failed task", do.previous_failed, "Shift+F8",
            when="results.shown and not log.shown",
        ),
    ]  # fmt: skip


def _runs(do: Doing) -> list[Command]:
    return [
        Command(
            "run.start", "&Run", do.run, "F5", "run",
            "Run the job, after any current run; or run the script as it is",
            when="page.job and not job.checking or page.script and script.free",
        ),
        Command(
            "trial.start", "&Try one", do.try_one, "Ctrl+F5",
            tip="Run the function on the first input only: see its result and what it costs",
            when="page.job and not trial.busy",
        ),
        Command(
            "compare.open", "&Compare modes…", do.compare_modes, icon="compare",
            tip="Measure the job in turn, in threads and in processes, on a sample of its inputs",
            when="page.job",
        ),
        Command(
            "compare.begin", "&Measure", do.begin_compare, icon="run",
            tip="Start measuring: the function is called as often as stated above",
            when="page.compare and compare.ready and not compare.busy",
        ),
        Command(
            "compare.cancel", "Cancel", do.cancel_compare, icon="stop", tip="End the measurements now",
            when="compare.busy",
        ),
        Command(
            "compare.use", "&Use this", do.use_compared, icon="good",
            tip="Copy mode and size into the job's form", when="compare.done",
        ),
        Command(
            "run.pause", "&Pause", do.pause, "F6", "pause", "Begin no more tasks until you resume",
            when="run.live and run.begun and not run.paused and not run.stopping",
        ),
        Command(
            "run.resume", "R&esume", do.resume, "F6", "run",
            "Continue the run with all tasks that have no result",
            when="run.live and run.paused and not run.stopping or run.resumable and not run.live",
        ),
        Command(
            "run.stop", "&Stop", do.stop, "Shift+F5", "stop",
            "Running tasks get 3 seconds to finish; finished results are kept",
            when="run.live and not run.stopping",
        ),
        Command(
            "run.finish", "Stop after the c&urrent tasks", do.finish,
            tip="Running tasks get all the time they need; no other task begins",
            when="run.live and not run.stopping",
        ),
        Command(
            "run.kill", "Stop at &once", do.kill, "Ctrl+Shift+F5",
            tip="Running tasks are ended and count as not done; finished results are kept", when="run.live",
        ),
        Command(
            "run.retry", "Retry &failed", do.retry, icon="retry", tip="Run the failed tasks again",
            when="run.failures and not run.stopping",
        ),
        Command(
            "results.retry", "Retr&y selected tasks", do.retry_selected,
            tip="Run the selected tasks that have no result again",
            when="results.shown and run.retryable",
        ),
        Command(
            "run.again", "Run &again", do.run_again, icon="run",
            tip="Run the script again, with the same arguments and interpreter", when="run.again",
        ),
        Command(
            "run.job", "Open the run's &job", do.open_job_of_run, icon="form",
            tip="Open the job of this run on a new page, to change it and run it again",
            when="page.run and run.has_job",
        ),
        Command(
            "run.script", "C&hange arguments…", do.open_script_of_run, icon="form",
            tip="Open the script with the arguments of this run, to change them and run it again",
            when="run.again",
        ),
        Command("run.reveal", "Show run fol&der", do.reveal_run, icon="open", when="run.shown"),
    ]  # fmt: skip


def _views(do: Doing) -> list[Command]:
    schemes = (("system", "As the &system"), ("light", "&Light"), ("dark", "&Dark"))
    return [
        Command("view.runs", "R&uns", do.toggle_runs, "Ctrl+Shift+R", checked="view.runs"),
        Command(
            "view.form", "&Form", do.toggle_form, "Ctrl+Shift+F", checked="view.form", when="page.job"
        ),
        Command("view.results", "&Results", lambda: do.show_view(0), "Ctrl+1", "results", when="run.shown"),
        Command("view.log", "&Log", lambda: do.show_view(1), "Ctrl+2", "log", when="run.shown"),
        Command(
            "results.errors", "Group &errors", do.toggle_errors, "Ctrl+Shift+E",
            tip="Show failures that are alike in groups", when="results.shown",
        ),
        Command("view.workers", "&Workers", lambda: do.show_view(2), "Ctrl+3", "workers", when="run.shown"),
        Command(
            "view.timeline", "&Timeline", lambda: do.show_view(3), "Ctrl+4", "timeline", when="run.shown"
        ),
        Command("view.summary", "&Summary", lambda: do.show_view(4), "Ctrl+5", "summary", when="run.shown"),
        Command("view.output", "&Output", lambda: do.show_view(5), "Ctrl+6", "output", when="run.shown"),
        Command(
            "page.next", "&Next page", lambda: do.turn(1), ("Ctrl+Tab", "Ctrl+PgDown"), when="page.several"
        ),
        Command(
            "page.previous", "&Previous page", lambda: do.turn(-1), ("Ctrl+Shift+Tab", "Ctrl+PgUp"),
            when="page.several",
        ),
        Command(
            "desktop.awake", "&Keep the computer awake", do.toggle_awake, checked="desktop.awake",
            tip="The computer does not fall asleep during a run",
        ),
        Command(
            "desktop.notices", "Notify when a &long run ends", do.toggle_notices, checked="desktop.notices",
            tip="A desktop notification, if Poolhouse is not in front",
        ),
        *(
            Command(
                f"scheme.{name}", text, lambda name=name: do.choose_scheme(name),
                checked=f"scheme.{name}", group="scheme",
            )
            for name, text in schemes
        ),
    ]  # fmt: skip


def _helps(do: Doing) -> list[Command]:
    return [
        Command("help.guide", "&Guide", do.show_guide, "standard:HelpContents", "help"),
        Command("help.about", "&About Poolhouse", do.show_about, icon="info", role="about"),
    ]


def menus(do: Doing) -> list[Submenu]:
    """The menu bar."""
    file: list[Item] = [
        "file.new", "file.open", "file.open_run",
        Listing("Open &recent", lambda: _recent(do), "recent.any"),
        Listing("&Presets", lambda: _presets(do)),
        SEPARATOR, "file.save", "file.save_as", SEPARATOR, "results.export", "results.copy_code",
        SEPARATOR, "page.close", "app.quit",
    ]  # fmt: skip
    edit: list[Item] = [
        "edit.undo", "edit.redo", SEPARATOR, "edit.copy", "edit.select_all", SEPARATOR,
        "edit.copy_script", "edit.copy_command", SEPARATOR, "log.find", "results.find", "results.go_to",
        "task.show_in_log", "results.next_failed", "results.previous_failed",
    ]  # fmt: skip
    run: list[Item] = [
        "run.start", "trial.start", "compare.open", SEPARATOR, "run.pause", "run.resume", "run.stop",
        "run.finish", "run.kill", SEPARATOR, "run.retry", "results.retry", "run.again", "queue.go_on",
        SEPARATOR, "run.job", "run.script", "run.reveal", "list.space",
        SEPARATOR, "desktop.awake", "desktop.notices",
    ]  # fmt: skip
    view: list[Item] = [
        "view.runs", "view.form", SEPARATOR, "view.results", "view.log", "view.workers",
        "view.timeline", "view.summary", "view.output", SEPARATOR, "results.errors", SEPARATOR,
        "page.next", "page.previous", SEPARATOR,
        Submenu("&Colours", [f"scheme.{name}" for name in SCHEMES]),
    ]  # fmt: skip
    return [
        Submenu("&File", file), Submenu("&Edit", edit), Submenu("&Run", run), Submenu("&View", view),
        Submenu("L&og", log_commands.MENU), Submenu("&Help", ["help.guide", "help.about"]),
    ]  # fmt: skip


def _presets(do: Doing) -> Sequence[Command | str]:
    named = [
        Command(f"preset.open.{at}", escaped(name), lambda name=name: do.open_preset(name))
        for at, name in enumerate(do.preset_names)
    ]
    return [*named, SEPARATOR, "preset.save", "preset.manage"]


def _recent(do: Doing) -> Sequence[Command | str]:
    found = [
        Command(
            f"recent.{nth}", f"&{nth}  {_short(path)}".replace("&10", "1&0"),
            lambda path=path: do.open(path), tip=plain_tip(str(path)),
        )
        for nth, path in enumerate(do.recent, 1)
    ]  # fmt: skip
    return [*found, SEPARATOR, "recent.clear"]


def _short(path: Path) -> str:
    """A path in short, for a menu: its last parts."""
    text = str(path.relative_to(Path.home())) if path.is_relative_to(Path.home()) else str(path)
    return escaped(text if len(text) <= 60 else f"…{text[-59:]}")
