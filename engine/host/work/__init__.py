"""What runs in a worker: it loads the function, runs batches of tasks, and sends the outcomes.

`worker` is its life, `function` finds the user's function, `calls` makes the call from an input,
`tasks` runs and times them one by one, `surroundings` restores what a task has changed, `settled`
finishes coroutines and generators, `logs` writes records. `inherited` is what a copy of forkserver's
template finds ready.
"""
