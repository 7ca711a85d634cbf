"""Tampering with the database behind a site, seen by readers over HTTP and by a witness."""

import pytest

from kyojo.doors.ops.verify_sources import Web
from kyojo.ledger.audit.audit import continued_by
from kyojo.ledger.log import check as log_check
from kyojo.ledger.log import selectors
from kyojo.ledger.log.scope import ledger_scope
from kyojo.ledger.log.tests.cast import KITA, logged, moved
from kyojo.ledger.tlog.checkpoints import Checkpoint
from kyojo.ledger.tlog.errors import RolledBack
from kyojo.ledger.tlog.merkle import root_of
from kyojo.ledger.tlog.tiles import tile_hashes

from .cases import SITE
from .site import Site


@pytest.fixture
def site(towns, live_site, owner_cursor, as_owner, tmp_path, monkeypatch):
    monkeypatch.setattr(log_check, "GRACE_SECONDS", 0)
    return Site(tmp_path, live_site.url, owner_cursor, as_owner)


@pytest.mark.parametrize(
    "each",
    [pytest.param(each, marks=[pytest.mark.slow] * each.slow) for each in SITE],
    ids=str,
)
def test_found_and_named(each, site):
    assert tuple(each.done(site)) == each.codes


def test_a_witness_that_is_ahead_of_what_is_published_is_no_rollback(site):
    """The log has signed more, one witness has seen it, the other sleeps: readers still get the
    older checkpoint, and can prove that what the witness has continues it."""
    moved(site.town, 1)
    logged(site.keys, publish_at_once=False)
    with ledger_scope(KITA):
        tiles = selectors.tile(ledger=KITA, level=0, index=1, width=55)
        published = selectors.checkpoint_published(ledger=KITA)
    assert published.size == 310
    hashes = list(tile_hashes(tiles, 55))
    source = Web(site.url)
    before = Checkpoint(site.key.name, 310, published.root)
    first = tile_hashes(source.read("tile/0/000", limit=8192), 256)
    ahead = Checkpoint(site.key.name, 311, root_of([*first, *hashes]))
    continued_by(source, before, ahead)
    # The leaf itself is not shown before the quorum has agreed.
    assert source.read("tile/entries/001.p/55", limit=10_000) is None
    with pytest.raises(RolledBack):
        continued_by(source, before, Checkpoint(site.key.name, 312, ahead.root))
    with pytest.raises(RolledBack):
        continued_by(source, before, Checkpoint(site.key.name, 311, before.root))
    source.close()
