"""Every tampering with what a log shows is found, and named."""

import pytest

from .cases import OUTSIDE
from .outside import Town


@pytest.fixture
def town(tmp_path):
    return Town(tmp_path)


@pytest.mark.parametrize("each", OUTSIDE, ids=str)
def test_found_and_named(each, town):
    assert tuple(each.done(town)) == each.codes


def test_an_honest_log_is_verified_again_and_again(town):
    assert town.verify("--seen", town.seen, "--fresh", "1") == []
    assert town.verify("--seen", town.seen) == []
    with town.witness_online():
        assert town.verify("--seen", town.seen) == []
