"""The host's side of a script: connections, the assignment of units to workers, and the records.

main.py      the host of a script: starts main, takes the run folder, says how that ended
start.py     what is recorded before the script begins
run.py       the run: the loop, the requests of the app, the end
stacks.py    asks main and workers for their stacks
family.py    pools, workers and other processes that have connected, and who belongs to whom
hub.py       the socket that all connect to
pool.py      one pool: its units, and which of its workers gets the next
worker.py    a worker as the host sees it
unit.py      a unit, and frames of units
given.py     the input of a task that has died with its worker
ledger.py    the records
program.py   the main process
main_process.py, place.py   its start, and where it finds the host: before all else is loaded
recorder.py  threads and processes of the script that are the standard library's own
"""
