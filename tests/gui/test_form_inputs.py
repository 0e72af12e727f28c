"""The editors of inputs: what is found is shown, what is typed becomes the job, no user code runs unasked."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QModelIndex, Qt
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from engine.inputs.preview import preview
from engine.job import Function, Inputs, Job
from gui.form import Form
from gui.form.inputs import InputsSection
from gui.form.inputs.grid import HELD
from gui.form.inputs.table import PreviewModel

ROWS = "path;width;taken\n" + "a.png;10;2024-01-01\n" * 3 + "b.png;20\nc.png;30;2024-01-02\n"


@pytest.fixture
def section(form: Form) -> InputsSection:
    return form.inputs


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data.csv"
    path.write_text(ROWS, "utf-8")
    return path


def cells(section: InputsSection) -> list[list[str]]:
    model = section.table.shown
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def titles(section: InputsSection) -> list[str]:
    model = section.table.shown
    return [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]


def show(qtbot: QtBot, form: Form, inputs: Inputs, folder: Path) -> None:
    """Show a job and wait for its first inputs."""
    form.set_job(Job(Function("x.py", "f"), inputs, folder=folder))
    qtbot.waitUntil(lambda: form.inputs.table.shown.rowCount() > 0)


def test_the_model_is_sound(qtmodeltester: ModelTester, data: Path) -> None:
    model = PreviewModel()
    qtmodeltester.check(model)
    model.show(preview(Job(inputs=Inputs("csv", path=data.name), folder=data.parent)))
    qtmodeltester.check(model)
    assert model.rowCount(model.index(0, 0)) == 0
    assert model.data(QModelIndex()) is None


def test_a_csv_file_tells_its_delimiter_encoding_types_and_rows(
    qtbot: QtBot, form: Form, section: InputsSection, data: Path
) -> None:
    show(qtbot, form, Inputs("csv", path=data.name), data.parent)
    assert titles(section) == ["path: text", "width: int", "taken: date"]
    assert cells(section)[0] == ["a.png", "10", "2024-01-01"]
    assert section.file.delimiter.currentText() == "Semicolon (detected)"
    assert section.file.encoding.currentText() == "UTF-8 (detected)"
    assert section.preview.text().startswith("5 rows:")
    assert "1 of the first 5 cannot be read" in section.preview.text()
    assert "line 5" in section.table.shown.index(3, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_a_column_takes_another_type(qtbot: QtBot, form: Form, section: InputsSection, data: Path) -> None:
    show(qtbot, form, Inputs("csv", path=data.name), data.parent)
    section.table.typed.emit("width", "text")
    qtbot.waitUntil(lambda: titles(section)[1:2] == ["width: text"])
    assert form.job().inputs.types == {"width": "text"}
    section.file.header.setChecked(False)
    assert form.job().inputs.called == "args"
    qtbot.waitUntil(lambda: section.preview.text() == "" and not section.table.isVisible())  # no such column
    section.file.path.line.setText("")
    assert form.job().inputs.types == {}


def test_a_parameter_that_wants_a_path_is_told_that_it_gets_text(
    qtbot: QtBot, form: Form, section: InputsSection, tmp_path: Path
) -> None:
    (tmp_path / "a.txt").touch()
    (tmp_path / "x.py").write_text("def f(place: pathlib.Path, name: str | Path = ''):\n    pass\n")
    show(qtbot, form, Inputs("files", pattern="*.txt"), tmp_path)
    note = section.rows["inputs.pattern"].note
    qtbot.waitUntil(lambda: "place gets each path as a str" in note.text())
    form.parameters.fields["name"].source.set_value("whole")
    assert note.text() == ""  # the input goes to name, which takes a str
    form.parameters.fields["name"].source.set_value("")
    assert "Path(place)" in note.text()
    section.kind.set_value("list")
    assert note.text() == ""


def test_files_by_pattern(qtbot: QtBot, form: Form, section: InputsSection, tmp_path: Path) -> None:
    for name in ("b.txt", "a.txt"):
        (tmp_path / name).touch()
    show(qtbot, form, Inputs("files", pattern="*.txt"), tmp_path)
    assert cells(section) == [["a.txt"], ["b.txt"]]
    assert section.preview.text() == "2 files: f('a.txt'), f('b.txt')"
    section.files.pattern.line.setText("*.none")
    qtbot.waitUntil(lambda: section.table.shown.rowCount() == 0)


def test_a_new_grid_names_the_required_parameters(qtbot: QtBot, form: Form, tmp_path: Path) -> None:
    source = "def f(a, b, *rest, c=1):\n    pass\n"
    form.set_job(Job(Function(source=source, name="f"), Inputs("list"), folder=tmp_path))
    grid = form.inputs.grid_editor
    qtbot.waitUntil(lambda: form.function.chosen() is not None, timeout=60_000)
    form.inputs.kind.set_value("grid")
    assert [row.name.text() for row in grid.lines] == ["a", "b"]
    grid.lines[0].values.setText("1, 2")
    form.inputs.kind.set_value("list")
    form.inputs.kind.set_value("grid")
    assert form.job().inputs.grid == {"a": (1, 2), "b": ()}


def test_a_grid_is_typed(qtbot: QtBot, form: Form, section: InputsSection) -> None:
    section.kind.set_value("grid")
    (row,) = section.grid_editor.lines
    row.name.setText("width")
    row.values.setText("range(3)")
    section.grid_editor.add.click()
    section.grid_editor.lines[1].name.setText("path")
    section.grid_editor.lines[1].values.setText("'a', ")
    assert form.job().inputs == Inputs("grid", grid={"width": (0, 1, 2), "path": ("a",)})
    qtbot.waitUntil(lambda: section.preview.text().startswith("3 combinations: f(width=0, path='a')"))
    section.grid_editor.combine.set_value("zip")
    assert form.job().inputs.combine == "zip"
    section.grid_editor.lines[1].name.setText("width")
    assert [problem.message for problem in section.problems()] == ['"width" appears twice: give it once.']
    section.grid_editor.lines[1].values.setText("1 2")
    section.grid_editor.lines[1].name.setText("path")
    assert "path: not valid Python values" in section.problems()[0].message
    section.grid_editor.lines[1].removed.emit()
    assert form.job().inputs.grid == {"width": (0, 1, 2)}


def test_many_values_of_a_grid_are_held(form: Form, section: InputsSection) -> None:
    grid = {"n": tuple(range(HELD + 1)), "one": ((1, 2),)}
    form.set_job(Job(inputs=Inputs("grid", grid=grid)))
    assert section.grid_editor.lines[0].values.isReadOnly()
    assert form.job().inputs.grid == grid


def test_a_generator_runs_only_when_asked(
    qtbot: QtBot, form: Form, section: InputsSection, tmp_path: Path
) -> None:
    mark = tmp_path / "ran"
    source = (
        f"import pathlib\ndef f(x): pass\ndef g():\n    pathlib.Path({str(mark)!r}).touch()\n    yield 7\n"
    )
    form.set_job(Job(Function(source=source, name="f"), Inputs("generator", generator="g"), folder=tmp_path))
    qtbot.waitUntil(lambda: section.generator.name.count() == 1)
    assert section.generator.name.value() == "g"
    assert not mark.exists()
    qtbot.mouseClick(section.generator.read, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: cells(section) == [["7"]], timeout=20000)
    assert mark.exists()
    assert section.preview.text() == "1 input: f(7)"


def test_why_the_first_inputs_cannot_be_read(qtbot: QtBot, form: Form, section: InputsSection) -> None:
    form.set_job(Job(Function(source="def g():\n    yield 1 / 0"), Inputs("generator", generator="g")))
    qtbot.mouseClick(section.generator.read, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "ZeroDivisionError" in section.preview.text(), timeout=20000)


@pytest.mark.parametrize(
    ("text", "values", "call"),
    [
        ("name\tn\nx\t1\ny\t2\n", ({"name": "x", "n": 1}, {"name": "y", "n": 2}), "kwargs"),
        ("1\t2\n3\t4\n", ([1, 2], [3, 4]), "args"),
    ],
)
def test_cells_of_a_spreadsheet_are_pasted(
    qtbot: QtBot, form: Form, section: InputsSection, text: str, values: tuple[object, ...], call: str
) -> None:
    section.kind.set_value("list")
    pasted = QMimeData()
    pasted.setText(text)
    section.list.text.insertFromMimeData(pasted)
    assert form.job().inputs == Inputs("list", values, call=call)
    section.list.text.setPlainText("[5]")
    cursor = section.list.text.textCursor()
    cursor.setPosition(1)
    section.list.text.setTextCursor(cursor)
    plain = QMimeData()
    plain.setText("4, ")
    section.list.text.insertFromMimeData(plain)
    assert form.job().inputs.values == (4, 5)


def test_kinds_that_need_no_file_show_nothing_of_one(form: Form, section: InputsSection) -> None:
    for kind in ("none", "list", "range"):
        section.kind.set_value(kind)
        assert not section.table.isVisible()
        assert not any(
            section.rows[f"inputs.{key}"].shown for key in ("path", "delimiter", "grid", "pattern")
        )
    section.kind.set_value("parquet")
    assert section.rows["inputs.path"].shown
    assert not section.rows["inputs.delimiter"].shown
