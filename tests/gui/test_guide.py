"""The guide: contents that follow the text, and search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.shell.guide import Guide


@pytest.fixture
def guide(qtbot: QtBot) -> Iterator[Guide]:
    parent = QWidget()
    qtbot.addWidget(parent)
    guide = Guide(parent)
    guide.show()
    qtbot.waitExposed(guide)
    yield guide
    guide.close()


def listed(guide: Guide) -> list[str]:
    items = [guide.contents.item(row) for row in range(guide.contents.count())]
    return [item.text() for item in items if not item.isHidden()]


def shown(guide: Guide) -> str:
    """The section whose text is at the top."""
    return guide.sections[guide.contents.currentRow()].text()


def test_a_section_of_the_contents_comes_to_the_top(guide: Guide) -> None:
    assert listed(guide)[0] == "A first run"
    row = listed(guide).index("Inputs")
    guide.contents.setCurrentRow(row)
    top = guide.pages.cursorForPosition(guide.pages.viewport().rect().topLeft())
    assert top.block().text() in ("Inputs", guide.sections[row].previous().text())
    assert guide.contents.currentRow() == row


def test_the_contents_follow_the_text(guide: Guide) -> None:
    bar = guide.pages.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    middle = shown(guide)
    assert middle not in ("A first run", "Keys")
    bar.setValue(0)
    assert guide.contents.currentRow() <= 0


def test_a_search_lists_the_sections_that_have_it(qtbot: QtBot, guide: Guide) -> None:
    qtbot.keyClicks(guide.text, "forkserver")
    assert "Function" in listed(guide)
    assert "Timeline" not in listed(guide)
    assert guide.count.text() == f"{len(guide.hits)} place{'s' if len(guide.hits) > 1 else ''}"
    assert guide.pages.textCursor().selectedText().casefold() == "forkserver"
    assert len(guide.pages.extraSelections()) == len(guide.hits)
    guide.text.clear()
    assert len(listed(guide)) == len(guide.sections)
    assert guide.count.text() == ""


def test_enter_goes_from_hit_to_hit_and_round(qtbot: QtBot, guide: Guide) -> None:
    qtbot.keyClicks(guide.text, "worker")
    seen = [guide.pages.textCursor().selectionStart()]
    for _ in guide.hits:
        qtbot.keyClick(guide.text, Qt.Key.Key_Return)
        seen.append(guide.pages.textCursor().selectionStart())
    assert seen[:-1] == [hit.selectionStart() for hit in guide.hits]
    assert seen[-1] == seen[0]
    guide.go_to_previous()
    assert guide.pages.textCursor().selectionStart() == seen[-2]


def test_what_is_not_there_is_said(qtbot: QtBot, guide: Guide) -> None:
    qtbot.keyClicks(guide.text, "zebra")
    assert guide.count.text() == "“zebra” is not in the guide."
    assert listed(guide) == []
