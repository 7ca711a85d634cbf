"""Checks at the counter: two members of staff, how long they count, reminders, withdrawal."""

from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import selectors, services, trust_expiry
from kyojo.civic.people.errors import (
    CheckWithdrawn,
    ChoiceUnknown,
    ItemsMissing,
    LookOver,
    LookWaits,
    OrderDiffers,
    OwnCheck,
    PaperEnded,
    RegisterChanged,
    SameStaff,
    TwoStaffNeeded,
    ValueMissing,
)
from kyojo.civic.people.matching import supporters_for_matching
from kyojo.civic.people.models import Act, CounterLook, Notice, TrustCheck, TrustClaim
from kyojo.civic.people.testing import (
    JUN,
    KEN,
    make_coordinator,
    make_officer,
    make_person,
    make_programme,
    make_supporter,
)
from kyojo.civic.people.trust import Level
from kyojo.civic.people.trust_selectors import checks_ending, claims_of, level, looks_waiting
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
SEEN = {"kind": "identity", "document": "driver", "items": ["name", "birth_date", "face"]}


@pytest.fixture
def town(towns):
    make_programme(towns.kita.id)
    with tenant(towns.kita.id):
        yield towns.kita


@pytest.fixture
def ken(town):
    return make_supporter(town.id, KEN, identity=False)


def look(person, by, **other) -> CounterLook:
    return services.check_look(**({"uid": new_id(), "person": person, "by": by} | SEEN | other))


def test_one_looks_and_another_confirms_within_a_week(town, ken):
    officer, second = make_officer(town.id), make_coordinator(town.id)
    uid = new_id()
    waits = look(ken, officer, uid=uid)
    assert look(ken, officer, uid=uid) == waits  # sent twice
    assert selectors.trust_checks_of(ken) == []  # one alone is not enough
    with pytest.raises(LookWaits):
        look(ken, second)
    with pytest.raises(OrderDiffers):
        look(make_supporter(town.id, JUN), officer, uid=uid)
    with pytest.raises(SameStaff):
        services.check_confirm(uid=uid, by=officer)
    assert looks_waiting() == [waits]
    check = services.check_confirm(uid=uid, by=second)
    assert services.check_confirm(uid=uid, by=second) == check
    assert (check.checked_by, check.confirmed_by) == (officer, second)
    assert (check.method, check.shown) == ("窓口で職員2人", "運転免許証")
    assert check.valid_until == clock.today().replace(year=clock.today().year + 10)
    assert looks_waiting() == [] and selectors.trust_checks_of(ken) == [check]
    assert Notice.objects.filter(person=ken, kind="trust_checked").count() == 1
    acts = Act.objects.filter(action="trust_check_record", subject_id=str(ken.uid))
    assert [one.actor for one in acts] == [second]
    with pytest.raises(LookOver):
        services.check_confirm(uid=uid, by=officer)
    with pytest.raises(LookOver):
        services.check_look_refuse(uid=uid, by=officer, reason="まちがい")


def test_neither_of_them_is_the_person_nor_a_stranger(towns, town, ken):
    officer, own = make_officer(town.id), make_coordinator(town.id)
    member = make_person(town.id, JUN, roles=["supporter"], login=False)
    type(member).objects.filter(pk=member.pk).update(user=own)
    member.refresh_from_db()
    waits = look(member, officer)
    for by, refused in (
        (own, OwnCheck),
        (ken.user, NotFound),
        (make_officer(towns.midori.id), NotFound),
    ):
        with pytest.raises(refused):
            look(member, by)
        with pytest.raises(refused):
            services.check_confirm(uid=waits.uid, by=by)
        with pytest.raises(refused):
            services.check_look_refuse(uid=waits.uid, by=by, reason="x")
    assert not TrustCheck.objects.filter(person=member).exists()
    with tenant(towns.midori.id), pytest.raises(NotFound):
        services.check_confirm(uid=waits.uid, by=make_officer(towns.midori.id))


def test_what_is_not_confirmed_in_time_or_changed_since_is_over(town, ken):
    officer, second = make_officer(town.id), make_coordinator(town.id)
    late = look(ken, officer)
    with clock.frozen(clock.now() + timedelta(days=8)):
        assert looks_waiting() == []
        with pytest.raises(LookOver, match="期限がすぎました"):
            services.check_confirm(uid=late.uid, by=second)
        fresh = look(ken, officer)  # makes room for another look
        late.refresh_from_db()
        assert late.state == CounterLook.State.LAPSED
        services.person_update(person=ken, birth_date=date(1961, 9, 8))
        with pytest.raises(RegisterChanged):
            services.check_confirm(uid=fresh.uid, by=second)
        refused = services.check_look_refuse(uid=fresh.uid, by=second, reason="生年月日がちがう")
        assert services.check_look_refuse(uid=fresh.uid, by=second, reason="x") == refused
        assert refused.reason == "生年月日がちがう"
    assert not TrustCheck.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "refused"),
    [
        ({"document": "completion"}, ChoiceUnknown),
        ({"kind": "good"}, ChoiceUnknown),
        ({"items": ["name"]}, ItemsMissing),
        ({"items": ["name", "birth_date", "number"]}, ChoiceUnknown),
        ({"valid_until": date(2020, 1, 1)}, PaperEnded),
    ],
)
def test_a_wrong_look_is_refused(town, ken, wrong, refused):
    with pytest.raises(refused):
        look(ken, make_officer(town.id), **wrong)
    assert not CounterLook.objects.exists()


