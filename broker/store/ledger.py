"""The audit log's tables: implements the Protocols of ``broker.audit.ledger`` over PostgreSQL.

Knows how rows are read, written and locked; nothing of hashes, signatures or what an entry means. Errors are those of
``store.database``; where rows contradict a tree, AuditError.
"""

import hashlib
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from broker.audit.ledger import Row, SignedHead, Traced, Waiting
from broker.audit.merkle import TILE_LEVELS, Range, Subtree, Tree, perfect_root, tile_root
from broker.errors import AuditError, StoreRefusedError
from broker.store.codec import Codec
from broker.store.database import Connection, Session
from broker.store.statements import load

_SQL = load("audit")

_LATE_IDS: Final = 10_000
_RESCAN_S: Final = 2.0
_STRAY_IDS: Final = 100_000  # a statement's worth, so that none runs into the command timeout


class Ledger:
    """The audit log on one held connection; tasks take turns on it. Give each loop its own."""

    def __init__(self, session: Session, codec: Codec) -> None:
        """Take a session, which may be unopened, and the codec of payloads."""
        self._session = session
        self._codec = codec
        self._floor = 0
        self._rescan_at = 0.0

    @asynccontextmanager
    async def appending(self, limit: int) -> AsyncIterator["SqlAppending"]:
        """See ``SequencerLedger``."""
        async with self._session.transaction() as connection:
            peeked = await self._peek(connection, limit)
            tenants = sorted({str(row["tenant"]) for row in peeked})
            trees = await _lock_trees(connection, tenants) if tenants else {}
            ids = [row["entry_id"] for row in peeked]
            taken = await connection.fetch(_SQL["take"], ids) if ids else []
            yield SqlAppending(connection, trees, _by_tenant(taken))
        if ids:
            self._floor = max(0, ids[-1] - _LATE_IDS)

    async def _peek(self, connection: Connection, limit: int) -> list[Any]:
        """Look at what waits, above a floor: below it lie rows long deleted that an open snapshot keeps from vacuum.

        Ids commit out of order, so the floor stays well under what was taken, and now and then all is looked at.
        """
        if time.monotonic() >= self._rescan_at:
            self._floor, self._rescan_at = 0, time.monotonic() + _RESCAN_S
        return await connection.fetch(_SQL["peek"], self._floor, limit)

    @asynccontextmanager
    async def publishing(self, tenant: str) -> AsyncIterator["SqlPublishing"]:
        """See ``PublisherLedger``."""
        async with self._session.transaction() as connection:
            await connection.fetch(_SQL["hold_publishing"], tenant)
            # The checkpoint first: a tree read after it is never smaller unless rows were changed.
            signed = await connection.fetch(_SQL["last_checkpoint"], tenant)
            found = await connection.fetch(_SQL["tree"], tenant)
            tree = _tree(tenant, found[0]) if found else Tree()
            yield SqlPublishing(connection, tenant, tree, _signed_head(signed[0]) if signed else None)

    async def unsigned(self) -> list[str]:
        """See ``PublisherLedger``."""
        return [row["tenant"] for row in await self._fetch("unsigned")]

    async def tenants(self) -> list[str]:
        """See ``Reader``."""
        return [row["tenant"] for row in await self._fetch("tenants")]

    async def tree(self, tenant: str) -> Tree | None:
        """See ``Reader``."""
        found = await self._fetch("tree", tenant)
        return _tree(tenant, found[0]) if found else None

    async def rows(self, tenant: str, start: int, limit: int) -> list[Row]:
        """See ``Reader``."""
        return [Row(*row) for row in await self._fetch("rows", tenant, start, limit)]

    async def tiles(self, tenant: str, level: int, numbers: Range) -> Mapping[int, bytes]:
        """See ``Reader``."""
        return {row["index"]: row["hashes"] for row in await self._fetch("tiles", tenant, level, *numbers)}

    async def hashes(self, tenant: str, subtrees: Sequence[Subtree]) -> list[bytes] | None:
        """See ``Reader``."""
        async with self._session.transaction() as connection:
            return await _hashes(connection, tenant, subtrees)

    async def last_checkpoint(self, tenant: str) -> SignedHead | None:
        """See ``Reader``."""
        found = await self._fetch("last_checkpoint", tenant)
        return _signed_head(found[0]) if found else None

    async def checkpoints(self, tenant: str, above: int, limit: int) -> list[SignedHead]:
        """See ``Reader``."""
        return [_signed_head(row) for row in await self._fetch("checkpoints", tenant, above, limit)]

    async def beyond(self, tenant: str) -> int | None:
        """See ``Reader``."""
        found: int | None = (await self._fetch("beyond", tenant))[0][0]
        return found

    async def stray(self, tenant: str) -> int | None:
        """See ``Reader``."""
        first, last = (await self._fetch("entry_ids"))[0]
        if first is None:
            return None
        for start in range(first, last + 1, _STRAY_IDS):
            found = await self._fetch("stray", tenant, start, start + _STRAY_IDS)
            if found:
                return int(found[0][0])
        return None

    async def waiting(self, tenant: str) -> int:
        """See ``Reader``."""
        return int((await self._fetch("waiting", tenant))[0][0])

    async def trace(self, message_id: UUID) -> list[Traced]:
        """See ``Reader``."""
        rows = await self._fetch("trace", message_id)
        return [Traced(*row) for row in rows]

    async def stored(self, message_id: UUID) -> Mapping[str, frozenset[bytes]]:
        """See ``Reader``; the forms are ``received``, ``edited`` and the destinations of what was published."""
        received = await self._fetch("stored_received", message_id)
        found = {(row["form"], hashlib.sha256(self._decode(row)).digest()) for row in received}
        outgoing = await self._fetch("stored_outgoing", message_id)
        for (form, _), rows in groupby(outgoing, key=itemgetter("destination", "recorded_at")):
            whole = hashlib.sha256()
            for row in rows:
                whole.update(self._decode(row))
            found.add((form, whole.digest()))
        return {form: frozenset(digest for name, digest in found if name == form) for form, _ in found}

    async def close(self) -> None:
        """Give the connection back; a later use opens another. Idempotent."""
        await self._session.close()

    def _decode(self, row: Any) -> bytes:  # noqa: ANN401 - asyncpg publishes no types
        return self._codec.decode(row["tenant"], row["codec"], row["body"])

    async def _fetch(self, statement: str, *arguments: object) -> list[Any]:
        async with self._session.transaction() as connection:
            return await connection.fetch(_SQL[statement], *arguments)


