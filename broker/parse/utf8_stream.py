"""A file as UTF-8, slice by slice: what ``encoding`` and ``limits`` do to a message in memory, done on the way.

One slice is held, never the message. What is refused is refused before the parser sees the slice it stands in.
"""

import codecs
import hashlib
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, Final

from broker.message.failure import Failure, FailureCode
from broker.parse.encoding import Utf8, mismatch, to_utf8
from broker.parse.limits import DOCUMENT_TYPE, Limits, longest_run, refuse_markup, refuse_size, text_too_long

if TYPE_CHECKING:
    from broker.message.finding import Finding

_LATIN_1_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
_RUN: Final = re.compile(rb"<[^<]*")
_TAG: Final = 1_000  # bytes of a tag beside its longest attribute
_NO_LIMIT: Final = 1 << 62
_UTF_16: Final = ("UTF-16LE", "UTF-16BE")


class Utf8Stream:
    """One reading of a file. ``digest``, ``size`` and ``finding`` are complete when the slices have ended."""

    def __init__(self, file: BinaryIO, limits: Limits, slice_bytes: int) -> None:
        """``file`` stands at its beginning."""
        self.size = 0
        self.finding: Finding | None = None
        self._file = file
        self._limits = limits
        self._slice_bytes = slice_bytes
        self._hash = hashlib.sha256()

    @property
    def digest(self) -> bytes:
        """SHA-256 of what was read."""
        return self._hash.digest()

    def drain(self) -> None:
        """Read what is left, for digest and size alone."""
        while self._read():
            pass

    def slices(self) -> Iterator[bytes | Failure]:
        """Give the message in UTF-8 without a mark; a Failure is the last that is given."""
        first = self._read()
        if refused := refuse_size(first, self._limits):
            yield refused
            return
        begun = to_utf8(_beginning(first))
        if isinstance(begun, Failure):
            yield begun
            return
        self.finding = begun.finding
        markup = _Markup(self._limits)
        for text in self._decoded(first, begun):
            failure = text if isinstance(text, Failure) else markup.refuse(text)
            yield failure or text
            if failure:
                return
        if failure := markup.refuse_end():
            yield failure

    def _read(self) -> bytes:
        read = self._file.read(self._slice_bytes)
        self.size += len(read)
        self._hash.update(read)
        return read

    def _decoded(self, first: bytes, begun: Utf8) -> Iterator[bytes | Failure]:
        reader = _Reader(begun.encoding)
        part = first
        while part:
            if self.size > self._limits.max_bytes:
                text = f"The message has more than the {self._limits.max_bytes:,} bytes that are accepted."
                yield Failure(FailureCode.RECEIVE_TOO_LARGE, text)
                return
            text_or_failure = reader.read(part)
            yield text_or_failure
            if isinstance(text_or_failure, Failure):
                return
            part = self._read()
        if failure := reader.end():
            yield failure


def _beginning(first: bytes) -> bytes:
    """The bytes up to the first ``>``, a declaration's or a tag's: that tells the encoding, and cuts no letter."""
    if first.startswith((codecs.BOM_UTF16_LE, b"<\0")):
        return _up_to(first, b">\0")
    if first.startswith((codecs.BOM_UTF16_BE, b"\0<")):
        return _up_to(first, b"\0>")
    end = first.find(b">")
    return first[: end + 1] if end >= 0 else first


def _up_to(first: bytes, sign: bytes) -> bytes:
    end = first.find(sign)
    while end % 2 and end >= 0:
        end = first.find(sign, end + 1)
    return first[: end + 2] if end >= 0 else first[: len(first) & ~1]


