"""Finds which lines of a log start a record, with its level and time, block by block."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple

from engine.log import levels, lines
from engine.log.chunk import NO_TIME, packed
from engine.log.coded import CodedLines
from engine.log.encoding import Encoding
from engine.log.exceptions import CHAINS, TRACE_MARK, Traceback
from engine.log.formats.format import NOT_A_START
from engine.log.formats.indented import IndentedJson
from engine.log.formats.journal import JournalExport
from engine.log.formats.rows import CsvFormat
from engine.log.formats.two_lines import TwoLines
from engine.log.lines import Block, blocks
from engine.log.recogniser import CONTINUATION, FORMAT_SHIFT, LINE_HEAD, Recogniser
from engine.log.source import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from engine.log.coded import Codes, Times

_THREADS = 2
_CHAINS = tuple(chain.encode() for chain in CHAINS)
_LATE = (JournalExport, TwoLines, IndentedJson, CsvFormat)
"""Formats with the level in a later line than the first."""
_SLOWER = 4
"""How much smaller blocks are if each line is examined by itself."""


class _Scanned(NamedTuple):
    """The content of a block."""

    codes: Codes
    times: Times
    chains: list[int]
    """The lines that join two tracebacks."""
    packed: bytes
    """The codes, if nothing before the block can change them."""


def chains_in(block: Block) -> list[int]:
    """The lines that join two tracebacks, found by their lengths, which is faster than a search."""
    import numpy as np

    starts, data = block.starts, block.data
    if not len(starts) or not data:
        return []
    sizes = np.diff(starts, append=len(data) + (not data.endswith(b"\n"))) - 1
    firsts = np.frombuffer(data, np.uint8)[np.minimum(starts, len(data) - 1)]
    alike = [(sizes == len(chain)) & (firsts == chain[0]) for chain in _CHAINS]
    found = np.flatnonzero(np.logical_or(*alike)).tolist()
    return [line for line in found if block.piece(line) in _CHAINS]


class RecordIndex(CodedLines):
    """Reads a file block by block, and finds the codes of its lines."""

    def __init__(self, encoding: Encoding, recogniser: Recogniser) -> None:
        super().__init__(encoding)
        self.recogniser = recogniser
        self._trace = Traceback()
        self.nuls = 0
        """NUL bytes that are not shown."""

    def extend(self, source: Source, end: int | None = None) -> Iterator[Block]:
        """Read on; yields each block when its lines are known."""
        self.drop_open_end()
        quick = self.recogniser.prefix is not None
        size = lines.READ if quick else max(lines.READ // _SLOWER, 1)  # so that no step takes long
        found = blocks(source, self.encoding, self.end, self.lines, end, size)
        if not quick:
            for block in found:
                self._take(block)
                yield block
            return
        with ThreadPoolExecutor(_THREADS) as pool:  # numpy releases the interpreter lock meanwhile
            waiting: deque[tuple[Block, Future[_Scanned]]] = deque()
            for block in found:
                waiting.append((block, pool.submit(self._scanned, block)))
                if len(waiting) > _THREADS:
                    done, scanned = waiting.popleft()
                    self._add(done, scanned.result())
                    yield done
            for done, scanned in waiting:
                self._add(done, scanned.result())
                yield done

    def _take(self, block: Block) -> None:
        """Scan and add a block, in the order of the file; what is known about a traceback carries over."""
        if block.ended or block.count < 2:
            state = self._trace.state
            self._add(block, self._scanned(block))
            if not block.ended:  # it will be read again
                self._trace.restore(state)
            return
        cut = block.offset + int(block.raw_starts[-1])
        at, last = cut - block.offset, block.first + block.count - 1
        self._take(Block(block.raw[:at], block.offset, block.first, block.encoding, cut))
        self._take(Block(block.raw[at:], cut, last, block.encoding, block.end))

    def _scanned(self, block: Block) -> _Scanned:
        """What can be found in a block on its own, in a separate thread."""
        codes, times = self.scan(block)
        chains = [] if self.recogniser.plain else chains_in(block)
        return _Scanned(codes, times, chains, b"" if self.recogniser.by_words else packed(codes))

    def _add(self, block: Block, scanned: _Scanned) -> None:
        """Add a block; a last line without its end is kept apart, so that only that one is read again."""
        codes, times = scanned.codes, scanned.times
        if self.recogniser.by_words:
            self._join_tracebacks(block, codes, block.data.find(TRACE_MARK))
        hides = b"\0" in block.raw or b"\x1b" in block.raw
        if block.ended:
            self.append(codes, times, block.offset, block.end, block.first, hides=hides, kept=scanned.packed)
        else:
            cut = block.offset + int(block.raw_starts[-1]) if block.count > 1 else block.offset
            if block.count > 1:
                self.append(codes[:-1], times[:-1], block.offset, cut, block.first, hides=hides)
            self.append(codes[-1:], times[-1:], cut, block.end, block.first + block.count - 1, hides=hides)
            self.open_end = True
        self._join_chains(block.first, scanned.chains)
        if hides and self.encoding.unit == 1:
            self.nuls += block.raw.count(0)

    def _join_chains(self, first: int, chains: Sequence[int]) -> None:
        """A line right before `The above exception ...` is part of an error, whatever it looks like."""
        for line in chains:
            number = first + line
            if number > 1:
                start = self.start_of(number)
                if start == number - 2 and self.has_start(start):
                    self.set_code(start, CONTINUATION)

    def scan(self, block: Block) -> tuple[Codes, Times]:
        """The codes of the lines of a block, and the times of the records that start in it."""
        import numpy as np

        recogniser = self.recogniser
        data, starts = block.data, block.starts
        codes = np.full(len(starts), CONTINUATION, np.uint8)
        times = np.full(len(starts), NO_TIME, np.int64)
        if not recogniser.formats:
            return codes, times
        if recogniser.plain:
            self._scan_plain(block, codes)
            return codes, times
        if recogniser.prefix:
            level, times = recogniser.prefix.scan(data, starts)
            codes = np.where(level >= 0, level, CONTINUATION).astype(np.uint8)
        if data:
            firsts = np.frombuffer(data, np.uint8)[np.minimum(starts, len(data) - 1)]
            allowed = np.zeros(256, bool)
            allowed[list(recogniser.firsts)] = True
            self._scan_lines(block, codes, np.flatnonzero((codes == CONTINUATION) & allowed[firsts]))
        self._read_times(block, codes, times)
        return codes, times

    def _scan_lines(self, block: Block, codes: Codes, lines: NDArray[np.int64]) -> None:
        recogniser, encoding = self.recogniser, block.encoding
        late = next((n for n, form in enumerate(recogniser.formats) if isinstance(form, _LATE)), -1)
        current = -1
        for n in lines.tolist():
            piece = block.piece(n)
            if len(piece) > LINE_HEAD and not recogniser.whole_lines:
                piece = piece[:LINE_HEAD]
            code = recogniser.code(encoding.text(piece))
            codes[n] = code
            if late >= 0:
                current = self._set_late(late, codes, n, current, encoding.text(piece))

    def _set_late(self, late: int, codes: Codes, n: int, current: int, text: str) -> int:
        """A level that a record has in a later line than its first."""
        form = self.recogniser.formats[late]
        assert isinstance(form, _LATE)
        if codes[n] != CONTINUATION:
            return n
        level = form.late_level(text, n - current if current >= 0 else n + 1)
        if level != NOT_A_START:
            if current >= 0:
                codes[current] = late << FORMAT_SHIFT | level
            else:
                self._amend(late << FORMAT_SHIFT | level)
        return current

    def _amend(self, code: int) -> None:
        """Set the code of the last record that started before this block."""
        if self.lines:
            start = self.start_of(self.lines - 1)
            if self.has_start(start):
                self.set_code(start, code)

    def _scan_plain(self, block: Block, codes: Codes) -> None:
        import numpy as np

        data, starts = block.data, block.starts
        buffer = np.frombuffer(data + b"\n", np.uint8)
        first = buffer[starts]
        codes[(first != 32) & (first != 9)] = levels.NONE
        for n in np.flatnonzero(codes == CONTINUATION).tolist():
            if not block.piece(n).strip():
                codes[n] = levels.NONE
        self._join_tracebacks(block, codes, data.find(TRACE_MARK))

    def _join_tracebacks(self, block: Block, codes: Codes, at: int) -> None:
        """Lines of a traceback continue the record above, whatever they look like without a time."""
        data, starts, trace = block.data, block.starts, self._trace
        before_last = None
        at = 0 if trace.inside else at
        while at >= 0:
            n = block.line_of(at)
            while n < len(starts):
                if n == len(starts) - 1 and not block.ended:  # it will be read again
                    before_last = trace.state
                if self._is_timed(int(codes[n])):
                    trace.inside = False
                    break
                if trace.goes_on(block.encoding.text(block.piece(n)[:LINE_HEAD])):
                    codes[n] = CONTINUATION
                elif not trace.inside:
                    break
                n += 1
            at = data.find(TRACE_MARK, max(int(starts[n]), at + 1)) if n < len(starts) else -1
        if before_last:
            trace.restore(before_last)

    def _is_timed(self, code: int) -> bool:
        form = self.recogniser.format_of(code)
        return form is not None and getattr(form, "time", None) is not None

    def times_of(self, block: Block, codes: Codes) -> Times:
        """The times of the records that start in a block whose codes are known."""
        import numpy as np

        times = np.full(len(codes), NO_TIME, np.int64)
        if self.recogniser.prefix:
            times = self.recogniser.prefix.scan(block.data, block.starts)[1]
        self._read_times(block, codes, times)
        return times

    def _read_times(self, block: Block, codes: Codes, times: Times) -> None:
        """The times that numpy could not read, one by one."""
        import numpy as np

        for n in np.flatnonzero((codes != CONTINUATION) & (times == NO_TIME)).tolist():
            times[n] = self.time_of(int(codes[n]), block.encoding.text(block.piece(n)))

    def time_of(self, code: int, line: str) -> int:
        """The time in the first line of a record: in UTC if it has an offset, else as written."""
        form = self.recogniser.format_of(code)
        found = form.fields([line], self.recogniser.today).time if form else None
        if found is None:
            return NO_TIME
        return found.instant if found.time.tzinfo else found.wall
