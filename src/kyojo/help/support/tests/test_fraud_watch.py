"""Visits that a person looks at: who is, what is held, what a decision does, what is forgotten."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person
from kyojo.civic.people.services import staff_role_add
from kyojo.help.support import fraud_selectors as selectors
from kyojo.help.support import retention, services
from kyojo.help.support.errors import LookDecided, OwnMatter, WordsMissing
from kyojo.help.support.fraud_facts import town_facts
from kyojo.help.support.models import (
    Clearance,
    DevicePress,
    Dispute,
    Evidence,
    Ruling,
    Visit,
    VisitLook,
    VisitScore,
)
from kyojo.help.support.services import fraud_watch
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

from .cast import (
    COINS,
    KITA,
    MIDORI,
    START,
    Cast,
    check_in,
    coins_give,
    purses,
    state_of,
    visit_make,
)
from .lived import LATER, ONE_PHONE, confirm, press, town_lived, visit_faked, visit_honest

pytestmark = pytest.mark.django_db

PRICE = 40


@pytest.fixture
def lived(cast) -> Cast:
    """The cast in a town where people have helped for ten weeks; all of that is scored."""
    with tenant(MIDORI):
        cast.extra["visits"] = town_lived(START)
    with clock.frozen(START - timedelta(days=2)), tenant(MIDORI):
        services.visits_score()
        VisitLook.objects.all().delete()
    return cast


def look_of(uid) -> VisitLook | None:
    with tenant(MIDORI):
        return VisitLook.objects.filter(visit_uid=uid).first()


def held(cast, starts_at=START):
    """A faked visit whose coins are held."""
    uid = visit_faked(cast, starts_at)
    confirm(cast, uid, ONE_PHONE, at=starts_at + timedelta(hours=3))
    return look_of(uid)


def test_an_honest_visit_is_paid_at_once_and_scored_once(lived):
    uid = visit_honest(lived)
    confirm(lived, uid)
    assert state_of(uid) == "settled"
    with clock.frozen(LATER + timedelta(hours=1)):
        services.visits_look()
        services.visits_look()
    with tenant(MIDORI):
        row = VisitScore.objects.get(visit_uid=uid)
        assert row.score < row.threshold
        assert row.scored_at < LATER + timedelta(minutes=1)
        assert {"replayed", "away_at_touch"} <= row.numbers.keys()
        assert len(row.prints) == 2
        assert VisitScore.objects.count() == lived.extra["visits"] + 1
        assert not VisitLook.objects.filter(by_lot=False).exists()


def test_a_visit_that_does_not_look_like_help_is_held_and_nobody_is_accused(lived):
    look = held(lived)
    uid = look.visit_uid
    assert state_of(uid) == "disputed"
    assert purses(lived)[1:] == (PRICE, 0)
    assert look.holds_coins
    assert not look.by_lot
    assert look.due_at == LATER + timedelta(hours=24)
    assert "支援した人とたのんだ人が、同じスマホを使っています" in look.reasons
    with tenant(KITA):
        (dispute,) = Dispute.objects.filter(visit_uid=uid)
        assert dispute.words == "事務局が、記録を確かめています。"
        told = Notice.objects.get(kind="visit_disputed")
        assert "事務局が確かめています" in told.title
    with tenant(MIDORI):
        (row,) = selectors.looks("open")
        assert not row.is_late
        assert not row.is_paid
        with clock.frozen(look.due_at + timedelta(minutes=1)):
            assert selectors.looks("open")[0].is_late
            services.visits_look()
        assert look_of(uid).state == "waiting"  # late, and neither lost nor refused
    assert state_of(uid) == "disputed"


def test_nothing_is_wrong_it_goes_on_where_it_was(lived):
    look = held(lived)
    with clock.frozen(LATER + timedelta(hours=1)), tenant(MIDORI):
        services.look_watch(uid=look.uid, by=lived.officer, note="お電話しました")
        for _ in range(2):
            services.looks_clear(uids=[look.uid], by=lived.officer, note="家族のスマホでした")
        kinds = Act.objects.filter(subject_id=str(look.visit_uid)).values_list("action", flat=True)
        assert sorted(kind for kind in kinds if kind.startswith("look")) == [
            "look_cleared",
            "look_watch",
        ]
    assert state_of(look.visit_uid) == "settled"
    assert purses(lived) == (COINS - PRICE, 0, PRICE)
    with tenant(KITA):
        visit = Visit.objects.get(uid=look.visit_uid)
        assert (visit.confirmed_by, visit.settled_coins) == ("carer", PRICE)
        assert visit.receipt_code
        assert Dispute.objects.get(visit_uid=visit.uid).resolved_at is not None
    look = look_of(look.visit_uid)
    assert (look.state, look.note) == ("cleared", "お電話しました\n家族のスマホでした")
    with tenant(MIDORI), pytest.raises(LookDecided):
        services.looks_refuse(uids=[look.uid], by=lived.officer, words="あとから")


def test_not_paid_goes_by_a_ruling_and_the_coins_come_back_after_the_days_to_object(lived):
    look = held(lived)
    uid = look.visit_uid
    with clock.frozen(LATER + timedelta(hours=1)), tenant(MIDORI):
        with pytest.raises(WordsMissing):
            services.looks_refuse(uids=[look.uid], by=lived.officer, words=" ")
        for _ in range(2):
            services.looks_refuse(uids=[look.uid], by=lived.officer, words="記録がそろいません。")
        assert Ruling.objects.filter(visit_uid=uid).count() == 1
        assert selectors.decided_looks() == []  # people may still object
    assert state_of(uid) == "disputed"
    assert purses(lived)[1] == PRICE
    with clock.frozen(LATER + timedelta(days=9)):
        services.rulings_carry_out()
    assert state_of(uid) == "resolved"
    assert purses(lived) == (COINS, 0, 0)
    with tenant(MIDORI):
        assert [one.is_fake for one in selectors.decided_looks()] == [True]


def look_put(uid, *, score=3.0, **fields) -> VisitLook:
    """A look as the round would open it."""
    with tenant(MIDORI):
        visit = Visit.objects.get(uid=uid)
        VisitScore.objects.get_or_create(
            visit_uid=uid, defaults={"score": score, "threshold": 2.0, "model": "t"}
        )
        return VisitLook.objects.create(
            **{
                "uid": new_id(),
                "visit_uid": visit.uid,
                "opened_at": clock.now(),
                "due_at": clock.now() + timedelta(hours=24),
                "score": score,
                "margin": score - 2,
                "model": "t",
            }
            | fields
        )


def test_silence_settles_no_visit_that_is_looked_at(cast):
    uid = visit_honest(cast)
    with clock.frozen(LATER):
        look = look_put(uid)
    with clock.frozen(START + timedelta(days=5)):
        services.visits_auto_confirm()
        assert state_of(uid) == "disputed"
        with tenant(MIDORI):
            services.looks_clear(uids=[look.uid], by=cast.officer)
    assert state_of(uid) == "settled"
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).confirmed_by == "automatic"


@pytest.mark.parametrize("decision", ["refuse", "clear"])
def test_what_was_not_confirmed_yet(cast, decision):
    uid = visit_honest(cast)
    with clock.frozen(LATER):
        look = look_put(uid)
        with tenant(MIDORI):
            if decision == "clear":
                services.looks_clear(uids=[look.uid], by=cast.officer)
            else:
                services.looks_refuse(
                    uids=[look.uid], by=cast.officer, words="記録がそろいません。"
                )
    assert state_of(uid) == ("ended" if decision == "clear" else "disputed")
    if decision == "clear":
        confirm(cast, uid)
        assert state_of(uid) == "settled"


def test_what_was_picked_by_lot_or_paid_holds_nothing_and_is_noted_only(cast):
    uid = visit_honest(cast)
    with clock.frozen(LATER):
        look = look_put(uid, by_lot=True, holds_coins=False)
    confirm(cast, uid)
    assert state_of(uid) == "settled"
    with tenant(MIDORI):
        services.looks_refuse(uids=[look.uid], by=cast.officer, words="電話で聞いた話とちがう")
        assert [one.is_fake for one in selectors.decided_looks()] == [True]
    assert state_of(uid) == "settled"


def test_who_takes_part_or_wrote_it_down_does_not_decide_and_another_town_sees_nothing(cast):
    uid = visit_honest(cast)
    with clock.frozen(LATER):
        look = look_put(uid)
    with tenant(MIDORI):
        party = Person.objects.get(uid=cast.supporter.uid).user
        staff_role_add(
            user=party,
            number=f"S-{party.pk}",
            role="office",
            title="事務局",
            name="春風",
            name_kana="ハルカゼ",
        )
        Act.objects.create(
            actor=cast.officer, action="visit_end", subject_kind="visit", subject_id=str(uid)
        )
        for user in (party, cast.officer):
            with pytest.raises(OwnMatter):
                services.looks_clear(uids=[look.uid], by=user)
            with pytest.raises(OwnMatter):
                services.looks_refuse(uids=[look.uid], by=user, words="わけ")
    with tenant(KITA), pytest.raises(NotFound):
        services.looks_clear(uids=[look.uid], by=cast.kita_officer)
    with tenant(MIDORI), pytest.raises(NotFound):
        services.looks_clear(uids=[look.uid], by=cast.carer.user)
    assert look_of(uid).state == "waiting"
    assert state_of(uid) == "ended"


def test_several_of_one_ring_are_decided_at_once_or_none(cast):
    with tenant(KITA):
        coins_give(cast.carer, COINS)
    uids = [visit_honest(cast, START + timedelta(days=n)) for n in range(2)]
    with clock.frozen(START + timedelta(days=1, hours=4)):
        looks = [look_put(uid) for uid in uids]
        with tenant(MIDORI):
            Act.objects.create(
                actor=cast.officer,
                action="visit_end",
                subject_kind="visit",
                subject_id=str(uids[1]),
            )
            wanted = [look.uid for look in looks]
            with CaptureQueriesContext(connection) as asked, suppress(OwnMatter):
                services.looks_clear(uids=wanted, by=cast.officer)
            locked = [
                "request" if "helprequest" in one["sql"].split("FOR UPDATE")[0] else "other"
                for one in asked
                if "FOR UPDATE" in one["sql"]
            ]
            # Both requests before anything else, so that two who act on a ring never wait in turn.
            assert locked[: locked.index("other")].count("request") >= 4
            with pytest.raises(OwnMatter):
                services.looks_refuse(uids=wanted, by=cast.officer, words="わけ")
            assert [look_of(uid).state for uid in uids] == ["waiting", "waiting"]
            services.looks_refuse(uids=wanted[:1], by=cast.officer, words="わけ")
            assert [look_of(uid).state for uid in uids] == ["refused", "waiting"]


def test_what_the_visit_s_own_page_decided_closes_the_look(lived):
    look = held(lived)
    with clock.frozen(LATER + timedelta(hours=1)):
        with tenant(MIDORI):
            services.dispute_resolve(
                visit_uid=look.visit_uid, by=lived.officer, resolution="pay", words="話を聞きました"
            )
        services.visits_look()
    assert look_of(look.visit_uid).state == "closed"
    assert state_of(look.visit_uid) == "resolved"


def test_a_town_looks_at_so_many_a_day_and_the_most_striking_come_first(lived, monkeypatch):
    with tenant(KITA):
        coins_give(lived.carer, COINS)
    uids = [visit_honest(lived, START + timedelta(hours=4 * n)) for n in range(3)]
    with clock.frozen(START + timedelta(hours=11)), tenant(MIDORI):
        rules = fraud_watch.programme_current()[1]
        visits = {visit.uid: visit for visit in Visit.objects.filter(uid__in=uids)}

        def candidates(*scores):
            return [
                fraud_watch.Candidate(visits[uid], score, score - 2, (), {}, by_lot=False)
                for uid, score in zip(uids, scores, strict=False)
            ]

        def opened(*scores, per_day):
            of_day = replace(rules, evidence=replace(rules.evidence, reviews_per_day=per_day))
            fraud_watch._looks_open(candidates(*scores), of_day, model="t", number=0)

        opened(2.5, 2.6, per_day=2)
        assert VisitLook.objects.count() == 2
        opened(2.5, 2.6, 2.4, per_day=2)
        assert not VisitLook.objects.filter(visit_uid=uids[2]).exists()
        opened(2.5, 2.6, 5.0, per_day=2)
        assert set(VisitLook.objects.values_list("visit_uid", flat=True)) == {uids[1], uids[2]}

        # Somebody decides about the weakest while another is to take its place: that stays.
        def decided(look):
            return VisitLook.objects.filter(pk=look.pk).update(state="cleared") == 1

        VisitLook.objects.filter(visit_uid=uids[2]).delete()
        monkeypatch.setattr(fraud_watch, "_is_idle", decided)
        opened(2.5, 2.6, 5.0, per_day=1)
        assert list(VisitLook.objects.values_list("visit_uid", "state")) == [(uids[1], "cleared")]


def test_what_never_began_is_no_reason_to_go_through_the_town(cast):
    uid = visit_make(cast)
    with clock.frozen(START + timedelta(days=2)):
        services.visits_auto_confirm()
        assert state_of(uid) == "disputed"
        with tenant(MIDORI):
            assert not fraud_watch._is_due(None)
    done = visit_honest(cast, START + timedelta(days=7))
    with clock.frozen(START + timedelta(days=8)), tenant(MIDORI):
        assert fraud_watch._is_due(None)
        services.visits_score()
        assert VisitScore.objects.get().visit_uid == done
        assert not fraud_watch._is_due(None)


@pytest.mark.parametrize("kind", ["pair", "device"])
def test_what_is_cleared_stops_nobody_until_its_day(lived, kind):
    look = held(lived)
    label = {"pair": "family", "device": "shared_phone"}[kind]
    order = new_id()
    with clock.frozen(LATER + timedelta(hours=1)), tenant(MIDORI):
        for _ in range(2):
            made = services.clearance_make(
                uid=order,
                look_uid=look.uid,
                by=lived.officer,
                kind=kind,
                label=label,
                valid_until=(START + timedelta(days=60)).date(),
            )
        assert Clearance.objects.count() == 1
        services.looks_clear(uids=[look.uid], by=lived.officer)
    second = visit_honest(lived, START + timedelta(days=1))
    confirm(lived, second, ONE_PHONE, at=START + timedelta(days=1, hours=7))
    assert state_of(second) == "settled"
    with clock.frozen(START + timedelta(days=2)), tenant(MIDORI):
        services.clearance_end(uid=made.uid, by=lived.officer)
        services.clearance_end(uid=made.uid, by=lived.officer)
        assert Act.objects.filter(action="clearance_ended").count() == 1


def test_a_mistake_of_ours_holds_nobody_s_coins(lived, monkeypatch, caplog):
    def broken():
        raise ZeroDivisionError("名前")

    monkeypatch.setattr(fraud_watch, "town_facts", broken)
    uid = visit_faked(lived)
    confirm(lived, uid, ONE_PHONE)
    assert state_of(uid) == "settled"
    assert "ZeroDivisionError" in caplog.text
    assert "名前" not in caplog.text


def test_a_young_town_holds_nothing(cast):
    uid = visit_faked(cast)
    confirm(cast, uid, ONE_PHONE)
    assert state_of(uid) == "settled"
    with tenant(MIDORI):
        assert VisitScore.objects.get(visit_uid=uid).score is None


def test_positions_are_erased_and_what_was_measured_stays(lived):
    uid = visit_honest(lived)
    with clock.frozen(START + timedelta(days=40)):
        services.positions_purge()
        with tenant(MIDORI):
            assert not Evidence.objects.filter(
                visit_uid=uid, position_encrypted__isnull=False
            ).exists()
            facts, here = town_facts()
            row = VisitScore.objects.get(visit_uid=uid)
    assert uid in here
    (visit,) = [one for one in facts.visits if one.uid == str(uid)]
    assert visit.fixes == []
    assert visit.kept.numbers == row.numbers
    assert visit.prints == frozenset(row.prints)
    assert len(visit.prints) == 2


def test_facts_hold_ids_and_numbers_and_know_the_hand_of_the_office(lived):
    uid = visit_make(lived)
    check_in(lived, uid)
    with clock.frozen(START + timedelta(hours=20)), tenant(MIDORI):
        services.visit_check_by_office(
            visit_uid=uid, by=lived.officer, nonce=new_id(), moment="end", basis="phone"
        )
    with clock.frozen(START + timedelta(hours=21)), tenant(MIDORI):
        facts, _ = town_facts()
    (visit,) = [one for one in facts.visits if one.uid == str(uid)]
    (edit,) = visit.edits
    assert edit.staff == str(lived.officer.pk)
    assert round(edit.at - visit.ends_at) == 18
    assert visit.ended_at == visit.ends_at  # when it was written down is not when it ended
    assert "春風" not in repr(facts.persons[str(lived.supporter.uid)])
    assert [mark.kind for mark in visit.marks] == ["position"]


def test_a_device_is_a_hash_of_this_town_and_is_forgotten(cast):
    uid = visit_honest(cast)
    confirm(cast, uid)
    look = look_put(uid)
    press(cast, uid, cast.mother, "confirm", "phone-of-the-mother")
    press(cast, uid, cast.supporter, "start", "x" * 65)
    with tenant(MIDORI):
        rows = list(DevicePress.objects.filter(visit_uid=uid))
        assert {row.moment for row in rows} == {"start", "end", "confirm"}
        assert all("phone" not in row.device for row in rows)
        assert {row.person_uid for row in rows} == {cast.supporter.uid, cast.carer.uid}
        for _ in range(2):  # a note that is sent twice stands once
            services.look_watch(uid=look.uid, by=cast.officer, note="春風さんに電話しました。")
        look.refresh_from_db()
        assert look.note == "春風さんに電話しました。"
        services.fraud_forget(person_uid=cast.supporter.uid)
        services.fraud_forget(person_uid=cast.supporter.uid)
        look.refresh_from_db()
        assert (look.state, look.note) == ("watching", "")
        assert {row.person_uid for row in DevicePress.objects.all()} == {cast.carer.uid}
        assert VisitScore.objects.get(visit_uid=uid).prints == []
        with clock.frozen(START + timedelta(days=400)):
            assert retention.purge_due()["device_traces"] > 0
        assert not DevicePress.objects.exists()
    with tenant(KITA):
        assert not DevicePress.objects.exists()


def test_the_town_s_detector_learns_from_what_was_decided(lived):
    with tenant(MIDORI):
        uids = list(VisitScore.objects.values_list("visit_uid", flat=True)[:14])
        VisitScore.objects.filter(visit_uid__in=uids).delete()
        assert services.detector_learn() is None
    signs = {"pair_visits": 0.9, "same_slot": 0.8}
    for n, uid in enumerate(uids):
        look_put(
            uid,
            score=2.4,
            signs=signs,
            state="cleared",
            holds_coins=False,
            by_lot=n > 11,
            decided_at=START,
        )
    with tenant(MIDORI):
        first = services.detector_learn()
        assert services.detector_learn() == first
        assert (first.number, first.decisions, first.looked, first.right) == (1, 14, 12, 0)
        assert (first.by_lot, first.by_lot_fakes) == (2, 0)
        assert fraud_watch.correction_of(first).change(signs) < -0.4
        VisitLook.objects.filter(visit_uid__in=uids[:8]).update(state="refused")
        second = services.detector_learn()
        assert (second.number, second.fakes, second.right) == (2, 8, 8)
        assert fraud_watch.correction_of(second).change(signs) > (
            fraud_watch.correction_of(first).change(signs)
        )
        assert selectors.learned().newest == second
