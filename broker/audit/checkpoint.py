"""Checkpoints (c2sp.org/tlog-checkpoint): the head of a tenant's tree as a signed note, and files of many of them.

The origin line names the tree: ``<log>/<tenant>``, the tenant percent-encoded; the key that signs bears the same name,
so any C2SP tool can check it. This module signs what it is told to: whether a head may be signed is the publisher's.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, unquote

from broker.audit.merkle import HASH_BYTES
from broker.audit.note import SIGNATURE_START, Key, NoteError, Signer, decode64, open_note, sign

_LINES: Final = 3  # origin, size, root; further lines are extensions, which we pass over
_MOST_LINES: Final = 256


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a tree: its origin, how many leaves it has and its 32-byte root."""

    origin: str
    size: int
    root: bytes

    @property
    def head(self) -> tuple[int, bytes]:
        """Size and root, as ``broker.audit.merkle`` takes them."""
        return self.size, self.root


def origin_of(log: str, tenant: str) -> str:
    """Give the origin of a tenant's tree in the log of this name."""
    return f"{log}/{quote(tenant, safe='')}"


def tenant_of(log: str, origin: str) -> str | None:
    """Give the tenant whose tree has this origin; None if it is not of this log."""
    name, separator, tenant = origin.rpartition("/")
    return unquote(tenant) if separator and name == log else None


def write(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """Give the signed note of a head; the key name is the origin."""
    root = base64.b64encode(checkpoint.root).decode()
    return sign(f"{checkpoint.origin}\n{checkpoint.size}\n{root}\n", checkpoint.origin, signers)


def read(note: str, origin: str, public_keys: Sequence[bytes]) -> Checkpoint:
    """Give the head that a note by one of these keys states for this origin.

    Raise NoteError if it is malformed, wrongly signed or of another origin, UnknownKeyError if none of them signed it.
    """
    opened = open_note(note, [Key(origin, public_key) for public_key in public_keys])
    checkpoint = parse(opened.text)
    if checkpoint.origin != origin:
        raise NoteError(f"the checkpoint is of {checkpoint.origin}, not of {origin}")
    return checkpoint


def parse(text: str) -> Checkpoint:
    """Read a checkpoint's text (or a whole note) without looking at signatures; NoteError if it is none."""
    lines = text.split("\n")
    if len(lines) <= _LINES or not all(lines[:_LINES]):
        raise NoteError("a checkpoint begins with an origin, a size and a root")
    origin, size, encoded = lines[:_LINES]
    if not (size.isascii() and size.isdecimal() and (size == "0" or not size.startswith("0"))):
        raise NoteError("the size of a checkpoint is a decimal number without leading zeroes")
    root = decode64(encoded)
    if len(root) != HASH_BYTES:
        raise NoteError(f"the root of a checkpoint is {HASH_BYTES} bytes in base64")
    return Checkpoint(origin, int(size), root)


def split(lines: Iterable[str]) -> Iterator[str]:
    """Give the notes of a file of many, one after the other as an anchor writes them; holds one note at a time.

    Raise NoteError on what is too long to be a checkpoint or has no signature.
    """
    note: list[str] = []
    signed = False
    for line in lines:
        if signed and not line.startswith(SIGNATURE_START):
            yield "".join(note)
            note, signed = [], False
        if note or line.strip():
            note.append(line)
        signed = line.startswith(SIGNATURE_START)
        if len(note) > _MOST_LINES:
            raise NoteError("what stands between two checkpoints is not a checkpoint")
    if signed:
        yield "".join(note) if note[-1].endswith("\n") else "".join(note) + "\n"
    elif note:
        raise NoteError("the last checkpoint of the file has no signature")