def test_one_alone_checks_only_what_the_programme_lets_one_check(town, ken):
    officer = make_officer(town.id)
    given = {"person": ken, "label": "", "method": "窓口", "by": officer}
    with pytest.raises(TwoStaffNeeded):
        services.trust_check_record(kind="identity", **given)
    check = services.trust_check_record(
        kind="licence",
        issuer="公安委員会",
        valid_until=date(2099, 1, 1),
        **(given | {"label": "普通自動車免許"}),
    )
    assert (check.issuer, check.valid_until) == ("公安委員会", date(2099, 1, 1))
    # A check for one day never shortens one that counts longer.
    day = clock.today() + timedelta(days=3)
    once = services.identity_seen_once(person=ken, day=day, method="窓口", by=officer)
    assert once.valid_until == day
    long = services.trust_check_record(kind="identity", **(given | {"by": None}))
    assert services.identity_seen_once(person=ken, day=day, method="窓口", by=officer) == long
    long.refresh_from_db()
    assert long.valid_until is not None and long.valid_until > day


def test_what_ends_is_told_in_time_and_counts_no_more(town, ken):
    make_supporter(town.id, JUN)  # for ten years
    until = clock.today() + timedelta(days=70)
    services.trust_check_record(
        person=ken, kind="identity", label="", method="窓口", by=None, valid_until=until
    )

    def told_on(days_before: int) -> list[str]:
        with clock.frozen(clock.at(until - timedelta(days=days_before), 9)):
            for _ in range(2):  # a job that runs twice tells once
                trust_expiry.checks_end_tell(municipality_id=town.id)
            return list(
                Notice.objects.filter(kind="trust_ends")
                .order_by("pk")
                .values_list("key", flat=True)
            )

    assert told_on(61) == []
    assert [len(told_on(days)) for days in (60, 30, 14, 0, -1, -20)] == [1, 1, 2, 2, 3, 3]
    with clock.frozen(clock.at(until - timedelta(days=14), 9)):
        assert [one.person for one in checks_ending(within_days=60)] == [ken]
    with clock.frozen(clock.at(until, 23)):
        assert len(selectors.trust_checks_of(ken)) == 1
        rows = {row.uid: row for row in supporters_for_matching()}
        assert rows[ken.uid].trust_checks[0].until == until
    with clock.frozen(clock.at(until + timedelta(days=1), 0)):
        assert selectors.trust_checks_of(ken) == [] and not checks_ending(within_days=60)
        rows = {row.uid: row for row in supporters_for_matching()}
        assert rows[ken.uid].trust == set()


def test_a_check_is_withdrawn_with_a_reason_and_may_be_made_again(town, ken):
    officer = make_officer(town.id)
    given = {"person": ken, "kind": "background", "label": "", "method": "窓口", "by": officer}
    check = services.trust_check_record(**given)
    with pytest.raises(ValueMissing):
        services.trust_check_withdraw(check_id=check.pk, by=officer, reason=" ")
    with pytest.raises(NotFound):
        services.trust_check_withdraw(check_id=check.pk, by=ken.user, reason="x")
    services.trust_check_withdraw(check_id=check.pk, by=officer, reason="書類がちがいました")
    with pytest.raises(CheckWithdrawn):
        services.trust_check_withdraw(check_id=check.pk, by=officer, reason="x")
    assert selectors.trust_checks_of(ken) == []
    assert "書類がちがいました" in Notice.objects.get(kind="trust_withdrawn").body
    again = services.trust_check_record(**given)
    assert again.pk == check.pk and again.withdrawn_reason == ""
    assert selectors.trust_checks_of(ken) == [again]


def test_what_people_say_of_themselves_counts_nowhere_until_it_is_checked(town, ken):
    for issuer in ("", "保育士会"):  # written anew
        claim = services.trust_claim_set(person=ken, kind="licence", label="保育士", issuer=issuer)
    assert claims_of(ken) == [claim] and claim.issuer == "保育士会"
    with pytest.raises(ChoiceUnknown):
        services.trust_claim_set(person=ken, kind="identity", label="わたし")
    assert selectors.trust_checks_of(ken) == []
    assert level(ken) is Level.REGISTERED
    jun = make_supporter(town.id, JUN)
    with pytest.raises(NotFound):
        services.trust_claim_remove(person=jun, claim_id=claim.pk)
    services.trust_check_record(
        person=ken, kind="licence", label="保育士", method="窓口", by=make_officer(town.id)
    )
    assert not TrustClaim.objects.exists()
    assert level(jun) is Level.IDENTITY
