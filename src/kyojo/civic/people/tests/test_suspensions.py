"""Suspending a member: who may, for how long, what they read, and how they come back."""

from datetime import UTC, datetime, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins, expiry
from kyojo.civic.people.errors import (
    AppealMade,
    AppealOther,
    Suspended,
    SuspensionOver,
    SuspensionOwn,
    SuspensionSecond,
    SuspensionStands,
    SuspensionUntilWrong,
    ValueMissing,
)
from kyojo.civic.people.models import Act, Notice, Person, Suspension
from kyojo.civic.people.selectors import supporters_count, supporters_for_matching
from kyojo.civic.people.services import (
    suspension_answer,
    suspension_appeal,
    suspension_begin,
    suspension_confirm,
    suspension_lift,
    suspensions_end_due,
)
from kyojo.civic.people.suspensions import (
    answer_of,
    is_suspended,
    reason_of,
    suspended_refuse,
    suspension_of,
)
from kyojo.civic.people.testing import (
    coins_give,
    make_carer,
    make_coordinator,
    make_officer,
    make_supporter,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

NOW = datetime(2026, 11, 20, 1, tzinfo=UTC)
MONTH = timedelta(days=30)
REASON = "お約束を守られないことが続きました。"


@pytest.fixture
def town(db, towns):
    with clock.frozen(NOW), tenant(towns.kita.id):
        yield towns.kita.id


def begin(person: Person, by, **more) -> Suspension:
    given = {"uid": new_id(), "reason": REASON, "until": clock.now() + MONTH} | more
    return suspension_begin(person=person, by=by, **given)


def test_an_officer_stops_somebody_until_a_day(town):
    ken, officer = make_supporter(town), make_officer(town)
    uid = new_id()
    made = begin(ken, officer, uid=uid)
    assert begin(ken, officer, uid=uid) == made and made.state == "standing"
    assert suspension_of(ken) == made and reason_of(made) == REASON
    assert REASON.encode() not in bytes(made.reason_sealed)
    assert supporters_count() == 0 and supporters_for_matching() == []
    with pytest.raises(Suspended):
        suspended_refuse(ken)
    with pytest.raises(SuspensionStands):
        begin(ken, officer)
    told = Notice.objects.get(person=ken, kind="suspension")
    assert told.path == "/me/suspension/" and REASON not in told.title + told.body
    assert Act.objects.filter(action="suspension_begun", subject_id=str(ken.uid)).count() == 1
    with clock.frozen(NOW + MONTH):
        assert suspension_of(ken) is None and supporters_count() == 1
        assert suspensions_end_due(municipality_id=town) == 1
        assert suspensions_end_due(municipality_id=town) == 0
        made.refresh_from_db()
        assert (made.state, made.lapsed_coins) == ("over", 0)
        assert begin(ken, officer).state == "standing"


def test_what_a_coordinator_stops_lapses_after_72_hours_unless_confirmed(town):
    ken, coordinator, officer = make_supporter(town), make_coordinator(town), make_officer(town)
    made = begin(ken, coordinator)
    assert (made.state, made.until) == ("provisional", NOW + timedelta(hours=72))
    with pytest.raises(NotFound):
        suspension_confirm(uid=made.uid, by=coordinator, until=NOW + MONTH)
    assert suspension_confirm(uid=made.uid, by=officer, until=NOW + MONTH).state == "standing"
    with pytest.raises(NotFound):
        suspension_lift(uid=made.uid, by=coordinator)
    assert suspension_lift(uid=made.uid, by=officer).state == "lifted"
    assert suspension_lift(uid=made.uid, by=officer).state == "lifted"
    second = begin(ken, coordinator)
    with clock.frozen(NOW + timedelta(hours=72)):
        with pytest.raises(SuspensionOver):
            suspension_confirm(uid=second.uid, by=officer, until=NOW + MONTH)
        assert suspensions_end_due(municipality_id=town) == 1
        assert not is_suspended(town, ken.uid)


def test_whoever_began_it_provisionally_does_not_confirm_it(town):
    from kyojo.civic.people.models import StaffRole
    from kyojo.civic.people.services import staff_role_add

    ken, both = make_supporter(town), make_coordinator(town)
    made = begin(ken, both)
    staff_role_add(
        user=both,
        number=f"S-{both.pk}",
        role=StaffRole.Role.OFFICER,
        title="福祉課",
        name="若草 みち",
        name_kana="わかくさ みち",
    )
    with pytest.raises(SuspensionSecond):
        suspension_confirm(uid=made.uid, by=both, until=NOW + MONTH)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"until": None}, SuspensionUntilWrong),
        ({"until": NOW}, SuspensionUntilWrong),
        ({"until": NOW + timedelta(days=400)}, SuspensionUntilWrong),
        ({"reason": "  "}, ValueMissing),
    ],
)
def test_what_is_refused_changes_nothing(town, changes, refusal):
    ken = make_supporter(town)
    with pytest.raises(refusal):
        begin(ken, make_officer(town), **changes)
    assert Suspension.objects.count() == 0 and suspension_of(ken) is None


