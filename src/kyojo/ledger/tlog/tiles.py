"""Trees and entries as static files (c2sp.org/tlog-tiles).

A *tile* ``(level, index)`` is up to 256 hashes, one after another: at level 0 leaf hashes, above
the roots of full tiles of the level below. The rightmost tile of a level may be partial; a wider
one begins with the narrower, so old widths are cut from what is there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .encoding import HASH_BYTES, SIZE_LIMIT
from .errors import RootDiffers, TileMalformed
from .merkle import EMPTY_ROOT, node_hash, pairs_hashed, tree_root

TILE_WIDTH = 256
TILE_BITS = 8
LEVEL_MAX = 63
ENTRY_BYTES_MAX = 2**16 - 1

#: ``read(level, index, width)``: the bytes of a tile, ``width * 32`` of them.
TileRead = Callable[[int, int, int], bytes]

_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<index>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class TileName:
    """Which tile; ``level`` None means the entries themselves."""

    level: int | None
    index: int
    width: int = TILE_WIDTH


@dataclass(frozen=True, slots=True)
class GrownTree:
    """A tree after growing, and every tile, as it is now, that growing changed."""

    size: int
    root: bytes
    tiles: dict[tuple[int, int], bytes]


def tile_path(level: int, index: int, width: int = TILE_WIDTH) -> str:
    """Where a tile is served below the log's prefix: ``tile/0/x001/x234/067.p/12``."""
    if not 0 <= level <= LEVEL_MAX:
        raise ValueError(f"no tile level {level}")
    return f"tile/{level}/{_place(index, width)}"


def entries_path(index: int, width: int = TILE_WIDTH) -> str:
    """Where an entry bundle is served: ``tile/entries/x001/x234/067.p/12``."""
    return f"tile/entries/{_place(index, width)}"


def tile_path_parse(path: str) -> TileName:
    """Read what ``tile_path`` or ``entries_path`` wrote; TileMalformed for every other spelling."""
    match = _PATH.fullmatch(path)
    if not match:
        raise TileMalformed(reason="path")
    level = None if match["level"] == "entries" else int(match["level"])
    index = int(match["index"].replace("x", "").replace("/", ""))
    width = int(match["width"] or TILE_WIDTH)
    if (level or 0) > LEVEL_MAX or index >= SIZE_LIMIT:
        raise TileMalformed(reason="path_range")
    name = TileName(level, index, width)
    if match["width"] and width >= TILE_WIDTH:
        raise TileMalformed(reason="path_width")
    again = entries_path(index, width) if level is None else tile_path(level, index, width)
    if again != path:
        raise TileMalformed(reason="path_zeros")
    return name


def partial_width(size: int, level: int, index: int) -> int:
    """How wide the tile is in a tree of ``size`` leaves: 256, 1–255, or 0 when it has none."""
    count = size >> (TILE_BITS * level)
    return max(0, min(TILE_WIDTH, count - index * TILE_WIDTH))


def entry_bundle(entries: Iterable[bytes]) -> bytes:
    """Entries as one file: each after its length in two bytes, big-endian.

    TileMalformed for an entry above 65,535 bytes, or for more than 256 of them.
    """
    parts = []
    for entry in entries:
        if len(entry) > ENTRY_BYTES_MAX:
            raise TileMalformed(reason="entry_length")
        parts += [len(entry).to_bytes(2, "big"), entry]
    if len(parts) > 2 * TILE_WIDTH:
        raise TileMalformed(reason="bundle_count")
    return b"".join(parts)


def entry_bundle_parse(data: bytes, count: int) -> list[bytes]:
    """The entries of a file that holds ``count`` of them and nothing more, else TileMalformed."""
    entries = []
    place = 0
    for _ in range(count):
        start = place + 2
        place = start + int.from_bytes(data[place:start], "big")
        if place > len(data):
            raise TileMalformed(reason="bundle_short")
        entries.append(data[start:place])
    if place != len(data):
        raise TileMalformed(reason="bundle_long")
    return entries


def tile_hashes(data: bytes, width: int) -> list[bytes]:
    """The hashes of a tile of this width; TileMalformed when it has another length."""
    if len(data) != width * HASH_BYTES:
        raise TileMalformed(reason="tile_length")
    return [data[i : i + HASH_BYTES] for i in range(0, len(data), HASH_BYTES)]


