"""What the audit log needs of the database: one Protocol each for the sequencer, the publisher and a reader.

``broker.store.ledger`` implements all three over PostgreSQL. The reader's is read-only and gives rows as they are,
without a judgement of its own: the verifier trusts nothing else.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from broker.audit.merkle import Range, Subtree, Tree


@dataclass(frozen=True, slots=True)
class Waiting:
    """An entry that has no index yet."""

    entry_id: int
    leaf: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Row:
    """An indexed entry as the tables have it. ``recorded`` is the leaf hash written beside the index.

    The entry's own columns are None where its row is gone.
    """

    index: int
    entry_id: int
    recorded: bytes
    tenant: str | None
    kind: str | None
    message_id: UUID | None
    leaf: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint as the table has it: the columns beside the note, and the note."""

    size: int
    root: bytes
    note: str


@dataclass(frozen=True, slots=True)
class Traced:
    """An entry of one message; ``index`` and ``recorded`` are None while it waits, ``salt`` when it was erased."""

    entry_id: int
    tenant: str
    index: int | None
    recorded: bytes | None
    leaf: bytes = field(repr=False)
    salt: bytes | None = field(repr=False)


class Appending(Protocol):
    """One open transaction of the sequencer, which holds the rows of the trees it appends to."""

    @property
    def trees(self) -> Mapping[str, Tree]:
        """The locked trees by tenant."""
        ...

    @property
    def waiting(self) -> Mapping[str, Sequence[Waiting]]:
        """What was taken from pending, by tenant, in the order of entry ids. Every tenant has a tree."""
        ...

    async def append(self, tenant: str, leaves: Sequence[tuple[int, bytes]], tree: Tree) -> None:
        """Write (entry id, leaf hash) at the next indexes, and the tree that comes of it."""
        ...

    async def leaf_hashes(self, tenant: str, leaves: Range) -> Sequence[bytes]:
        """Give the recorded leaf hashes of a range, in order of index."""
        ...

    async def tiles(self, tenant: str, level: int, numbers: Range) -> Mapping[int, bytes]:
        """Give the full tiles of a level, by number."""
        ...

    async def add_tiles(self, tenant: str, tiles: Mapping[Subtree, bytes]) -> None:
        """Write full tiles by (tile level, number)."""
        ...


class SequencerLedger(Protocol):
    """What the sequencer needs."""

    def appending(self, limit: int) -> AbstractAsyncContextManager[Appending]:
        """Open a transaction with at most ``limit`` entries taken from pending; it commits when the body ends.

        Several sequencers may run: the rows of the trees are locked in one order, and an entry is taken once. Raise
        AuditError where the tables contradict a tree.
        """
        ...

    async def close(self) -> None:
        """Give the connection back; a later use opens another. Idempotent."""
        ...


class Publishing(Protocol):
    """One open transaction of the publisher: no other publisher signs for this tenant meanwhile."""

    @property
    def tree(self) -> Tree:
        """The committed tree; of size 0 where there is none."""
        ...

    @property
    def last(self) -> SignedHead | None:
        """The largest checkpoint of the table."""
        ...

    async def hashes(self, subtrees: Sequence[Subtree]) -> list[bytes] | None:
        """Give the hashes of full subtrees within the tree, from leaf hashes and tiles; None if rows are missing."""
        ...

    async def publish(self, head: SignedHead, signed_at: datetime) -> None:
        """Write a checkpoint; one of this size that is already there stays."""
        ...


class PublisherLedger(Protocol):
    """What the publisher needs."""

    async def tenants(self) -> list[str]:
        """Name every tenant that has a tree or a checkpoint."""
        ...

    async def unsigned(self) -> list[str]:
        """Name the tenants whose tree is larger than their largest checkpoint."""
        ...

    def publishing(self, tenant: str) -> AbstractAsyncContextManager[Publishing]:
        """Open a transaction in which a tenant's head may be signed; it commits when the body ends."""
        ...

    async def close(self) -> None:
        """Give the connection back; a later use opens another. Idempotent."""
        ...


class Reader(Protocol):
    """What the verifier and ``broker audit show`` need: reading alone."""

    async def tenants(self) -> list[str]:
        """Name every tenant that has a tree or a checkpoint."""
        ...

    async def tree(self, tenant: str) -> Tree | None:
        """Give the tree's row; None where there is none. Raise AuditError if the row cannot be a tree's."""
        ...

    async def rows(self, tenant: str, start: int, limit: int) -> list[Row]:
        """Give the first ``limit`` rows from an index on, in order of index."""
        ...

    async def tiles(self, tenant: str, level: int, numbers: Range) -> Mapping[int, bytes]:
        """Give the full tiles of a level, by number."""
        ...

    async def hashes(self, tenant: str, subtrees: Sequence[Subtree]) -> list[bytes] | None:
        """Give the hashes of full subtrees within the tree, from leaf hashes and tiles; None if rows are missing."""
        ...

    async def last_checkpoint(self, tenant: str) -> SignedHead | None:
        """Give the largest checkpoint."""
        ...

    async def checkpoints(self, tenant: str, above: int, limit: int) -> list[SignedHead]:
        """Give the first ``limit`` checkpoints of more than ``above`` leaves, in order of size."""
        ...

    async def beyond(self, tenant: str) -> int | None:
        """Give the first index at or past the size that the tree's row states, read at one instant; else None."""
        ...

    async def stray(self, tenant: str) -> int | None:
        """Give the id of the first entry that neither waits nor has an index; None if there is none."""
        ...

    async def waiting(self, tenant: str) -> int:
        """Count the entries that wait for their index."""
        ...

    async def trace(self, message_id: UUID) -> list[Traced]:
        """Give the entries of a message in the order in which they were written."""
        ...

    async def stored(self, message_id: UUID) -> Mapping[str, frozenset[bytes]]:
        """Give the SHA-256 of what is stored of a message, by form; a form has several where it was stored anew."""
        ...
