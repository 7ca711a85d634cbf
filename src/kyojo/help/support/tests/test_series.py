"""Series: occurrences, the usual person, substitutes, skipping, leaving, ending."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people import services as people
from kyojo.civic.people.models import Notice, Person
from kyojo.help.matching import services
from kyojo.help.matching.asking.policies import Paced
from kyojo.help.matching.errors import SeriesPersonUnknown
from kyojo.help.matching.models import Offer, PairTally, Search
from kyojo.help.matching.selectors import candidates
from kyojo.help.matching.services import waves
from kyojo.help.requests.errors import (
    OrderTaken,
    SeriesChangeFar,
    SeriesDayUnknown,
    SeriesOver,
    SeriesTooFar,
    VisitStands,
)
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.repeating import Rhythm
from kyojo.help.requests.tests.cast import (
    KITA,
    MIDORI,
    NOW,
    SATURDAY,
    cast_make,
    coins_give,
    garden_open,
)
from kyojo.help.support import services as support
from kyojo.help.support.models import Visit
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

DAYS = [SATURDAY + timedelta(weeks=week) for week in range(4)]
MORNING = clock.at(NOW.date() + timedelta(days=2), 10)


@pytest.fixture(autouse=True)
def _nobody_by_lot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        waves, "policy", lambda model: Paced(model=model, rules=waves.RULES, explore=0.0)
    )


@pytest.fixture
def cast(db: None, towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


def begin(cast: SimpleNamespace, **changes: Any) -> Series:
    asked: dict[str, Any] = {
        "order_id": new_id(),
        "carer": cast.minami,
        "category": "garden",
        "place_uid": cast.house.uid,
        "starts_on": SATURDAY,
        "from_time": time(10),
        "minutes": 120,
        "memo": "草取りです。",
        "rhythm": Rhythm("week", (5,), times=10),
        "supporter_uid": cast.ken.uid,
        "supporter_municipality_id": MIDORI,
        "supporter_name": "春風",
    }
    with tenant(KITA):
        return services.series_create(**(asked | changes))


def made(series: Series) -> dict[date, HelpRequest]:
    with tenant(KITA):
        found = HelpRequest.objects.filter(series_uid=series.uid).order_by("starts_at")
        return {clock.local(one.starts_at).date(): one for one in found}


def offers(request: HelpRequest) -> dict[Any, Offer]:
    with tenant(KITA):
        return {one.supporter_uid: one for one in Offer.objects.filter(request_uid=request.uid)}


def held(cast: SimpleNamespace) -> int:
    with tenant(KITA):
        return coins.purse(cast.minami).held


def titles(person: Person) -> list[str]:
    with tenant(person.municipality_id):
        found = Notice.objects.filter(person=person).order_by("id")
        return list(found.values_list("title", flat=True))


def run(moment: datetime = MORNING) -> int:
    with clock.frozen(moment):
        services.town_lapse(municipality_id=KITA)
        return services.series_make_due(municipality_id=KITA)


def answer(cast: SimpleNamespace, who: Person, request: HelpRequest, yes: bool) -> Visit | None:
    with tenant(MIDORI):
        offer = Offer.objects.get(request_uid=request.uid, supporter=who)
        return support.offer_answer(offer_uid=offer.uid, supporter=who, yes=yes)


# --- making ---
def test_four_weeks_are_made_and_the_usual_person_is_asked_first(cast: SimpleNamespace) -> None:
    series = begin(cast)
    days = made(series)
    assert list(days) == DAYS[:3], "four weeks ahead of the 20th ends on 18 December"
    for one in days.values():
        assert one.state == "open"
        [offer] = offers(one).values()
        assert (offer.supporter_uid, offer.is_direct) == (cast.ken.uid, True)
    assert held(cast) == 120
    with tenant(MIDORI):
        twins = HelpRequest.objects.filter(series_uid=series.uid)
        assert twins.count() == 3, "the place's town knows that it is a series"
        assert not Series.objects.exists(), "and holds none of the carer's words"


def test_the_job_twice_makes_nothing_twice_and_goes_on_with_the_weeks(
    cast: SimpleNamespace,
) -> None:
    series = begin(cast, supporter_uid=None)
    with tenant(KITA):
        coins_give(cast.minami, 400)
    assert run(NOW + timedelta(minutes=1)) == 0
    assert run() == 1
    assert run() == 0
    assert list(made(series)) == DAYS


def test_the_same_order_is_one_series_and_other_content_is_refused(
    cast: SimpleNamespace,
) -> None:
    order = new_id()
    begin(cast, order_id=order)
    begin(cast, order_id=order)
    with pytest.raises(OrderTaken):
        begin(cast, order_id=order, minutes=60)
    with pytest.raises(NotFound):
        begin(cast, order_id=order, carer=cast.makoto)
    with pytest.raises(SeriesTooFar):
        begin(cast, rhythm=Rhythm("week", (5,), times=40))
    with tenant(KITA):
        assert Series.objects.count() == 1
        assert HelpRequest.objects.count() == 3


def test_coins_short_leaves_nothing_half_done_and_is_made_up_later(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        coins.coins_hold(
            order_id=new_id(),
            payer_municipality_id=KITA,
            payer_person_id=cast.minami.pk,
            payee_municipality_id=KITA,
            payee_person_id=cast.makoto.pk,
            amount=70,
            reference=new_id(),
        )
    series = begin(cast)
    assert list(made(series)) == DAYS[:2]
    assert held(cast) == 70 + 80
    said = [title for title in titles(cast.minami) if "まだお願いしていません" in title]
    assert said == ["12月12日（土）の分は、まだお願いしていません（庭の手入れ）"]
    run(NOW + timedelta(minutes=1))
    assert len([title for title in titles(cast.minami) if "まだお願い" in title]) == 1
    with tenant(KITA):
        coins_give(cast.minami, 40)
    run(NOW + timedelta(minutes=2))
    assert list(made(series)) == DAYS[:3]


# --- substitutes ---
def test_a_no_brings_a_substitute_by_itself(cast: SimpleNamespace) -> None:
    series = begin(cast)
    first, second, _ = made(series).values()
    answer(cast, cast.ken, second, yes=True)
    answer(cast, cast.ken, first, yes=False)
    assert any("今回は来られません" in title for title in titles(cast.minami))
    run(NOW + timedelta(minutes=1))
    asked = offers(first)
    assert set(asked) == {cast.ken.uid, cast.jun.uid, cast.tae.uid}
    assert asked[cast.ken.uid].state == "declined"
    assert not asked[cast.jun.uid].is_direct
    assert set(offers(second)) == {cast.ken.uid}, "the others go on as they were"
    visit = answer(cast, cast.jun, first, yes=True)
    assert visit is not None, "the first OK decides"
    with tenant(KITA):
        assert Visit.objects.filter(request_uid=first.uid).count() == 1
        assert Series.objects.get().supporter_uid == cast.ken.uid
    run(NOW + timedelta(minutes=2))
    assert offers(first)[cast.tae.uid].state == "withdrawn"


def test_silence_brings_a_substitute(cast: SimpleNamespace) -> None:
    series = begin(cast)
    first = made(series)[DAYS[0]]
    run()
    asked = offers(first)
    assert asked[cast.ken.uid].state == "lapsed"
    assert len(asked) > 1
    assert made(series)[DAYS[0]].escalated_at is None
    assert held(cast) == 40, "the fourth week is asked for, the others are looked for"


def test_a_day_they_cannot_is_known_beforehand(cast: SimpleNamespace) -> None:
    with tenant(MIDORI):
        people.time_exception_add(person=cast.ken, day=DAYS[1], is_free=False)
    series = begin(cast)
    second = made(series)[DAYS[1]]
    assert cast.ken.uid not in offers(second)
    assert cast.jun.uid in offers(second)
    assert "春風さんは、この日は来られません（庭の手入れ）" in titles(cast.minami)
    assert held(cast) == 80


def test_who_came_before_is_asked_before_others(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        PairTally.objects.create(
            supporter_uid=cast.tae.uid,
            carer_uid=cast.minami.uid,
            recipient_uid=cast.mother_uid,
            category="garden",
            visits_count=1,
        )
    series = begin(cast)
    first = made(series)[DAYS[0]]
    answer(cast, cast.ken, first, yes=False)
    run(NOW + timedelta(minutes=1))
    assert set(offers(first)) == {cast.ken.uid, cast.tae.uid}
    answer(cast, cast.tae, first, yes=False)
    with clock.frozen(NOW + timedelta(minutes=2)):
        services.searches_look_due(municipality_id=KITA)
    assert cast.jun.uid in offers(first)


def test_a_cancelled_visit_is_made_up_for(cast: SimpleNamespace) -> None:
    series = begin(cast)
    first = made(series)[DAYS[0]]
    answer(cast, cast.ken, first, yes=False)
    run(NOW + timedelta(minutes=1))
    visit = answer(cast, cast.jun, first, yes=True)
    assert visit is not None
    with clock.frozen(NOW + timedelta(minutes=5)):
        services.searches_look_due(municipality_id=KITA)
    with clock.frozen(NOW + timedelta(minutes=10)), tenant(MIDORI):
        support.visit_cancel(visit_uid=visit.uid, actor=cast.jun, reason="unwell")
    run(NOW + timedelta(minutes=11))
    with tenant(KITA):
        search = Search.objects.get(request_uid=first.uid)
        assert search.started_at == NOW + timedelta(minutes=11)


def test_the_carer_may_choose_among_substitutes(cast: SimpleNamespace) -> None:
    series = begin(cast, supporter_uid=None, decide="self")
    first = made(series)[DAYS[0]]
    assert first.decide == "self"
    asked = offers(first)
    who = next(one for one in (cast.ken, cast.jun, cast.tae) if one.uid in asked)
    assert answer(cast, who, first, yes=True) is None
    assert offers(first)[who.uid].state == "accepted"
    assert held(cast) == 0


# --- what the carer changes ---
def test_a_skipped_day_is_taken_back_and_not_made_again(cast: SimpleNamespace) -> None:
    series = begin(cast)
    with tenant(KITA):
        services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[1])
        services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[1])
        services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[3])
        with pytest.raises(SeriesDayUnknown):
            services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[1] + timedelta(days=1))
        with pytest.raises(NotFound):
            services.series_skip(uid=series.uid, carer=cast.makoto, day=DAYS[2])
    assert held(cast) == 80
    run(NOW + timedelta(minutes=1))
    days = made(series)
    assert [days[day].state for day in DAYS[:3]] == ["open", "cancelled", "open"]
    answer(cast, cast.ken, days[DAYS[2]], yes=True)
    with tenant(KITA), pytest.raises(VisitStands):
        services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[2])
    with tenant(KITA):
        assert Series.objects.get().skipped == [DAYS[1].isoformat(), DAYS[3].isoformat()]


def test_another_hour_is_for_what_is_still_open(cast: SimpleNamespace) -> None:
    series = begin(cast)
    days = made(series)
    answer(cast, cast.ken, days[DAYS[0]], yes=True)
    with tenant(KITA):
        services.request_withdraw(uid=days[DAYS[2]].uid, carer=cast.minami)
        services.series_change(
            uid=series.uid,
            carer=cast.minami,
            rhythm=Rhythm("week", (5,), times=10),
            starts_on=SATURDAY,
            from_time=time(9),
            minutes=120,
        )
        standing = HelpRequest.objects.filter(series_uid=series.uid).exclude(state="cancelled")
        hours = {
            clock.local(one.starts_at).date(): clock.local(one.starts_at).hour for one in standing
        }
    assert hours == {DAYS[0]: 10, DAYS[1]: 9}, "the third was taken back by itself"
    assert held(cast) == 80


def test_a_change_from_a_later_day_on_leaves_the_days_before(cast: SimpleNamespace) -> None:
    """Saturdays as they were; from the third week on Sundays. A Saturday can still be left out."""
    series = begin(cast)
    change = {"rhythm": Rhythm("week", (6,), times=4), "from_time": time(10), "minutes": 120}
    with tenant(KITA):
        with pytest.raises(SeriesChangeFar):
            services.series_change(
                uid=series.uid,
                carer=cast.minami,
                starts_on=NOW.date() + timedelta(weeks=4, days=2),
                **change,
            )
        services.series_change(
            uid=series.uid, carer=cast.minami, starts_on=DAYS[1] + timedelta(days=1), **change
        )
        services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[1])
        with pytest.raises(SeriesDayUnknown):
            services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[3])
        standing = HelpRequest.objects.filter(series_uid=series.uid).exclude(state="cancelled")
        days = sorted(clock.local(one.starts_at).date() for one in standing)
    sunday = DAYS[1] + timedelta(days=1)
    assert days == [DAYS[0], sunday, sunday + timedelta(weeks=1)][: len(days)] and len(days) >= 2


def test_the_end_takes_back_what_is_open_and_leaves_visits(cast: SimpleNamespace) -> None:
    series = begin(cast)
    answer(cast, cast.ken, made(series)[DAYS[0]], yes=True)
    with tenant(KITA):
        services.series_end(uid=series.uid, carer=cast.minami)
        services.series_end(uid=series.uid, carer=cast.minami)
        with pytest.raises(SeriesOver):
            services.series_skip(uid=series.uid, carer=cast.minami, day=DAYS[2])
    assert [one.state for one in made(series).values()] == ["matched", "cancelled", "cancelled"]
    assert held(cast) == 40
    assert run(MORNING + timedelta(weeks=1)) == 0
    assert "毎回のお願いが終わりました（庭の手入れ）" in titles(cast.ken)


def test_no_substitute_is_promised_for_a_series_that_has_ended(cast: SimpleNamespace) -> None:
    series = begin(cast)
    first = made(series)[DAYS[0]]
    visit = answer(cast, cast.ken, first, yes=True)
    assert visit is not None
    with tenant(KITA):
        services.series_end(uid=series.uid, carer=cast.minami)
    with tenant(MIDORI):
        support.visit_cancel(visit_uid=visit.uid, actor=cast.ken, reason="unwell")
    run()
    assert set(offers(first)) == {cast.ken.uid}, "nobody else is asked"
    with tenant(KITA):
        said = Notice.objects.get(person=cast.minami, kind="visit_cancelled").body
    assert said.endswith("ほかの人をさがせます。")


def test_a_series_that_has_no_day_left_is_over(cast: SimpleNamespace) -> None:
    series = begin(cast, rhythm=Rhythm("week", (5,), times=2))
    run(clock.at(DAYS[1] + timedelta(days=1), 10))
    with tenant(KITA):
        assert Series.objects.get(uid=series.uid).state == "ended"
    assert "くり返しの庭の手入れが、終わりました" in titles(cast.minami)


def test_whoever_left_town_asks_nobody_any_more(cast: SimpleNamespace) -> None:
    series = begin(cast)
    with tenant(KITA):
        people.person_leave(person=cast.minami)
    run(NOW + timedelta(minutes=1))
    assert {one.state for one in made(series).values()} == {"cancelled"}
    with tenant(KITA):
        assert Series.objects.get().state == "ended"


def test_whoever_is_forgotten_is_in_no_series_any_more(cast: SimpleNamespace) -> None:
    series = begin(cast)
    with tenant(KITA):
        services.series_end(uid=series.uid, carer=cast.minami)
    with tenant(MIDORI):
        services.person_forget(person=cast.ken)
    with tenant(KITA):
        kept = Series.objects.get()
        assert (kept.supporter_uid, kept.supporter_name) == (None, "")
        assert kept.memo
        services.person_forget(person=cast.minami)
        kept.refresh_from_db()
        assert (kept.memo, kept.place_label) == ("", "")


# --- what the supporter says ---
def test_the_usual_person_says_a_day_ahead_that_they_cannot(cast: SimpleNamespace) -> None:
    series = begin(cast)
    with tenant(MIDORI):
        away = {"uid": series.uid, "carer_municipality_id": KITA, "supporter": cast.ken}
        services.series_day_away(**away, day=DAYS[1])
        services.series_day_away(**away, day=DAYS[3])
        with pytest.raises(SeriesDayUnknown):
            services.series_day_away(**away, day=DAYS[3] + timedelta(days=1))
        with pytest.raises(NotFound):
            services.series_day_away(**(away | {"supporter": cast.jun}), day=DAYS[2])
    assert offers(made(series)[DAYS[1]])[cast.ken.uid].state == "declined"
    with tenant(KITA):
        coins_give(cast.minami, 100)
    run(NOW + timedelta(minutes=1))
    assert cast.jun.uid in offers(made(series)[DAYS[1]])
    run(MORNING + timedelta(weeks=1))
    assert cast.ken.uid not in offers(made(series)[DAYS[3]])


def test_the_usual_person_leaves_and_another_takes_their_place(cast: SimpleNamespace) -> None:
    series = begin(cast)
    days = made(series)
    visit = answer(cast, cast.ken, days[DAYS[0]], yes=True)
    with tenant(MIDORI):
        leave = {"uid": series.uid, "carer_municipality_id": KITA}
        with pytest.raises(NotFound):
            services.series_leave(**leave, supporter=cast.jun)
        services.series_leave(**leave, supporter=cast.ken)
        with pytest.raises(NotFound):
            services.series_leave(**leave, supporter=cast.ken)
    assert held(cast) == 40, "the visit that stands stays"
    assert "春風さんが、毎回来ることをやめました（庭の手入れ）" in titles(cast.minami)
    run(NOW + timedelta(minutes=1))
    answer(cast, cast.jun, days[DAYS[1]], yes=True)
    with tenant(KITA):
        with pytest.raises(SeriesPersonUnknown):
            services.series_usual(
                uid=series.uid,
                carer=cast.minami,
                supporter_uid=cast.tae.uid,
                supporter_municipality_id=MIDORI,
            )
        services.series_usual(
            uid=series.uid,
            carer=cast.minami,
            supporter_uid=cast.jun.uid,
            supporter_municipality_id=MIDORI,
        )
        assert Series.objects.get().supporter_name == "朝露"
        assert visit is not None
        assert Visit.objects.get(uid=visit.uid).state == "scheduled"


def test_one_yes_for_all_days_that_were_asked_for(cast: SimpleNamespace) -> None:
    series = begin(cast)
    first, _, third = made(series).values()
    with tenant(MIDORI):
        offer = Offer.objects.get(request_uid=first.uid)
        with pytest.raises(NotFound):
            support.series_answer_yes(offer_uid=offer.uid, supporter=cast.jun)
        answer(cast, cast.ken, third, yes=False)
        assert len(support.series_answer_yes(offer_uid=offer.uid, supporter=cast.ken)) == 2
        assert len(support.series_answer_yes(offer_uid=offer.uid, supporter=cast.ken)) == 1
    assert [one.state for one in made(series).values()] == ["matched", "matched", "open"]
    assert held(cast) == 80


# --- the same person as last time ---
def test_who_came_last_time_is_on_top_unless_it_was_no_pleasure(cast: SimpleNamespace) -> None:
    with tenant(KITA):
        request = garden_open(cast)
        before = [one.family_name for one in candidates(request)]
        last = before[-1]
        person = {"春風": cast.ken, "朝露": cast.jun, "木漏日": cast.tae}[last]
        pair = {
            "supporter_uid": person.uid,
            "carer_uid": cast.minami.uid,
            "carer_municipality_id": KITA,
            "recipient_uid": cast.mother_uid,
            "category": "garden",
        }
        services.tally_add(**pair, supporter_municipality_id=MIDORI, minutes=60)
        top = candidates(request)[0]
        assert top.family_name == last
        assert top.card()["reasons"][0] == "前回も来てくれた人です"
        services.pair_rate(**pair, rating=1)
        again = {one.family_name: one for one in candidates(request)}
        assert next(iter(again)) != last
        assert not any("来て" in reason for reason in again[last].card()["reasons"])
        services.pair_rate(**pair, rating=4)
        assert candidates(request)[0].family_name == last
