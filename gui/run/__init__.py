"""The run in hand, without widgets, and the queue of those to come; the header is the one exception.

    page --run--> Sessions --queued--> Scheduler --due--> Session <--signals-- RunBridge (a thread) <--> host
                     |                                       |
                     '--of(folder)--> the page that shows <--'  changed, grew, ended, finished

`state` is how one live run stands, as plain data; `session` keeps one up to date and passes on what is
asked of it; `sessions` has all that this window holds, and begins what the `queue` lets begin.
"""

from __future__ import annotations
