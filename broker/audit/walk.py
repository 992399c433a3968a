"""One walk over a tenant's entries, from the first to the last: grows the tree again and finds where it goes wrong.

Two trees grow side by side once they differ: of the leaves as their rows are now, and of the hashes that were recorded
when they were written (a full tile's, else the one beside the index). A signed head decides which is right: if it is
the recorded one, the first difference is the first wrong entry. Pure; reads nothing; memory has a limit.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import orjson

from broker.audit.ledger import Row
from broker.audit.merkle import HASH_BYTES, TILE_WIDTH, Tree, leaf_hash
from broker.audit.verdict import Fault, Problem

_REMEMBERED: Final = 65_536


class Walk:
    """The state between two entries. ``size`` entries were walked; signed heads prove ``proven`` of them."""

    def __init__(self, full_tiles: int) -> None:
        """Begin before the first entry; that many tiles of leaf hashes must be there."""
        self._full_tiles = full_tiles
        self._tree = Tree()
        self._recorded: Tree | None = None  # None while it equals _tree
        self._suspect: Problem | None = None
        self._suspect_hash = b""
        self._proven_tree = Tree()
        self._since: list[tuple[int, bytes]] | None = []  # since the last proof; None when too many to remember

    @property
    def size(self) -> int:
        """How many entries were walked."""
        return self._tree.size

    @property
    def root(self) -> bytes:
        """The root of the walked entries as their rows are now."""
        return self._tree.root()

    @property
    def proven(self) -> int:
        """How many entries the last matching signed head covers."""
        return self._proven_tree.size

    def take(self, rows: Sequence[Row], tiles: Mapping[int, bytes]) -> Problem | None:
        """Walk over the next rows, which begin at index ``size``; give the problem if one of them is missing.

        ``tiles`` holds the full tiles of leaf hashes around them, by number.
        """
        hashes, recorded = [], []
        for index, row in enumerate(rows, self.size):
            if row.index != index or row.leaf is None:
                return self._suspect or missing(index, "its row is gone")
            computed, kept = leaf_hash(row.leaf), self._kept(row, tiles)
            if self._suspect is None:
                self._suspect = self._doubt(row, computed, kept)
                self._suspect_hash = kept or row.recorded
            hashes.append(computed)
            recorded.append(kept or row.recorded)
        if self._recorded is None and hashes != recorded:
            self._recorded = self._tree
        if self._recorded is not None:
            self._recorded = self._recorded.append(recorded)
        self._tree = self._tree.append(hashes)
        self._remember(rows, hashes)
        return None

    def judge(self, root: bytes, against: str, *, signed: bool = True) -> Problem | None:
        """Hold what was walked against a head of just this size; give the first thing that is wrong.

        ``against`` names the head in the text. After None, everything up to here is as it was when that head was made;
        if it is ``signed``, that is proven.
        """
        if self._tree.root() == root:
            if self._suspect is not None:
                return self._suspect
            if signed:
                self._proven_tree, self._since, self._recorded = self._tree, [], None
            return None
        if self._suspect is not None and self._recorded is not None and self._recorded.root() == root:
            return self._named(self._suspect)
        return self._reordered(root, against) or Problem(
            Fault.CHANGED,
            self.proven,
            self.size - 1,
            f"these entries do not give the root of {against}; which of them is wrong the tables do not tell any more",
        )

    def ended(self, size: int, against: str) -> Problem:
        """Give the problem that no row is left although ``against`` covers ``size`` entries."""
        text = f"the log ends after {self.size} entries, {against} covers {size}"
        return self._suspect or Problem(Fault.CUT_OFF, self.size, size - 1, text)

    def _kept(self, row: Row, tiles: Mapping[int, bytes]) -> bytes | None:
        tile = tiles.get(row.index // TILE_WIDTH)
        at = row.index % TILE_WIDTH * HASH_BYTES
        return None if tile is None else tile[at : at + HASH_BYTES]

    def _doubt(self, row: Row, computed: bytes, kept: bytes | None) -> Problem | None:
        if computed != row.recorded:
            text = "its content does not have the hash that was recorded beside its index"
        elif kept is not None and computed != kept:
            text = "its content does not have the hash that its tile holds"
        elif kept is None and row.index // TILE_WIDTH < self._full_tiles:
            return Problem(Fault.TREE, row.index, row.index, "the tile that it belongs to is missing")
        elif not _columns_agree(row):
            text = "its row says another tenant, kind or message than its leaf"
        else:
            return None
        return Problem(Fault.CHANGED, row.index, row.index, text)

    def _named(self, suspect: Problem) -> Problem:
        """Say reordered where the entry that belongs here now stands elsewhere."""
        if self._since is None or all(computed != self._suspect_hash for _, computed in self._since):
            return suspect
        return Problem(Fault.REORDERED, suspect.first, suspect.last, "another entry stands in its place")

    def _reordered(self, root: bytes, against: str) -> Problem | None:
        """Try the order of writing, which is that of one batch: if it gives the root, the places were changed."""
        if not self._since:
            return None
        restored = sorted(self._since)
        if self._proven_tree.append(computed for _, computed in restored).root() != root:
            return None
        pairs = zip(self._since, restored, strict=True)
        first = self.proven + next(at for at, (found, right) in enumerate(pairs) if found != right)
        return Problem(Fault.REORDERED, first, first, f"only another order of the entries gives the root of {against}")

    def _remember(self, rows: Sequence[Row], hashes: Sequence[bytes]) -> None:
        if self._since is not None:
            self._since.extend((row.entry_id, computed) for row, computed in zip(rows, hashes, strict=True))
            if len(self._since) > _REMEMBERED:
                self._since = None


def missing(index: int, text: str) -> Problem:
    """Give the problem of one entry that is not there."""
    return Problem(Fault.MISSING, index, index, text)


def _columns_agree(row: Row) -> bool:
    try:
        said = orjson.loads(row.leaf or b"")
        message = None if row.message_id is None else str(row.message_id)
        return (said["tenant"], said["kind"], said["message_id"]) == (row.tenant, row.kind, message)
    except (ValueError, KeyError, TypeError):
        return False
