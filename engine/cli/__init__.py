"""The command line: run, resume, export, compare and the rest, without a window.

    words ──> main ──> run: Job ──> HostHandle ── messages ──> progress on stderr, the run folder on stdout
                  ├──> export: run folder ──> records
                  └──> compare: Job ──> engine.compare ──> a table and a verdict

`ahead` starts a script before anything else is loaded. `interrupts` turns signals into requests to the host;
`streams` makes stdout and stderr safe to write to.
"""
