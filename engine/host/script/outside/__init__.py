"""The host's side of a script: who dials, which unit goes to which worker, and what is recorded of it.

main.py      the run, from its lock to its last fact
hub.py       the socket that all dial, and who is who
pool.py      one pool: its units, and which of its workers gets the next
worker.py    a worker as the host sees it
unit.py      a unit, and frames of units
ledger.py    what is recorded
program.py   the main process
recorder.py  threads and processes of the script that are stock's own
"""
