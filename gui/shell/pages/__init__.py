"""The pages of the window, like tabs of an editor. Each owns its header, its controls and its views.

page.py       the base class, and the services that pages get
job.py        a job: its form, and beside it its active run, else its last one
run.py        one run, live or saved
log.py        one log file
shown_run.py  one run on a page: header and views, kept up to date with folder and session
tabs.py       the tabs themselves
"""

from __future__ import annotations
