"""The Inputs section: a list of kinds, a small editor for each, and a preview of the inputs.

KindChooser ── kind ──> the Editor of that kind ── Inputs ──> preview (off the GUI thread) ──> words, table
"""

from __future__ import annotations

from gui.form.inputs.section import InputsSection

__all__ = ["InputsSection"]
