"""The received bytes as UTF-8: what they declare against what they are.

ISO 20022 messages are UTF-8. ISO-8859-1, UTF-16 and US-ASCII that are declared and true are transcoded, and a finding
says so; a declaration the bytes contradict is refused, because a parser that believes it reads other letters than the
sender wrote and reports nothing. XML 1.0, 4.3.3 and appendix F decide how an encoding shows.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final

from broker.message.failure import Failure, FailureCode
from broker.message.finding import Finding, Severity

RULE: Final = "encoding.not-utf-8"

_DECLARATION: Final = re.compile(r"<\?xml\s[^>]*?\sencoding\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_DECLARATION_BYTES: Final = re.compile(_DECLARATION.pattern.encode())
_DECLARATION_END: Final = 1024  # bytes: a declaration is some forty long
_LATIN_1_CONTROLS: Final = re.compile(rb"[\x80-\x9f]")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]{1,40}")

_LATIN_1: Final = "ISO-8859-1"
_ASCII: Final = "US-ASCII"
_UTF_8: Final = "UTF-8"
_UTF_16: Final = "UTF-16"
_NAMES: Final = {
    "UTF-8": _UTF_8,
    "UTF8": _UTF_8,
    "US-ASCII": _ASCII,
    "ASCII": _ASCII,
    "ISO-8859-1": _LATIN_1,
    "ISO8859-1": _LATIN_1,
    "LATIN1": _LATIN_1,
    "LATIN-1": _LATIN_1,
    "UTF-16": _UTF_16,
    "UTF-16LE": "UTF-16LE",
    "UTF-16BE": "UTF-16BE",
}
_REFUSED_STARTS: Final = {
    codecs.BOM_UTF32_LE: "UTF-32",
    codecs.BOM_UTF32_BE: "UTF-32",
    b"<\0\0\0": "UTF-32",
    b"\0\0\0<": "UTF-32",
    b"Lo\xa7\x94": "EBCDIC",
}


@dataclass(frozen=True, slots=True)
class Utf8:
    """A message's bytes in UTF-8 without a byte-order mark, and the finding where they arrived in another encoding.

    Whatever its declaration says, it is to be parsed as UTF-8.
    """

    text: bytes
    finding: Finding | None = None
    encoding: str = "UTF-8"
    """What it arrived in: ``UTF-8``, ``US-ASCII``, ``ISO-8859-1``, ``UTF-16LE`` or ``UTF-16BE``."""


def to_utf8(body: bytes) -> Utf8 | Failure:
    """Give the message in UTF-8, or refuse an encoding that is unknown or that the bytes contradict.

    White space before the XML declaration is refused too: there is no declaration then (XML 1.0, 2.8).
    """
    if body.startswith(b"<?xml"):
        return _from_8_bit(body)
    for start, name in _REFUSED_STARTS.items():
        if body.startswith(start):
            return _unknown(name)
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"<\0", b"\0<")):
        return _from_utf_16(body)
    return _from_8_bit(body)


def _from_8_bit(body: bytes) -> Utf8 | Failure:
    marked = body.startswith(codecs.BOM_UTF8)
    text = body[len(codecs.BOM_UTF8) :] if marked else body
    if text[:1] != b"<" and text.lstrip()[:5] == b"<?xml":
        return _leading_space()
    declaration = _DECLARATION_BYTES.match(text, 0, _DECLARATION_END)
    if declaration is None:
        return _from_utf_8(text)
    declared = (declaration[1] or declaration[2] or b"").decode("ascii", "replace")
    name = _NAMES.get(declared.upper())
    if name is None:
        return _unknown(declared)
    if name in _READERS and (name == _UTF_8 or not marked):
        return _READERS[name](text)
    return mismatch(f"declared is {name}, but the bytes are those of {_UTF_8}")


def _from_utf_8(text: bytes) -> Utf8 | Failure:
    if not text.isascii():
        try:
            text.decode()
        except UnicodeDecodeError as error:
            found = f"byte {text[error.start]:#04x} at offset {error.start:,} is not of it"
            return mismatch(f"expected is {_UTF_8}, but {found}; {_LATIN_1} looks like that")
    return Utf8(text)


def _from_ascii(text: bytes) -> Utf8 | Failure:
    if not text.isascii():
        return mismatch(f"declared is {_ASCII}, but bytes over 127 occur")
    return Utf8(text, _transcoded(_ASCII), _ASCII)


def _from_latin_1(text: bytes) -> Utf8 | Failure:
    if text.isascii():
        return Utf8(text, _transcoded(_LATIN_1), _LATIN_1)
    try:
        text.decode()
    except UnicodeDecodeError:
        if _LATIN_1_CONTROLS.search(text):
            return mismatch(f"declared is {_LATIN_1}, but bytes from 0x80 to 0x9f occur; Windows-1252 looks like that")
        return Utf8(text.decode("latin-1").encode(), _transcoded(_LATIN_1), _LATIN_1)
    # Text in Latin-1 is never UTF-8 by chance: each letter over 127 would have to be a pair such as A with tilde and ©.
    return mismatch(f"declared is {_LATIN_1}, but the bytes are those of {_UTF_8}")


_READERS: Final = {_UTF_8: _from_utf_8, _ASCII: _from_ascii, _LATIN_1: _from_latin_1}


def _from_utf_16(body: bytes) -> Utf8 | Failure:
    little = body.startswith((codecs.BOM_UTF16_LE, b"<\0"))
    marked = body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    true_name = "UTF-16LE" if little else "UTF-16BE"
    try:
        text = body[2 if marked else 0 :].decode(true_name)
    except UnicodeDecodeError as error:
        return mismatch(f"the message begins as {true_name}, but offset {error.start:,} is not of it")
    if text[:1] != "<" and text.lstrip()[:5] == "<?xml":
        return _leading_space()
    declaration = _DECLARATION.match(text, 0, _DECLARATION_END)
    if declaration is None:
        if not marked:
            return mismatch(f"the bytes are those of {true_name}, which neither a mark nor a declaration says")
    else:
        declared = declaration[1] or declaration[2] or ""
        if _NAMES.get(declared.upper()) not in {_UTF_16, true_name}:
            return mismatch(f"declared is {_printable(declared)}, but the bytes are those of {true_name}")
    return Utf8(text.encode(), _transcoded(true_name), true_name)


def _leading_space() -> Failure:
    return Failure(FailureCode.PARSE_LEADING_SPACE, "White space stands before the XML declaration; remove it.")


def _unknown(name: str) -> Failure:
    accepted = f"{_UTF_8}, and {_LATIN_1}, {_UTF_16} and {_ASCII} when true"
    text = f"The message is in {_printable(name)}; accepted are {accepted}."
    return Failure(FailureCode.PARSE_ENCODING_UNKNOWN, text)


def mismatch(what: str) -> Failure:
    """The failure of bytes that are not of the encoding they declare."""
    return Failure(FailureCode.PARSE_ENCODING_MISMATCH, f"The encoding is contradicted: {what}.")


def _transcoded(name: str) -> Finding:
    text = f"found {name}, which was read as declared; expected {_UTF_8}, the encoding of ISO 20022 messages"
    return Finding(RULE, Severity.WARNING, "", 1, text)


def _printable(name: str) -> str:
    return name if _NAME.fullmatch(name) else "an encoding without a proper name"