def test_who_is_no_decider_or_decides_about_themselves(town, towns):
    ken, officer = make_supporter(town), make_officer(town)
    for outsider in (ken.user, make_officer(towns.midori.id)):
        with pytest.raises(NotFound):
            begin(ken, outsider)
    Person.objects.filter(pk=ken.pk).update(user=officer)
    ken.refresh_from_db()
    with pytest.raises(SuspensionOwn):
        begin(ken, officer)
    assert Suspension.objects.count() == 0


def test_an_objection_is_answered_by_another_officer(town):
    ken, officer = make_supporter(town), make_officer(town)
    made = begin(ken, officer)
    suspension_appeal(person=ken, words="連絡はしていました。")
    with pytest.raises(AppealMade):
        suspension_appeal(person=ken, words="もう一度")
    unanswered = Suspension.objects.filter(appealed_at__isnull=False, answered_at=None)
    assert list(unanswered) == [made]
    with pytest.raises(AppealOther):
        suspension_answer(uid=made.uid, by=officer, words="いいえ", lifts=False)
    other = make_officer(town, "other")
    answered = suspension_answer(uid=made.uid, by=other, words="確かめました。", lifts=True)
    assert answered.state == "lifted" and answer_of(answered) == "確かめました。"
    assert not unanswered.all() and suspension_of(ken) is None
    with pytest.raises(SuspensionOver):
        suspension_appeal(person=ken, words="ありがとう")


def test_coins_that_ended_meanwhile_are_given_again(town):
    march = datetime(2027, 3, 1, 1, tzinfo=UTC)
    carer, officer = make_carer(town), make_officer(town)
    coins_give(carer, 30, vintage=2026)
    coins_give(carer, 50)
    with clock.frozen(march):
        made = begin(carer, officer, until=march + timedelta(days=60))
        with pytest.raises(Suspended):
            coins.coins_hold(
                order_id=new_id(),
                payer_municipality_id=town,
                payer_person_id=carer.pk,
                payee_municipality_id=town,
                payee_person_id=make_supporter(town).pk,
                amount=10,
                reference=new_id(),
            )
        assert coins.purse(carer).available == 80
    april = march + timedelta(days=40)
    with clock.frozen(april):
        assert coins.purse(carer).available == 50
        lifted = suspension_lift(uid=made.uid, by=officer)
        assert lifted.lapsed_coins is None  # the year's sweep has not come yet
    expiry.coins_lapse(municipality_id=town)
    with clock.frozen(april):
        expiry.coins_lapse(municipality_id=town)
        suspensions_end_due(municipality_id=town)
        suspensions_end_due(municipality_id=town)
        lifted.refresh_from_db()
        assert lifted.lapsed_coins == 30
        assert coins.purse(carer).available == 80
