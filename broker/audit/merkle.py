"""The Merkle tree of RFC 6962, section 2, over SHA-256: heads, tiles, proofs and their verification. Pure.

A tree is kept as its *frontier*: the hashes of the full subtrees that its size falls into, one for each bit set,
largest first. Appending a leaf and giving the root need nothing else. A *full subtree* is named ``(level, number)`` and
covers the ``2**level`` leaves from ``number * 2**level``. Proofs are planned first, as ranges of leaves, so that a
caller may fetch the hashes of their full subtrees however it likes: ``inclusion_ranges`` → ``subtrees`` → ``fold``.

This module knows no leaf's content, no signature and no storage.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

TILE_LEVELS: Final = 8
TILE_WIDTH: Final = 1 << TILE_LEVELS
"""A tile holds 256 neighbouring hashes; at tile level L, of full subtrees of 256**L leaves (C2SP tlog-tiles)."""

Range = tuple[int, int]
"""Leaves from the first index up to, not including, the second."""

Subtree = tuple[int, int]
"""A full subtree: (level, number)."""


@dataclass(frozen=True, slots=True)
class Tree:
    """A tree of ``size`` leaves, as its frontier: 32-byte hashes, one for each bit set in ``size``, largest first."""

    size: int = 0
    frontier: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a frontier that cannot be one of this size: ValueError."""
        if len(self.frontier) != self.size.bit_count() or any(len(node) != HASH_BYTES for node in self.frontier):
            raise ValueError(f"a tree of {self.size} leaves has {self.size.bit_count()} hashes of {HASH_BYTES} bytes")

    def append(self, leaf_hashes: Iterable[bytes]) -> "Tree":
        """Give the tree that has these leaf hashes after its own, in this order."""
        size, frontier = self.size, list(self.frontier)
        for leaf in leaf_hashes:
            node, full = leaf, size
            while full & 1:
                node, full = node_hash(frontier.pop(), node), full >> 1
            frontier.append(node)
            size += 1
        return Tree(size, tuple(frontier))

    def root(self) -> bytes:
        """Give the Merkle tree hash (RFC 6962, 2.1): 32 bytes."""
        return fold(self.frontier) if self.frontier else EMPTY_ROOT


def leaf_hash(leaf: bytes) -> bytes:
    """Give the hash of a leaf: SHA-256 of 0x00 and its bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of a node: SHA-256 of 0x01 and the hashes below it."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Give the hash of a range of leaves from the hashes of its full subtrees, left to right; at least one."""
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = node_hash(left, node)
    return node


def subtrees(leaves: Range) -> list[Subtree]:
    """Split a range into full subtrees, largest first.

    The range is one that a proof asks for: it begins at a multiple of the largest power of two that fits into it.
    """
    start, end = leaves
    found = []
    while start < end:
        level = (end - start).bit_length() - 1
        found.append((level, start >> level))
        start += 1 << level
    return found


def completed_tiles(before: int, after: int) -> Iterator[Subtree]:
    """Name the tiles (tile level, number) that became full between two sizes, lower levels first."""
    level, width = 0, TILE_WIDTH
    while after // width:
        yield from ((level, number) for number in range(before // width, after // width))
        level, width = level + 1, width * TILE_WIDTH


def tile_root(hashes: bytes) -> bytes:
    """Give the one hash above a full tile's 256: an entry of the tile a level above it."""
    nodes = [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]
    return perfect_root(nodes)


def perfect_root(nodes: Sequence[bytes]) -> bytes:
    """Give the hash above neighbouring full subtrees of one level whose number is a power of two."""
    while len(nodes) > 1:
        nodes = [node_hash(nodes[at], nodes[at + 1]) for at in range(0, len(nodes), 2)]
    return nodes[0]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Plan the audit path (RFC 6962, 2.1.1) of a leaf in a tree of ``size``: ranges to hash, in the proof's order."""
    if not 0 <= index < size:
        raise ValueError(f"a tree of {size} leaves has no leaf {index}")
    ranges, start, end = [], 0, size
    while end - start > 1:
        split = start + _largest_power_below(end - start)
        if index < split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    return ranges[::-1]


def consistency_ranges(older: int, newer: int) -> list[Range]:
    """Plan the consistency proof (RFC 6962, 2.1.2) between two sizes, ``0 < older <= newer``, in the proof's order."""
    if not 0 < older <= newer:
        raise ValueError(f"no consistency proof leads from {older} to {newer} leaves")
    ranges, start, end = [], 0, newer
    while older != end:
        split = start + _largest_power_below(end - start)
        if older <= split:
            ranges.append((split, end))
            end = split
        else:
            ranges.append((start, split))
            start = split
    if start:
        ranges.append((start, end))
    return ranges[::-1]


def includes(index: int, leaf: bytes, tree: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Say whether ``proof`` shows the leaf hash at ``index`` of the tree (size, root) (RFC 9162, 2.1.3.2)."""
    size, root = tree
    if not 0 <= index < size:
        return False
    place, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            node = node_hash(sibling, node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and node == root


def extends(older: tuple[int, bytes], newer: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """Say whether ``proof`` shows that the newer tree (size, root) begins with the older one (RFC 9162, 2.1.4.2)."""
    (old_size, old_root), (new_size, new_root) = older, newer
    if not 0 < old_size < new_size:
        return 0 < old_size == new_size and old_root == new_root and not proof
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old_size - 1, new_size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        place, last = place >> 1, last >> 1
    return last == 0 and old_node == old_root and new_node == new_root


def _largest_power_below(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1