class _Reader:
    """Bytes of one encoding to UTF-8, with what contradicts the encoding."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._utf8 = codecs.getincrementaldecoder("utf-8")()
        self._utf16 = codecs.getincrementaldecoder(encoding)() if encoding in _UTF_16 else None
        self._read = 0
        self._ascii = True
        self._could_be_utf8 = True
        self._controls = False

    def read(self, part: bytes) -> bytes | Failure:
        if self._read == 0:
            part = part.removeprefix(codecs.BOM_UTF8) if self._utf16 is None else _unmarked(part)
        text = self._checked(part, final=False)
        self._read += len(part)
        return text

    def end(self) -> Failure | None:
        """What only the end tells: a letter cut off, or Latin-1 that was UTF-8 all the time."""
        last = self._checked(b"", final=True)
        if isinstance(last, Failure):
            return last
        if self._encoding == "ISO-8859-1" and not self._ascii and self._could_be_utf8:
            return mismatch("declared is ISO-8859-1, but the bytes are those of UTF-8")
        return None

    def _checked(self, part: bytes, *, final: bool) -> bytes | Failure:
        if self._utf16 is not None:
            return self._from_utf16(part, final=final)
        if self._encoding == "UTF-8":
            return self._from_utf8(part, final=final)
        if part.isascii() and (self._encoding == "US-ASCII" or not final):
            return part
        if self._encoding == "US-ASCII":
            return mismatch("declared is US-ASCII, but bytes over 127 occur")
        return self._from_latin_1(part, final=final)

    def _from_utf8(self, part: bytes, *, final: bool) -> bytes | Failure:
        begun = len(self._utf8.getstate()[0])
        if not begun and part.isascii():
            return part
        try:
            self._utf8.decode(part, final)
        except UnicodeDecodeError as error:
            offset = self._read - begun + error.start
            found = f"byte {error.object[error.start]:#04x} at offset {offset:,} is not of it"
            return mismatch(f"expected is UTF-8, but {found}; ISO-8859-1 looks like that")
        return part

    def _from_latin_1(self, part: bytes, *, final: bool) -> bytes | Failure:
        self._ascii = self._ascii and part.isascii()
        if self._could_be_utf8:
            try:
                self._utf8.decode(part, final)
            except UnicodeDecodeError:
                self._could_be_utf8 = False
        self._controls = self._controls or _LATIN_1_CONTROLS.search(part) is not None
        if self._controls and not self._could_be_utf8:
            return mismatch("declared is ISO-8859-1, but bytes from 0x80 to 0x9f occur; Windows-1252 looks like that")
        return part.decode("latin-1").encode()

    def _from_utf16(self, part: bytes, *, final: bool) -> bytes | Failure:
        assert self._utf16 is not None
        begun = len(self._utf16.getstate()[0])
        try:
            return self._utf16.decode(part, final).encode()
        except UnicodeDecodeError as error:
            offset = self._read - begun + error.start
            return mismatch(f"the message begins as {self._encoding}, but offset {offset:,} is not of it")


def _unmarked(part: bytes) -> bytes:
    return part.removeprefix(codecs.BOM_UTF16_LE).removeprefix(codecs.BOM_UTF16_BE)


class _Markup:
    """What ``limits.refuse_markup`` refuses, with what is open at the end of a slice carried into the next."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._each = Limits(_NO_LIMIT, _NO_LIMIT, limits.max_attributes, _NO_LIMIT, _NO_LIMIT)
        self._open = b""
        self._elements = 0

    def refuse(self, text: bytes) -> Failure | None:
        window = self._open + text
        cut = max(window.rfind(b"<"), 0)
        # A document type is looked for in what is open as well: its letters are at the very beginning of that.
        self._open, closed = window[cut:], window[:cut]
        if any(self._open.startswith(each) for each in DOCUMENT_TYPE):
            return refuse_markup(self._open, self._each)
        return self._refuse_closed(closed) or self._refuse_open()

    def refuse_end(self) -> Failure | None:
        return self._refuse_closed(self._open)

    def _refuse_closed(self, closed: bytes) -> Failure | None:
        self._elements += closed.count(b"<") - closed.count(b"</")
        if self._elements > self._limits.max_elements:
            text = f"The message has more than the {self._limits.max_elements:,} elements that are accepted."
            return Failure(FailureCode.PARSE_TOO_MANY_ELEMENTS, text)
        limit = self._limits.max_text_characters
        if longest_run(closed, limit) and any(map(self._too_long, _RUN.findall(closed))):
            return text_too_long(self._limits)
        return refuse_markup(closed, self._each)

    def _refuse_open(self) -> Failure | None:
        return text_too_long(self._limits) if self._too_long(self._open) else None

    def _too_long(self, run: bytes) -> bool:
        """Whether a tag and the text after it have too long a text, or too long an attribute."""
        limit = self._limits.max_text_characters
        if len(run) <= limit:
            return False
        tag, _, text = run.partition(b">")
        return len(tag) > limit + _TAG or len(text.decode(errors="ignore")) > limit