class SqlAppending:
    """See ``broker.audit.ledger.Appending``."""

    def __init__(
        self, connection: Connection, trees: Mapping[str, Tree], waiting: Mapping[str, Sequence[Waiting]]
    ) -> None:
        """Take the open transaction and what it holds."""
        self._connection = connection
        self.trees = trees
        self.waiting = waiting

    async def append(self, tenant: str, leaves: Sequence[tuple[int, bytes]], tree: Tree) -> None:
        """See the Protocol."""
        ids, hashes = [entry_id for entry_id, _ in leaves], [leaf for _, leaf in leaves]
        try:
            await self._connection.fetch(_SQL["add_leaves"], tenant, self.trees[tenant].size, ids, hashes)
        except StoreRefusedError as error:
            raise AuditError(f"tenant {tenant}: the tree's row is not at the end of its entries ({error})") from None
        await self._connection.fetch(_SQL["grow"], tenant, tree.size, list(tree.frontier))

    async def leaf_hashes(self, tenant: str, leaves: Range) -> list[bytes]:
        """See the Protocol."""
        return [row["leaf_hash"] for row in await self._connection.fetch(_SQL["leaf_hashes"], tenant, *leaves)]

    async def tiles(self, tenant: str, level: int, numbers: Range) -> dict[int, bytes]:
        """See the Protocol."""
        rows = await self._connection.fetch(_SQL["tiles"], tenant, level, *numbers)
        return {row["index"]: row["hashes"] for row in rows}

    async def add_tiles(self, tenant: str, tiles: Mapping[Subtree, bytes]) -> None:
        """See the Protocol."""
        levels, numbers = [level for level, _ in tiles], [number for _, number in tiles]
        try:
            await self._connection.fetch(_SQL["add_tiles"], tenant, levels, numbers, list(tiles.values()))
        except StoreRefusedError as error:
            raise AuditError(f"tenant {tenant}: a tile is there before its entries are ({error})") from None


class SqlPublishing:
    """See ``broker.audit.ledger.Publishing``."""

    def __init__(self, connection: Connection, tenant: str, tree: Tree, last: SignedHead | None) -> None:
        """Take the open transaction and what it read."""
        self._connection = connection
        self._tenant = tenant
        self.tree = tree
        self.last = last

    async def hashes(self, subtrees: Sequence[Subtree]) -> list[bytes] | None:
        """See the Protocol."""
        return await _hashes(self._connection, self._tenant, subtrees)

    async def publish(self, head: SignedHead, signed_at: datetime) -> None:
        """See the Protocol."""
        await self._connection.fetch(_SQL["add_checkpoint"], self._tenant, head.size, head.root, head.note, signed_at)


async def _hashes(connection: Connection, tenant: str, subtrees: Sequence[Subtree]) -> list[bytes] | None:
    found = []
    for subtree in subtrees:
        node = await _hash(connection, tenant, subtree)
        if node is None:
            return None
        found.append(node)
    return found


async def _hash(connection: Connection, tenant: str, subtree: Subtree) -> bytes | None:
    """Hash one full subtree from leaf hashes where it is smaller than a tile, else from the tiles it is made of."""
    level, number = subtree
    tile_level, inner = divmod(level, TILE_LEVELS)
    first, width = number << inner, 1 << inner
    if tile_level == 0:
        rows = await connection.fetch(_SQL["leaf_hashes"], tenant, first, first + width)
        nodes = [row["leaf_hash"] for row in rows]
    else:
        rows = await connection.fetch(_SQL["tiles"], tenant, tile_level - 1, first, first + width)
        nodes = [tile_root(row["hashes"]) for row in rows]
    return perfect_root(nodes) if len(nodes) == width else None


def _by_tenant(taken: Sequence[Any]) -> dict[str, list[Waiting]]:
    found: dict[str, list[Waiting]] = {}
    for row in taken:
        found.setdefault(row["tenant"], []).append(Waiting(row["entry_id"], row["leaf"]))
    return found


async def _lock_trees(connection: Connection, tenants: Sequence[str]) -> dict[str, Tree]:
    rows = await connection.fetch(_SQL["lock_trees"], tenants)
    if len(rows) < len(tenants):
        await connection.fetch(_SQL["plant"], tenants)
        rows = await connection.fetch(_SQL["lock_trees"], tenants)
    return {row["tenant"]: _tree(row["tenant"], row) for row in rows}


def _tree(tenant: str, row: Any) -> Tree:  # noqa: ANN401 - asyncpg publishes no types
    try:
        return Tree(row["size"], tuple(row["frontier"]))
    except ValueError as error:
        raise AuditError(f"tenant {tenant}: the tree's row is damaged: {error}") from None


def _signed_head(row: Any) -> SignedHead:  # noqa: ANN401 - asyncpg publishes no types
    return SignedHead(row["size"], row["root"], row["note"])
