"""The audit at every kind of size, with parts that an honest log may lack, and its memory."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest

from kyojo.ledger.audit.audit import Earlier, log_audit
from kyojo.ledger.audit.errors import SeenMalformed, TooLong, Unreachable
from kyojo.ledger.audit.trust import Seen, Trust
from kyojo.ledger.log.leaves import Leaf
from kyojo.ledger.tlog.checkpoints import Checkpoint, checkpoint_sign
from kyojo.ledger.tlog.errors import SignatureMissing
from kyojo.ledger.tlog.merkle import EMPTY_ROOT, Tree, leaf_hash, root_of
from kyojo.ledger.tlog.notes import SigningKey
from kyojo.ledger.tlog.policy import Policy
from kyojo.ledger.tlog.tiles import entries_path, entry_bundle, tile_path

KEY = SigningKey.generate("kyojo.example/log/kita-hinata")
NOON = datetime(2026, 6, 10, 3, 0, tzinfo=UTC)
SIZES = (0, 1, 2, 3, 255, 256, 257, 511, 512, 513, 700)


def leaf(number):
    return Leaf(
        ledger=990019,
        number=number,
        transfer=UUID(int=number),
        kind="plain",
        code=10,
        amount=1,
        currency="coin",
        day=date(2026, 6, 10),
        pending_id=None,
        correction_of=None,
        debit=bytes(32),
        credit=bytes(32),
    ).encode()


LEAVES = [leaf(number) for number in range(700)]
HASHES = [leaf_hash(each) for each in LEAVES]
TREE = Tree(HASHES)


def checkpoint(size):
    return Checkpoint(KEY.name, size, TREE.root(size) if size else EMPTY_ROOT)


class Files(dict):
    """A log as a dictionary of its files."""

    def __init__(self, size, *, grown_to=None):
        """``grown_to``: full tiles have taken the place of the partial ones of ``size``."""
        super().__init__()
        self["checkpoint"] = checkpoint_sign(checkpoint(size), KEY).encode()
        self.lay(size)
        if grown_to:
            self.lay(grown_to)
            for path in list(self):
                if path.partition(".p/")[0] in self and ".p/" in path:
                    del self[path]

    def lay(self, size):
        row = HASHES[:size]
        for start in range(0, size, 256):
            chunk = LEAVES[start : min(start + 256, size)]
            self[entries_path(start // 256, len(chunk))] = entry_bundle(chunk)
        level = 0
        while row:
            chunks = [row[start : start + 256] for start in range(0, len(row), 256)]
            for index, chunk in enumerate(chunks):
                self[tile_path(level, index, len(chunk))] = b"".join(chunk)
            row = [root_of(chunk) for chunk in chunks if len(chunk) == 256]
            level += 1

    def read(self, path, *, limit):
        data = self.get(path)
        if data is not None and len(data) > limit:
            raise TooLong(reason=path)
        return data

    def read_each(self, paths, *, limit):
        return (self.read(path, limit=limit) for path in paths)


def audited(files, **options):
    trust = Trust.of(policy=None, key=KEY.verifier, source="key")
    return log_audit(source=files, trust=trust, now=NOON, **options)


@pytest.mark.parametrize("size", SIZES)
def test_a_log_of_any_size_continues_itself_at_every_smaller_one(size):
    earlier = [Earlier(checkpoint(old), str(old)) for old in range(0, size + 1, 1 + size // 90)]
    audit = audited(Files(size), earlier=earlier)
    assert audit.findings == []
    assert sum(audit.history.kinds.values()) == size


@pytest.mark.parametrize("size", SIZES[1:])
def test_another_history_of_any_size_is_named(size):
    for old in {1, size // 2 or 1, size}:
        other = Checkpoint(KEY.name, old, leaf_hash(b"another history"))
        audit = audited(Files(size), earlier=[Earlier(other, "w1")])
        assert audit.codes == ["consistency_fails"]
        assert audit.findings[0].where == "w1"


def test_partial_files_may_be_gone_once_the_full_ones_are_there():
    files = Files(300, grown_to=512)
    assert audited(files).findings == []
    assert {entries_path(1, 44), tile_path(0, 1, 44)}.isdisjoint(files)


def test_a_file_that_is_gone_is_named_and_the_rest_is_still_read():
    files = Files(700)
    del files[entries_path(1)]
    audit = audited(files)
    assert audit.codes == ["tile_missing"]
    assert audit.findings[0].where == entries_path(1)
    assert sum(audit.history.kinds.values()) == 700 - 256
    del files[tile_path(0, 1)]
    audit = audited(files)
    assert audit.counts == {"tile_missing": 2}
    assert sum(audit.history.kinds.values()) == 256  # without both nothing after it is known


def test_a_signed_size_without_an_end_is_not_waited_for():
    files = Files(300)
    size = 2**62
    files["checkpoint"] = checkpoint_sign(Checkpoint(KEY.name, size, bytes(32)), KEY).encode()
    assert audited(files).codes == ["tile_missing"]


def test_many_of_one_kind_are_counted_and_the_first_are_named():
    files = Files(700)
    files[entries_path(0)] = entry_bundle(LEAVES[256:512])
    audit = audited(files)
    assert audit.counts["leaf_differs"] == 256
    assert len([each for each in audit.findings if each.code == "leaf_differs"]) == 5


def test_what_cannot_be_read_is_no_finding_but_an_error():
    class Gone(Files):
        def read_each(self, paths, *, limit):
            raise Unreachable(reason="the line went dead")

    with pytest.raises(Unreachable):
        audited(Gone(10))
    files = Files(10)
    files[entries_path(0, 10)] = bytes(5_000_000)
    with pytest.raises(TooLong):
        audited(files)


def test_progress_is_told_to_the_last_leaf():
    told = []
    audited(Files(700), report=lambda done, total, text: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_what_was_seen_is_kept_as_a_file_that_proves_itself():
    seen = Seen(KEY.verifier, checkpoint_sign(checkpoint(300), KEY))
    assert Seen.parse(seen.encode()) == seen
    assert audited(Files(700), seen=seen).findings == []
    shorter = audited(Files(257), seen=seen)
    assert shorter.codes == ["rolled_back"]
    other = SigningKey.generate(KEY.name)
    for wrong in (
        b"",
        seen.encode()[:-20],
        seen.encode().replace(b"/v1", b"/v2"),
        seen.encode().replace(b"\n300\n", b"\n299\n"),
        Seen(other.verifier, seen.note).encode(),
    ):
        with pytest.raises(SeenMalformed):
            Seen.parse(wrong)


def test_a_log_of_another_name_does_not_continue_what_was_seen():
    other = SigningKey.generate("other.example/log")
    note = checkpoint_sign(Checkpoint(other.name, 1, HASHES[0]), other)
    audit = audited(Files(2), seen=Seen(other.verifier, note))
    assert audit.codes == ["origin_differs"]


def test_somebody_must_be_trusted():
    with pytest.raises(ValueError, match="whom to trust"):
        Trust.of(policy=None, key=None, source="key")
    trust = Trust.of(policy=Policy("none"), key=None, source="policy")
    with pytest.raises(SignatureMissing):
        trust.signer(checkpoint_sign(checkpoint(1), KEY), KEY.name)


def test_a_log_without_witnesses_is_never_fresh():
    assert audited(Files(5), fresh_for=timedelta(hours=1)).codes == ["stale"]
    assert audited(Files(5)).findings == []
