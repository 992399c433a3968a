"""Signs the heads of trees: committed ones only, and none that does not continue what was signed before.

On start it holds the last checkpoint of every tenant, from the table and from the anchor, against the database's tree,
and refuses to run where the one is no prefix of the other (a restored backup, a changed row). It does the same again
before each signature. It neither appends to a tree nor repairs one.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from broker.audit.anchor import AnchorFile
from broker.audit.checkpoint import Checkpoint, origin_of, read, tenant_of, write
from broker.audit.ledger import PublisherLedger, Publishing, SignedHead
from broker.audit.merkle import Range, Subtree, consistency_ranges, extends, fold, subtrees
from broker.audit.note import Signer
from broker.errors import AuditError, ConfigurationError


@dataclass(frozen=True, slots=True)
class Keys:
    """Who signs (each signs every head), and the raw public keys whose earlier checkpoints are ours."""

    signers: Sequence[Signer]
    public_keys: Sequence[bytes]


class Publisher:
    """Publishes checkpoints into the table and, where there is one, the anchor. A ``broker.loop.Step``."""

    name = "publisher"

    def __init__(
        self,
        ledger: PublisherLedger,
        log: str,
        keys: Keys,
        clock: Callable[[], datetime],
        anchor: AnchorFile | None = None,
    ) -> None:
        """Take what it works on: ``log`` begins every origin, ``clock`` gives aware UTC time.

        Raises ConfigurationError without a signer.
        """
        if not keys.signers:
            raise ConfigurationError("the audit log has no key to sign with; start with a key folder that has one")
        self._ledger = ledger
        self._log = log
        self._keys = keys
        self._clock = clock
        self._anchor = anchor
        self._last: dict[str, Checkpoint] = {}
        self._nodes: dict[str, dict[Subtree, bytes]] = {}

    async def start(self) -> None:
        """Check that each tree continues its last checkpoint; AuditError naming the tenant where one does not.

        A last checkpoint that the anchor does not have yet is written there.
        """
        anchored = await asyncio.to_thread(self._anchor.last) if self._anchor else {}
        elsewhere = {tenant_of(self._log, origin): note for origin, (_, note) in anchored.items()}
        for tenant in sorted({*await self._ledger.tenants(), *(name for name in elsewhere if name is not None)}):
            kept = elsewhere.get(tenant)
            if kept is not None:
                self._remember(tenant, self._read(tenant, kept))
            async with self._ledger.publishing(tenant) as publishing:
                await self._check(tenant, publishing)
                last = publishing.last
            if self._anchor and last and (kept is None or self._read(tenant, kept).size < last.size):
                await asyncio.to_thread(self._anchor.append, last.note)

    async def run_once(self) -> bool:
        """Sign the head of every tree that grew since its last checkpoint.

        Raises AuditError as ``start``, and UnavailableError while the anchor cannot be written; nothing is published
        then. Gives False always: the next turn is due after the interval, whether or not there was anything to sign.
        """
        for tenant in await self._ledger.unsigned():
            async with self._ledger.publishing(tenant) as publishing:
                await self._check(tenant, publishing)
                await self._publish(tenant, publishing)
        return False

    async def stop(self) -> None:
        """Give the connection back. Idempotent."""
        await self._ledger.close()

    async def _publish(self, tenant: str, publishing: Publishing) -> None:
        head = Checkpoint(origin_of(self._log, tenant), publishing.tree.size, publishing.tree.root())
        if publishing.last is not None and publishing.last.size >= head.size:
            return  # another publisher signed it a moment ago
        note = write(head, self._keys.signers)
        await publishing.publish(SignedHead(head.size, head.root, note), self._clock())
        if self._anchor is not None:
            # Before the commit and under its lock: in order, and no head is published that the anchor does not have.
            await asyncio.to_thread(self._anchor.append, note)
        self._remember(tenant, head)

    async def _check(self, tenant: str, publishing: Publishing) -> None:
        """Raise AuditError unless the tree continues the last head that the table, the anchor or we ourselves know."""
        if publishing.last is not None:
            self._remember(tenant, self._read(tenant, publishing.last.note))
        last, tree = self._last.get(tenant), publishing.tree
        if last is None or last.size == 0:
            return
        if tree.size < last.size:
            raise AuditError(f"tenant {tenant}: {last.size} entries were signed, the database has {tree.size}")
        proof = await self._proof(tenant, publishing, consistency_ranges(last.size, tree.size))
        if not extends(last.head, (tree.size, tree.root()), proof):
            raise AuditError(
                f"tenant {tenant}: the tree of {tree.size} does not continue the signed one of {last.size}"
            )

    async def _proof(self, tenant: str, publishing: Publishing, ranges: Sequence[Range]) -> list[bytes]:
        """Hash the ranges of a proof; full subtrees never change, so those of the proof before are remembered."""
        parts = [subtrees(part) for part in ranges]
        known = self._nodes.get(tenant, {})
        wanted = [subtree for part in parts for subtree in part if subtree not in known]
        hashes = await publishing.hashes(wanted)
        if hashes is None:
            raise AuditError(f"tenant {tenant}: rows or tiles are missing that the signed tree had")
        known = known | dict(zip(wanted, hashes, strict=True))
        self._nodes[tenant] = {subtree: known[subtree] for part in parts for subtree in part}
        return [fold([known[subtree] for subtree in part]) for part in parts]

    def _read(self, tenant: str, note: str) -> Checkpoint:
        return read(note, origin_of(self._log, tenant), self._keys.public_keys)

    def _remember(self, tenant: str, head: Checkpoint) -> None:
        known = self._last.get(tenant)
        if known is None or known.size < head.size:
            self._last[tenant] = head
