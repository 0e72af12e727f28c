"""The command line: run, resume and export without a window.

    words ──> main ──> run: Job ──> HostHandle ── messages ──> progress on stderr, the run folder on stdout
                  └──> export: run folder ──> records

`interrupts` turns signals into orders to the host; `streams` makes stdout and stderr safe to write to.
"""
