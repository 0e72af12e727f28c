"""Processes of a run as the host sees them, and the guardian above the host.

`worker` is a worker: a process id, a pipe that never blocks, shared numbers and its batches. `template` is
the process that forkserver forks workers from, `template_process` the code in it, and `fork_safety` checks
whether it can be copied; with other start methods there is nothing to wait for (`start`). `guardian` ends
what is left.
"""
