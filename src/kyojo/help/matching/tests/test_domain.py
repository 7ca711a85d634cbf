"""Hard constraints, score and reasons, without a database."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kyojo.civic.people.domain import DayException, WeekTime
from kyojo.help.matching.domain import (
    Hard,
    Helper,
    Need,
    advice,
    failures,
    free_of_day,
    match_of,
    matches,
    note_sentence,
    shortfall,
    step_allowed,
)
from kyojo.help.matching.waiting import offer_expires_at
from kyojo.help.matching.way import way_spoken
from kyojo.kernel.clock import TOKYO
from kyojo.kernel.geometry import Point, distance_metres, moved

SATURDAY = date(2026, 11, 28)
HOUSE = Point(34.86, 138.32)
CARER, MOTHER, KEN = UUID(int=1), UUID(int=2), UUID(int=3)


def at(hour: int, minute: int = 0, day: date = SATURDAY) -> datetime:
    return datetime.combine(day, time(hour, minute), TOKYO)


def need(**changes: object) -> Need:
    base = Need(
        category="garden",
        category_name="庭の手入れ",
        starts_at=at(10),
        ends_at=at(12),
        place=HOUSE,
        place_kind="other_home",
        place_label="母の家",
        relation="母",
        carer_uid=CARER,
        recipient_uid=MOTHER,
        languages=frozenset({"ja"}),
        gender_wish="",
        trust=frozenset({"identity"}),
        training="",
        adults_only=False,
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def helper(**changes: object) -> Helper:
    base = Helper(
        uid=KEN,
        municipality_id=990027,
        person_id=3,
        home=moved(HOUSE, north_metres=1200, east_metres=0),
        travel="walk",
        travel_limit_m=2000,
        skills={"garden": ""},
        weekly=(WeekTime(5, time(9), time(13)),),
        birth_date=date(1960, 4, 1),
        checks=frozenset({("identity", "本人確認ずみ")}),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


def test_who_fits_breaks_nothing() -> None:
    assert failures(need(), helper()) == frozenset()


@pytest.mark.parametrize(
    ("changed_need", "changed_helper", "broken"),
    [
        ({}, {"uid": CARER}, Hard.SELF),
        ({}, {"uid": MOTHER}, Hard.SELF),
        ({}, {"blocked": frozenset({CARER})}, Hard.BLOCKED),
        ({}, {"blocked": frozenset({MOTHER})}, Hard.BLOCKED),
        ({}, {"resting_until": SATURDAY}, Hard.RESTING),
        ({}, {"skills": {"clean": ""}}, Hard.SKILL),
        ({}, {"checks": frozenset()}, Hard.TRUST),
        ({"trust": frozenset({"identity", "licence"})}, {}, Hard.TRUST),
        (
            {"trust": frozenset({"identity", "training"}), "training": "子どもの見守り講習"},
            {"checks": frozenset({("identity", ""), ("training", "庭木の講習")})},
            Hard.TRUST,
        ),
        ({"adults_only": True}, {"birth_date": date(2008, 11, 29)}, Hard.AGE),
        ({"adults_only": True}, {"birth_date": None}, Hard.AGE),
        ({"gender_wish": "female"}, {"gender": "male"}, Hard.GENDER),
        ({"gender_wish": "female"}, {"gender": ""}, Hard.GENDER),
        ({"languages": frozenset({"en"})}, {}, Hard.LANGUAGE),
        ({}, {"travel_limit_m": 1199}, Hard.TRAVEL),
        ({}, {"home": None}, Hard.TRAVEL),
        ({}, {"weekly": (WeekTime(5, time(10, 30), time(13)),)}, Hard.TIME),
        ({}, {"weekly": (WeekTime(5, time(9), time(11, 59)),)}, Hard.TIME),
        ({}, {"exceptions": (DayException(SATURDAY, False),)}, Hard.TIME),
        ({}, {"busy": ((at(11, 30), at(12, 30)),)}, Hard.BUSY),
    ],
)
def test_each_constraint_stands_alone(
    changed_need: dict[str, object], changed_helper: dict[str, object], broken: Hard
) -> None:
    assert failures(need(**changed_need), helper(**changed_helper)) == frozenset({broken})


def test_edges_that_fit() -> None:
    assert not failures(need(), helper(busy=((at(8), at(10)), (at(12), at(13)))))
    assert not failures(need(), helper(resting_until=SATURDAY - timedelta(days=1)))
    assert not failures(need(adults_only=True), helper(birth_date=date(2008, 11, 28)))
    free_day = helper(weekly=(), exceptions=(DayException(SATURDAY, True, time(10), time(12)),))
    assert not failures(need(), free_day)
    late = need(starts_at=at(21), ends_at=at(0, day=SATURDAY + timedelta(days=1)))
    all_day = helper(weekly=(), exceptions=(DayException(SATURDAY, True),))
    assert not failures(late, all_day)
    assert failures(late, helper()) == frozenset({Hard.TIME})


def test_reasons_can_be_checked_and_are_said_in_order() -> None:
    known = helper(
        done={"garden": 32},
        with_carer={(MOTHER, "garden"): 1, (MOTHER, "clean"): 1, (UUID(int=9), "garden"): 7},
        skills={"garden": "草取り"},
    )
    said = [reason.sentence for reason in match_of(need(), known).reasons]
    assert said == [
        "庭の手入れを、これまでに32回",
        "お母さまの家から1.2\u00a0km（歩いて15分）",
        "前に2回、来てもらいました",
        "草取りが得意と書いています",
    ]
    codes = [reason.code for reason in match_of(need(), known).reasons]
    assert codes == ["experience", "way", "met", "note"]


def test_the_free_bar_leaves_bookings_out() -> None:
    booked = helper(busy=((at(12, 30), at(14)),))
    assert free_of_day(booked, need()) == [(at(9), at(12, 30))]
    whole = helper(weekly=(), exceptions=(DayException(SATURDAY, True),))
    assert free_of_day(whole, need()) == [(at(0), at(0, day=SATURDAY + timedelta(days=1)))]


def test_order_is_the_same_whatever_came_first() -> None:
    many = [
        helper(uid=UUID(int=n), home=moved(HOUSE, north_metres=100 * (n % 4), east_metres=0))
        for n in range(10, 30)
    ]
    forward = [m.helper.uid for m in matches(need(), many)]
    assert forward == [m.helper.uid for m in matches(need(), reversed(many))]
    assert len(forward) == 20


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 1900), st.integers(0, 1900))
def test_more_visits_or_a_shorter_way_never_rank_lower(
    done: int, more: int, near: int, farther: int
) -> None:
    def scored(count: int, metres: int) -> float:
        home = moved(HOUSE, north_metres=metres, east_metres=0)
        return match_of(need(), helper(done={"garden": count}, home=home)).score

    assert scored(done + more, near) >= scored(done, near)
    assert scored(done, near) >= scored(done, max(near, farther))


# --- nobody who breaks a hard constraint is ever shown: recomputed by brute force ---
hours = st.integers(0, 22)
spans = st.tuples(hours, st.integers(1, 5)).map(lambda pair: (pair[0], min(23, pair[0] + pair[1])))
helpers = st.builds(
    lambda **fields: helper(
        uid=UUID(int=fields["uid"]),
        home=None
        if fields["away"] is None
        else moved(HOUSE, north_metres=fields["away"], east_metres=0),
        skills=dict.fromkeys(fields["skills"], ""),
        weekly=tuple(WeekTime(day, time(a), time(b)) for day, (a, b) in fields["weekly"]),
        exceptions=tuple(
            DayException(SATURDAY, is_free, time(a), time(b))
            for is_free, (a, b) in fields["exceptions"]
        ),
        busy=tuple((at(a), at(b)) for a, b in fields["busy"]),
        checks=frozenset((kind, "") for kind in fields["checks"]),
        blocked=frozenset(UUID(int=n) for n in fields["blocked"]),
        birth_date=fields["birth_date"],
        gender=fields["gender"],
        languages=frozenset(fields["languages"]),
        resting_until=fields["resting_until"],
        travel_limit_m=fields["limit"],
    ),
    uid=st.integers(1, 8),
    away=st.none() | st.integers(0, 3000),
    skills=st.sets(st.sampled_from(["garden", "clean"])),
    weekly=st.lists(st.tuples(st.sampled_from([5, 6]), spans), max_size=3),
    exceptions=st.lists(st.tuples(st.booleans(), spans), max_size=2),
    busy=st.lists(spans, max_size=2),
    checks=st.sets(st.sampled_from(["identity", "licence"])),
    blocked=st.sets(st.integers(1, 4)),
    birth_date=st.none() | st.dates(date(1940, 1, 1), date(2015, 1, 1)),
    gender=st.sampled_from(["", "female", "male"]),
    languages=st.sets(st.sampled_from(["ja", "en"])),
    resting_until=st.none() | st.dates(date(2026, 11, 25), date(2026, 12, 2)),
    limit=st.integers(300, 3000),
)
needs = st.builds(
    lambda start, minutes, wish, trust, adults: need(
        starts_at=at(start),
        ends_at=at(start) + timedelta(minutes=minutes),
        gender_wish=wish,
        trust=frozenset(trust),
        adults_only=adults,
    ),
    start=st.integers(6, 19),
    minutes=st.sampled_from([30, 60, 120, 180]),
    wish=st.sampled_from(["", "female"]),
    trust=st.sets(st.sampled_from(["identity", "licence"])),
    adults=st.booleans(),
)


def may_come(need: Need, one: Helper) -> bool:
    """The constraints once more, in the plainest way: minute by minute."""
    if one.uid in (need.carer_uid, need.recipient_uid):
        return False
    if need.carer_uid in one.blocked or need.recipient_uid in one.blocked:
        return False
    if one.resting_until and one.resting_until >= SATURDAY:
        return False
    if need.category not in one.skills or not one.languages & need.languages:
        return False
    if any(kind not in [k for k, _ in one.checks] for kind in need.trust):
        return False
    if need.gender_wish and one.gender != need.gender_wish:
        return False
    if need.adults_only:
        born = one.birth_date
        if born is None or (born.year + 18, born.month, born.day) > (2026, 11, 28):
            return False
    if one.home is None or distance_metres(one.home, need.place) > one.travel_limit_m:
        return False
    moment = need.starts_at
    while moment < need.ends_at:
        clock_time = moment.time()
        free = any(w.weekday == 5 and w.start <= clock_time < w.end for w in one.weekly)
        for e in one.exceptions:
            free = free or (e.is_free and e.start <= clock_time < e.end)  # type: ignore[operator]
        for e in one.exceptions:
            free = free and not (
                not e.is_free and e.start <= clock_time < e.end  # type: ignore[operator]
            )
        if not free or any(a <= moment < b for a, b in one.busy):
            return False
        moment += timedelta(minutes=1)
    return True


@given(needs, st.lists(helpers, max_size=8))
def test_exactly_those_who_may_come_are_shown(asked: Need, everybody: list[Helper]) -> None:
    shown = [match.helper for match in matches(asked, everybody)]
    assert sorted(map(repr, shown)) == sorted(
        repr(one) for one in everybody if may_come(asked, one)
    )
    found = shortfall(asked, everybody)
    assert found.supporters == len(everybody)
    assert sum(found.only.values()) <= len(everybody) - len(shown)


def test_advice_never_speaks_of_blocks_or_who_somebody_is() -> None:
    hidden = [helper(uid=CARER), helper(blocked=frozenset({CARER}))]
    assert advice(shortfall(need(), hidden)) == []
    far = [helper(travel_limit_m=500), helper(travel_limit_m=600), helper(weekly=())]
    assert advice(shortfall(need(), far)) == [
        "少し遠くに住む人が2人います。コーディネーターから聞いてみることができます",
        "日や時間を変えると、来られるかもしれない人が1人います",
    ]


def test_words() -> None:
    assert way_spoken("bicycle", 2400) == "自転車で12分"
    assert way_spoken("car", 600) == "歩いて8分"
    assert way_spoken("car", 8000) == "車で20分"
    assert note_sentence("草取り") == "草取りが得意と書いています"
    assert note_sentence("草取りも枝切りもできます。") == (
        "「草取りも枝切りもできます」と書いています"
    )


def test_a_question_always_ends_before_the_start() -> None:
    now = at(10)
    assert offer_expires_at(now=now, starts_at=now + timedelta(days=3), hours=24) == (
        now + timedelta(hours=24)
    )
    soon = now + timedelta(hours=5)
    assert offer_expires_at(now=now, starts_at=soon, hours=24) == now + timedelta(hours=3)
    sooner = now + timedelta(hours=1)
    assert offer_expires_at(now=now, starts_at=sooner, hours=24) == now + timedelta(minutes=30)
    odd = offer_expires_at(now=at(10, 2), starts_at=at(10) + timedelta(days=3), hours=24)
    assert odd == now + timedelta(hours=24)


def test_an_offer_that_ended_stays_ended() -> None:
    for over in ("declined", "lapsed", "withdrawn"):
        for after in ("notified", "accepted", "chosen"):
            assert not step_allowed(over, after)
    assert step_allowed("chosen", "withdrawn")
