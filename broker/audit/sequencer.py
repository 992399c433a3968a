"""Gives entries their place: takes them from pending, appends them to their tenants' trees, stores frontier and tiles.

One transaction a batch. It may run in several processes at once: the row of a tree is locked while the tree grows. Of
several workers the one that leads is enough, and the others would only wait for it. It signs nothing and decides
nothing about an entry.
"""

from collections.abc import Sequence

from broker.audit.ledger import Appending, SequencerLedger, Waiting
from broker.audit.merkle import TILE_WIDTH, Subtree, Tree, completed_tiles, leaf_hash, tile_root
from broker.errors import AuditError


class Sequencer:
    """Moves entries from pending into the trees. Order: by entry id within a batch, contiguous over all batches.

    A ``broker.loop.Step``: it stops with AuditError where the tables contradict a tree.
    """

    name = "sequencer"

    def __init__(self, ledger: SequencerLedger, batch: int) -> None:
        """Take what it works on and how many entries one transaction takes at most; nothing is read yet."""
        self._ledger = ledger
        self._batch = batch

    async def start(self) -> None:
        """Nothing is needed beforehand."""

    async def run_once(self) -> bool:
        """Give one batch of pending entries their indexes, in one transaction; say whether more may wait.

        What is less than a whole batch waits for others: a transaction costs the same for one entry as for thousands.
        After StoreUnavailableError the batch is either wholly in the tree or wholly pending: run again.
        """
        async with self._ledger.appending(self._batch) as appending:
            for tenant, waiting in appending.waiting.items():
                await _append(appending, tenant, waiting)
            return sum(map(len, appending.waiting.values())) >= self._batch

    async def stop(self) -> None:
        """Give the connection back. Idempotent."""
        await self._ledger.close()


async def _append(appending: Appending, tenant: str, waiting: Sequence[Waiting]) -> None:
    before = appending.trees[tenant]
    leaves = [(entry.entry_id, leaf_hash(entry.leaf)) for entry in waiting]
    after = before.append(leaf for _, leaf in leaves)
    await appending.append(tenant, leaves, after)
    completed = list(completed_tiles(before.size, after.size))
    if completed:
        await appending.add_tiles(tenant, await _leaf_tiles(appending, tenant, before, leaves))
    for tile in completed:
        if tile[0] > 0:
            await appending.add_tiles(tenant, {tile: await _upper_tile(appending, tenant, tile)})


async def _leaf_tiles(
    appending: Appending, tenant: str, before: Tree, leaves: Sequence[tuple[int, bytes]]
) -> dict[Subtree, bytes]:
    start = before.size // TILE_WIDTH * TILE_WIDTH
    hashes = [*await appending.leaf_hashes(tenant, (start, before.size)), *(leaf for _, leaf in leaves)]
    if len(hashes) != before.size - start + len(leaves):
        raise AuditError(f"tenant {tenant}: rows between entries {start} and {before.size} are missing")
    return {
        (0, (start + at) // TILE_WIDTH): b"".join(hashes[at : at + TILE_WIDTH])
        for at in range(0, len(hashes) - TILE_WIDTH + 1, TILE_WIDTH)
    }


async def _upper_tile(appending: Appending, tenant: str, tile: Subtree) -> bytes:
    level, number = tile
    below = await appending.tiles(tenant, level - 1, (number * TILE_WIDTH, (number + 1) * TILE_WIDTH))
    if len(below) != TILE_WIDTH:
        raise AuditError(f"tenant {tenant}: tiles of level {level - 1} below tile {number} are missing")
    return b"".join(tile_root(below[child]) for child in sorted(below))
