"""The tree against RFC 6962: vectors, every size, every changed bit."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kyojo.ledger.tlog.errors import ConsistencyFails, InclusionFails, RolledBack
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

from .reference import Reference, flipped, leaves

#: The eight leaves of Certificate Transparency's own tests, and the roots of their first 1 … 8.
CT_LEAVES = [
    bytes.fromhex(each)
    for each in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = """\
6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d
fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125
aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77
d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7
4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4
76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef
ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c
5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328
""".splitlines()

MANY = 300
REFERENCE = Reference(leaves(MANY))
HASHES = [leaf_hash(each) for each in leaves(MANY)]
TREE = Tree(HASHES)


def included(leaf: int, size: int, proof: list[bytes], **other: object) -> None:
    given = {"leaf_hash": HASHES[leaf], "index": leaf, "root": REFERENCE.root(size)} | other
    verify_inclusion(size=size, proof=proof, **given)


def consistent(old: int, new: int, proof: list[bytes], **other: object) -> None:
    given = {"old_root": REFERENCE.root(old), "new_root": REFERENCE.root(new)} | other
    verify_consistency(old_size=old, new_size=new, proof=proof, **given)


def test_the_empty_tree_has_the_hash_of_nothing():
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert EMPTY_ROOT.hex() == empty
    assert root_of([]) == Tree().root() == EMPTY_ROOT


def test_roots_of_certificate_transparency():
    hashes = [leaf_hash(each) for each in CT_LEAVES]
    assert [root_of(hashes[:size]).hex() for size in range(1, 9)] == CT_ROOTS


def test_inclusion_of_certificate_transparency():
    # Leaf 5 (from 0) of 8: sibling, the pair before, the four at the left.
    proof = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    tree = Tree(leaf_hash(each) for each in CT_LEAVES)
    assert [each.hex() for each in inclusion_proof(5, 8, tree)] == proof


def test_every_root_is_the_rfc_s():
    for size in range(MANY + 1):
        assert TREE.root(size) == root_of(HASHES[:size]) == REFERENCE.root(size)


@given(st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=60)
def test_a_tree_grown_in_pieces_is_the_tree_grown_at_once(steps):
    tree = Tree()
    for step in steps:
        tree.extend(HASHES[tree.size : tree.size + step])
        assert tree.root() == REFERENCE.root(tree.size)


def test_every_inclusion_proof_is_the_rfc_s_and_verifies():
    for size in range(1, 130):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE)
            assert proof == REFERENCE.path(index, 0, size)
            included(index, size, proof)


def test_every_consistency_proof_is_the_rfc_s_and_verifies():
    for new in range(1, 130):
        for old in range(1, new):
            proof = consistency_proof(old, new, TREE)
            assert proof == REFERENCE.proof(old, new)
            consistent(old, new, proof)


@given(st.integers(0, MANY - 1), st.integers(1, MANY), st.integers(0, 255))
@settings(max_examples=150)
def test_no_bit_of_an_inclusion_can_change(index, size, bit):
    index %= size
    proof = inclusion_proof(index, size, TREE)
    for place, each in enumerate(proof):
        with pytest.raises(InclusionFails):
            included(index, size, [*proof[:place], flipped(each, bit), *proof[place + 1 :]])
    with pytest.raises(InclusionFails):
        included(index, size, proof, leaf_hash=flipped(HASHES[index], bit))
    with pytest.raises(InclusionFails):
        included(index, size, proof, root=flipped(REFERENCE.root(size), bit))
    for wrong in (proof[1:], proof[:-1], [*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof]):
        if wrong != proof:
            with pytest.raises(InclusionFails) as refused:
                included(index, size, wrong)
            assert refused.value.reason == "proof_length"


def test_a_leaf_is_at_its_own_place_only():
    for size in range(2, 40):
        for index in range(size):
            proof = inclusion_proof(index, size, TREE)
            for other in set(range(-1, size + 2)) - {index}:
                with pytest.raises(InclusionFails):
                    included(index, size, proof, index=other)


@given(st.integers(1, MANY), st.integers(1, MANY), st.integers(0, 255))
@settings(max_examples=150)
def test_no_bit_of_a_consistency_can_change(one, two, bit):
    old, new = sorted((one, two))
    proof = consistency_proof(old, new, TREE)
    for place, each in enumerate(proof):
        with pytest.raises(ConsistencyFails):
            consistent(old, new, [*proof[:place], flipped(each, bit), *proof[place + 1 :]])
    with pytest.raises(ConsistencyFails):
        consistent(old, new, proof, old_root=flipped(REFERENCE.root(old), bit))
    with pytest.raises(ConsistencyFails):
        consistent(old, new, proof, new_root=flipped(REFERENCE.root(new), bit))
    for wrong in (proof[1:], proof[:-1], [*proof, EMPTY_ROOT], [EMPTY_ROOT, *proof]):
        if wrong != proof:
            with pytest.raises(ConsistencyFails) as refused:
                consistent(old, new, wrong)
            assert refused.value.reason == "proof_length"


def test_a_changed_past_has_no_proof():
    changed = list(HASHES)
    changed[3] = leaf_hash(b"another story")
    forged = Tree(changed)
    for old in range(4, 60):
        for new in range(old, 61):
            with pytest.raises(ConsistencyFails):
                consistent(old, new, consistency_proof(old, new, forged), new_root=forged.root(new))


def test_everything_continues_the_empty_tree_and_needs_no_proof():
    for new in (0, 1, 7, MANY):
        assert consistency_proof(0, new, TREE) == []
        consistent(0, new, [])
    with pytest.raises(ConsistencyFails, match="proof_length"):
        consistent(0, 7, [EMPTY_ROOT])
    with pytest.raises(ConsistencyFails, match="empty_root"):
        consistent(0, 7, [], old_root=HASHES[0])
    with pytest.raises(ConsistencyFails, match="empty_root"):
        consistent(0, 0, [], old_root=HASHES[0], new_root=HASHES[0])


def test_the_same_size_has_the_same_root():
    consistent(7, 7, [])
    with pytest.raises(ConsistencyFails, match="same_size_other_root"):
        consistent(7, 7, [], new_root=REFERENCE.root(8))


def test_a_smaller_tree_is_a_rollback():
    with pytest.raises(RolledBack) as refused:
        consistent(9, 7, [])
    assert (refused.value.seen, refused.value.size) == (9, 7)
    assert "前は9件、今は7件" in refused.value.message()


@pytest.mark.parametrize("size", [2**63, 2**200, -1])
def test_sizes_have_a_limit(size):
    with pytest.raises(InclusionFails, match="index_outside_tree"):
        verify_inclusion(leaf_hash=HASHES[0], index=0, size=size, proof=[], root=HASHES[0])
    for old, new in ((size, size), (1, size)):
        with pytest.raises(ConsistencyFails, match="size_outside_range"):
            verify_consistency(
                old_size=old, old_root=HASHES[0], new_size=new, new_root=HASHES[0], proof=[]
            )


def test_a_huge_tree_is_checked_at_once():
    size = 2**63 - 1
    with pytest.raises(InclusionFails, match="proof_length"):
        verify_inclusion(leaf_hash=HASHES[0], index=size - 1, size=size, proof=[], root=HASHES[0])
    with pytest.raises(InclusionFails, match="root_differs"):
        verify_inclusion(
            leaf_hash=HASHES[0], index=0, size=size, proof=[EMPTY_ROOT] * 63, root=HASHES[0]
        )


def test_hashes_have_32_bytes():
    for short in (b"", HASHES[0][:-1], HASHES[0] + b"\x00"):
        with pytest.raises(InclusionFails, match="hash_length"):
            included(0, 2, [short])
        with pytest.raises(ConsistencyFails, match="hash_length"):
            consistent(1, 2, [short])


def test_what_cannot_be_asked():
    for index, size in ((-1, 3), (3, 3), (0, 0)):
        with pytest.raises(ValueError, match="no leaf"):
            inclusion_proof(index, size, TREE)
    for old, new in ((4, 3), (-1, 3)):
        with pytest.raises(ValueError, match="does not continue"):
            consistency_proof(old, new, TREE)
    assert tree_root(0, TREE) == EMPTY_ROOT
