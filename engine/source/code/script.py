"""A job as a script that uses multiprocessing by itself."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path

from engine.job.model import Inputs, Job, Run
from engine.source.code.function import ALIAS, CannotWrite, Origin, last_defined, origin, shadows
from engine.source.code.values import assignment, needs_datetime, text

__all__ = ["TAKEN", "CannotWrite", "plain", "write_script"]

TAKEN = frozenset(dir(builtins)) | {
    *("CHUNK", "CONTEXT", "FOLDER", "INPUTS", "LOG_FILE", "TASKS_PER_WORKER", "WORKERS", "spec", ALIAS),
    *("call_in_process", "finish", "main", "outcomes", "run_one", "set_up_logging", "start"),
    *("asyncio", "collections", "datetime", "importlib", "logging", "multiprocessing", "os", "sys"),
}
"""Names that a script defines or uses itself."""
DEFAULT_CALLS = {"none": "args", "list": "one", "range": "one"}

_POOL = '''
def outcomes():
    """What run_one gives for each input, in their order."""
    with CONTEXT.Pool(WORKERS, set_up_logging{options}) as pool:
        yield from pool.imap(run_one, INPUTS{chunk})
'''
_PROCESS = '''
def call_in_process(connection, item):
    """The life of one process: the function on one input, and what came of it sent back."""
    set_up_logging()
    connection.send(run_one(item))


def start(item):
    """Start a process for one input."""
    receiver, sender = CONTEXT.Pipe(duplex=False)
    process = CONTEXT.Process(target=call_in_process, args=(sender, item))
    process.start()
    sender.close()
    return process, receiver


def finish(process, receiver):
    """Wait for a process, and take what it sent."""
    try:
        outcome = receiver.recv()
    except EOFError:
        outcome = None, "the process died"
    process.join()
    return outcome

'''
_IN_TURN = '''
def outcomes():
    """What run_one gives for the input, in a process of its own."""
    for item in INPUTS:
        yield finish(*start(item))
'''
_AT_A_TIME = '''
def outcomes():
    """What run_one gives for each input, in their order: each in a process of its own, WORKERS at a time."""
    running = collections.deque()
    for item in INPUTS:
        if len(running) == WORKERS:
            yield finish(*running.popleft())
        running.append(start(item))
    while running:
        yield finish(*running.popleft())
'''


def plain(job: Job) -> Job:
    """`job` as far as a script can stand for it: what it leaves out has its default, paths are absolute."""
    run, inputs, function = job.run, job.inputs, job.function
    kept = Run(mode=run.mode, start_method=run.start_method)
    if run.mode != "process":
        kept = replace(kept, workers=run.workers)
    if run.mode == "pool":
        kept = replace(kept, batch=run.batch, tasks_per_worker=run.tasks_per_worker)
    if function.source:
        name = function.name or last_defined(function.source)
        function = replace(function, source=function.source.strip("\n"), name=name)
    if function.file:
        function = replace(function, file=str(job.resolve(function.file)))
    if function.python:
        function = replace(function, python=str(job.resolve(function.python)))
    log = job.log if job.log.file else replace(job.log, mode="w")
    if log.file:
        log = replace(log, file=str(job.resolve(log.file)))
    return Job(function, _plain_inputs(inputs), kept, log, job.folder.absolute())


def _plain_inputs(inputs: Inputs) -> Inputs:
    call = "" if inputs.call == DEFAULT_CALLS[inputs.kind] else inputs.call
    if inputs.kind == "list":
        return Inputs("list", inputs.values, call=call)
    if inputs.kind == "range":
        return Inputs("range", start=inputs.start, stop=inputs.stop, step=inputs.step, call=call)
    return Inputs()


def left_out(job: Job) -> list[str]:
    """What of the job the script does not have, in words."""
    run = job.run
    said = {
        "a time limit of {} s for a task": run.timeout and f"{run.timeout:g}",
        "{} retries of a failed task": run.retries,
        "a memory limit of {} for a worker": run.memory_limit,
        "a stop after {} failures": run.stop_after_failures,
    }
    return [text.format(value) for text, value in said.items() if value]


def write_script(job: Job) -> str:
    """The job as a stand-alone script. Raises `CannotWrite`."""
    if "%(task)" in job.log.format:
        raise CannotWrite("log.format", "%(task)s is Poolhouse's own, which a script lacks: take it out.")
    if job.inputs.kind not in DEFAULT_CALLS:
        raise CannotWrite("inputs.kind", f"Inputs of the kind {job.inputs.kind} are read by Poolhouse alone.")
    if job.parameters:
        raise CannotWrite("inputs.call", "Arguments that are set one by one are passed by Poolhouse alone.")
    missing = left_out(job)
    job = plain(job)
    found = origin(job, TAKEN)
    try:
        inputs = _inputs(job.inputs)
    except ValueError as error:
        raise CannotWrite("inputs.values", f"The inputs cannot be written in Python: {error}.") from None
    parts = [_head(job, missing, found, inputs), _settings(job, inputs)]
    if found.source:
        parts.append(f"\n\n{found.source}\n")
    parts += ["\n", _logging(job), "\n", _run_one(job, found), "\n", _outcomes(job), "\n", _main(job)]
    return "".join(parts)


def _head(job: Job, missing: list[str], found: Origin, inputs: str) -> str:
    modules = {"logging", "multiprocessing", "os", "sys", *found.modules}
    if found.is_async:
        modules.add("asyncio")
    if job.run.mode == "process-per-input":
        modules.add("collections")
    if needs_datetime(inputs):
        modules.add("datetime")
    shebang = f"#!{job.function.python}\n" if job.function.python else ""
    note = f"# Not in this script: {', '.join(missing)}.\n" if missing else ""
    imports = "".join(f"import {name}\n" for name in sorted(modules))
    paths = ", ".join([*(text(path) for path in found.paths), "FOLDER"])
    folders = [job.folder, *(Path(path) for path in found.paths)]
    where = " += " if any(map(shadows, folders)) else "[:0] = "
    preamble = (
        f"FOLDER = {text(str(job.folder))}  # where relative paths start, and modules are found\n"
        f"os.chdir(FOLDER)\nsys.path{where}[{paths}]\n"
    )
    brought = f"\n{_late(found.imports)}\n" if found.imports else ""
    return f"{shebang}{_docstring(job, found.callee)}\n\n{note}{imports}\n{preamble}{brought}\n"


def _late(imports: str) -> str:
    """An import that stands where it must, below the path that it needs."""
    return f"{imports}  # noqa: E402" if "\n" not in imports else imports


def _docstring(job: Job, callee: str) -> str:
    how = {
        "pool": "in a pool of worker processes",
        "process-per-input": "in a process for each",
        "process": "in a process of its own",
    }[job.run.mode]
    count = job.inputs.count
    over = "once" if job.inputs.kind == "none" else f"on {count:,} input{'s' if count != 1 else ''}"
    return f'"""Calls {callee} {over}, {how}."""'


def _inputs(inputs: Inputs) -> str:
    if inputs.kind == "range":
        return f"INPUTS = range({inputs.start}, {inputs.stop}, {inputs.step})"
    if inputs.kind == "none":
        return "INPUTS = [None]  # one call, without an argument"
    return assignment("INPUTS", list(inputs.values))


def _settings(job: Job, inputs: str) -> str:
    run = job.run
    method = f'"{run.start_method}"' if run.start_method else ""
    lines = [f"CONTEXT = multiprocessing.get_context({method})"]
    if run.mode != "process":
        lines.append(f"WORKERS = {run.workers or 'multiprocessing.cpu_count()'}")
    if run.tasks_per_worker:
        lines.append(f"TASKS_PER_WORKER = {run.tasks_per_worker}  # then another one takes its place")
    if job.log.file:
        lines.append(f"LOG_FILE = {text(job.log.file)}")
    lines.append(inputs)
    if run.batch:
        lines.append(f"CHUNK = {run.batch}")
    elif run.mode == "pool" and not run.tasks_per_worker:
        lines.append("CHUNK = max(1, min(1_000, len(INPUTS) // (8 * WORKERS)))")
    return "\n".join(lines) + "\n"


def _logging(job: Job) -> str:
    options = [f"level={text(job.log.level)}", f"format={text(job.log.format)}"]
    if job.log.file:
        options = ["filename=LOG_FILE", 'filemode="a"', *options]
    listed = "".join(f"        {option},\n" for option in options)
    target = "LOG_FILE" if job.log.file else "the terminal"
    return (
        "\ndef set_up_logging():\n"
        f'    """Log to {target}. Each process has to: under spawn, none has its parent\'s settings."""\n'
        f"    logging.basicConfig(\n{listed}    )\n"
    )


