"""What runs in a worker: it loads the function, runs batches of tasks, and sends what came of them.

`worker` is its life, `function` finds the person's function, `calls` makes the call from an input,
`tasks` runs and times them one by one, `surroundings` puts back what a task has changed, `settled`
brings a coroutine or generator to its end, `logs` writes records. `inherited` is what a copy of
forkserver's template finds ready.
"""
