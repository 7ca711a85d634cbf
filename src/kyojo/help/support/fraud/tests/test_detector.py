"""Surprises, the threshold, the queue and its words."""

import numpy as np
import pytest

from kyojo.help.support.fraud.detector import Scored, Seen, Usual
from kyojo.help.support.fraud.features import measure
from kyojo.help.support.fraud.queue import precision, review_queue, review_rows
from kyojo.help.support.fraud.reasons import OTHERWISE, WORDS, reasons_of
from kyojo.help.support.fraud.surprise import BEYOND, FURTHEST, Reference

from .hand_made import town, visit


def test_a_surprise_is_the_power_of_ten_of_its_rarity():
    reference = Reference.of(np.arange(999.0))
    usual, rare, highest = reference.surprise(np.array([0.0, 990.0, 998.0]))
    assert usual == 0
    assert rare == pytest.approx(2)
    assert highest == pytest.approx(-np.log10(2 / 1000))


def test_beyond_the_highest_it_grows_and_ends():
    reference = Reference.of(np.arange(999.0))
    near, far, endless, further = reference.surprise(np.array([999.0, 2_000.0, 1e9, 1e12]))
    assert 3 <= near < far < endless == further
    assert endless == pytest.approx(3 + BEYOND * np.log10(1 + FURTHEST))


def test_what_does_not_apply_surprises_nobody():
    assert Reference.of(np.arange(9.0)).surprise(np.array([np.nan])).tolist() == [0]
    assert Reference.of(np.array([np.nan])).surprise(np.array([5.0])).tolist() == [0]


def scored_by(scores, weeks, threshold=1.0):
    facts = town(*(visit("aoi", "ben", 168 * week + 10 + n / 99) for n, week in enumerate(weeks)))
    table = measure(facts)
    seen = Seen(table, np.zeros(table.values.shape), np.zeros((len(table), 0)), ())
    return Scored(seen, {}, np.array(scores), threshold)


def test_the_queue_takes_the_highest_of_each_week_and_nothing_unflagged():
    scored = scored_by([3.0, 2.0, 0.5, 0.9, 1.5, 4.0], [0, 0, 0, 1, 2, 2])
    assert review_rows(scored, capacity=0.02) == [0, 5]
    assert review_rows(scored, capacity=0.7) == [0, 1, 5]
    assert [look.score for look in review_queue(scored, capacity=0.02)] == [4.0, 3.0]


def test_precision_is_the_share_of_fakes_among_those_looked_at():
    fake = np.array([True, False, False, True])
    assert precision([0, 1], fake) == 0.5
    assert precision([], fake) is None


def test_reasons_tell_the_rarest_first_each_once_and_at_most_four():
    table = measure(town(visit("aoi", "ben", 10)))
    own = np.zeros(table.values.shape)
    for n, name in enumerate(("overlap", "rush", "odd_hour", "longer", "circle")):
        own[0, table.names.index(name)] = 5.0 - n / 2
    near = np.array([[6.0, 2.0]])
    seen = Seen(table, own, near, ("pair:overlap", "carer:sent_late"))
    told = reasons_of(seen, 0)
    assert told == tuple(WORDS[name] for name in ("overlap", "rush", "odd_hour", "longer"))
    assert reasons_of(Seen(table, own * 0, near, seen.near_names), 0) == (
        "この二人のほかの訪問でも：" + WORDS["overlap"],
        "たのんだ人のほかの訪問でも：" + WORDS["sent_late"],
    )
    assert reasons_of(Seen(table, own * 0, near * 0, seen.near_names), 0) == (OTHERWISE,)


def test_oddities_of_a_pair_add_up_and_reach_no_honest_visit_of_the_supporter():
    honest = [visit("aoi", "dai", 24 * n + 9 + n % 9) for n in range(60)]
    odd = [visit("chi", "ben", 24 * n + 20.5) for n in range(30)]
    plain = [visit("aoi", "ben", 24 * n + 37) for n in range(3)]
    usual = Usual.of([measure(town(*honest))])
    facts = town(*odd, *plain)
    seen = usual.seen(measure(facts))
    late = seen.near[:, seen.near_names.index("pair:odd_hour")]
    at_supporter = seen.near[:, seen.near_names.index("supporter:odd_hour")]
    is_odd = np.array([one.carer == "chi" for one in facts.visits])
    assert late[is_odd].min() > late[~is_odd].max()
    assert at_supporter[is_odd].min() > at_supporter[~is_odd].max()
