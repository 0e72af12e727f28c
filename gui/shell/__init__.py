"""The frame around all pages: the window, and what opens and closes.

    file, drop, second start ──> Opener ── read off the GUI thread ──> OpenPages ──> a page in Tabs
    menu, key, button ──> a command ──> Doing ──> page, runs list or window
    page ── flags ──> Window.tell ──> Context: which commands can be used

`window` connects all of it, and nothing imports it. `Leaving` asks a single question about everything that
closing would lose.
"""
