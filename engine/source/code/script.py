"""Writes a job as a script that uses multiprocessing itself."""

from __future__ import annotations

import builtins
from dataclasses import replace
from pathlib import Path

from engine.job.model import Job, Run
from engine.modes import MODES
from engine.source.code.call import call_source
from engine.source.code.function import ALIAS, CannotWrite, Origin, last_defined, origin, shadows
from engine.source.code.inputs import LISTED, Source, plain_inputs, source
from engine.source.code.set_up import set_up_source
from engine.source.code.values import text

__all__ = ["TAKEN", "CannotWrite", "plain", "write_script"]

TAKEN = frozenset(dir(builtins)) | {
    *("CHUNK", "COLUMNS", "CONTEXT", "FOLDER", "GRID", "INPUTS", "LOG_FILE", "PATH", "PATTERN"),
    *("TASKS_PER_WORKER", "WORKERS", "boolean", "call_in_process", "day", "finish", "inputs", "main"),
    *("ready", "set_up"),
    *("outcomes", "parsed", "run_one", "set_up_logging", "spec", "start", ALIAS),
    *("asyncio", "collections", "csv", "datetime", "glob", "importlib", "itertools", "json", "logging"),
    *("multiprocessing", "os", "pathlib", "pyarrow", "sys"),
}
"""Names that a script defines or uses itself."""

_POOL = '''
def outcomes():
    """What run_one gives for each input, in their order."""
    with CONTEXT.Pool(WORKERS, {begin}{options}) as pool:
        yield from pool.imap(run_one, {inputs}{chunk})
'''
_THREADS = '''
def outcomes():
    """What run_one gives for each input, in their order."""
    with multiprocessing.pool.ThreadPool(WORKERS) as pool:
        yield from pool.imap(run_one, {inputs}{chunk})
'''
_SERIAL = '''
def outcomes():
    """What run_one gives for each input, one after the other."""
    yield from map(run_one, {inputs})
'''
_PROCESS = '''
def call_in_process(connection, item):
    """The life of one process: the function on one input, and what came of it sent back."""
    {begin}()
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
    for item in {inputs}:
        yield finish(*start(item))
'''
_AT_A_TIME = '''
def outcomes():
    """What run_one gives for each input, in their order: each in a process of its own, WORKERS at a time."""
    running = collections.deque()
    for item in {inputs}:
        if len(running) == WORKERS:
            yield finish(*running.popleft())
        running.append(start(item))
    while running:
        yield finish(*running.popleft())
'''


IN_ITSELF = ("threads", "serial")
"""Modes in which a script starts no process."""
USED = {
    "pool": ("workers", "batch", "tasks_per_worker"),
    "threads": ("workers", "batch"),
    "process-per-input": ("workers",),
}
"""The keys of `[run]` that a script can use, by mode."""


def plain(job: Job) -> Job:
    """`job` as far as a script can express it: the rest has its default, and paths are absolute."""
    run, function = job.run, job.function
    mode = "pool" if run.mode == "dask" else run.mode  # which needs no cluster
    kept = Run(mode=mode, start_method="" if run.mode in IN_ITSELF else run.start_method)
    kept = replace(kept, **{name: getattr(run, name) for name in USED.get(mode, ())})
    if function.source:
        name = function.name or last_defined(function.source)
        function = replace(function, source=function.source.strip("\n"), name=name)
    if function.file:
        function = replace(function, file=str(job.resolve(function.file)))
    if function.python:
        function = replace(function, python=job.python)
    log = job.log if job.log.file else replace(job.log, mode="w")
    if log.file:
        log = replace(log, file=str(job.resolve(log.file)))
    return Job(function, plain_inputs(job), kept, log, job.folder.absolute(), job.parameters, job.setup)


TASK = "%(task)s"
"""Fields that formats of Poolhouse have, and those of a script do not."""


