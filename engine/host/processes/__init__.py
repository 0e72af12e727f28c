"""Processes of a run as the host sees them, and the guardian above the host.

`worker` is a worker: a process id, a pipe that never blocks, shared numbers and the batches it holds.
`template` is the process that forkserver forks workers from, `template_process` what runs in it, and
`fork_safety` tells whether it can be copied; other start methods have nothing to wait for (`start`).
`guardian` ends what is left.
"""
