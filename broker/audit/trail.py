"""What happened to one message, entry by entry, and whether each entry still speaks of the stored bytes."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

import orjson

from broker.audit.leaf import opens
from broker.audit.ledger import Reader, Traced
from broker.audit.merkle import leaf_hash

Stored = Mapping[str, frozenset[bytes]]
"""SHA-256 of what is stored of a message, by form."""


class Opening(StrEnum):
    """What became of a commitment: it opens against stored bytes, or not, or cannot be tried any more."""

    OPENS = "opens"
    DIFFERS = "differs"
    NOT_STORED = "not-stored"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Step:
    """One entry of a message's trail.

    ``index`` is its place in the tenant's tree, None while it waits; ``intact`` whether its content has the hash that
    was recorded with the index. ``at``, ``kind`` and ``facts`` are the leaf's; ``commitments`` says of each form what
    became of it. A form that is not stored is one that the broker derives anew, or whose retention has ended.
    """

    index: int | None
    at: str
    tenant: str
    kind: str
    facts: dict[str, str | int]
    commitments: dict[str, Opening]
    intact: bool

    @property
    def holds(self) -> bool:
        """Whether nothing about it is wrong."""
        return self.intact and Opening.DIFFERS not in self.commitments.values()


async def trail(reader: Reader, message_id: UUID) -> list[Step]:
    """Give a message's entries in the order in which they were written; none where the message is not known."""
    stored = await reader.stored(message_id)
    return [_step(entry, stored) for entry in await reader.trace(message_id)]


def _step(entry: Traced, stored: Stored) -> Step:
    said = orjson.loads(entry.leaf)
    return Step(
        index=entry.index,
        at=said["at"],
        tenant=said["tenant"],
        kind=said["kind"],
        facts=said["facts"],
        commitments={form: _opening(entry, form, stored) for form in said["commitments"]},
        intact=entry.recorded is None or leaf_hash(entry.leaf) == entry.recorded,
    )


def _opening(entry: Traced, form: str, stored: Stored) -> Opening:
    salt, digests = entry.salt, stored.get(form)
    if salt is None:
        return Opening.ERASED
    if not digests:
        return Opening.NOT_STORED
    return Opening.OPENS if any(opens(entry.leaf, form, digest, salt) for digest in digests) else Opening.DIFFERS
