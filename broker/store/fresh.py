"""What this process has just committed to the outbox, so that its relay need not read the same bytes back.

Owns copies, never the truth: which publications are due, and in which order, is asked of the database each time. What
is not here (recorded by another process, tried before, over the limit) is read from its row.
"""

from collections.abc import Collection, Iterable

from broker.store.pending import PendingRow


class Fresh:
    """Committed publications of the lanes that this process publishes, up to ``max_bytes`` of bodies."""

    def __init__(self, max_bytes: int) -> None:
        """Hold nothing, and keep nothing until lanes are held."""
        self._max_bytes = max_bytes
        self._lanes: frozenset[int] = frozenset()
        self._rows: dict[int, PendingRow] = {}
        self._bytes = 0

    def hold(self, lanes: Collection[int]) -> None:
        """Say which lanes this process publishes now; what belongs to others goes."""
        if self._lanes != lanes:
            self._lanes = frozenset(lanes)
            for each in [row.id for row in self._rows.values() if row.lane not in self._lanes]:
                self.take(each)

    def keep(self, rows: Iterable[PendingRow]) -> None:
        """Keep what was committed; what there is no room for is read from its row later."""
        for row in rows:
            if row.lane in self._lanes and self._bytes + len(row.body) <= self._max_bytes:
                self._rows[row.id] = row
                self._bytes += len(row.body)

    def take(self, publication: int) -> PendingRow | None:
        """Give a publication by its id and keep it no longer."""
        row = self._rows.pop(publication, None)
        if row is not None:
            self._bytes -= len(row.body)
        return row
