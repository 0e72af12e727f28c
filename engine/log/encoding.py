"""The encoding of a log, decided once from samples of it, or chosen by hand."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from functools import lru_cache

MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNITS = {"utf-16-le": 2, "utf-16-be": 2, "utf-32-le": 4, "utf-32-be": 4}
_WIDE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ASCII = bytes(byte for byte in range(128) if byte not in b"\\~")
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How bytes become text, and what ends a line."""

    name: str = "utf-8"
    mark: int = 0
    """Length of the byte order mark."""
    by_return: bool = False
    """Whether a lone carriage return ends a line, as on old Macs."""

    @property
    def unit(self) -> int:
        """Bytes per code unit."""
        return _UNITS.get(self.name, 1)

    @property
    def newline(self) -> bytes:
        """The bytes that end a line."""
        return ("\r" if self.by_return else "\n").encode(self.name)

    @property
    def narrow(self) -> str:
        """The encoding of the result of `narrowed`."""
        return self.name if _is_narrow(self.name) else "utf-8"

    def narrowed(self, data: bytes) -> bytes:
        """The same text in an encoding with ASCII as single bytes, and lines ending with LF."""
        if self.unit > 1:
            data = data.decode(self.name, "replace").encode("utf-8", "replace")
        elif self.narrow != self.name:  # line by line, since a bad byte may take the line end with it
            lines = [line.decode(self.name, "replace").replace("\n", "") for line in data.split(b"\n")]
            data = "\n".join(lines).encode("utf-8", "replace")
        return data.replace(b"\n", b"").replace(b"\r", b"\n") if self.by_return else data

    def text(self, narrowed: bytes) -> str:
        """The text of narrowed bytes; an invalid byte spoils only itself."""
        return narrowed.decode(self.narrow, "replace")

    def bytes_of(self, text: str) -> bytes | None:
        """A text as narrowed bytes, None if it cannot occur."""
        try:
            return text.encode(self.narrow)
        except UnicodeEncodeError:
            return None


@lru_cache
def _is_narrow(name: str) -> bool:
    """Whether bytes can be searched as they are: ASCII stands for itself, and each character is written
    in one way, which is found nowhere else. Shift-JIS, for one, has ASCII inside of characters."""
    if name == "utf-8":
        return True
    texts = [bytes([byte]).decode(name, "ignore") for byte in range(256)]
    known = [text for text in texts if text]
    return name not in _UNITS and len(known) == len(set(known)) and _is_charmap(name)


def _is_charmap(name: str) -> bool:
    """Whether each byte is a character, whatever stands around it."""
    every = bytes(range(256)) + b"~{VPND~}"  # two characters in the encoding HZ
    return every.decode(name, "replace") == "".join(bytes([byte]).decode(name, "replace") for byte in every)


def chosen(name: str, head: bytes) -> Encoding:
    """The encoding that the user names. Raises ValueError for one that does not exist or cannot be used."""
    try:
        known = codecs.lookup(name).name
    except LookupError:
        raise ValueError(f"There is no encoding {name!r}.") from None
    known = {"utf-8-sig": "utf-8", "iso8859-1": "latin-1", "ascii": "utf-8"}.get(known, known)
    if known in ("utf-16", "utf-32"):
        marked = _by_mark(head)
        known = marked.name if marked and marked.name.startswith(known) else f"{known}-le"
    try:
        plain = known in _UNITS or _ASCII.decode(known) == _ASCII.decode()
    except (LookupError, UnicodeError):
        plain = False
    if not plain:
        raise ValueError(f"Logs in the encoding {name} cannot be read.")
    mark = next((len(bom) for bom, of in MARKS if of == known and head.startswith(bom)), 0)
    return _with_line_ends(Encoding(known, mark), head)


def detect(head: bytes, *more: bytes) -> Encoding:
    """The encoding of a file, from its beginning and samples further on."""
    found = _by_mark(head) or _by_nuls(head)
    if found is None:
        found = Encoding(_narrow_name([head, *more]))
    return _with_line_ends(found, head)


def _with_line_ends(found: Encoding, head: bytes) -> Encoding:
    """Adds whether lines end with CR: if there is no LF, and the first line is not a redrawn progress bar."""
    returns = Encoding(found.name, found.mark, by_return=True)
    text = found.narrowed(head[found.mark : found.mark + (1 << 16)])
    alone = b"\n" not in text and text.count(b"\r") > 1
    return returns if alone and not text.startswith(b"\r") and b"%|" not in text else found


def _by_mark(head: bytes) -> Encoding | None:
    return next((Encoding(name, len(mark)) for mark, name in MARKS if head.startswith(mark)), None)


def _by_nuls(head: bytes) -> Encoding | None:
    """UTF-16 without a mark: in Western text, every other byte is NUL."""
    pairs = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if odd * 10 > pairs and odd > 20 * even:
        return Encoding("utf-16-le")
    if even * 10 > pairs and even > 20 * odd:
        return Encoding("utf-16-be")
    return None


def _narrow_name(samples: list[bytes]) -> str:
    """UTF-8 if most of the non-ASCII bytes are valid; otherwise a Western encoding."""
    good = bad = 0
    loose: set[int] = set()
    for sample in samples:
        wide = _WIDE.findall(sample)
        rest = _WIDE.sub(b"", sample)
        high = rest.translate(None, bytes(range(128)))
        good += len(wide)
        bad += len(high)
        loose.update(high)
    if good >= bad:
        return "utf-8"
    if any(0x80 <= byte <= 0x9F for byte in loose) and not loose & _NOT_CP1252:
        return "cp1252"
    return "latin-1"
