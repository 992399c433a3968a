"""Re-derives the audit log from rows and signed heads alone, and names the first thing that is wrong.

It uses the reader's path and nothing of the sequencer or publisher, trusts no hash that the tables hold, and no
checkpoint without a signature by a key it was given. Its memory does not grow with the log: rows, tiles and checkpoints
come in pages. The log may grow meanwhile.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from broker.audit.checkpoint import Checkpoint, origin_of, parse, read, split, tenant_of
from broker.audit.ledger import Reader, Row, SignedHead
from broker.audit.merkle import TILE_WIDTH, Tree, completed_tiles, tile_root
from broker.audit.note import NoteError, UnknownKeyError
from broker.audit.verdict import Fault, Problem, Verdict
from broker.audit.walk import Walk
from broker.errors import AuditError, ConfigurationError

_ROWS: Final = 8 * TILE_WIDTH
_CHECKPOINTS: Final = 1000


@dataclass(frozen=True, slots=True)
class Trust:
    """What the verifier goes by: the log's name, the raw public keys, and a file of checkpoints kept elsewhere."""

    log: str
    public_keys: Sequence[bytes]
    elsewhere: Path | None = None


async def verify(reader: Reader, trust: Trust, tenant: str | None = None) -> list[Verdict]:
    """Verify the log of one tenant, or of all that the tables or the file of checkpoints know, in order of name.

    Raise ConfigurationError if there are no keys, or the file cannot be read or concerns none of these tenants.
    """
    if not trust.public_keys:
        raise ConfigurationError("no public key to verify with; give one with --key")
    elsewhere = _tenants_elsewhere(trust)
    tenants = [tenant] if tenant is not None else sorted({*await reader.tenants(), *elsewhere})
    if trust.elsewhere is not None and not elsewhere & set(tenants):
        raise ConfigurationError(f"{trust.elsewhere} holds no checkpoint of {tenant or trust.log}")
    return [await _Tenant(reader, trust, name).verify() for name in tenants]


