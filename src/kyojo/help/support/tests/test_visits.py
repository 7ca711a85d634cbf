"""The day and the end of a visit, through the services. Each denial proves that nothing moved."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people.errors import CoinsGone
from kyojo.civic.people.models import Act, Notice
from kyojo.help.matching.models import SupporterTally
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import selectors, services
from kyojo.help.support.errors import (
    BasisMissing,
    CodeLocked,
    CodeWrong,
    ConsentAlready,
    ConsentMissing,
    FarFromPlace,
    PositionUnreadable,
    ProofMissing,
    StepNotAllowed,
    TimeOver,
    TooEarly,
)
from kyojo.help.support.evidence import Position
from kyojo.help.support.models import (
    Evidence,
    PurgeLog,
    Receipt,
    RefusedStep,
    Visit,
    VisitStep,
)
from kyojo.help.support.receipts import receipt_by_code
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id, new_id

from .cast import (
    AT_HOUSE,
    COINS,
    END,
    FAR_AWAY,
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    purses,
    spoken_code,
    state_of,
    visit_make,
)

pytestmark = pytest.mark.django_db


def confirm(cast, uid, at=END):
    with clock.frozen(at), tenant(KITA):
        return services.visit_confirm(visit_uid=uid, carer=cast.carer)


def ended(cast, **proof):
    uid = visit_make(cast)
    check_in(cast, uid, **proof)
    check_out(cast, uid)
    return uid


def refusals(uid):
    codes = []
    for code in (KITA, MIDORI):
        with tenant(code):
            codes += RefusedStep.objects.filter(visit_uid=uid).values_list("code", flat=True)
    return codes


def resolve(cast, uid, resolution="pay", words="お話をうかがいました。", paid_coins=None, by=None):
    """The office rules, and nobody objects in their days."""
    with clock.frozen(END + timedelta(days=1)), tenant(MIDORI):
        visit = services.dispute_resolve(
            visit_uid=uid,
            by=by or cast.officer,
            resolution=resolution,
            words=words,
            paid_coins=paid_coins,
        )
    with clock.frozen(END + timedelta(days=9)):
        services.rulings_carry_out()
    with tenant(MIDORI):
        return Visit.objects.get(uid=visit.uid)


# --- the whole way --------------------------------------------------------------------------------
def test_from_the_door_to_the_purse(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    assert state_of(uid) == "started"
    check_out(cast, uid)
    assert state_of(uid) == "ended"
    assert purses(cast) == (COINS - 40, 40, 0)
    visit = confirm(cast, uid)
    assert state_of(uid) == "settled"
    assert purses(cast) == (COINS - 40, 0, 40)
    assert visit.settled_coins == 40 and visit.confirmed_by == "carer"
    with tenant(KITA):
        assert HelpRequest.objects.get(uid=visit.request_uid).state == "done"
        steps = list(VisitStep.objects.filter(visit_uid=uid).values_list("after", "actor_role"))
        kinds = set(Notice.objects.filter(person=cast.carer).values_list("kind", flat=True))
    assert steps == [
        ("scheduled", "supporter"),
        ("scheduled", "recipient"),
        ("started", "supporter"),
        ("ended", "supporter"),
        ("confirmed", "carer"),
        ("settled", "system"),
    ]
    assert {"visit_started", "visit_ended", "visit_consent_given"} <= kinds
    with tenant(MIDORI):
        tally = SupporterTally.objects.get(person=cast.supporter, category="garden")
        assert (tally.visits_count, tally.minutes) == (1, 120)
    shown = receipt_by_code(visit.receipt_code.lower().replace("-", " "))
    assert (shown.coins, shown.giver_town, shown.taker_town) == (40, "北ひなた市", "みどり浜市")

    again = confirm(cast, uid)
    assert again.receipt_code == visit.receipt_code
    assert purses(cast) == (COINS - 40, 0, 40)
    assert Receipt.objects.count() == 1


def test_the_carer_waits_for_noon_and_two_days(cast):
    uid = ended(cast)
    with tenant(KITA):
        until = clock.local(Visit.objects.get(uid=uid).confirm_until)
    assert (until.month, until.day, until.hour) == (11, 30, 12)


# --- the yes of the house -------------------------------------------------------------------------
def test_nobody_begins_before_the_house_said_yes(cast):
    uid = visit_make(cast, with_yes=False)
    with pytest.raises(ConsentMissing):
        check_in(cast, uid)
    assert state_of(uid) == "scheduled"
    assert refusals(uid) == ["consent_missing"]
    with tenant(MIDORI):
        assert not Evidence.objects.exists()
        with pytest.raises(BasisMissing):
            services.consent_give(visit_uid=uid, by=cast.officer, basis="")
        services.consent_give(visit_uid=uid, by=cast.officer, basis="phone")
        act = Act.objects.get(action="consent_given")
        assert (act.actor_id, act.basis) == (cast.officer.pk, "phone")
    check_in(cast, uid)


def test_a_no_of_the_house_cancels_and_returns(cast):
    uid = visit_make(cast, with_yes=False)
    with tenant(MIDORI):
        services.consent_decline(visit_uid=uid, by=cast.mother)
        services.consent_decline(visit_uid=uid, by=cast.mother)
        with pytest.raises(ConsentAlready):
            services.consent_give(visit_uid=uid, by=cast.mother)
        assert Notice.objects.filter(person=cast.supporter, kind="visit_consent_declined").exists()
    assert state_of(uid) == "cancelled"
    assert purses(cast) == (COINS, 0, 0)


@pytest.mark.parametrize("who", ["carer", "supporter", "stranger"])
def test_nobody_else_says_yes_for_the_house(cast, who):
    uid = visit_make(cast, with_yes=False)
    person = getattr(cast, who)
    with tenant(person.municipality_id), pytest.raises(NotFound):
        services.consent_give(visit_uid=uid, by=person)
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).consent == "asked"


# --- on the day -----------------------------------------------------------------------------------
def test_from_a_quarter_of_an_hour_before(cast):
    uid = visit_make(cast)
    with pytest.raises(TooEarly) as refused:
        check_in(cast, uid, at=START - timedelta(minutes=30))
    assert refused.value.message() == (
        "始められるのは9時45分からです。いまは9時30分です。着いたら、もう一度押してください。"
    )
    assert state_of(uid) == "scheduled"
    check_in(cast, uid, at=START - timedelta(minutes=15))
    check_in(cast, uid, at=START)  # pressed twice
    assert state_of(uid) == "started"
    with tenant(MIDORI):
        assert Evidence.objects.filter(visit_uid=uid).count() == 1


def test_not_after_the_booked_time(cast):
    uid = visit_make(cast)
    with pytest.raises(TimeOver):
        check_in(cast, uid, at=END + timedelta(minutes=16))
    assert state_of(uid) == "scheduled"


def test_a_press_without_a_position_asks_for_the_code(cast):
    uid = visit_make(cast)
    with pytest.raises(ProofMissing):
        check_in(cast, uid, code="", position=None)
    for broken in (float("nan"), 91.0):
        with pytest.raises(PositionUnreadable):
            check_in(cast, uid, position=Position(broken, 138.0, 10))
    assert state_of(uid) == "scheduled"
    check_in(cast, uid, code=spoken_code(uid))
    assert state_of(uid) == "started"


def test_three_wrong_codes_hand_over_to_the_centre(cast):
    uid = visit_make(cast)
    right = spoken_code(uid)
    wrong = f"{(int(right) + 1) % 10_000:04d}"
    for refusal in (CodeWrong, CodeWrong, CodeLocked):
        with pytest.raises(refusal):
            check_in(cast, uid, code=wrong)
    with pytest.raises(CodeLocked) as refused:
        check_in(cast, uid, code=right)
    assert "0120-000-027" in refused.value.message()
    assert state_of(uid) == "scheduled"
    assert refusals(uid) == ["code_wrong", "code_wrong", "code_locked", "code_locked"]
    with clock.frozen(START), tenant(MIDORI):
        assert [v.uid for v in selectors.codes_locked(tries_max=3)] == [uid]
        services.visit_check_by_office(
            visit_uid=uid, by=cast.officer, nonce=new_id(), moment="start", basis="phone"
        )
    check_out(cast, uid)
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).decision == "settle"


def test_the_code_is_never_where_only_the_supporter_looks(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        assert selectors.visit_for(cast.supporter, uid).spoken_code == ""
        assert selectors.visit_for(cast.mother, uid).spoken_code == spoken_code(uid)
    with tenant(KITA):
        assert selectors.visit_for(cast.carer, uid).spoken_code == spoken_code(uid)


def test_a_page_may_ask_before_a_far_position_counts(cast):
    uid = visit_make(cast)
    with pytest.raises(FarFromPlace):
        check_in(cast, uid, position=FAR_AWAY, far_is_meant=False)
    assert state_of(uid) == "scheduled"
    with tenant(MIDORI):
        assert not Evidence.objects.exists()


def test_positions_are_sealed_and_kept_only_inside_the_window(cast):
    uid = visit_make(cast)

    def send(at, nonce=None):
        with clock.frozen(at), tenant(MIDORI):
            return services.visit_position(
                visit_uid=uid,
                supporter=cast.supporter,
                nonce=nonce or new_id(),
                position=AT_HOUSE,
            )

    assert not send(START - timedelta(minutes=16))
    nonce = new_id()
    assert send(START - timedelta(minutes=5), nonce)
    assert send(START - timedelta(minutes=5), nonce)
    check_in(cast, uid)
    assert send(START + timedelta(minutes=30))
    check_out(cast, uid)
    assert not send(END)
    with tenant(MIDORI):
        sealed = [bytes(e.position_encrypted) for e in Evidence.objects.filter(visit_uid=uid)]
    assert len(sealed) == 4
    assert all(b"34.86" not in one and b"138.32" not in one for one in sealed)
    with tenant(KITA):
        assert not Evidence.objects.exists()
        seen = selectors.visit_for(cast.carer, uid).seen
    assert [one.moment for one in seen] == ["heading", "start", "during", "end"]
    assert all(one.is_near and round(one.latitude, 4) == 34.8601 for one in seen)


def test_positions_go_after_thirty_days_and_the_going_is_logged(cast):
    uid = ended(cast)
    with clock.frozen(END + timedelta(days=29)):
        assert services.positions_purge() == 0
    with clock.frozen(END + timedelta(days=30)):
        assert services.positions_purge() == 2
        assert services.positions_purge() == 0
        with tenant(MIDORI):
            assert PurgeLog.objects.get().erased_count == 2
            assert not Evidence.objects.filter(position_encrypted__isnull=False).exists()
            assert set(Evidence.objects.values_list("distance_m", flat=True)) != {None}
        with tenant(KITA):
            assert all(s.latitude is None for s in selectors.visit_for(cast.carer, uid).seen)


# --- confirmation ---------------------------------------------------------------------------------
def test_silence_settles_strong_evidence_only_after_its_time(cast):
    uid = ended(cast)
    with clock.frozen(clock.at(END.date(), 12) + timedelta(days=1)):
        assert services.visits_auto_confirm() == {"settled": 0, "office": 0}
    with clock.frozen(END + timedelta(days=3)):
        assert services.visits_auto_confirm() == {"settled": 1, "office": 0}
        assert services.visits_auto_confirm() == {"settled": 0, "office": 0}
    assert state_of(uid) == "settled"
    assert purses(cast) == (COINS - 40, 0, 40)
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).confirmed_by == "automatic"


def test_silence_on_weak_evidence_goes_to_the_office(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid, position=None)
    with clock.frozen(END + timedelta(days=3)):
        assert services.visits_auto_confirm() == {"settled": 0, "office": 1}
    assert state_of(uid) == "disputed"
    assert purses(cast) == (COINS - 40, 40, 0)
    with tenant(MIDORI):
        assert [v.uid for _, v in selectors.disputes_open()] == [uid]


def test_a_check_in_far_away_never_settles_unaided(cast):
    silent = ended(cast, position=FAR_AWAY)
    with clock.frozen(END + timedelta(days=3)):
        assert services.visits_auto_confirm() == {"settled": 0, "office": 1}
    assert state_of(silent) == "disputed"
    assert purses(cast) == (COINS - 40, 40, 0)
    resolve(cast, silent)
    assert purses(cast) == (COINS - 40, 0, 40)


def test_nor_does_it_when_the_carer_says_yes(cast):
    uid = ended(cast, position=FAR_AWAY)
    confirm(cast, uid)
    assert state_of(uid) == "disputed"
    assert purses(cast) == (COINS - 40, 40, 0)
    confirm(cast, uid)
    assert state_of(uid) == "disputed"


def test_half_an_hour_of_two_asks_the_carer_who_may_say_yes(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid, at=START + timedelta(minutes=30))
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).decision == "ask"
    confirm(cast, uid)
    assert purses(cast) == (COINS - 40, 0, 40)


def test_staying_longer_never_costs_more(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid, at=END + timedelta(hours=3))
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).decision == "ask"
    confirm(cast, uid, at=END + timedelta(hours=3))
    assert purses(cast) == (COINS - 40, 0, 40)


@pytest.mark.parametrize("begun", [False, True])
def test_a_forgotten_visit_is_the_offices_a_day_later(cast, begun):
    uid = visit_make(cast)
    if begun:
        check_in(cast, uid)
    with clock.frozen(END + timedelta(hours=23)):
        assert services.visits_auto_confirm()["office"] == 0
    with clock.frozen(END + timedelta(hours=24)):
        assert services.visits_auto_confirm()["office"] == 1
    assert state_of(uid) == "disputed"
    resolve(cast, uid, "return")
    assert purses(cast) == (COINS, 0, 0)


# --- outsiders ------------------------------------------------------------------------------------
def test_outsiders_find_nothing_and_leave_nothing(cast):
    uid = visit_make(cast)
    outsiders = [(KITA, cast.stranger), (MIDORI, cast.second)]
    for code, person in outsiders:
        with clock.frozen(START), tenant(code):
            for call in (
                lambda p=person: selectors.visit_for(p, uid),
                lambda p=person: services.visit_confirm(visit_uid=uid, carer=p),
                lambda p=person: services.visit_cancel(visit_uid=uid, actor=p),
                lambda p=person: services.visit_dispute(visit_uid=uid, by=p, words="x"),
                lambda p=person: services.visit_no_show(visit_uid=uid, by=p, who="supporter"),
                lambda p=person: services.visit_check_in(
                    visit_uid=uid, supporter=p, nonce=new_id(), position=AT_HOUSE
                ),
                lambda p=person: services.visit_position(
                    visit_uid=uid, supporter=p, nonce=new_id(), position=AT_HOUSE
                ),
                lambda p=person: services.consent_decline(visit_uid=uid, by=p),
            ):
                with pytest.raises(NotFound):
                    call()
    assert state_of(uid) == "scheduled"
    assert refusals(uid) == []
    assert purses(cast) == (COINS - 40, 40, 0)


# --- the books ------------------------------------------------------------------------------------
def test_history_cannot_be_changed(cast):
    from django.db import DatabaseError, transaction

    uid = visit_make(cast)
    with tenant(MIDORI):
        for rows in (VisitStep.objects.filter(visit_uid=uid),):
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.update(after="settled")
            with pytest.raises(DatabaseError), transaction.atomic():
                rows.delete()
        assert set(VisitStep.objects.values_list("after", flat=True)) == {"scheduled"}


def test_coins_earned_are_spendable_by_nobody_twice(cast):
    uid = ended(cast)
    confirm(cast, uid)
    assert coins.purse(cast.supporter).available == 40
    with tenant(KITA):
        with pytest.raises(StepNotAllowed):
            services.visit_cancel(visit_uid=uid, actor=cast.carer)
        with pytest.raises(StepNotAllowed):
            services.visit_dispute(visit_uid=uid, by=cast.carer, words="やっぱり")
    assert purses(cast) == (COINS - 40, 0, 40)


def test_one_visit_in_trouble_does_not_hold_up_the_others(cast, monkeypatch):
    uid = ended(cast)
    stuck = visit_make(cast, starts_at=START + timedelta(hours=3))
    later = START + timedelta(hours=3)
    check_in(cast, stuck, at=later)
    check_out(cast, stuck, at=later + timedelta(hours=2))
    settle = coins.coins_settle

    def refuse_one(**call):
        if call["order_id"] == derived_id(stuck, "settle"):
            raise CoinsGone()
        return settle(**call)

    monkeypatch.setattr(coins, "coins_settle", refuse_one)
    with clock.frozen(END + timedelta(days=3)):
        assert services.visits_auto_confirm() == {"settled": 1, "office": 0}
    assert (state_of(uid), state_of(stuck)) == ("settled", "ended")
    with tenant(KITA):
        assert list(RefusedStep.objects.values_list("visit_uid", "code")) == [(stuck, "coins_gone")]


def test_the_office_that_heard_the_carer_needs_no_second_look(cast):
    uid = visit_make(cast)
    with clock.frozen(START), tenant(MIDORI):
        services.visit_position(
            visit_uid=uid, supporter=cast.supporter, nonce=new_id(), position=AT_HOUSE
        )
    with clock.frozen(START + timedelta(minutes=15)), tenant(KITA):
        services.visit_no_show(visit_uid=uid, by=cast.kita_officer, who="supporter")
    with clock.frozen(START + timedelta(days=7, hours=13)):  # the last of the seven days
        assert services.rulings_carry_out() == 0
    assert (state_of(uid), purses(cast)) == ("disputed", (COINS - 40, 40, 0))
    with clock.frozen(START + timedelta(days=7, hours=14)):
        assert services.rulings_carry_out() == 1
    assert state_of(uid) == "no_show"
    assert purses(cast) == (COINS, 0, 0)


def test_a_code_that_came_from_far_away_is_not_settled_by_silence(cast):
    """A code can be told by telephone: what the phone said beside it is not forgotten."""
    uid = visit_make(cast)
    check_in(cast, uid, code=spoken_code(uid), position=FAR_AWAY)
    check_out(cast, uid)
    with tenant(MIDORI):
        kinds = Evidence.objects.filter(visit_uid=uid, moment="start").values_list(
            "kind", flat=True
        )
        assert sorted(kinds) == ["position", "spoken_code"]
        visit = Visit.objects.get(uid=uid)
        assert visit.decision == "ask"
        assert any("はなれて" in reason["text"] for reason in visit.decision_reasons)
    with clock.frozen(END + timedelta(days=4)):
        assert services.visits_auto_confirm() == {"settled": 0, "office": 1}
    assert (state_of(uid), purses(cast)) == ("disputed", (COINS - 40, 40, 0))


@pytest.mark.parametrize(
    "position", [AT_HOUSE, Position(float("nan"), 138.0, 10), Position(34.86, 138.32, -1)]
)
def test_a_code_counts_with_a_position_nearby_or_unreadable(cast, position):
    uid = visit_make(cast)
    check_in(cast, uid, code=spoken_code(uid), position=position)
    check_out(cast, uid)
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).decision == "settle"
