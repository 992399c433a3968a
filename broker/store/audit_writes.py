"""Audit entries, appended in the transaction of the change that they record.

Owns the row and its place in the queue of the sequencer; the leaf's bytes are made by ``broker.audit.leaf``. Facts
never hold personal data; whatever may be personal is committed to by digest.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import orjson

from broker.audit import leaf
from broker.audit.kinds import Kind
from broker.errors import StoreRefusedError
from broker.store.statements import load
from broker.store.writing import Writing, columns

_SQL = load("audit_writes")
_COLUMNS: Final = 5


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that happened. ``commitments`` are SHA-256 digests by form."""

    kind: Kind
    tenant: str
    message_id: UUID | None
    facts: Mapping[str, str | int]
    commitments: Mapping[str, bytes] = field(default_factory=dict)


async def append(writing: Writing, entries: Sequence[AuditEntry]) -> None:
    """Append entries in their order, in one round trip; none for none. The salt is fresh for each."""
    if entries:
        await writing.connection.fetch(_SQL["append"], *rows(writing, entries))


def rows(writing: Writing, entries: Sequence[AuditEntry]) -> list[list[Any] | None]:
    """Give the columns of entries, in their order. Raises StoreRefusedError for what is not Unicode."""
    size = leaf.SALT_BYTES
    salts = secrets.token_bytes(size * len(entries))
    made = (_row(writing, each, salts[at * size : (at + 1) * size]) for at, each in enumerate(entries))
    return columns(made) or [None] * _COLUMNS


def _row(writing: Writing, each: AuditEntry, salt: bytes) -> tuple[object, ...]:
    told = each.message_id, each.facts, each.commitments
    try:
        content = leaf.entry(each.kind.value, each.tenant, writing.at, *told, salt)
    except orjson.JSONEncodeError:
        raise StoreRefusedError("an audit entry that is not Unicode cannot be stored") from None
    return each.tenant, each.kind.value, each.message_id, content, salt
