"""Proofs that leave the house: of one entry in a signed tree, and that one signed tree continues another.

An inclusion proof is a c2sp.org/tlog-proof whose extra data is the leaf, so a file is checked offline with the public
key alone. C2SP has no file for consistency proofs; ours has the same form with both checkpoints. Writing needs a
reader, checking nothing but the text.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from broker.audit.checkpoint import Checkpoint, parse, read, split
from broker.audit.ledger import Reader
from broker.audit.merkle import (
    HASH_BYTES,
    Range,
    consistency_ranges,
    extends,
    fold,
    includes,
    inclusion_ranges,
    leaf_hash,
    subtrees,
)
from broker.audit.note import NoteError, decode64
from broker.errors import AuditError

INCLUSION: Final = "c2sp.org/tlog-proof@v1"
CONSISTENCY: Final = "iso20022-broker/consistency-proof@v1"

_MOST_HASHES: Final = 128


@dataclass(frozen=True, slots=True)
class Shown:
    """What a proof shows: a signed head, and either an entry in it (index and leaf) or an older head it continues."""

    head: Checkpoint
    index: int | None = None
    leaf: bytes | None = field(default=None, repr=False)
    older: Checkpoint | None = None


async def prove(reader: Reader, tenant: str, index: int) -> str:
    """Give the proof that the entry at ``index`` is in the tenant's last signed tree; AuditError if it is not yet."""
    signed = await reader.last_checkpoint(tenant)
    rows = await reader.rows(tenant, index, 1)
    if signed is None or not 0 <= index < signed.size:
        raise AuditError(f"tenant {tenant}: no checkpoint covers entry {index}")
    if not rows or rows[0].index != index or rows[0].leaf is None:
        raise AuditError(f"tenant {tenant}: entry {index} is missing")
    path = await _hashes(reader, tenant, inclusion_ranges(index, signed.size))
    if not includes(index, leaf_hash(rows[0].leaf), (signed.size, signed.root), path):
        raise AuditError(f"tenant {tenant}: the tables do not prove entry {index}; run `broker audit verify`")
    head = [INCLUSION, f"extra {base64.b64encode(rows[0].leaf).decode()}", f"index {index}"]
    return "\n".join([*head, *_lines(path), "", signed.note])


async def prove_consistency(reader: Reader, tenant: str, older: int, newer: int) -> str:
    """Give the proof that the checkpoint of ``newer`` entries continues that of ``older``; AuditError if it cannot."""
    found = []
    for size in (older, newer):
        signed = await reader.checkpoints(tenant, size - 1, 1)
        if not signed or signed[0].size != size:
            raise AuditError(f"tenant {tenant}: there is no checkpoint of {size} entries")
        found.append(signed[0])
    if older > newer:
        raise AuditError(f"a tree of {newer} entries does not continue one of {older}")
    path = await _hashes(reader, tenant, consistency_ranges(older, newer))
    heads = [(signed.size, signed.root) for signed in found]
    if not extends(heads[0], heads[1], path):
        raise AuditError(f"tenant {tenant}: the tables do not prove it; run `broker audit verify`")
    return "\n".join([CONSISTENCY, *_lines(path), "", found[0].note + found[1].note])


def check(text: str, public_keys: Sequence[bytes]) -> Shown:
    """Check a proof of either kind with public keys alone; give what it shows.

    Raise NoteError if it is malformed, its checkpoints are not signed by one of the keys, or it does not prove what it
    says.
    """
    head, separator, tail = text.partition("\n\n")
    lines = head.split("\n")
    notes = list(split(tail.splitlines(keepends=True)))
    if not separator or len(lines) > _MOST_HASHES:
        raise NoteError("a proof has a head, an empty line and checkpoints")
    checkpoints = [read(note, parse(note).origin, public_keys) for note in notes]
    if lines[0] == INCLUSION and len(checkpoints) == 1:
        return _check_inclusion(lines[1:], checkpoints[0])
    if lines[0] == CONSISTENCY and len(checkpoints) == 2:  # noqa: PLR2004 - an older and a newer one
        return _check_consistency(lines[1:], checkpoints[0], checkpoints[1])
    raise NoteError("the file is not a proof of this log")


def _check_inclusion(lines: Sequence[str], head: Checkpoint) -> Shown:
    extra, index = (lines[0], lines[1]) if len(lines) > 1 else ("", "")
    number = index.removeprefix("index ")
    if not extra.startswith("extra ") or not index.startswith("index ") or str(_decimal(number)) != number:
        raise NoteError("an inclusion proof names its leaf and its index")
    leaf = decode64(extra.removeprefix("extra "))
    if not includes(int(number), leaf_hash(leaf), head.head, _read_hashes(lines[2:])):
        raise NoteError("the proof does not show its entry in the signed tree")
    return Shown(head, int(number), leaf)


def _check_consistency(lines: Sequence[str], older: Checkpoint, newer: Checkpoint) -> Shown:
    if older.origin != newer.origin or not extends(older.head, newer.head, _read_hashes(lines)):
        raise NoteError("the proof does not show that the newer tree continues the older one")
    return Shown(newer, older=older)


async def _hashes(reader: Reader, tenant: str, ranges: Sequence[Range]) -> list[bytes]:
    found = []
    for part in ranges:
        hashes = await reader.hashes(tenant, subtrees(part))
        if hashes is None:
            raise AuditError(f"tenant {tenant}: rows or tiles between entries {part[0]} and {part[1]} are missing")
        found.append(fold(hashes))
    return found


def _lines(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(node).decode() for node in hashes]


def _read_hashes(lines: Sequence[str]) -> list[bytes]:
    hashes = [decode64(line) for line in lines]
    if any(len(node) != HASH_BYTES for node in hashes):
        raise NoteError(f"a hash of a proof has {HASH_BYTES} bytes")
    return hashes


def _decimal(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() else -1