class _WrongError(Exception):
    """Ends the verification of a tenant; holds the problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.text)
        self.problem = problem


class _Tenant:
    """One verification of one tenant's log."""

    def __init__(self, reader: Reader, trust: Trust, tenant: str) -> None:
        self._reader = reader
        self._trust = trust
        self._tenant = tenant
        self._origin = origin_of(trust.log, tenant)
        self._walk = Walk(0)
        self._checkpoints = 0
        self._page: list[Row] = []
        self._tiles: dict[int, bytes] = {}

    async def verify(self) -> Verdict:
        problem = None
        try:
            await self._verify()
        except _WrongError as wrong:
            problem = wrong.problem
        waiting = await self._reader.waiting(self._tenant)
        return Verdict(self._tenant, self._walk.size, self._walk.proven, self._checkpoints, waiting, problem)

    async def _verify(self) -> None:
        # The last checkpoint before the tree: a tree that is read later is never smaller.
        last = await self._reader.last_checkpoint(self._tenant)
        tree = await self._tree()
        self._walk = Walk(tree.size // TILE_WIDTH)
        async for checkpoint, against in self._heads(0 if last is None else last.size):
            await self._walk_to(checkpoint.size, against)
            self._raise(self._walk.judge(checkpoint.root, against))
            self._checkpoints += 1
        if tree.size < self._walk.size:
            tree = await self._tree()  # a head kept elsewhere may be of later than our first reading
        if tree.size < self._walk.size:
            text = f"the tree's row says {tree.size} entries, a signed head covers {self._walk.size}"
            raise _WrongError(Problem(Fault.TREE, None, None, text))
        await self._walk_to(tree.size, "the tree's row")
        if self._walk.proven == tree.size != 0 and self._walk.root != tree.root():
            raise _WrongError(Problem(Fault.TREE, None, None, "the tree's row is not the tree of its entries"))
        self._raise(self._walk.judge(tree.root(), "the tree's row", signed=False))
        if self._walk.size and not self._walk.proven:
            raise _WrongError(
                Problem(Fault.UNSIGNED, 0, tree.size - 1, "no checkpoint is there for any of the entries")
            )
        await self._find_additions()

    async def _tree(self) -> Tree:
        try:
            return await self._reader.tree(self._tenant) or Tree()
        except AuditError as error:
            raise _WrongError(Problem(Fault.TREE, None, None, str(error))) from None

    async def _find_additions(self) -> None:
        beyond = await self._reader.beyond(self._tenant)
        if beyond is not None:
            text = "it stands past the end that the tree's row states"
            raise _WrongError(Problem(Fault.ADDED, beyond, beyond, text))
        stray = await self._reader.stray(self._tenant)
        if stray is not None:
            text = f"the entry with id {stray} neither has an index nor waits for one"
            raise _WrongError(Problem(Fault.STRAY, None, None, text))

    async def _walk_to(self, size: int, against: str) -> None:
        while self._walk.size < size:
            before = self._walk.size
            if not self._page:
                await self._turn_page(before)
            if not self._page:
                raise _WrongError(self._walk.ended(size, against))
            count = size - before
            self._raise(self._walk.take(self._page[:count], self._tiles))
            self._page = self._page[count:]
            await self._check_upper_tiles(before, self._walk.size)

    async def _turn_page(self, start: int) -> None:
        self._page = await self._reader.rows(self._tenant, start, _ROWS)
        numbers = start // TILE_WIDTH, (start + _ROWS) // TILE_WIDTH + 1
        self._tiles = dict(await self._reader.tiles(self._tenant, 0, numbers))

    async def _check_upper_tiles(self, before: int, after: int) -> None:
        """Hold each tile above the lowest against those below it, which were held against the entries."""
        for level, number in completed_tiles(before, after):
            if level == 0:
                continue
            found = await self._reader.tiles(self._tenant, level, (number, number + 1))
            below = await self._reader.tiles(self._tenant, level - 1, (number * TILE_WIDTH, (number + 1) * TILE_WIDTH))
            if found.get(number) != b"".join(tile_root(below[child]) for child in sorted(below)):
                text = f"tile {number} of level {level} is not made of the tiles below it"
                raise _WrongError(Problem(Fault.TREE, None, None, text))

    async def _heads(self, largest: int) -> AsyncIterator[tuple[Checkpoint, str]]:
        """Give the signed heads of the table, up to a size, and of the file, by size."""
        elsewhere = self._heads_elsewhere()
        kept = next(elsewhere, None)
        async for signed in self._table(largest):
            while kept is not None and kept.size <= signed.size:
                yield kept, f"the checkpoint of {kept.size} kept elsewhere"
                kept = next(elsewhere, None)
            yield self._opened(signed), f"the checkpoint of {signed.size}"
        while kept is not None:
            yield kept, f"the checkpoint of {kept.size} kept elsewhere"
            kept = next(elsewhere, None)

    async def _table(self, largest: int) -> AsyncIterator[SignedHead]:
        above = 0
        while above < largest:
            page = await self._reader.checkpoints(self._tenant, above, _CHECKPOINTS)
            for signed in page:
                if signed.size <= largest:
                    yield signed
            above = page[-1].size if page else largest

    def _heads_elsewhere(self) -> Iterator[Checkpoint]:
        size = 0
        for note in _notes(self._trust.elsewhere):
            if parse(note).origin == self._origin:
                checkpoint = self._read(note, "a checkpoint kept elsewhere")
                if checkpoint.size < size:
                    raise ConfigurationError(f"{self._trust.elsewhere} is not in the order of signing")
                size = checkpoint.size
                yield checkpoint

    def _opened(self, signed: SignedHead) -> Checkpoint:
        checkpoint = self._read(signed.note, f"the checkpoint of {signed.size}")
        if checkpoint.head != (signed.size, signed.root):
            self._forged(Fault.FORGED_CHECKPOINT, f"the columns beside the checkpoint of {signed.size} are not its own")
        return checkpoint

    def _read(self, note: str, what: str) -> Checkpoint:
        try:
            return read(note, self._origin, self._trust.public_keys)
        except UnknownKeyError:
            self._forged(Fault.UNKNOWN_KEY, f"no key that we know signed {what}")
        except NoteError as error:
            self._forged(Fault.FORGED_CHECKPOINT, f"{what} is forged: {error}")

    def _forged(self, fault: Fault, text: str) -> NoReturn:
        """Name the first entry that only this checkpoint could prove."""
        raise _WrongError(Problem(fault, self._walk.proven, None, text))

    def _raise(self, problem: Problem | None) -> None:
        if problem is not None:
            raise _WrongError(problem)


def _tenants_elsewhere(trust: Trust) -> set[str]:
    try:
        tenants = {tenant_of(trust.log, parse(note).origin) for note in _notes(trust.elsewhere)}
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise ConfigurationError(f"{trust.elsewhere} cannot be read as checkpoints ({type(error).__name__})") from None
    return {tenant for tenant in tenants if tenant is not None}


def _notes(path: Path | None) -> Iterator[str]:
    if path is not None:
        with path.open(encoding="utf-8", newline="\n") as lines:
            yield from split(lines)
