"""What all panes share and that knows none of them: the ground floor.

`work`, `in_order` and `requests` take work off the GUI thread and bring answers back by signal; `theme`,
`icons` and `resources` are the looks; the rest are small widgets and texts. `first_frame` tells when the
window has been drawn, which is when what is not seen at once may begin.
"""
