"""What user code can do to its worker, one fault per entry, and the expected outcome."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from engine.host.record.display import display

PRELUDE = (Path(__file__).parents[1] / "data/faults/prelude.py").read_text("utf-8")


@dataclass(frozen=True)
class Fault:
    """`code` is the body of a function of `x`."""

    code: str
    status: str = "ok"
    words: str = ""
    """A part of the task's error; `{x}` is its input. For a task that is ok, its value as displayed."""
    dump: bool = False
    """Whether the interpreter leaves a dump of its stack."""


FAULTS = {
    "exception": Fault("raise ValueError('bad')", "error", "ValueError: bad"),
    "unpicklable exception": Fault("raise Holds(threading.Lock())", "error", "Holds: ('holds', <unlocked"),
    "exception without words": Fault(
        "raise Silent", "error", "Silent (its message failed with RuntimeError)"
    ),
    "lone surrogate": Fault(
        "raise ValueError('cannot read /caf\\udce9')", "error", r"ValueError: cannot read /caf\udce9"
    ),
    "lone surrogate in OSError": Fault("open('/no/caf\\udce9')", "error", "FileNotFoundError: [Errno 2]"),
    "NUL": Fault("raise ValueError('a\\0b')", "error", r"ValueError: a\x00b"),
    "text of a class": Fault("raise Says(lambda: Text('sub \\ud800'))", "error", r"Says: sub \ud800"),
    "message that is no text": Fault(
        "raise Says(lambda: 5)", "error", "Says (its message failed with TypeError)"
    ),
    "message that exits": Fault(
        "raise Says(lambda: sys.exit(3))", "error", "Says (its message failed with SystemExit)"
    ),
    "message of 10 MB": Fault("raise ValueError('m' * 10_000_000)", "error", "ValueError: mmm"),
    "long name": Fault("raise type('n' * 5000, (Exception,), {})('x')", "error", "nnn: x"),
    "no class": Fault("raise lies('__class__')('c')", "error", "Lies: c"),
    "no traceback": Fault("raise lies('__traceback__')('c')", "error", "Lies: c"),
    "no cause": Fault("raise lies('__cause__', KeyboardInterrupt)('c')", "error", "Lies: c"),
    "no context": Fault("raise lies('__context__', SystemExit)('c')", "error", "Lies: c"),
    "no notes": Fault("raise lies('__notes__')('c')", "error", "Lies: c"),
    "notes that are none": Fault(
        "error = ValueError('c'); error.__notes__ = 7; raise error", "error", "ValueError: c"
    ),
    "no truth value": Fault("raise NoTruth('c')", "error", "NoTruth: c"),
    "chain of 5,000": Fault("raise chain(5_000)", "error", "ValueError: 4999"),
    "loop of causes": Fault("raise loop()", "error", "ValueError: a"),
    "odd SyntaxError": Fault(
        "raise SyntaxError('odd', ('file\\0name', 'no number', 3, b'text'))", "error", "SyntaxError: odd"
    ),
    "class that cannot be hashed": Fault("return Unhashable()", words="'shown'"),
    "class that answers nothing": Fault("return Broken()", words="'shown'"),
    "class without a name": Fault("return Nameless()", words="'<Nameless: its repr failed with ValueError>'"),
    "class that equals int": Fault("return SameAsInt()", words="'shown'"),
    "class that says it is int": Fault("return SaysInt()", "unpicklable", "wrong class"),
    "class that says it is int, unpicklable": Fault(
        "return NeverPickled()", "unpicklable", "TypeError: not to be pickled"
    ),
    "class that equals int, unpicklable": Fault(
        "return SameAndNeverPickled()", "unpicklable", "TypeError: not to be pickled"
    ),
    "mock of int": Fault("from unittest.mock import Mock; return Mock(spec=int)", "unpicklable", "ickl"),
    "subclass of int": Fault("return Number(5)", words="'a number'"),
    "subclass of str": Fault("return Typed()", words=r"'text \\ud800'"),
    "exit in repr": Fault("return ExitsInRepr()", words="'<ExitsInRepr: its repr failed with SystemExit>'"),
    "exit in pickling": Fault("return ExitsInPickle()", "unpicklable", "SystemExit: 1"),
    "SystemExit": Fault("sys.exit(3)", "error", "SystemExit: 3"),
    "KeyboardInterrupt": Fault("raise KeyboardInterrupt", "error", "KeyboardInterrupt"),
    "GeneratorExit": Fault("raise GeneratorExit", "error", "GeneratorExit"),
    "StopIteration": Fault("return next(iter(()))", "error", "StopIteration"),
    "RecursionError": Fault("return RECURSE(x)", "error", "RecursionError"),
    "os._exit": Fault(
        "os._exit(9)", "died", "The worker exited with status 9 while on input {x} (task {x})."
    ),
    "exit status 0": Fault("os._exit(0)", "died", "exited with status 0 while on input {x}"),
    "SIGKILL": Fault("os.kill(os.getpid(), signal.SIGKILL)", "died", "killed by SIGKILL while on input {x}"),
    "SIGTERM": Fault("os.kill(os.getpid(), signal.SIGTERM)", "died", "killed by SIGTERM while on input {x}"),
    "SIGSEGV": Fault(
        "os.kill(os.getpid(), signal.SIGSEGV)", "died", "killed by SIGSEGV while on input {x}", dump=True
    ),
    "null pointer": Fault("ctypes.string_at(0)", "died", "killed by SIGSEGV while on input {x}", dump=True),
    "SIGABRT": Fault("os.abort()", "died", "killed by SIGABRT while on input {x}", dump=True),
    "memory": Fault("return len(bytearray(8 << 30))", "memory", "MemoryError"),
    "unpicklable result": Fault("return lambda: 0", "unpicklable", "<lambda>"),
    "death in pickling": Fault("return DiesInPickle()", "died", "exited with status 7 while on input {x}"),
    "repr": Fault("return Odd()", words="'<Odd: its repr failed with RuntimeError>'"),
    "NaN": Fault("return [float('nan'), -0.0, float('inf')]", words="[nan, -0.0, inf]"),
    "long integer": Fault("return 10**20_000", words=display(10**20_000)),
    "surrogates": Fault("return 'a\\ud800\\udfff'", words=r"'a\ud800\udfff'"),
    "control characters": Fault(
        "return '\\0\\a\\b\\x1b[2J\\r\\n\\x7f\\u2028'", words=r"'\x00\x07\x08\x1b[2J\r\n\x7f\u2028'"
    ),
    "closed descriptors": Fault("os.closerange(0, 64)", words="None"),
    "closed stdout": Fault("sys.stdout.close(); sys.stderr = None", words="None"),
    "folder": Fault("os.chdir('/')", words="None"),
    "umask": Fault("os.umask(0o777); return 1", words="1"),
    "locale": Fault("locale.setlocale(locale.LC_ALL, 'C'); return 1", words="1"),
    "signals": Fault("signal.signal(signal.SIGTERM, signal.SIG_IGN); return 1", words="1"),
    "logging": Fault(
        "logging.shutdown(); logging.basicConfig(force=True, filename=os.devnull)", words="None"
    ),
    "threads": Fault("threading.Thread(target=time.sleep, args=(1000,)).start()", words="None"),
    "child process": Fault("return subprocess.Popen(['sleep', '1000']).pid > 0", words="True"),
    "fork twice": Fault("os.fork(); return x", words="{x}"),
    "nested pool": Fault(
        "with multiprocessing.Pool(2) as pool: return pool.map(abs, [-x, 2])", words="[{x}, 2]"
    ),
}

HANGS = {
    "in Python": "while True: pass",
    "asleep": "time.sleep(1000)",
    "in C": "re.match('(a*)*b', 'a' * 60)",
    "ignores SIGTERM": "signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(1000)",
    "blocks all signals": "signal.pthread_sigmask(0, range(1, 32)); time.sleep(1000)",
    "stopped": "os.kill(os.getpid(), signal.SIGSTOP)",
}


def module(codes: dict[int, str], before_fault: str = "pass", every_task: str = "pass") -> str:
    """A user's file whose `f(x)` returns `x`, or does what `codes` has for `x`."""
    faults = "".join(f"def fault_{x}(x):\n    {code}\n\n" for x, code in codes.items())
    table = ", ".join(f"{x}: fault_{x}" for x in codes)
    return f"""{PRELUDE}
def RECURSE(x):
    return RECURSE(x)

{faults}
FAULTS = {{{table}}}

def f(x):
    {every_task}
    fault = FAULTS.get(x)
    if fault is None:
        return x
    {before_fault}
    logging.info("last words of %d", x)
    return fault(x)
"""
