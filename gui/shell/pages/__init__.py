"""The pages of the window, like tabs of an editor. Each owns its header, its controls and its views.

page.py       the base class, and the services that pages get
job.py        a job: its form, and beside it its active run, else its last one
script.py     a script or notebook: what was found in it, and beside it its run
run.py        one run, live or saved
log.py        one log file, or several merged
compare.py    ways to run a job, measured side by side
versus.py     two runs side by side
shown_run.py  one run on a page: header and views, kept up to date with folder and session
run_views.py  the views of that run
again.py      runs tasks of a run again
starting.py   from the form's job to its run
tabs.py       the tabs themselves
"""

from __future__ import annotations
