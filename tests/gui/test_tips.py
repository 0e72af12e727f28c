"""Tips show a text literally, whatever it looks like."""

from __future__ import annotations

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from pytestqt.qtbot import QtBot

from engine.query.rows import Growth, Page
from gui.kit.tips import plain_tip
from gui.results.model import Column, ResultsModel

LOOKS_LIKE_MARKUP = "<Table length=3>\n <b>id</b>   &amp; \n1"


@pytest.mark.parametrize(
    "text", [LOOKS_LIKE_MARKUP, "<p>", "a < b", "x" * 300, "</p><p>", "", "/tmp/<i>/a.log"]
)
def test_a_text_is_read_as_it_is(text: str) -> None:
    tip = plain_tip(text)
    if QtGui.Qt.mightBeRichText(tip):
        assert QTextDocumentFragment.fromHtml(tip).toPlainText() == text
    else:
        assert tip == text


def test_the_tip_of_a_value(qtbot: QtBot) -> None:
    model = ResultsModel()
    numbers, times = bytes(8), bytes(8)
    page = Page(1, 1, 0, numbers, (LOOKS_LIKE_MARKUP,), ("ok",), ("1",), times, times, numbers)
    model.wanted.connect(lambda _: model.put(page))
    for _ in model.growing(Growth(1, 1, ((0, 1),), True)):
        pass
    qtbot.waitUntil(lambda: model.row(0) is not None)
    tip = model.data(model.index(0, Column.INPUT), Qt.ItemDataRole.ToolTipRole)
    assert QTextDocumentFragment.fromHtml(tip).toPlainText() == LOOKS_LIKE_MARKUP
