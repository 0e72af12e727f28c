"""The form: any job in, the same job out; problems beside their fields; previews."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.check import check
from engine.inputs.written import Call
from engine.job import MODES, TIMED_FORMAT, Function, Inputs, Job, Log, Parameter, Problem, Run
from engine.source.notes import Note
from gui.form import Form
from gui.form.inputs.section import described
from gui.form.inputs.values import HELD
from gui.form.log import FORMATS, OWN, example
from tests.accessibility import faults

texts = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=20)
names = st.from_regex(r"[a-z_][a-z0-9_]{0,12}", fullmatch=True)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False),
    st.text(max_size=8),
    st.binary(max_size=4),
)
values: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(max_size=4), inner, max_size=3),
    ),
    max_leaves=6,
)
functions = st.one_of(
    st.builds(Function, file=texts, name=names, python=st.just("") | texts, setup=st.just("") | names),
    st.builds(Function, import_path=st.builds("{}:{}".format, names, names)),
    st.builds(
        Function, source=names.map(lambda name: f"def {name}(x):\n    return x"), name=st.just("") | names
    ),
)
calls = st.sampled_from(["", "one", "args", "kwargs"])
inputs = st.one_of(
    st.builds(Inputs, call=st.sampled_from(["", "one"])),
    st.builds(Inputs, kind=st.just("list"), values=st.lists(values, max_size=5).map(tuple), call=calls),
    st.builds(
        Inputs,
        kind=st.just("csv"),
        path=st.just("") | texts,
        encoding=st.sampled_from(["", "utf-8", "koi8-r"]),
        delimiter=st.sampled_from(["", ",", "\t", "#"]),
        header=st.booleans(),
        types=st.dictionaries(st.text(max_size=4), st.sampled_from(["int", "date"]), max_size=2),
        call=calls,
    ),
    st.builds(
        Inputs, kind=st.sampled_from(["jsonl", "lines"]), path=texts, encoding=st.just("cp1252"), call=calls
    ),
    st.builds(Inputs, kind=st.just("parquet"), call=calls),
    st.builds(Inputs, kind=st.just("files"), pattern=st.just("") | texts, call=calls),
    st.builds(
        Inputs,
        kind=st.just("grid"),
        grid=st.dictionaries(texts, st.lists(values, max_size=3).map(tuple), max_size=3),
        combine=st.sampled_from(["product", "zip"]),
        call=calls,
    ),
    st.builds(Inputs, kind=st.just("generator"), generator=st.just("") | names, call=calls),
    st.builds(
        Inputs,
        kind=st.just("range"),
        start=st.integers(-(10**40), 10**40),
        stop=st.integers(-(10**40), 10**40),
        step=st.integers(-100, 100),
        call=calls,
    ),
)
counts = st.integers(0, 2**31 - 1)
runs = st.builds(
    Run,
    mode=st.sampled_from(MODES),
    workers=st.integers(0, 512),
    start_method=st.sampled_from(["", "fork", "forkserver", "spawn"]),
    batch=counts,
    timeout=st.integers(0, 10**6).map(lambda thousandths: thousandths / 1000),
    retries=counts,
    tasks_per_worker=counts,
    memory_limit=st.sampled_from(["", "2 GiB", "500 MB"]),
    stop_after_failures=counts,
    blas_threads=st.integers(0, 4096),
    leftovers=st.sampled_from(["end", "leave"]),
    priority=st.sampled_from(["", "normal", "low"]),
)
logs = st.builds(
    Log,
    file=st.just("") | texts,
    mode=st.sampled_from("wa"),
    level=st.sampled_from(["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]),
    format=st.just(Log().format) | st.just(TIMED_FORMAT) | texts,
    result=st.booleans(),
)
jobs = st.builds(Job, function=functions, inputs=inputs, run=runs, log=logs, folder=st.just(Path("/nowhere")))
with_setup = st.builds(
    lambda job, values: job.with_(setup=values if job.function.setup else {}),
    jobs,
    st.dictionaries(names, st.builds(Parameter, value=values), max_size=2),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(job=with_setup)
def test_any_job_comes_out_as_it_went_in(form: Form, job: Job) -> None:
    changes: list[None] = []
    form.changed.connect(lambda: changes.append(None))
    form.set_job(job)
    assert form.job() == job
    assert form.own_problems() == []
    assert changes == []


def test_the_computer_is_kept_responsive_unless_the_box_is_cleared(form: Form) -> None:
    box = form.pool.responsive
    for said, cleared in (("", "normal"), ("low", "normal"), ("normal", "normal")):
        form.set_job(Job(run=Run(priority=said)))
        assert box.isChecked() == (said != "normal")
        box.setChecked(False)
        assert form.job().run.priority == cleared
        box.setChecked(True)
        assert form.job().run.priority == ("" if said == "normal" else said)


def test_values_typed_come_out_as_typed(form: Form) -> None:
    form.inputs.kind.set_value("list")
    form.inputs.list.text.setPlainText("(1, 'a'), None, {'k': [2.5]}")
    assert form.job().inputs == Inputs("list", ((1, "a"), None, {"k": [2.5]}))
    assert form.inputs.preview.text() == "3 inputs: f((1, 'a')), f(None), f({'k': [2.5]})"


def test_a_list_that_does_not_parse_is_said_with_line_and_column(form: Form) -> None:
    form.inputs.kind.set_value("list")
    form.inputs.list.text.setPlainText("[1,\n 2 3]")
    problem = form.inputs.rows["inputs.values"].problem
    assert problem.isVisible()
    assert "line 2, column 2" in problem.text()
    form.inputs.list.text.setPlainText("[1,\n 2, 3]")
    assert not problem.isVisible()


def test_a_long_list_is_parsed_off_the_thread_and_the_last_text_counts(qtbot: QtBot, form: Form) -> None:
    form.inputs.kind.set_value("list")
    form.inputs.list.text.setPlainText(f"[{'1, ' * 30_000}]")
    assert form.busy
    form.inputs.list.text.setPlainText(f"[{'2, ' * 30_000}]")
    with qtbot.waitSignal(form.settled, timeout=10_000):
        pass
    qtbot.waitUntil(lambda: not form.busy)
    assert form.job().inputs.values == (2,) * 30_000


def test_many_values_of_a_job_are_held_until_they_are_to_be_edited(qtbot: QtBot, form: Form) -> None:
    held = tuple(range(HELD + 1))
    changes: list[None] = []
    form.changed.connect(lambda: changes.append(None))
    form.set_job(Job(inputs=Inputs("list", held)))
    assert form.job().inputs.values == held
    assert form.inputs.list.text.isReadOnly()
    assert "first 100 of 5,001 values" in form.inputs.list.text.toPlainText()
    qtbot.mouseClick(form.inputs.list.release, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not form.inputs.list.text.isReadOnly())
    assert form.job().inputs.values == held
    assert changes == []
    assert max(map(len, form.inputs.list.text.toPlainText().splitlines())) <= 110
    assert not form.inputs.list.release.isVisible()
    form.inputs.list.text.setPlainText(form.inputs.list.text.toPlainText().replace("[", "[-1,"))
    qtbot.waitUntil(lambda: not form.busy)
    assert form.job().inputs.values == (-1, *held)


def test_a_list_too_long_to_be_edited_goes_only_where_a_new_one_is_asked_for(
    qtbot: QtBot, form: Form, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.form.inputs.values.EDITABLE", 1000)
    held = tuple(range(HELD + 1))
    form.set_job(Job(inputs=Inputs("list", held)))
    form.inputs.list.release.click()
    qtbot.waitUntil(lambda: "too long" in form.inputs.list.text.toPlainText())
    assert form.job().inputs.values == held
    assert form.inputs.list.text.isReadOnly()
    assert form.inputs.list.release.text() == "Type a new list instead"
    form.inputs.list.release.click()
    assert form.job().inputs.values == ()
    assert not form.inputs.list.text.isReadOnly()
    form.set_job(Job(inputs=Inputs("list", held)))
    assert form.inputs.list.release.text() == "Edit the list"


def test_where_there_are_no_inputs_the_form_says_what_to_type(form: Form) -> None:
    form.inputs.kind.set_value("list")
    assert "Type them separated by commas, such as 1, 2, 3" in form.inputs.preview.text()
    form.inputs.list.text.setPlainText("7")
    assert form.inputs.preview.text() == "1 input: f(7)"
    form.inputs.kind.set_value("range")
    form.inputs.range.start.setText("5")
    assert form.inputs.preview.text() == "No inputs: there are no numbers from 5 up to 0 (excluded)."


@pytest.mark.parametrize(
    ("value", "call", "text"),
    [
        (3, "one", "f(3)"),
        ((1, 2), "args", "f(1, 2)"),
        ({"a": 1}, "kwargs", "f(a=1)"),
        ((1,), "one", "f((1,))"),
    ],
)
def test_a_call_is_written_as_python_would(value: object, call: str, text: str) -> None:
    assert Call("f", call).written(value) == text


def test_previews_are_bounded() -> None:
    long = ["x" * 10**6, list(range(10**6)), 10**1000]
    assert len(described(3, True, "list", long, Call("f"))) < 300
    assert described(1, True, "list", [7], Call("f")) == "1 input: f(7)"
    assert described(4, False, "csv", [7], Call("f")) == "At least 4 rows: f(7), …"


def test_a_range_of_any_size_is_counted(form: Form) -> None:
    form.inputs.kind.set_value("range")
    form.inputs.range.stop.setText("1000000000000000000000000")
    assert form.inputs.preview.text().startswith(
        "1,000,000,000,000,000,000,000,000 inputs: f(0), f(1), f(2), …"
    )
    form.inputs.range.step.setText("")
    form.reveal()
    assert "whole number" in form.inputs.rows["inputs.step"].problem.text()


def test_problems_stay_quiet_until_their_field_is_touched_or_revealed(form: Form) -> None:
    row = form.pool.rows["run.workers"]
    form.show_problems([Problem("run.workers", "Too many."), Problem("log.file", "Not writable.")])
    assert not row.problem.isVisible()
    form.pool.workers.setValue(10_000)
    assert row.problem.isVisible()
    assert row.focus.accessibleDescription() == "Too many."
    assert not form.log.rows["log.file"].problem.isVisible()
    form.reveal()
    assert form.log.rows["log.file"].problem.text() == "Not writable."
    form.show_problems([])
    assert not row.problem.isVisible()


def test_no_workers_is_a_problem_and_nothing_means_all_cores(form: Form) -> None:
    assert form.job().run.workers == 0
    assert form.own_problems() == []
    form.pool.workers.lineEdit().setText("0")
    assert [problem.key for problem in form.own_problems()] == ["run.workers"]
    form.pool.workers.lineEdit().clear()
    assert form.own_problems() == []
    form.pool.workers.stepUp()
    assert form.job().run.workers > 0


def test_each_mode_says_what_it_suits_and_what_it_cannot_do(form: Form) -> None:
    note = form.pool.rows["run.mode"].note
    seen: set[str] = set()
    for mode in MODES:
        form.pool.mode.set_value(mode)
        form.pool.mode.chosen.emit(mode)
        assert note.isVisible() == (mode != "pool"), "the usual mode needs no words"
        seen.add(note.text())
        assert form.pool.workers.isEnabled() == (mode not in ("serial", "process"))
        assert ("cores" in form.pool.workers.lineEdit().placeholderText()) == form.pool.workers.isEnabled()
        assert form.pool.tasks_per_worker.isEnabled() == (mode not in ("threads", "process-per-input"))
        assert form.pool.scheduler.isVisible() == (mode == "dask")
    assert len(seen) == len(MODES)
    form.set_job(Job(run=Run("dask", scheduler="tcp://10.0.0.5:8786")))
    assert form.job().run.scheduler == "tcp://10.0.0.5:8786"
    form.set_job(Job(run=Run("threads")))
    assert "A thread cannot be ended" in note.text()


def test_a_set_up_is_one_of_the_functions_of_the_file(qtbot: QtBot, form: Form, square: Path) -> None:
    form.choose_file(square)
    qtbot.waitUntil(lambda: form.function.name.count() == 2)
    qtbot.keyClicks(form.function.setup, "cu")
    offered = form.function.setup.completer()
    assert offered.currentCompletion() == "cube"
    form.function.setup.setText("cube")
    assert form.job().function.setup == "cube"
    form.reveal()
    form.show_problems([Problem("setup.y", "No such value.")])
    assert form.function.rows["function.setup"].problem.text() == "No such value."


def test_the_set_up_gets_fixed_values_for_its_parameters(qtbot: QtBot, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "work.py"
    path.write_text("def load(path, size: int = 3): ...\ndef f(x): return x\n")
    form.choose_file(path)
    qtbot.waitUntil(lambda: form.function.name.count() == 2)
    assert not form.setup.isVisible()
    form.function.setup.setText("load")
    assert form.setup.isVisible()
    field = form.setup.fields["path"]
    assert [field.source.itemText(at) for at in range(field.source.count())] == ["Nothing", "Fixed:"]
    field.source.set_value("value")
    argument = field.argument
    assert argument is not None
    argument.show_value(Parameter(None, "model.bin"))
    assert form.job().setup == {"path": Parameter(None, "model.bin")}
    form.reveal()
    form.show_problems([Problem("setup.path", "No such value.")])
    assert form.setup.rows["setup.path"].problem.text() == "No such value."
    form.function.setup.setText("")
    assert not form.setup.isVisible()
    assert form.job().setup == {}


@pytest.mark.parametrize("key", ["function", "function.new", "inputs.path", "run.new", "log.all", ""])
def test_a_problem_of_any_key_finds_a_field(form: Form, key: str) -> None:
    form.reveal()
    form.show_problems([Problem(key, "This is wrong.")])
    shown = [row for section in form.sections for row in section.rows.values() if row.problem.isVisible()]
    assert len(shown) == 1
    form.focus_problem(key)


def test_a_folded_field_is_unfolded_for_its_problem(form: Form) -> None:
    form.reveal()
    form.show_problems([Problem("run.memory_limit", "No size.")])
    assert not form.pool.memory_limit.isVisible()
    form.focus_problem("run.memory_limit")
    assert form.pool.memory_limit.isVisible()
    assert form.pool.rows["run.memory_limit"].problem.isVisible()


def test_a_note_stands_beside_its_field_until_that_changes(form: Form) -> None:
    form.show_notes([Note("inputs.values", "they are read from a file", 7)])
    note = form.inputs.rows["inputs.values"].note
    form.inputs.kind.set_value("list")
    assert note.isVisible()
    assert note.text() == "Line 7: they are read from a file"
    form.inputs.list.text.setPlainText("[1]")
    assert not note.isVisible()


def test_functions_of_a_file_are_listed_with_signature_and_docstring(
    qtbot: QtBot, form: Form, square: Path
) -> None:
    section = form.function
    section.file.line.setText(str(square))
    qtbot.waitUntil(lambda: section.name.count() == 2)
    assert section.name.itemText(0) == "square(x: int) -> int"
    assert form.job().function.name == ""
    section.name.setCurrentIndex(0)
    assert form.job().function == Function(file=str(square), name="square")
    assert form.job().folder == square.parent
    assert section.signature.text() == "square(x: int) -> int"
    assert section.doc.text() == "The square of x."
    assert form.inputs.kind.value() == "list"  # the function needs an argument


def test_the_only_function_is_chosen_at_once(qtbot: QtBot, form: Form, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def only(): ...\n")
    form.function.file.line.setText(str(tmp_path / "one.py"))
    qtbot.waitUntil(lambda: form.job().function.name == "only")


def test_a_stale_list_of_functions_is_dropped(qtbot: QtBot, form: Form, square: Path, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def only(): ...\n")
    form.function.file.line.setText(str(square))
    form.function.file.line.setText(str(tmp_path / "one.py"))
    qtbot.waitUntil(lambda: form.function.name.count() == 1)
    assert form.function.call_name() == "only"


def test_a_name_that_the_file_lacks_stays_for_the_check_to_name(
    qtbot: QtBot, form: Form, square: Path
) -> None:
    job = Job(Function(file="square.py", name="gone"), folder=square.parent)
    form.set_job(job)
    qtbot.waitUntil(lambda: form.function.name.count() == 3)
    assert form.job() == job


def test_a_syntax_error_in_typed_source_is_marked_at_its_line(qtbot: QtBot, form: Form) -> None:
    form.function.way.set_value("source")
    form.function.source.setPlainText("def f(x):\n    return x +\n")
    qtbot.waitUntil(lambda: form.function.source.marked == 2)
    form.function.source.setPlainText("def f(x):\n    return x\n")
    qtbot.waitUntil(lambda: form.function.source.marked == 0)
    assert form.function.call_name() == "f"


def test_the_editor_indents_and_lets_go(qtbot: QtBot, form: Form) -> None:
    editor = form.function.source
    form.function.way.set_value("source")
    editor.setFocus()
    qtbot.keyClicks(editor, "def f(x):")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "return x")
    assert editor.toPlainText() == "def f(x):\n    return x"
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText().endswith("\n")
    qtbot.keyClick(editor, Qt.Key.Key_Escape)
    assert not editor.hasFocus()


def test_source_is_highlighted_over_lines(form: Form) -> None:
    editor = form.function.source
    editor.setPlainText('def f(x):\n    """Over\n    lines."""\n    return "€😀" + x  # 1\n')
    blocks = [editor.document().findBlockByNumber(n) for n in range(4)]
    spans = [[(f.start, f.length) for f in block.layout().formats()] for block in blocks]
    assert spans == [[(0, 3), (4, 1)], [(4, 7)], [(0, 13)], [(4, 6), (11, 5), (22, 3)]]


def test_an_example_line_is_shown_for_a_format_that_works() -> None:
    assert example("%(name)s - %(levelname)s - %(message)s") == "root - INFO - A message."
    assert " INFO 3 A message." in example(TIMED_FORMAT)
    for faulty in ("%(nothing)s", "%(message)", "%(levelname)d", "%(message)999999999s"):
        assert example(faulty) == ""


def test_presets_and_own_formats_follow_each_other(form: Form) -> None:
    log = form.log
    log.preset.set_value(TIMED_FORMAT)
    assert form.job().log.format == TIMED_FORMAT
    log.format.setText("%(message)s!")
    assert log.preset.value() == OWN
    assert log.example.text() == "A message.!"


@pytest.mark.parametrize("preset", [preset for preset, _ in FORMATS if preset != OWN])
def test_every_preset_is_a_format_that_the_engine_takes(preset: str) -> None:
    job = Job(Function(source="def f():\n    return 1"), log=Log(format=preset))
    assert check(job) == []


def test_the_wheel_scrolls_the_form_and_changes_no_field(form: Form) -> None:
    from PySide6.QtCore import QPoint, QPointF
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    field = form.pool.mode
    field.clearFocus()
    event = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, event)
    assert form.job().run.mode == "pool"


def test_all_labels_are_as_wide_so_that_fields_begin_at_one_line(form: Form) -> None:
    form.pool.advanced.setChecked(True)
    form.resize(380, 900)
    edges = {
        row.field.mapTo(form, row.field.rect().topLeft()).x()
        for section in form.sections
        for key, row in section.rows.items()
        if row.field.isVisible()
    }
    assert len(edges) == 1


def test_every_field_says_its_name(form: Form) -> None:
    assert faults(form) == []


def test_a_file_without_a_function_says_so(qtbot: QtBot, form: Form, tmp_path: Path) -> None:
    path = tmp_path / "empty.py"
    path.write_text("x = 1\n")
    assert form.function.name.placeholderText() == "No function found yet"
    form.choose_file(path)
    qtbot.waitUntil(lambda: form.function.name.placeholderText() == "No function in this file")
    form.choose_file(tmp_path / "gone.py")
    qtbot.waitUntil(lambda: form.function.name.placeholderText() == "No function found yet")


def test_the_form_has_no_scroll_bar_where_all_of_it_is_seen(form: Form) -> None:
    form.resize(420, 2000)
    assert not form.verticalScrollBar().isEnabled()
    form.resize(420, 200)
    assert form.verticalScrollBar().isEnabled()


def test_a_name_that_the_new_source_does_not_have_is_no_longer_chosen(
    qtbot: QtBot, form: Form, square: Path
) -> None:
    form.set_job(Job(Function(file=str(square), name="gone")))
    qtbot.waitUntil(lambda: form.function.name.count() == 3)
    assert form.job().function.name == "gone"
    form.function.way.set_value("source")
    form.function.source.setPlainText("def other(x):\n    return x")
    qtbot.waitUntil(lambda: form.job().function.name == "")
    form.choose_file(square)
    form.function.name.set_value("cube")
    qtbot.waitUntil(lambda: form.function.call_name() == "cube")


def test_a_path_of_a_user_there_is_not_is_a_path_like_any_other(qtbot: QtBot, form: Form) -> None:
    form.choose_file(Path("~nobody-of-that-name/a.py"))
    form.function.python.line.setText("~nobody-of-that-name")
    assert form.job().function.file == "~nobody-of-that-name/a.py"
    form.choose_file(Path("~/a.py"))
    assert form.function.file.line.toolTip() == str(Path.home() / "a.py")
    qtbot.waitUntil(lambda: not form.function._finder.busy)
