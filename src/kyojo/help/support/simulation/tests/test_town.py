"""The honest town: the same by seed, possible, and settled by itself where help really happened."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest

from kyojo.help.support.evidence import Verdict
from kyojo.help.support.simulation.population import Setting
from kyojo.help.support.simulation.settling import decision, settled_without_staff
from kyojo.help.support.simulation.town import GROUPS, town_of

SMALL = Setting(weeks=12, visits_a_week=60)


@pytest.fixture(scope="module")
def town():
    return town_of(SMALL, 3)


def test_the_same_seed_makes_the_same_town(town):
    town_of.cache_clear()
    again = town_of(SMALL, 3)
    assert again is not town
    assert again.facts == town.facts
    assert town_of(SMALL, 4).facts != town.facts


def test_nobody_is_at_two_places_or_earns_beyond_the_limit(town):
    booked, coins = defaultdict(list), defaultdict(int)
    for visit in town.facts.visits:
        booked[visit.supporter].append((visit.starts_at, visit.ends_at))
        coins[visit.supporter] += visit.coins
        people = town.facts.persons
        assert people[visit.carer].household != people[visit.supporter].household
        assert visit.starts_at > people[visit.carer].joined_at
    for times in booked.values():
        times.sort()
        assert all(end < start for (_, end), (start, _) in pairwise(times))
    assert max(coins.values()) <= SMALL.cap_coins


def test_every_group_is_there_and_a_third_has_no_position(town):
    shares = {name: np.mean([name in one for one in town.groups.values()]) for name in GROUPS}
    assert shares["no_phone"] >= 0.3
    assert min(shares.values()) > 0.02
    silent = {visit.uid for visit in town.facts.visits if not visit.fixes}
    assert silent == {uid for uid, groups in town.groups.items() if "no_phone" in groups}


def test_evidence_lies_in_order_and_the_server_never_hears_before_it_happens(town):
    late = 0
    for visit in town.facts.visits:
        assert visit.started_at < visit.ended_at
        for mark in visit.marks:
            assert mark.server_at >= mark.device_at
            late += mark.server_at - mark.device_at > 0.5
    assert late > 20  # some were without a network


def test_most_honest_visits_settle_without_staff(town):
    visits = town.facts.visits
    assert np.mean([settled_without_staff(visit) for visit in visits]) > 0.95
    verdicts = {decision(visit).verdict for visit in visits}
    assert {Verdict.SETTLE, Verdict.ASK} <= verdicts
    edited = [visit for visit in visits if visit.edits]
    assert edited
    assert not any(map(settled_without_staff, edited))