def left_out(job: Job) -> list[str]:
    """What the script leaves out of the job, in words."""
    run = job.run
    said = {
        "a time limit of {} s for a task": run.timeout and f"{run.timeout:g}",
        "{} retries of a failed task": run.retries,
        "a memory limit of {} for a worker": run.memory_limit,
        "a stop after {} failures": run.stop_after_failures,
        "the Dask cluster": run.mode == "dask",
        "the number of the task in the log": TASK in job.log.format,
    }
    return [text.format(value) for text, value in said.items() if value]


def write_script(job: Job) -> str:
    """The job as a stand-alone script. Raises `CannotWrite`."""
    if "%(task)" in job.log.format.replace(TASK, ""):
        raise CannotWrite("log.format", f"A script has no number for %(task): write {TASK}, or remove it.")
    missing = left_out(job)
    job = plain(job)
    found = origin(job, TAKEN)
    generator = found.beside(job.inputs.generator) if job.inputs.kind == "generator" else ""
    try:
        inputs = source(job.inputs, generator)
        prepared = set_up_source(job, found)
        call = call_source(job, found, prepared.passed)
    except ValueError as error:
        raise CannotWrite("inputs.values", f"A value cannot be written in Python: {error}.") from None
    parts = [_head(job, missing, found, inputs, f"{call}{prepared.function}"), _settings(job, inputs)]
    if found.source:
        parts.append(f"\n\n{found.source}\n")
    logging, outcomes = _logging(job), _outcomes(job, prepared.begin)
    functions = (
        logging, prepared.function, inputs.functions, _run_one(inputs, call), outcomes,
        _main(job, prepared.begin),
    )  # fmt: skip
    parts += [f"\n{function}" for function in functions if function]
    return "".join(parts)


def _head(job: Job, missing: list[str], found: Origin, inputs: Source, call: str) -> str:
    modules = {"logging", "multiprocessing", "os", "sys", *found.modules, *inputs.modules}
    written = f"{inputs.settings}{call}"
    modules |= {name for name in ("asyncio", "datetime", "pathlib") if f"{name}." in written}
    if job.run.mode == "process-per-input":
        modules.add("collections")
    if job.run.mode in IN_ITSELF:
        modules.discard("multiprocessing")
    if job.run.mode == "threads":
        modules.add("multiprocessing.pool")
    shebang = f"#!{job.function.python}\n" if job.function.python else ""
    note = f"# Not in this script: {', '.join(missing)}.\n" if missing else ""
    imports = "".join(f"import {name}\n" for name in sorted(modules))
    folder = str(job.folder)
    front, back = (
        "[" + ", ".join("FOLDER" if path == folder else text(path) for path in paths) + "]"
        for paths in (found.front, found.back)
    )
    where = "+=" if any(shadows(Path(path)) for path in found.front) else "[:0] ="
    path = f"sys.path{' ' if where == '+=' else ''}{where} {front}\n"
    path += f"sys.path += {back}\n" if found.back else ""
    preamble = (
        f"FOLDER = {text(folder)}  # where relative paths start, and modules are found\n"
        f"os.chdir(FOLDER)\n{path}"
    )
    brought = f"\n{_late(found.imports)}\n" if found.imports else ""
    return f"{shebang}{_docstring(job, found.callee)}\n\n{note}{imports}\n{preamble}{brought}\n"


def _late(imports: str) -> str:
    """An import placed after the path that it needs."""
    return f"{imports}  # noqa: E402" if "\n" not in imports else imports


def _docstring(job: Job, callee: str) -> str:
    how = MODES[job.run.mode].how
    count = job.inputs.count
    many = "inputs" if count is None else f"{count:,} input{'s' if count != 1 else ''}"
    over = "once" if job.inputs.kind == "none" else f"on {many}"
    return f'"""Calls {callee} {over}, {how}."""'