class TileReader:
    """Nodes of the tree of ``size`` leaves out of its tiles (a ``merkle.HashReader``).

    Args:
        size: of the tree whose tiles can be read.
        read: asked once for each tile that is needed.
        root: the tree's, as signed. When given, each tile is checked against it before anything is
            taken from it, so that what this reader tells is what the log signed.

    Raises (from ``node``):
        TileMalformed: a tile has another length than its width.
        RootDiffers: a tile, or one above it, does not belong under ``root``.
    """

    def __init__(self, size: int, read: TileRead, root: bytes | None = None) -> None:
        self._size = size
        self._read = read
        self._root = root
        self._tiles: dict[tuple[int, int], list[bytes]] = {}
        self._edge_checked = root is None

    def node(self, level: int, index: int) -> bytes:
        if (index + 1) << level > self._size:
            raise ValueError(f"no node ({level}, {index}) in a tree of {self._size}")
        tile_level, height = divmod(level, TILE_BITS)
        first = index << height
        offset = first % TILE_WIDTH
        hashes = self._tile(tile_level, first // TILE_WIDTH)
        return _top(hashes[offset : offset + (1 << height)])

    def _tile(self, level: int, index: int) -> list[bytes]:
        tile = self._tiles.get((level, index))
        if tile is None:
            if not self._edge_checked:
                self._edge_check()
            tile = self._tile_unchecked(level, index)
            # Partial tiles are the right edge, which the root covers; a full one is in its parent.
            if self._root is not None and len(tile) == TILE_WIDTH:
                parent = self._tile(level + 1, index // TILE_WIDTH)
                if _top(tile) != parent[index % TILE_WIDTH]:
                    raise RootDiffers(reason="tile", tile=tile_path(level, index))
            self._tiles[level, index] = tile
        return tile

    def _tile_unchecked(self, level: int, index: int) -> list[bytes]:
        width = partial_width(self._size, level, index)
        return tile_hashes(self._read(level, index, width), width)

    def _edge_check(self) -> None:
        edge = _edge(self._size, self._tile_unchecked)
        if _edge_root(list(edge.values())) != self._root:
            raise RootDiffers(reason="edge")
        self._edge_checked = True
        for level, hashes in edge.items():
            if hashes:
                self._tiles[level, self._size >> (TILE_BITS * (level + 1))] = hashes


def tiles_grow(
    *,
    old_size: int,
    leaf_hashes: Sequence[bytes],
    read: TileRead,
    old_root: bytes | None = None,
) -> GrownTree:
    """Append leaf hashes to a tree that is kept in tiles.

    Reads only the partial tiles at its right edge (at most one a level), whatever its size.

    Args:
        old_size: leaves before.
        leaf_hashes: of the new leaves; none is allowed, and tells the root.
        read: the tiles of the tree of ``old_size``.
        old_root: when given, the edge that was read has to give this root.

    Raises:
        TileMalformed: a tile has another length than its width.
        RootDiffers: the tiles do not give ``old_root``.
    """
    if not 0 <= old_size <= old_size + len(leaf_hashes) < SIZE_LIMIT:
        raise ValueError(f"a tree of {old_size} cannot grow by {len(leaf_hashes)}")

    def old_tile(level: int, index: int) -> list[bytes]:
        width = partial_width(old_size, level, index)
        return tile_hashes(read(level, index, width), width)

    edge = _edge(old_size, old_tile)
    if old_root is not None and _edge_root(list(edge.values())) != old_root:
        raise RootDiffers(reason="edge")
    tiles: dict[tuple[int, int], bytes] = {}
    new, level = list(leaf_hashes), 0
    while new:
        first = old_size >> (TILE_BITS * (level + 1))
        row = edge.get(level, []) + new
        new = []
        for start in range(0, len(row), TILE_WIDTH):
            hashes = row[start : start + TILE_WIDTH]
            tiles[level, first + start // TILE_WIDTH] = b"".join(hashes)
            if len(hashes) == TILE_WIDTH:
                new.append(_top(hashes))
        edge[level] = row[len(row) - len(row) % TILE_WIDTH :]
        level += 1
    rows = [edge[each] for each in sorted(edge)]
    return GrownTree(old_size + len(leaf_hashes), _edge_root(rows), tiles)


def tiles_root(size: int, read: TileRead) -> bytes:
    """The root of the tree of ``size`` leaves out of its tiles, reading only its right edge."""
    return tree_root(size, TileReader(size, read))


def _place(index: int, width: int) -> str:
    if not 0 <= index < SIZE_LIMIT or not 1 <= width <= TILE_WIDTH:
        raise ValueError(f"no tile {index} of width {width}")
    digits = str(index)
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    place = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return place if width == TILE_WIDTH else f"{place}.p/{width}"


def _edge(size: int, tile: Callable[[int, int], list[bytes]]) -> dict[int, list[bytes]]:
    """By level: the hashes of the partial tile at the right edge, none where tiles are full."""
    edge = {}
    level = 0
    while size >> (TILE_BITS * level):
        index = size >> (TILE_BITS * (level + 1))
        edge[level] = tile(level, index) if partial_width(size, level, index) else []
        level += 1
    return edge


def _edge_root(rows: list[list[bytes]]) -> bytes:
    """The root of a tree of which only the partial tiles at the right edge are known."""
    root = None
    for row in rows:
        end = len(row)
        while end:
            # From the right: the smallest complete subtree first, as its count's last set bit.
            start = end - (end & -end)
            top = _top(row[start:end])
            root = top if root is None else node_hash(top, root)
            end = start
    return EMPTY_ROOT if root is None else root


def _top(hashes: Sequence[bytes]) -> bytes:
    """The root over a power of two of hashes."""
    while len(hashes) > 1:
        hashes = pairs_hashed(hashes)
    return hashes[0]
