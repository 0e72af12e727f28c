"""The frame around all pages: the window, what opens and what closes.

    file, drop, second start ──> Opener ── read off the GUI thread ──> OpenPages ──> a page in Tabs
    menu, key, button ──> a command ──> Doing ──> page, runs list or window
    page ── flags ──> Window.tell ──> Context: which commands can be used

`window` puts all of it together and is known to nobody else. `Leaving` asks once for all that closing would
lose.
"""