def _run_one(job: Job, found: Origin) -> str:
    call = job.inputs.call or DEFAULT_CALLS[job.inputs.kind]
    stars = {"args": "*", "kwargs": "**"}.get(call, "")
    made = f"{found.callee}({'' if job.inputs.kind == 'none' else f'{stars}item'})"
    if found.is_async:
        made = f"asyncio.run({made})"
    return (
        "\ndef run_one(item):\n"
        '    """The result for one input, and what went wrong."""\n'
        "    try:\n"
        f"        return {made}, None\n"
        "    except Exception as error:\n"
        '        logging.exception("Failed on %r", item)\n'
        '        return None, f"{type(error).__name__}: {error}"\n'
    )


def _outcomes(job: Job) -> str:
    run = job.run
    if run.mode == "process":
        return _PROCESS + _IN_TURN
    if run.mode == "process-per-input":
        return _PROCESS + _AT_A_TIME
    options = ""
    if run.tasks_per_worker:
        chunks = "max(1, TASKS_PER_WORKER // CHUNK)" if run.batch else "TASKS_PER_WORKER"
        options = f", maxtasksperchild={chunks}"
    chunk = "" if run.tasks_per_worker and not run.batch else ", CHUNK"
    return _POOL.format(options=options, chunk=chunk)


def _main(job: Job) -> str:
    lines = ["def main():"]
    if job.log.file and job.log.mode == "w":
        lines.append('    open(LOG_FILE, "w").close()  # begin it anew')
    lines += ["    set_up_logging()"]
    if job.log.result:
        lines.append("    results = []")
    lines += [
        "    for index, (result, error) in enumerate(outcomes()):",
        '        print(index, error or repr(result), sep="\\t")',
    ]
    if job.log.result:
        lines += ["        results.append(result)", '    logging.info("Result: %s", results)']
    lines += ["", "", 'if __name__ == "__main__":', "    main()"]
    return "\n" + "\n".join(lines) + "\n"
