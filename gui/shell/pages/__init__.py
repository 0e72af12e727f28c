"""The pages of the window, as an editor has tabs. Each owns its header, its controls and its views.

page.py       what every page is, and the services that pages get
job.py        a job: its form, and beside it the run of the job that goes on, else the last one
run.py        one run, live or saved
log.py        one log file
shown_run.py  one run as a page shows it: header and views, kept up with folder and session
tabs.py       the tabs themselves
"""

from __future__ import annotations
