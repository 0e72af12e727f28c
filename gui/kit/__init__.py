"""The ground floor: what all panes share. It knows none of them.

`work`, `in_order` and `query` take work off the GUI thread and bring results back by signal; `theme`,
`icons` and `resources` define the looks; the rest are small widgets and texts. `first_frame` reports when the
window has been drawn, so that whatever is not in its first frame can load then.
"""