def _settings(job: Job, inputs: Source) -> str:
    run = job.run
    method = f'"{run.start_method}"' if run.start_method else ""
    lines: list[str] = []
    if run.mode not in IN_ITSELF:
        lines.append(f"CONTEXT = multiprocessing.get_context({method})")
    if run.mode == "serial":
        lines.append("WORKERS = 1  # one task after the other")
    elif run.mode in USED:
        lines.append(f"WORKERS = {run.workers or 'multiprocessing.cpu_count()'}")
    if run.tasks_per_worker:
        lines.append(f"TASKS_PER_WORKER = {run.tasks_per_worker}  # then another one takes its place")
    if job.log.file:
        lines.append(f"LOG_FILE = {text(job.log.file)}")
    if inputs.settings:
        lines.append(inputs.settings)
    if run.batch:
        lines.append(f"CHUNK = {run.batch}")
    elif run.mode in ("pool", "threads") and not run.tasks_per_worker and job.inputs.kind in LISTED:
        lines.append("CHUNK = max(1, min(1_000, len(INPUTS) // (8 * WORKERS)))")
    return "\n".join(lines) + "\n"


def _logging(job: Job) -> str:
    target = "LOG_FILE" if job.log.file else "the terminal"
    handler = 'FileHandler(LOG_FILE, "a")' if job.log.file else "StreamHandler()"
    level, form = f"level={text(job.log.level)}", text(job.log.format)
    if TASK in job.log.format:
        body = (
            f"    handler = logging.{handler}\n"
            f'    handler.setFormatter(logging.Formatter({form}, defaults={{"task": "-"}}))\n'
            f"    logging.basicConfig({level}, handlers=[handler])\n"
        )
    else:
        file = ["filename=LOG_FILE", 'filemode="a"'] if job.log.file else []
        listed = "".join(f"        {option},\n" for option in (*file, level, f"format={form}"))
        body = f"    logging.basicConfig(\n{listed}    )\n"
    each = " Each process has to: under spawn, none has its parent's settings."
    why = "" if job.run.mode in IN_ITSELF else each
    return f'\ndef set_up_logging():\n    """Log to {target}.{why}"""\n{body}'


def _run_one(inputs: Source, call: str) -> str:
    parsed = "        item = parsed(item)\n" if inputs.parsed else ""
    return (
        "\ndef run_one(item):\n"
        '    """The result for one input, and what went wrong."""\n'
        "    try:\n"
        f"{parsed}"
        f"        return {call}, None\n"
        "    except Exception as error:\n"
        '        logging.exception("Failed on %r", item)\n'
        '        return None, f"{type(error).__name__}: {error}"\n'
    )


def _outcomes(job: Job, begin: str) -> str:
    """The function that runs all tasks; `begin` is the function that each process begins with."""
    run = job.run
    inputs = "INPUTS" if job.inputs.kind in LISTED else "inputs()"
    if run.mode == "process":
        return _PROCESS.format(begin=begin) + _IN_TURN.format(inputs=inputs)
    if run.mode == "process-per-input":
        return _PROCESS.format(begin=begin) + _AT_A_TIME.format(inputs=inputs)
    if run.mode == "serial":
        return _SERIAL.format(inputs=inputs)
    options = ""
    if run.tasks_per_worker:
        chunks = "max(1, TASKS_PER_WORKER // CHUNK)" if run.batch else "TASKS_PER_WORKER"
        options = f", maxtasksperchild={chunks}"
    chunked = run.batch or (not run.tasks_per_worker and job.inputs.kind in LISTED)
    pool = _THREADS if run.mode == "threads" else _POOL
    return pool.format(begin=begin, options=options, inputs=inputs, chunk=", CHUNK" if chunked else "")


def _main(job: Job, begin: str) -> str:
    lines = ["def main():"]
    if job.log.file and job.log.mode == "w":
        lines.append('    open(LOG_FILE, "w").close()  # begin with an empty file')
    lines += [f"    {begin if job.run.mode in IN_ITSELF else 'set_up_logging'}()"]
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
