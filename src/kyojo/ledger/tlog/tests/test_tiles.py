"""Tiles and bundles: paths, growing, reading, and what is refused (c2sp.org/tlog-tiles)."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.ledger.tlog.errors import RootDiffers, TileMalformed
from kyojo.ledger.tlog.merkle import (
    EMPTY_ROOT,
    Tree,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from kyojo.ledger.tlog.tiles import (
    TileName,
    TileReader,
    entries_path,
    entry_bundle,
    entry_bundle_parse,
    partial_width,
    tile_path,
    tile_path_parse,
    tiles_grow,
    tiles_root,
)

from .reference import flipped, leaves

#: The size that the text of tlog-tiles takes as its example.
BIG = 70_000
HASHES = [leaf_hash(each) for each in leaves(BIG)]


class Store:
    """Tiles as a log keeps them: the widest of each; narrower ones are cut from it."""

    def __init__(self) -> None:
        self.size = 0
        self.root = EMPTY_ROOT
        self.tiles: dict[tuple[int, int], bytes] = {}
        self.read_count = 0

    def read(self, level: int, index: int, width: int) -> bytes:
        self.read_count += 1
        assert 1 <= width <= 256
        return self.tiles[level, index][: 32 * width]

    def grow(self, count: int) -> None:
        grown = tiles_grow(
            old_size=self.size,
            leaf_hashes=HASHES[self.size : self.size + count],
            read=self.read,
            old_root=self.root,
        )
        self.tiles |= grown.tiles
        self.size, self.root = grown.size, grown.root


@pytest.fixture(scope="module")
def big() -> Store:
    store = Store()
    for count in (1, 254, 1, 1, 65_000, 278, 1, 1, 0, BIG - 65_537):
        store.grow(count)
    assert store.size == BIG
    return store


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (0, 1234067, 12, "tile/0/x001/x234/067.p/12"),
        (3, 999, 1, "tile/3/999.p/1"),
        (3, 1000, 255, "tile/3/x001/000.p/255"),
        (63, 0, 256, "tile/63/000"),
        (None, 273, 112, "tile/entries/273.p/112"),
        (None, 1000, 256, "tile/entries/x001/000"),
        (0, 2**63 - 1, 256, "tile/0/x009/x223/x372/x036/x854/x775/807"),
    ],
)
def test_paths(level, index, width, path):
    written = entries_path(index, width) if level is None else tile_path(level, index, width)
    assert written == path
    assert tile_path_parse(path) == TileName(level, index, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tile",
        "tile/0",
        "tile/0/",
        "tile/0/0",
        "tile/0/00",
        "tile/0/0000",
        "tile/0/x001",
        "tile/0/001/234",
        "tile/0/x000/001",
        "tile/0/x000/x000/001",
        "tile/0/x001/x234/067/",
        "/tile/0/000",
        "tile/0/000\n",
        "tile/00/000",
        "tile/01/000",
        "tile/64/000",
        "tile/100/000",
        "tile/-1/000",
        "tile/data/000",
        "tile/8/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/01",
        "tile/0/000.p/256",
        "tile/0/000.p/999",
        "tile/0/000.p/1000",
        "tile/0/000.p/",
        "tile/0/000.p",
        "tile/0/000.p/1/2",
        "tile/0/X001/000",
        "tile/0/００１",
        "tile/0/x009/x223/x372/x036/x854/x775/808",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000",
        "tile/entries/",
        "tile/entries/x000/000",
        "tile/0/../000",
    ],
)
def test_paths_have_one_spelling(path):
    with pytest.raises(TileMalformed):
        tile_path_parse(path)


@given(st.text("tile/0123456789x.p/entries", max_size=40) | st.text(max_size=20))
def test_whatever_is_read_as_a_path_is_written_the_same(path):
    try:
        name = tile_path_parse(path)
    except TileMalformed:
        return
    again = (
        entries_path(name.index, name.width)
        if name.level is None
        else tile_path(name.level, name.index, name.width)
    )
    assert again == path


def test_no_path_for_what_cannot_be():
    for arguments in ((64, 0), (-1, 0), (0, -1), (0, 2**63), (0, 0, 0), (0, 0, 257)):
        with pytest.raises(ValueError, match="no tile"):
            tile_path(*arguments)


def test_the_example_of_the_text(big):
    # "273 full level 0 tiles, one partial of width 112, one full level 1 tile, one partial of
    # width 17, and one partial level 2 tile of width 1"
    widths = {place: len(data) // 32 for place, data in big.tiles.items()}
    expected = {(0, i): 256 for i in range(273)} | {(0, 273): 112}
    expected |= {(1, 0): 256, (1, 1): 17, (2, 0): 1}
    assert widths == expected
    assert widths == {place: partial_width(BIG, *place) for place in widths}
    assert not partial_width(BIG, 0, 274)
    assert not partial_width(BIG, 1, 2)
    assert not partial_width(BIG, 3, 0)
    assert [partial_width(256, 0, 0), partial_width(256, 0, 1), partial_width(256, 1, 0)] == [
        256,
        0,
        1,
    ]


def test_growing_in_any_steps_gives_the_tree_of_all_leaves(big):
    at_once = tiles_grow(old_size=0, leaf_hashes=HASHES, read=big.read)
    assert at_once.root == big.root == root_of(HASHES) == tiles_root(BIG, big.read)
    assert at_once.tiles == big.tiles


@given(st.lists(st.integers(0, 600), max_size=6))
@settings(max_examples=60)
def test_tiles_grow_as_the_tree_does(steps):
    store = Store()
    for step in steps:
        before = dict(store.tiles)
        store.grow(step)
        assert store.root == root_of(HASHES[: store.size])
        assert set(store.tiles) == {
            (level, index)
            for level in range(4)
            for index in range(15)
            if partial_width(store.size, level, index)
        }
        # What was published stays: a wider tile begins with the narrower one.
        assert all(store.tiles[place].startswith(data) for place, data in before.items())


def test_growing_reads_only_the_right_edge(big):
    big.read_count = 0
    grown = tiles_grow(
        old_size=BIG, leaf_hashes=[leaf_hash(b"one more")], read=big.read, old_root=big.root
    )
    assert big.read_count == 3
    assert set(grown.tiles) == {(0, 273)}
    assert grown.root == root_of([*HASHES, leaf_hash(b"one more")])


def test_nothing_grows_on_a_broken_edge(big):
    for place in ((0, 273), (1, 1), (2, 0)):

        def read(level, index, width, broken=place):
            data = big.read(level, index, width)
            return flipped(data, 77) if (level, index) == broken else data

        with pytest.raises(RootDiffers, match="edge"):
            tiles_grow(old_size=BIG, leaf_hashes=[], read=read, old_root=big.root)
        with pytest.raises(TileMalformed, match="tile_length"):
            tiles_grow(
                old_size=BIG, leaf_hashes=[], read=lambda *a: big.read(*a)[:-1], old_root=big.root
            )


def test_proofs_out_of_tiles_read_a_handful(big):
    for index in (0, 255, 256, 12_345, 65_535, 65_536, 69_888, BIG - 1):
        big.read_count = 0
        reader = TileReader(BIG, big.read, big.root)
        proof = inclusion_proof(index, BIG, reader)
        assert big.read_count <= 6
        verify_inclusion(leaf_hash=HASHES[index], index=index, size=BIG, proof=proof, root=big.root)
    tree = Tree(HASHES)
    for old in (1, 255, 256, 257, 30_000, 65_535, 65_536, 65_537, 69_999, BIG):
        big.read_count = 0
        proof = consistency_proof(old, BIG, TileReader(BIG, big.read, big.root))
        assert big.read_count <= 6
        verify_consistency(
            old_size=old,
            old_root=tree.root(old),
            new_size=BIG,
            new_root=big.root,
            proof=proof,
        )


@given(st.integers(1, 1500), st.integers(0, 1499))
@settings(max_examples=100)
def test_older_trees_are_read_out_of_newer_tiles(size, index):
    store = Store()
    store.grow(1500)
    reader = TileReader(size, store.read, root_of(HASHES[:size]))
    proof = inclusion_proof(index % size, size, reader)
    verify_inclusion(
        leaf_hash=HASHES[index % size],
        index=index % size,
        size=size,
        proof=proof,
        root=tree_root(size, TileReader(size, store.read)),
    )


@given(st.sampled_from([1, 255, 256, 257, 511, 65_536, BIG]), st.data())
@settings(max_examples=60)
def test_a_reader_that_knows_the_root_takes_nothing_from_a_wrong_tile(big, size, data):
    root = root_of(HASHES[:size])
    places = [place for place in big.tiles if partial_width(size, *place)]
    broken = data.draw(st.sampled_from(places))
    bit = data.draw(st.integers(0, 8 * 32 * partial_width(size, *broken) - 1))

    def read(level, index, width):
        tile = big.read(level, index, width)
        return flipped(tile, bit) if (level, index) == broken else tile

    level, index = broken
    with pytest.raises(RootDiffers):
        # The first hash of the tile is a node of the tree, so it can be asked for.
        TileReader(size, read, root).node(8 * level, 256 * index)


def test_a_reader_tells_only_nodes_that_are_complete(big):
    reader = TileReader(BIG, big.read, big.root)
    tree = Tree(HASHES)
    for level in range(17):
        for index in {0, (BIG >> level) // 2, (BIG >> level) - 1}:
            assert reader.node(level, index) == tree.node(level, index)
        with pytest.raises(ValueError, match="no node"):
            reader.node(level, BIG >> level)


def test_tiles_have_their_length(big):
    reader = TileReader(BIG, lambda *place: big.read(*place) + b"\x00")
    with pytest.raises(TileMalformed, match="tile_length"):
        reader.node(0, 0)


@given(st.lists(st.binary(max_size=50), max_size=256))
@settings(max_examples=50)
def test_bundles_round_trip(entries):
    assert entry_bundle_parse(entry_bundle(entries), len(entries)) == entries


def test_a_bundle_is_lengths_and_entries():
    assert entry_bundle([b"ab", b"", b"c" * 258]) == (
        b"\x00\x02ab" + b"\x00\x00" + b"\x01\x02" + b"c" * 258
    )
    longest = b"\xff" * 65_535
    assert entry_bundle_parse(entry_bundle([longest]), 1) == [longest]


@pytest.mark.parametrize(
    ("data", "count", "reason"),
    [
        (b"", 1, "bundle_short"),
        (b"\x00", 1, "bundle_short"),
        (b"\x00\x01", 1, "bundle_short"),
        (b"\x00\x02a", 1, "bundle_short"),
        (b"\x00\x01a\x00", 2, "bundle_short"),
        (b"\x00\x01ab", 1, "bundle_long"),
        (b"\x00\x01a\x00\x00", 1, "bundle_long"),
        (b"\x00", 0, "bundle_long"),
    ],
)
def test_bundles_hold_what_they_should_and_nothing_more(data, count, reason):
    with pytest.raises(TileMalformed) as refused:
        entry_bundle_parse(data, count)
    assert refused.value.reason == reason


def test_bundles_have_limits():
    with pytest.raises(TileMalformed, match="entry_length"):
        entry_bundle([b"x" * 65_536])
    with pytest.raises(TileMalformed, match="bundle_count"):
        entry_bundle([b""] * 257)


def test_a_tree_cannot_grow_beyond_what_a_checkpoint_can_say():
    with pytest.raises(ValueError, match=re.escape("cannot grow")):
        tiles_grow(old_size=2**63 - 1, leaf_hashes=[EMPTY_ROOT], read=Store().read)
