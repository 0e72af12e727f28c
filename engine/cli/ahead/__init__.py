"""`poolhouse run SCRIPT.py` before it loads anything: the script's interpreter boots at once.

    the command:    words ──> forks
    the guardian:             forks                                     ... ends what is left
    the host:                 starts main ──> makes the run folder ──> loads itself ──> serves main
    main:                     boots ........ waits for the folder ──> runs the script
    the command:    waits a moment, loads what it needs to follow the run, and follows it

So main waits for the shortest of all, and what else is loaded is loaded beside it. Whatever is imported here
before main has begun delays the first result of every script: these modules import next to nothing.
"""
