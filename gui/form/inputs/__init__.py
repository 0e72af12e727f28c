"""The Inputs section: a chooser of the kind, a small editor for each, and what they give.

KindChooser ── kind ──> the Editor of that kind ── Inputs ──> preview (off the GUI thread) ──> words, table
"""

from __future__ import annotations

from gui.form.inputs.section import InputsSection

__all__ = ["InputsSection"]
