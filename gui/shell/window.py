"""The main window: saved runs, the form, and what a run gives."""

from __future__ import annotations

from pathlib import Path
from traceback import format_exception

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from engine.instance import Request
from engine.job import Job, check, load
from gui.document.copying import Copying
from gui.document.document import Document
from gui.document.history import History
from gui.document.presets import LastValues, PresetShelf
from gui.form import Form
from gui.kit import ask, icons, work
from gui.kit.banner import Banner
from gui.kit.requests import wait_for_all
from gui.kit.theme import Theme
from gui.kit.work import Latest
from gui.logs.view import LogView
from gui.results.view import ResultsView
from gui.run.header import Header
from gui.run.live import Live
from gui.runs.view import RunsView
from gui.settings.store import Settings
from gui.shell import opening
from gui.shell.drops import Drops
from gui.shell.help import About, Guide
from gui.shell.instance import bring_forward
from gui.shell.leaving import Leaving
from gui.shell.menus import Menus
from gui.shell.opening import DATA, CannotOpen, Opened
from gui.shell.welcome import Welcome
from gui.trial.trials import Trials
from gui.workers.view import WorkersView

NARROW = 1000
"""Width below which the saved runs make room, unless they were asked for."""


class Window(QMainWindow):
    """The window: everything in it is reached from here."""

    def __init__(self, root: Path, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__()
        self.root = root
        self._theme = theme
        self._runs_wanted = True
        self.settings = settings or Settings(self)
        self._build()
        self.document = Document(self.form, self.banner, self.settings)
        self.history = History(self.form)
        self.document.replaced.connect(self.history.begin)
        self.live = Live(self)
        self.trials = Trials(self)
        self.presets = PresetShelf(self)
        self.last_values = LastValues(self)
        self.copying = Copying(self)
        self.leaving = Leaving(self, self.live.runner)
        self.menus = Menus(self)
        self.form.function.python.recent = self.settings.pythons
        self._opener = Latest(self)
        self._checker = Latest(self, delay=300)
        self._connect()
        self._restore()
        self.drops = Drops(self, self.open)
        self._retitle()
        self.form.function.file.setFocus()
        self.runs.refresh()

    def _build(self) -> None:
        self.setWindowIcon(icons.app_icon())
        self.setMinimumSize(640, 420)
        self.runs = RunsView(self.root)
        self.runs.setMinimumWidth(150)
        self.form = Form()
        self.header = Header()
        self.banner = Banner()
        self.welcome = Welcome()
        self.results = ResultsView()
        self.log = LogView()
        self.workers = WorkersView()
        self.tabs = QTabWidget(documentMode=False)
        self.tabs.addTab(self.results, icons.icon("results"), "Results")
        self.tabs.addTab(self.log, icons.icon("log"), "Log")
        self.tabs.addTab(self.workers, icons.icon("workers"), "Workers")
        self.stack = QStackedWidget()
        self.stack.addWidget(self.welcome)
        self.stack.addWidget(self.tabs)
        right = QWidget()
        right.setMinimumWidth(375)
        box = QVBoxLayout(right)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.header)
        box.addWidget(self.banner)
        box.addWidget(self.stack, 1)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        for widget in (self.runs, self.form, right):
            self.splitter.addWidget(widget)
        for at, stretch in enumerate((0, 0, 1)):
            self.splitter.setStretchFactor(at, stretch)
            self.splitter.setCollapsible(at, at == 0)
        self.splitter.setHandleWidth(8)
        self.splitter.setSizes([215, 395, 670])
        middle = QWidget()
        frame = QVBoxLayout(middle)
        frame.setContentsMargins(8, 6, 8, 8)
        frame.addWidget(self.splitter)
        self.setCentralWidget(middle)

    def _connect(self) -> None:
        self.form.changed.connect(self._edited)
        self.form.reread.connect(self._check)
        self.document.changed.connect(self._retitle)
        self.live.controls.connect_all()
        self.header.try_one.clicked.connect(self.trials.try_one)
        self.welcome.open_asked.connect(self.open_asked)
        self.welcome.example_asked.connect(self.open_example)
        self.runs.activated.connect(self.open)
        self._opener.answered.connect(self._opened)
        self._opener.failed.connect(self._not_opened)
        self._checker.answered.connect(self.form.show_problems)
        self._checker.failed.connect(self.unexpected)

    def _restore(self) -> None:
        settings = self.settings
        if not self.restoreGeometry(settings.bytes("geometry")):
            self.resize(QSize(1280, 800).boundedTo(self.screen().availableSize()))
        self.splitter.restoreState(settings.bytes("splitter"))
        self._runs_wanted = settings.flag("runs", True)
        self._make_room()
        scheme = settings.text("scheme", "system")
        self._theme.choose(scheme)
        self.menus.schemes.get(scheme, self.menus.schemes["system"]).setChecked(True)

    # files

    def new(self) -> None:
        """An empty form, with where to begin beside it."""
        self.document.guard(self._begin_anew)

    def _begin_anew(self) -> None:
        self.document.clear()
        self.banner.hide()
        self.live.show_run(None)

    def open_asked(self) -> None:
        """Let the person choose what to open."""
        if found := ask.file_to_open(self, self.settings.folder):
            self.open(Path(found))

    def open_run_asked(self) -> None:
        """Let the person choose a run folder."""
        if found := ask.run_to_open(self, str(self.root)):
            self.open(Path(found))

    def open(self, path: Path) -> None:
        """Open a job, a script, a run or a log; what it is shows when it is read."""
        self._opener.ask(lambda: opening.read(path))

    def asked_again(self, request: Request) -> None:
        """The app was started once more: come to the front, with the file that it was given."""
        bring_forward(self, request.token)
        if request.file:
            self.open(Path(request.file))

    def open_example(self, path: Path) -> None:
        """Open a bundled job as a new one: saving it asks where to."""
        self._opener.ask(lambda: Opened("example", path, load(path)))

    def _opened(self, opened: Opened) -> None:
        self.banner.hide()
        if opened.kind == "run":
            self._run_read(opened)
        elif opened.kind == "log":
            self._show_log(opened.path)
        elif opened.kind == "data":
            self._take_data(opened.path)
        elif opened.kind == "file" and self.document.path is None and self.document.modified:
            self.form.choose_file(opened.path)
        else:
            self.document.guard(lambda: self._adopt(opened))
        if opened.kind != "example":
            self._remember(opened.path)

    def _take_data(self, path: Path) -> None:
        """Make a file the inputs of the job in the form."""
        self.form.choose_data(path, DATA[path.suffix.lower()])
        self.banner.inform(
            f"The inputs are those of {path.name} now.",
            "Undo brings back the ones before.",
            "Open it as a log",
            lambda: self._show_log(path),
        )

    def _adopt(self, opened: Opened) -> None:
        """Make what was opened the document."""
        if opened.job is None:
            return
        own = opened.path if opened.kind == "job" else None
        self.document.show(opened.job, opened.path.name, own, reveal=opened.kind != "file")
        self.form.show_notes(opened.notes)
        self._check()
        if self.live.running:
            return
        self.live.show_run(None)

    def adopt_preset(self, name: str, job: Job) -> None:
        """Make a preset the document: a new job, which is saved elsewhere."""
        self._adopt(Opened("preset", Path(name), job))

    def _run_read(self, opened: Opened) -> None:
        """Show a run that was read, and its job unless that would lose changes."""
        self.live.show_run(opened.path, opened.facts)
        if opened.facts is not None:
            self.live.take_up(opened.path, opened.facts)
        if opened.job is None:
            self.banner.fail(
                "The job of this run cannot be read.", f"{opened.fault}\nIts results and log can."
            )
        elif self.document.modified:
            self.banner.inform(
                "The form keeps your unsaved changes.",
                "Results and log are those of the run chosen.",
                "Show its job",
                lambda: self.document.guard(lambda: self._adopt_run(opened.path, opened.job)),
            )
        else:
            self._adopt_run(opened.path, opened.job)

    def _adopt_run(self, folder: Path, job: Job | None) -> None:
        if job is not None:
            self.document.show(job, folder.name, reveal=True)
            self._check()

    def _show_log(self, path: Path) -> None:
        self.live.show_run(None)
        self.log.show_file(path)
        self.tabs.setCurrentWidget(self.log)
        self.stack.setCurrentWidget(self.tabs)
        self.header.ready(path.name)

    def _not_opened(self, error: Exception) -> None:
        if not isinstance(error, CannotOpen):
            self.unexpected(error)
            return
        self.banner.fail(error.what, error.why, error.details)
        if error.problems and not self.document.modified:
            self.document.clear()
            self.form.reveal()
            self.form.show_problems(error.problems)

    def _remember(self, path: Path) -> None:
        if not path.is_relative_to(self.root):
            self.settings.add_recent(path)
            self.settings.put("folder", str(path.parent))

    # the window itself

    def _edited(self) -> None:
        self._welcome()
        self._check()

    def _check(self) -> None:
        """Check the job as it is typed."""
        if not self.form.busy and not self.live.checking:
            job = self.form.job()
            self._checker.ask(lambda: check(job))

    def _retitle(self) -> None:
        self.setWindowTitle(f"{self.document.name}[*] – Poolhouse")
        self.setWindowModified(self.document.modified)
        self._welcome()

    def _welcome(self) -> None:
        self.welcome.show_for(newcomer=self.form.empty, chosen=self.form.function.is_chosen)

    def choose_scheme(self, scheme: str) -> None:
        """Light, dark, or as the system is."""
        self._theme.choose(scheme)
        self.settings.put("scheme", scheme)

    def show_runs_pane(self, shown: bool) -> None:
        """Show or hide the saved runs."""
        self._runs_wanted = shown
        self.settings.put("runs", shown)
        self.runs.setVisible(shown)

    def show_form_pane(self, shown: bool) -> None:
        """Show or hide the form."""
        self.form.setVisible(shown)

    def show_guide(self) -> None:
        """Open the guide beside the window."""
        Guide(self).show()

    def show_about(self) -> None:
        """Say what this is."""
        About(self).open()

    def unexpected(self, error: BaseException) -> None:
        """Say that Poolhouse itself failed, with the traceback one click away."""
        self.banner.fail(
            "Something in Poolhouse itself went wrong.",
            f"{type(error).__name__}: {error}\nYour work is still here; save it, and start Poolhouse again.",
            "".join(format_exception(error)),
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        before, now = event.oldSize().width(), event.size().width()
        if before < 0 or (before < NARROW) != (now < NARROW):
            self._make_room()

    def _make_room(self) -> None:
        """Show the saved runs where they are wanted and there is room; the menu says what is shown."""
        shown = self._runs_wanted and self.width() >= NARROW
        self.runs.setVisible(shown)
        self.menus.runs_pane.setChecked(shown)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.live.running:
            event.ignore()
            self.leaving.begin()
            return
        self.leaving.forget()
        if self.document.modified:
            event.ignore()
            self.document.guard(self._leave)
            return
        self._keep()
        event.accept()

    def _leave(self) -> None:
        self.document.modified = False
        QTimer.singleShot(0, self.close)  # a window that is being closed cannot be closed

    def _keep(self) -> None:
        """Remember how the window stands, and end what runs in the background."""
        self.settings.put("geometry", self.saveGeometry())
        self.settings.put("splitter", self.splitter.saveState())
        self.settings.sync()
        self.trials.close()
        self.live.close()
        self.results.close_run()
        self.workers.close_run()
        self.log.close_run()
        self.runs.close_run()
        work.finish()
        wait_for_all()
