"""Signed notes (c2sp.org/signed-note) with Ed25519: text, signature lines, key names, key ids and key strings.

A note is text ending in a newline, an empty line, then signature lines ``— <name> base64(key id || signature)``. Lines
of keys that are not known are passed over; a line of a known key that does not verify condemns the note. This module
does not know what a note says nor where keys are kept.
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from broker.errors import AuditError

ED25519: Final = b"\x01"
SIGNATURE_START: Final = "\N{EM DASH} "

_ID_BYTES: Final = 4
_KEY_BYTES: Final = 32
_MOST_SIGNATURES: Final = 64


class NoteError(AuditError):
    """The note is not one, or a signature on it by a known key does not verify: keep it, and find out who made it."""


class UnknownKeyError(NoteError):
    """No key that we know signed the note: give the public key with --key if it is ours, else treat it as forged."""


class Signer(Protocol):
    """Who can sign: a key in a file today, a PKCS#11 token behind the same two members tomorrow."""

    @property
    def public_key(self) -> bytes:
        """The raw Ed25519 public key: 32 bytes (RFC 8032)."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Give the Ed25519 signature of the message: 64 bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Key:
    """A public key under a name: what a note's signature line refers to."""

    name: str
    public_key: bytes

    def __post_init__(self) -> None:
        """Refuse a name or key that no note can refer to: NoteError."""
        if not self.name or "+" in self.name or any(character.isspace() for character in self.name):
            raise NoteError(f"a key name is not empty and has neither spaces nor plus signs: {self.name!r}")
        if len(self.public_key) != _KEY_BYTES:
            raise NoteError(f"an Ed25519 public key has {_KEY_BYTES} bytes, not {len(self.public_key)}")

    @property
    def key_id(self) -> bytes:
        """The four bytes that a signature line begins with."""
        return hashlib.sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:_ID_BYTES]

    def __str__(self) -> str:
        """Give the verifier key string, ``<name>+<key id>+<base64 of type and key>``, that C2SP tools take."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(ED25519 + self.public_key).decode()}"


@dataclass(frozen=True, slots=True)
class Opened:
    """A note that verified: its text, and the known keys whose signatures it bears, in the note's order."""

    text: str
    keys: tuple[Key, ...]


def parse_key(text: str) -> Key:
    """Read a verifier key string; NoteError if it is none, or its id is not that of its key."""
    try:
        name, key_id, encoded = text.strip().split("+", 2)
    except ValueError:
        raise NoteError("a verifier key reads <name>+<key id>+<base64>") from None
    decoded = decode64(encoded)
    key = Key(name, decoded[1:])
    if decoded[:1] != ED25519 or key.key_id.hex() != key_id:
        raise NoteError(f"the verifier key of {name} is not Ed25519, or its id is not that of its key")
    return key


def sign(text: str, name: str, signers: Sequence[Signer]) -> str:
    """Give the note of ``text``, signed under ``name`` by each signer in turn; equal input gives an equal note."""
    _check_text(text)
    lines = [_signature_line(text, Key(name, signer.public_key), signer) for signer in signers]
    return text + "\n" + "".join(lines)


def open_note(note: str, keys: Sequence[Key]) -> Opened:
    """Give the text of a note that at least one of ``keys`` signed.

    Raise NoteError if it is not well-formed or a signature by one of ``keys`` is wrong, UnknownKeyError if none of
    them signed it.
    """
    text, separator, tail = note.rpartition("\n\n")
    if not separator or not tail.endswith("\n"):
        raise NoteError("a note ends in an empty line and signature lines")
    text += "\n"
    _check_text(text)
    known = {(key.name, key.key_id): key for key in keys}
    found = []
    for line in _signature_lines(tail):
        name, signature = _parse_line(line)
        key = known.get((name, signature[:_ID_BYTES]))
        if key is not None:
            _check_signature(text, key, signature[_ID_BYTES:])
            found.append(key)
    if not found:
        raise UnknownKeyError("no key that we know signed the note")
    return Opened(text, tuple(dict.fromkeys(found)))


def decode64(text: str) -> bytes:
    """Give the bytes of standard base64 (RFC 4648, 4), of which there is one form only; NoteError for any other."""
    try:
        decoded = base64.b64decode(text, validate=True)
    except ValueError:
        decoded = b""
    if not decoded or base64.b64encode(decoded).decode() != text:
        raise NoteError("what should be base64 is not")
    return decoded


def _check_text(text: str) -> None:
    if not text.endswith("\n") or any(character < " " and character != "\n" for character in text):
        raise NoteError("the text of a note ends in a newline and has no other control characters")


def _signature_line(text: str, key: Key, signer: Signer) -> str:
    signature = base64.b64encode(key.key_id + signer.sign(text.encode())).decode()
    return f"{SIGNATURE_START}{key.name} {signature}\n"


def _signature_lines(tail: str) -> list[str]:
    lines = tail[:-1].split("\n")
    if len(lines) > _MOST_SIGNATURES:
        raise NoteError(f"a note with more than {_MOST_SIGNATURES} signatures is not read")
    return lines


def _parse_line(line: str) -> tuple[str, bytes]:
    name, separator, encoded = line.removeprefix(SIGNATURE_START).partition(" ")
    if not line.startswith(SIGNATURE_START) or not separator or not name:
        raise NoteError("a signature line begins with an em dash, a key name and a signature")
    signature = decode64(encoded)
    if len(signature) <= _ID_BYTES:
        raise NoteError("the signature of a note is too short")
    return name, signature


def _check_signature(text: str, key: Key, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public_key).verify(signature, text.encode())
    except InvalidSignature:
        raise NoteError(f"the signature of {key.name} does not verify") from None
