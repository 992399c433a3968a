"""The tree against RFC 6962: published vectors, the recursive definition, proofs that hold only where they should."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.audit import merkle
from broker.audit.merkle import Range, Tree

# The leaves, roots and paths of the reference tests of Certificate Transparency.
LEAVES = [
    bytes.fromhex(text)
    for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
INCLUSION = [
    (0, 1, []),
    (
        0,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
    (
        1,
        5,
        [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]
CONSISTENCY = [
    (1, 1, []),
    (
        1,
        8,
        [
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        [
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
]

HASHES = [merkle.leaf_hash(str(number).encode()) for number in range(700)]
SIZES = st.integers(1, len(HASHES))


def definition(hashes: list[bytes]) -> bytes:
    """The Merkle tree hash, word by word as RFC 6962, 2.1 defines it."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1
    while split * 2 < len(hashes):
        split *= 2
    return hashlib.sha256(b"\x01" + definition(hashes[:split]) + definition(hashes[split:])).digest()


def proof(ranges: list[Range], hashes: list[bytes]) -> list[bytes]:
    """The hashes of planned ranges, made of full subtrees as a caller with a store makes them."""
    return [
        merkle.fold(
            [definition(hashes[number << level : number + 1 << level]) for level, number in merkle.subtrees(part)]
        )
        for part in ranges
    ]


def other(node: bytes) -> bytes:
    """A hash that differs from the given one."""
    return bytes([node[0] ^ 1]) + node[1:]


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_the_published_ones(size: int) -> None:
    """The eight trees of the reference tests have the roots that are known for them."""
    tree = Tree().append(map(merkle.leaf_hash, LEAVES[:size]))

    assert tree.root().hex() == ROOTS[size - 1]


def test_empty_tree_has_the_hash_of_nothing() -> None:
    """A tree without leaves has SHA-256 of the empty string as its root."""
    assert Tree().root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize(("index", "size", "expected"), INCLUSION)
def test_inclusion_proofs_are_the_published_ones(index: int, size: int, expected: list[str]) -> None:
    """The audit paths of the reference tests come out hash by hash, and verify."""
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]

    path = proof(merkle.inclusion_ranges(index, size), hashes)

    assert [node.hex() for node in path] == expected
    assert merkle.includes(index, hashes[index], (size, bytes.fromhex(ROOTS[size - 1])), path)


@pytest.mark.parametrize(("older", "newer", "expected"), CONSISTENCY)
def test_consistency_proofs_are_the_published_ones(older: int, newer: int, expected: list[str]) -> None:
    """The consistency proofs of the reference tests come out hash by hash, and verify."""
    hashes = [merkle.leaf_hash(leaf) for leaf in LEAVES]

    path = proof(merkle.consistency_ranges(older, newer), hashes)

    assert [node.hex() for node in path] == expected
    roots = [bytes.fromhex(ROOTS[size - 1]) for size in (older, newer)]
    assert merkle.extends((older, roots[0]), (newer, roots[1]), path)


@given(cuts=st.lists(st.integers(0, 300), max_size=6))
def test_appending_in_parts_gives_the_defined_root(cuts: list[int]) -> None:
    """However leaves are split into appends, the root is the one of the recursive definition."""
    tree = Tree()
    for count in cuts:
        count = min(count, len(HASHES) - tree.size)  # noqa: PLW2901 - the drawn count, cut to what there is
        tree = tree.append(HASHES[tree.size : tree.size + count])

    assert tree.root() == definition(HASHES[: tree.size])


@given(data=st.data(), size=SIZES)
def test_inclusion_holds_for_its_leaf_alone(data: st.DataObject, size: int) -> None:
    """A proof shows its leaf at its index, and neither another leaf, another index, another root nor a changed path."""
    index = data.draw(st.integers(0, size - 1))
    root = definition(HASHES[:size])
    path = proof(merkle.inclusion_ranges(index, size), HASHES)

    assert merkle.includes(index, HASHES[index], (size, root), path)
    assert not merkle.includes(index, other(HASHES[index]), (size, root), path)
    assert not merkle.includes(index, HASHES[index], (size, other(root)), path)
    assert not merkle.includes(index, HASHES[index], (size, root), [*path, root])
    assert not any(merkle.includes(wrong, HASHES[index], (size, root), path) for wrong in range(size) if wrong != index)
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not merkle.includes(index, HASHES[index], (size, root), path[:at] + path[at + 1 :])
        changed = [*path[:at], other(path[at]), *path[at + 1 :]]
        assert not merkle.includes(index, HASHES[index], (size, root), changed)


@given(data=st.data(), newer=SIZES)
def test_consistency_holds_for_a_prefix_alone(data: st.DataObject, newer: int) -> None:
    """A proof shows that a tree begins with the older one, and not with any other root or by a changed path."""
    older = data.draw(st.integers(1, newer))
    heads = (older, definition(HASHES[:older])), (newer, definition(HASHES[:newer]))
    path = proof(merkle.consistency_ranges(older, newer), HASHES)

    assert merkle.extends(*heads, path)
    assert not merkle.extends((older, other(heads[0][1])), heads[1], path)
    assert not merkle.extends(heads[0], (newer, other(heads[1][1])), path)
    assert not merkle.extends(*heads, [*path, heads[0][1]])
    if path:
        at = data.draw(st.integers(0, len(path) - 1))
        assert not merkle.extends(*heads, path[:at] + path[at + 1 :])
        assert not merkle.extends(*heads, [*path[:at], other(path[at]), *path[at + 1 :]])


@given(before=st.integers(0, 200_000), more=st.integers(0, 70_000))
def test_completed_tiles_are_those_that_became_full(before: int, more: int) -> None:
    """Between two sizes exactly the tiles are named whose last leaf came in between."""
    named = list(merkle.completed_tiles(before, before + more))

    expected = [
        (level, number)
        for level, width in ((0, 256), (1, 65536))
        for number in range(before // width, (before + more) // width)
    ]
    assert named == expected


def test_tile_root_is_the_root_of_its_leaves() -> None:
    """The one hash above a full tile is that of a tree of its 256 leaves."""
    assert merkle.tile_root(b"".join(HASHES[:256])) == definition(HASHES[:256])


@pytest.mark.parametrize(("size", "frontier"), [(3, (HASHES[0],)), (1, (b"short",)), (0, (HASHES[0],))])
def test_impossible_frontier_is_refused(size: int, frontier: tuple[bytes, ...]) -> None:
    """A frontier has one hash for each bit of the size; anything else was not written by a sequencer."""
    with pytest.raises(ValueError, match="a tree of"):
        Tree(size, frontier)


@pytest.mark.parametrize(("older", "newer"), [(0, 5), (6, 5)])
def test_nothing_to_prove_is_refused(older: int, newer: int) -> None:
    """No proof leads from an empty tree or backwards, and no leaf lies past the end."""
    with pytest.raises(ValueError, match="consistency"):
        merkle.consistency_ranges(older, newer)
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_ranges(newer, newer)
    assert not merkle.extends((older, HASHES[0]), (newer, HASHES[0]), [])
    assert not merkle.includes(newer, HASHES[0], (newer, HASHES[0]), [])
