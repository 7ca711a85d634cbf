"""Tampering with the database behind a site, seen by readers over HTTP and by a witness."""

import pytest

from kyojo.ledger.log import check as log_check

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
