"""Features of hand-made towns: each has the value that can be counted by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from kyojo.help.support.fraud.facts import EditFacts, MarkFacts
from kyojo.help.support.fraud.features import measure
from kyojo.help.support.fraud.reasons import WORDS

from .hand_made import fixes, town, visit


def values(facts, name):
    return measure(facts).column(name).tolist()


def test_two_places_at_once_are_seen_by_both_visits_and_by_no_other():
    facts = town(
        visit("aoi", "ben", 10), visit("chi", "ben", 10.5), visit("aoi", "dai", 10.2),
        visit("aoi", "ben", 40),
    )  # fmt: skip
    table = measure(facts)
    both = {facts.visits[n].supporter for n in np.flatnonzero(table.column("overlap") > 0)}
    assert both == {"ben"}
    assert table.column("overlap").max() == pytest.approx(math.log1p(30))
    assert (table.column("overlap") > 0).sum() == 2


def test_travel_that_was_not_possible_has_its_speed():
    far = town(visit("aoi", "ben", 10), visit("chi", "ben", 11.0))
    near = town(visit("aoi", "ben", 10), visit("chi", "ben", 13.0))
    # Six kilometres with five minutes of grace: 72 km/h; with two hours between, under 3.
    assert values(far, "travel_speed")[1] == pytest.approx(math.log1p(72))
    assert values(near, "travel_speed")[1] < math.log1p(3)


def test_positions_far_away_count_only_beyond_their_own_error():
    away = [
        visit("aoi", "ben", 10, marks=fixes(10, (0, 0), (900, 0), (0, 0), accuracy=accuracy))
        for accuracy in (20.0, 2_000.0)
    ]
    sure, unsure = (measure(town(one)) for one in away)
    assert sure.column("away_during")[0] == pytest.approx(math.log1p(880))
    assert sure.column("away_at_touch")[0] == 0
    assert sure.column("jump_speed")[0] > 0
    assert unsure.column("away_during")[0] == 0
    assert unsure.column("jump_speed")[0] == 0


def test_a_track_sent_again_elsewhere_is_nearer_than_chance_and_another_is_not():
    track = [(3.0, 4.0), (-6.0, 2.0), (5.0, -7.0)]
    moved = [(east, north + 6_000) for east, north in track]
    other = [(-14.0, 9.0), (12.0, 15.0), (-3.0, -16.0)]
    facts = town(
        visit("aoi", "ben", 10, marks=fixes(10, *track)),
        visit("chi", "ben", 40, marks=fixes(40, *moved)),
        visit("aoi", "ben", 70, marks=fixes(70, *other)),
    )
    first, copy, honest = values(facts, "replayed")
    assert first == copy > 4
    assert honest < 0.5
    assert values(facts, "reused_fix") == [0, 0, 0]  # moved, so no figure is the same


def test_the_same_figures_again_are_reused_and_still():
    same = [(5.25, 7.5)] * 4
    facts = town(
        visit("aoi", "ben", 10, marks=fixes(10, *same)),
        visit("aoi", "ben", 40, marks=fixes(40, *same)),
        visit("aoi", "ben", 70, marks=fixes(70, (9, 1), (2, 8), (-7, 3), (1, -6))),
    )
    assert values(facts, "reused_fix") == [1, 1, 0]
    still = values(facts, "stillness")
    assert still[0] == still[1] > still[2] + 4
    assert values(facts, "same_fix") == [2, 2, 0]


def test_without_positions_nothing_is_said_about_positions():
    table = measure(town(visit("aoi", "ben", 10)))
    for name in ("away_at_touch", "stillness", "replayed", "reused_fix", "device_speed"):
        assert np.isnan(table.column(name)).all()
    assert table.channel.tolist() == [0]


def test_a_ring_is_a_circle_and_a_chain_is_none():
    ring = [("aoi", "ben"), ("ben", "chi"), ("chi", "aoi")]
    visits = [visit(c, s, 10 + 24 * (3 * n + k)) for n in range(4) for k, (c, s) in enumerate(ring)]
    table = measure(town(*visits))
    assert table.column("circle") == pytest.approx(math.log(4))
    # Each has given as often as received, and all of it inside.
    assert (table.column("circle_closed") > 0.9).all()
    assert (table.column("balance") > 0).all()
    chain = [one for one in visits if one.carer != "chi"]
    assert not measure(town(*chain)).column("circle").any()


def test_two_who_visit_each_other_return_and_one_way_does_not():
    both = town(*(visit(*pair, 10 + 24 * n) for n, pair in enumerate([("aoi", "ben")] * 3)),
                *(visit("ben", "aoi", 100 + 24 * n) for n in range(2)))  # fmt: skip
    assert values(both, "returned") == pytest.approx([math.log(3)] * 5)
    one_way = town(*(visit("aoi", "ben", 10 + 24 * n) for n in range(3)))
    assert values(one_way, "returned") == [0, 0, 0]


def test_one_phone_for_both_sides_is_seen_and_a_shared_reader_is_not():
    honest = visit("aoi", "ben", 10)
    one_phone = visit("aoi", "ben", 40, confirm_device="d-ben")
    facts = town(honest, one_phone)
    assert values(facts, "both_sides") == [0, 1]
    assert values(facts, "foreign_device") == [0, 1]
    reader = replace(facts.devices["d-ben"], kind="reader")
    read = replace(facts, devices={**facts.devices, "d-ben": reader})
    assert values(read, "both_sides") == [0, 0]


def test_corrections_by_hand_tell_how_long_how_late_and_by_whom():
    edit = EditFacts(at=11 + 72, staff="s1", minutes=60)
    edited = [visit("aoi", "ben", at, edits=(replace(edit, at=at + 73),)) for at in (10, 40)]
    table = measure(town(*edited, visit("aoi", "ben", 70)))
    assert table.column("edited_longer").tolist() == pytest.approx([math.log(61)] * 2 + [0])
    assert table.column("edited_late").tolist() == pytest.approx([math.log1p(3)] * 2 + [0])
    assert table.column("same_hand").tolist() == pytest.approx([math.log(3)] * 2 + [0])


def test_a_phone_that_falls_silent_is_seen_only_where_it_usually_speaks():
    speaking = [
        visit("aoi", "ben", 10 + 24 * n, marks=fixes(10 + 24 * n, (1, 2), (3, n))) for n in range(8)
    ]
    silent = visit("aoi", "ben", 300)
    facts = town(*speaking, silent, *(visit("aoi", "dai", 320 + 24 * n) for n in range(8)))
    found = values(facts, "phone_silent")
    assert found[8] > 2
    assert max(found[9:]) < 0.5
    assert found[:8] == [0] * 8


def test_accounts_of_one_network_count_homes_and_the_counter_counts_for_nobody():
    visits = [visit(carer, "dai", 10 + 24 * n) for n, carer in enumerate(("aoi", "ben", "chi"))]
    same = {uid: {"joined_network": "net-x"} for uid in ("aoi", "ben", "chi")}
    assert values(town(*visits, **same), "network_crowd") == pytest.approx([math.log(3)] * 3)
    counter = {uid: {"joined_network": "counter"} for uid in ("aoi", "ben", "chi")}
    assert values(town(*visits, **counter), "network_crowd") == [0, 0, 0]


def test_colleagues_at_work_are_those_of_one_company_on_a_weekday_at_noon():
    visits = [visit("aoi", "ben", 12), visit("aoi", "ben", 24 * 5 + 12)]  # Monday, Saturday
    staff = {"aoi": {"company": "c"}, "ben": {"company": "c"}}
    assert values(town(*visits, **staff), "colleagues_at_work") == [0.5, 0]
    assert values(town(*visits), "colleagues_at_work") == [0, 0]


def test_a_clock_ahead_is_told_beyond_two_minutes():
    def with_clock(minutes):
        mark = MarkFacts("spoken_code", "start", 10 + minutes / 60, 10, "d-ben")
        return town(visit("aoi", "ben", 10, marks=(mark,)))

    assert values(with_clock(1.5), "clock_ahead") == [0]
    assert values(with_clock(12), "clock_ahead") == pytest.approx([10])


def test_every_feature_has_words_and_an_empty_town_has_no_table():
    table = measure(town(visit("aoi", "ben", 10)))
    assert set(table.names) == set(WORDS)
    assert set(table.single) < set(table.names)
    assert len(measure(town())) == 0
