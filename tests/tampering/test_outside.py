"""Every tampering with what a log shows is found, and named."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from . import outside, outside_history
from .cases import OUTSIDE
from .outside_town import Town

assert outside and outside_history  # importing them fills the list


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


@given(data=st.data())
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_turned_bit_of_every_file_is_found(town, data):
    """Whichever file, byte and bit: there is nothing in a log that nobody looks at."""
    files = sorted(path for path in town.honest.folder.rglob("*") if path.is_file())
    path = data.draw(st.sampled_from(files), label="file")
    before = path.read_bytes()
    place = data.draw(st.integers(0, len(before) - 1), label="byte")
    bit = 1 << data.draw(st.integers(0, 7), label="bit")
    path.write_bytes(before[:place] + bytes([before[place] ^ bit]) + before[place + 1 :])
    try:
        assert town.verify() != []
    finally:
        path.write_bytes(before)
