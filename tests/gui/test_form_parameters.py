"""What each parameter gets: a field for its kind, any job in and the same job out, the resulting calls."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QDate, QPoint, Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.check import check
from engine.job import Function, Inputs, Job, Parameter, Problem
from gui.form import Form
from gui.form.arguments import Day, Literal, OneOf, PathValue, Real, Text, Truth, Whole
from gui.form.parameters import FIXED, LEFT_OUT, NONE, WHOLE, ParameterField

SOURCE = """
import enum
from datetime import date
from pathlib import Path
from typing import Literal

class Mode(enum.Enum):
    FAST = 1
    GOOD = 2

def resize(path: Path, /, width: int, *, scale: float = 0.5, mode: Mode = Mode.FAST, day: date | None = None,
           kernel: Literal["box", 3] = "box", keep: bool = True, note: str = "", more=[1]):
    pass

def plain(x):
    pass
"""
KINDS = {
    "path": PathValue,
    "width": Whole,
    "scale": Real,
    "mode": OneOf,
    "day": Day,
    "kernel": OneOf,
    "keep": Truth,
    "note": Text,
    "more": Literal,
}
ROWS = Inputs("list", ({"file": "a.png", "w": 10}, {"file": "b.png", "w": 20}))


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(Function(source=SOURCE, name="resize"), ROWS, folder=tmp_path)


PATIENCE = 60_000


def show(qtbot: QtBot, form: Form, job: Job) -> dict[str, ParameterField]:
    """Show a job and wait until the kinds of its parameters are known."""
    form.set_job(job)
    form.inputs.more.setChecked(True)
    qtbot.waitUntil(lambda: bool(form.parameters._kinds) and set(KINDS) <= set(form.parameters.fields))
    return form.parameters.fields


def choices(field: ParameterField) -> list[str]:
    return [field.source.itemText(place) for place in range(field.source.count())]


def test_each_kind_has_a_field_of_its_own(qtbot: QtBot, form: Form, job: Job) -> None:
    fields = show(qtbot, form, job)
    for name, field in fields.items():
        field.source.set_value(FIXED)
        assert type(field.argument) is KINDS[name], name
    assert form.parameters.rows["parameters.width"].label.text() == "width *"
    assert form.parameters.rows["parameters.scale"].label.text() == "scale"
    assert choices(fields["width"]) == ["Nothing", "Fixed:", "The whole input", "From file", "From w"]
    assert choices(fields["day"])[:3] == ["Default: None", "Fixed:", "Fixed: None"]


def test_the_plain_case_shows_no_parameters(qtbot: QtBot, form: Form, job: Job) -> None:
    form.set_job(job)
    qtbot.waitUntil(lambda: bool(form.parameters._kinds))
    assert form.inputs.more.isVisible()
    assert not form.parameters.isVisible()
    form.set_job(Job(Function(import_path="math:sqrt")))
    assert not form.inputs.more.isVisible()


def test_calls_are_made_as_the_fields_say(qtbot: QtBot, form: Form, job: Job) -> None:
    fields = show(qtbot, form, job)
    fields["path"].source.setCurrentText("From file")
    assert form.inputs.preview.text() == "2 inputs: resize('a.png'), resize('b.png')"
    fields["width"].source.setCurrentText("From w")
    fields["keep"].source.set_value(FIXED)
    fields["mode"].source.set_value(FIXED)
    fields["mode"].argument.choice.setCurrentIndex(1)
    assert "resize('a.png', width=10, mode=Mode.GOOD, keep=True)" in form.inputs.preview.text()
    assert not form.inputs.rows["inputs.call"].shown
    made = form.job()
    assert made.parameters["mode"] == Parameter(None, "Mode.GOOD", "enum")
    assert check(made) == []
    fields["width"].source.set_value(LEFT_OUT)
    form.show_problems(check(form.job()))
    assert "resize needs width" in form.parameters.rows["parameters.width"].problem.text()


def test_a_parameter_that_is_picked_stays_where_it_is(qtbot: QtBot, form: Form, job: Job) -> None:
    field = show(qtbot, form, job)["width"].source
    form.resize(form.minimumWidth(), 300)
    form.show()
    qtbot.waitExposed(form)
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    form.ensureWidgetVisible(field)
    bar = form.verticalScrollBar()
    before, scrolled = field.mapToGlobal(QPoint()).y(), bar.value()
    field.set_value(FIXED)  # a preview above it gets longer
    form.parameters.fields["note"].source.set_value(FIXED)
    qtbot.waitUntil(lambda: bar.value() != scrolled and field.mapToGlobal(QPoint()).y() == before)


def test_tab_goes_through_fields_as_they_are_read(qtbot: QtBot, form: Form, job: Job) -> None:
    fields = show(qtbot, form, job)  # which are made later than those of the pool below them
    form.show()
    qtbot.waitExposed(form)
    order = [form.inputs.more, fields["path"].source, fields["width"].source]
    qtbot.waitUntil(lambda: all(each.isVisible() for each in order))
    order[0].setFocus()
    for before, after in pairwise(order):
        qtbot.keyClick(before, Qt.Key.Key_Tab)
        assert form.focusWidget() is after
    form.pool.mode.setFocus()
    qtbot.keyClick(form.pool.mode, Qt.Key.Key_Backtab)
    assert form.parameters.isAncestorOf(form.focusWidget())


def test_a_text_that_is_no_value_is_said_beside_it(qtbot: QtBot, form: Form, job: Job) -> None:
    fields = show(qtbot, form, job)
    for name, text in (("width", ""), ("scale", "much"), ("more", "[1, 2")):
        fields[name].source.set_value(FIXED)
        fields[name].argument.line.setText(text)
    assert [problem.key for problem in form.own_problems()] == [
        "parameters.width", "parameters.scale", "parameters.more",
    ]  # fmt: skip
    assert form.parameters.rows["parameters.scale"].problem.isVisible()
    fields["more"].argument.line.setText("[1, 2]")
    assert form.job().parameters["more"] == Parameter(None, [1, 2])


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("width", Parameter(None, 10**40)),
        ("width", Parameter(None, "x")),
        ("width", Parameter("w")),
        ("width", Parameter(3)),
        ("width", Parameter("")),
        ("width", Parameter("#1")),
        ("path", Parameter(None, "a b", "path")),
        ("path", Parameter(None, " a ", "path")),
        ("path", Parameter(None, "text")),
        ("scale", Parameter(None, 1e-300)),
        ("scale", Parameter(None, 1)),
        ("mode", Parameter(None, "Mode.GOOD", "enum")),
        ("mode", Parameter(None, "Mode.NO", "enum")),
        ("day", Parameter(None, date(2024, 2, 29))),
        ("day", Parameter(None, None)),
        ("day", Parameter(None, datetime(2024, 1, 1))),
        ("kernel", Parameter(None, 3)),
        ("kernel", Parameter(None, "gauss")),
        ("keep", Parameter(None, True)),
        ("note", Parameter(None, "two\nlines")),
        ("note", Parameter(None, "é ")),
        ("more", Parameter(None, {"a": (1, None)})),
        ("unknown", Parameter(None, 5)),
    ],
)
def test_any_parameter_comes_out_as_it_went_in(
    qtbot: QtBot, form: Form, job: Job, name: str, given: Parameter
) -> None:
    changes: list[Any] = []
    form.changed.connect(lambda: changes.append(None))
    show(qtbot, form, job.with_(parameters={name: given}))
    assert form.job().parameters == {name: given}
    assert form.own_problems() == []
    assert changes == []


def test_a_problem_of_a_parameter_is_seen_though_they_are_folded(qtbot: QtBot, form: Form, job: Job) -> None:
    show(qtbot, form, job)
    form.inputs.more.setChecked(False)
    form.reveal()
    form.show_problems([Problem("parameters.width", "It is needed.")])
    assert form.inputs.rows["inputs.kind"].problem.text() == "It is needed."
    form.focus_problem("parameters.width")
    assert form.parameters.isVisible()
    assert form.parameters.rows["parameters.width"].problem.text() == "It is needed."


def test_a_folded_parameter_is_no_error_before_inputs_are_given(form: Form, tmp_path: Path) -> None:
    form.set_job(Job(Function(source="def f(a, b):\n    pass\n", name="f"), Inputs("list"), folder=tmp_path))
    missing = [Problem("parameters.b", "f needs b.")]
    form.inputs.kind.set_value("files")
    form.show_problems(missing)
    assert form.inputs.rows["inputs.kind"].problem.text() == ""
    form.inputs.files.pattern.line.setText("*.png")
    form.show_problems(missing)
    assert form.inputs.rows["inputs.kind"].problem.text() == "f needs b."


@pytest.mark.parametrize(
    ("call", "first", "second"),
    [
        ("one", "The input", "Nothing"),
        ("args", "From the input, by position", "From the input, by position"),
        ("kwargs", "From the input, by name", "From the input, by name"),
    ],
)
def test_a_parameter_says_what_the_call_gives_it(
    qtbot: QtBot, form: Form, tmp_path: Path, call: str, first: str, second: str
) -> None:
    function = Function(source="def f(a, b):\n    pass\n", name="f")
    form.set_job(Job(function, Inputs("list", ((1, 2),)), folder=tmp_path))
    qtbot.waitUntil(lambda: set(form.parameters.fields) == {"a", "b"}, timeout=PATIENCE)
    form.inputs.call.set_value(call)
    fields = form.parameters.fields
    assert [fields[name].source.currentText() for name in "ab"] == [first, second]


def test_a_parameter_of_an_opened_file_gets_the_input(qtbot: QtBot, form: Form, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_text("def f(a, b=1):\n    pass\n")
    form.set_job(Job(Function(file=str(file), name="f"), folder=tmp_path), adrift=True)
    form.expect_inputs()
    qtbot.waitUntil(lambda: form.inputs.kind.value() == "list", timeout=PATIENCE)
    assert form.parameters.fields["a"].source.currentText() == "The input"


def test_a_path_is_browsed_from_the_folder_of_the_function(
    qtbot: QtBot, form: Form, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def choose(parent: object, title: str, start: str) -> str:
        asked.append(start)
        return f"{start}/out"

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    fields = show(qtbot, form, job)
    fields["path"].source.set_value(FIXED)
    argument = fields["path"].argument
    menu = argument.field.button.menu()
    assert [action.text().replace("&", "") for action in menu.actions()] == ["A file…", "A folder…"]
    menu.actions()[1].trigger()
    assert [Path(start) for start in asked] == [job.folder]
    assert Path(argument.field.text()) == job.folder / "out"


def test_parameters_stay_where_the_function_is_not_known(form: Form) -> None:
    parameters = {"x": Parameter("a"), "y": Parameter(None, 2)}
    form.set_job(Job(Function(import_path="package:function"), ROWS, parameters=parameters))
    assert form.parameters.isVisible()
    assert form.job().parameters == parameters


def test_another_function_has_other_parameters(qtbot: QtBot, form: Form, job: Job) -> None:
    fields = show(qtbot, form, job)
    fields["day"].source.set_value(FIXED)
    fields["day"].argument.edit.setDate(QDate(2024, 5, 1))
    assert form.job().parameters == {"day": Parameter(None, date(2024, 5, 1))}
    fields["day"].source.set_value(NONE)
    assert form.job().parameters == {"day": Parameter(None, None)}
    fields["day"].source.set_value(LEFT_OUT)
    form.function.name.set_value("plain")
    assert list(form.parameters.fields) == ["x"]
    form.parameters.fields["x"].source.set_value(WHOLE)
    assert form.job().parameters == {"x": Parameter("")}
