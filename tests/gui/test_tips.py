"""Tips show a text as it is, whatever it looks like."""

from __future__ import annotations

import pytest
from PySide6 import QtGui
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextDocumentFragment
from pytestqt.qtbot import QtBot

from engine.runs import BatchRef
from gui.kit.tips import plain_tip
from gui.results.model import Column, ResultsModel
from gui.results.reader import Page, Row

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
    row = Row(0, LOOKS_LIKE_MARKUP, "ok", "1", 1e9, 1e9 + 0.5, 1)
    model.wanted.connect(lambda keys: model.put([Page(key, 0, (row,), 0) for key in keys]))
    for _ in model.adding([BatchRef(1, 0, 1)]):
        pass
    qtbot.waitUntil(lambda: model.row(0) is not None)
    tip = model.data(model.index(0, Column.INPUT), Qt.ItemDataRole.ToolTipRole)
    assert QTextDocumentFragment.fromHtml(tip).toPlainText() == LOOKS_LIKE_MARKUP
