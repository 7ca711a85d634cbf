"""The Merkle tree of RFC 6962 §2.1: hashes, roots, inclusion and consistency proofs.

A *node* ``(level, index)`` is the root of the complete subtree over the leaves
``[index * 2**level, (index + 1) * 2**level)``; level 0 are the leaf hashes. Every hash is 32 bytes.
Whoever can tell nodes (``HashReader``) can have roots and proofs of any size below its own.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Protocol

from .encoding import HASH_BYTES, SIZE_LIMIT
from .errors import ConsistencyFails, InclusionFails, RolledBack

#: The root of a tree without leaves: the hash of nothing.
EMPTY_ROOT = hashlib.sha256().digest()


class HashReader(Protocol):
    """Tells the nodes of a tree."""

    def node(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of ``2**level`` leaves that is the ``index``-th such."""
        ...


def leaf_hash(data: bytes) -> bytes:
    """SHA-256(0x00 ‖ data)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """SHA-256(0x01 ‖ left ‖ right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def pairs_hashed(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above: each complete pair's hash; a last one without a partner is left out."""
    sha256 = hashlib.sha256
    return [
        sha256(b"\x01" + hashes[i] + hashes[i + 1]).digest() for i in range(0, len(hashes) - 1, 2)
    ]


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over these leaf hashes; ``EMPTY_ROOT`` for none."""
    row = list(leaf_hashes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        # The odd one out rises as it is: it is the root of an incomplete subtree at the right.
        row = [*pairs_hashed(row), *row[len(row) & ~1 :]]
    return row[0]


class Tree:
    """A growing tree in memory (a ``HashReader``): two hashes a leaf."""

    def __init__(self, leaf_hashes: Iterable[bytes] = ()) -> None:
        self._levels: list[list[bytes]] = [[]]
        self.extend(leaf_hashes)

    @property
    def size(self) -> int:
        return len(self._levels[0])

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Append leaf hashes at the right."""
        self._levels[0].extend(leaf_hashes)
        level = 0
        while len(self._levels[level]) > 1:
            if level + 1 == len(self._levels):
                self._levels.append([])
            below, above = self._levels[level], self._levels[level + 1]
            above.extend(pairs_hashed(below[2 * len(above) :]))
            level += 1

    def node(self, level: int, index: int) -> bytes:
        return self._levels[level][index]

    def root(self, size: int | None = None) -> bytes:
        """The root of the first ``size`` leaves, or of all."""
        return tree_root(self.size if size is None else size, self)


def tree_root(size: int, reader: HashReader) -> bytes:
    """The root of the tree of the first ``size`` leaves."""
    return _range_root(0, size, reader) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, reader: HashReader) -> list[bytes]:
    """The hashes that lead from leaf ``index`` to the root of ``size``, the leaf's sibling first.

    Source: RFC 6962 §2.1.1. ValueError unless ``0 <= index < size``.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path = []
    start, count = 0, size
    while count > 1:
        left = _left_count(count)
        if index - start < left:
            path.append(_range_root(start + left, count - left, reader))
            count = left
        else:
            path.append(_range_root(start, left, reader))
            start, count = start + left, count - left
    return path[::-1]


def consistency_proof(old: int, new: int, reader: HashReader) -> list[bytes]:
    """The hashes that show the tree of ``new`` leaves to begin with the tree of ``old``.

    Empty when ``old`` is 0 or equals ``new``. Source: RFC 6962 §2.1.2. ValueError unless
    ``0 <= old <= new``.
    """
    if not 0 <= old <= new:
        raise ValueError(f"a tree of {new} does not continue one of {old}")
    if old in (0, new):
        return []
    path = []
    start, count = 0, new
    while old - start != count:
        left = _left_count(count)
        if old - start <= left:
            path.append(_range_root(start + left, count - left, reader))
            count = left
        else:
            path.append(_range_root(start, left, reader))
            start, count = start + left, count - left
    if start:
        # Only when the last subtree is not the whole old tree is its root unknown to the verifier.
        path.append(_range_root(start, count, reader))
    return path[::-1]


def verify_inclusion(
    *, leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that the leaf with this hash is number ``index`` (from 0) of the tree (size, root).

    Raises:
        InclusionFails: it is not shown to be; also when the proof has a hash too many or too few.
    """
    if not 0 <= index < size < SIZE_LIMIT:
        raise InclusionFails(reason="index_outside_tree")
    if not _all_hashes([leaf_hash, root, *proof]):
        raise InclusionFails(reason="hash_length")
    sides = _sides(index, size)
    if len(sides) != len(proof):
        raise InclusionFails(reason="proof_length")
    found = leaf_hash
    for sibling, on_left in zip(proof, sides, strict=True):
        found = node_hash(sibling, found) if on_left else node_hash(found, sibling)
    if found != root:
        raise InclusionFails(reason="root_differs")


def verify_consistency(
    *, old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that the tree (new_size, new_root) begins with the tree (old_size, old_root).

    Raises:
        ConsistencyFails: it is not shown to; also when the proof has a hash too many or too few.
        RolledBack: the new tree is the smaller one.
    """
    if not (0 <= old_size < SIZE_LIMIT and 0 <= new_size < SIZE_LIMIT):
        raise ConsistencyFails(reason="size_outside_range")
    if old_size > new_size:
        raise RolledBack(seen=old_size, size=new_size)
    if not _all_hashes([old_root, new_root, *proof]):
        raise ConsistencyFails(reason="hash_length")
    for size, root in ((old_size, old_root), (new_size, new_root)):
        if size == 0 and root != EMPTY_ROOT:
            raise ConsistencyFails(reason="empty_root")
    if old_size in (0, new_size):
        if proof:
            raise ConsistencyFails(reason="proof_length")
        if old_size == new_size and old_root != new_root:
            raise ConsistencyFails(reason="same_size_other_root")
        return
    found_old, found_new = _consistent_roots(old_size, old_root, new_size, proof)
    if found_old != old_root:
        raise ConsistencyFails(reason="old_root_differs")
    if found_new != new_root:
        raise ConsistencyFails(reason="new_root_differs")


def _consistent_roots(
    old_size: int, old_root: bytes, new_size: int, proof: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """The two roots to which a proof between 0 < old_size < new_size leads."""
    # The proof walks up from the last complete subtree that the old tree ends with.
    height = (old_size & -old_size).bit_length() - 1
    hashes = list(proof)
    if old_size == 1 << height:
        found = old_root
    elif hashes:
        found = hashes.pop(0)
    else:
        raise ConsistencyFails(reason="proof_length")
    sides = _sides((old_size - 1) >> height, ((new_size - 1) >> height) + 1)
    if len(sides) != len(hashes):
        raise ConsistencyFails(reason="proof_length")
    found_old = found_new = found
    for sibling, on_left in zip(hashes, sides, strict=True):
        if on_left:  # what stands at the left belongs to both trees
            found_old = node_hash(sibling, found_old)
            found_new = node_hash(sibling, found_new)
        else:  # what stands at the right came later
            found_new = node_hash(found_new, sibling)
    return found_old, found_new


def _sides(index: int, size: int) -> list[bool]:
    """From the leaf upward, for each sibling on the way: does it stand at the left?

    At the right edge a subtree without a sibling rises a level unhashed, so it is passed over.
    """
    sides = []
    last = size - 1
    while last:
        if index & 1:
            sides.append(True)
        elif index < last:
            sides.append(False)
        index >>= 1
        last >>= 1
    return sides


def _left_count(count: int) -> int:
    """The leaves at the left of a split: the largest power of two below ``count`` (> 1)."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, count: int, reader: HashReader) -> bytes:
    """The root over ``count`` leaves from ``start``, where ``start`` is where a split can fall."""
    complete = []
    while count:
        level = count.bit_length() - 1
        complete.append(reader.node(level, start >> level))
        start += 1 << level
        count -= 1 << level
    root = complete.pop()
    while complete:
        root = node_hash(complete.pop(), root)
    return root


def _all_hashes(hashes: Iterable[bytes]) -> bool:
    return all(len(each) == HASH_BYTES for each in hashes)
