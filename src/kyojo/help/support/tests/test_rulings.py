"""What the office rules about held coins waits for whoever loses by it, and for another officer."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people import tasks as lapse
from kyojo.civic.people.models import Act, Notice, StaffRole
from kyojo.civic.people.services import (
    appeal_officer_add,
    appeal_officer_end,
    staff_role_add,
    user_create,
)
from kyojo.civic.programmes.document import parse
from kyojo.civic.programmes.selectors import preset, programme_current
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support import selectors, services
from kyojo.help.support.errors import (
    AppealAgreed,
    AppealAlready,
    AppealOver,
    BasisMissing,
    DeciderOfRuler,
    OwnRuling,
    OwnRulingAnswer,
    RulingNotYours,
    RulingWaits,
    StepNotAllowed,
    WordsMissing,
)
from kyojo.help.support.list_selectors import visits_of
from kyojo.help.support.models import Dispute, RefusedStep, Ruling, Visit, VisitStep
from kyojo.help.support.services import rulings
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .cast import (
    COINS,
    END,
    FAR_AWAY,
    KITA,
    MIDORI,
    START,
    as_door,
    check_in,
    check_out,
    purses,
    state_of,
    visit_make,
)

pytestmark = pytest.mark.django_db
RULED_AT = END + timedelta(days=1)  # 29 November, noon
LAST_DAY = date(2026, 12, 6)
HELD = (COINS - 40, 40, 0)


@pytest.fixture
def other(towns):
    """A second officer and a coordinator of the place's town."""
    with tenant(MIDORI):
        made = {}
        for role, name in (("officer", "夜長 みお"), ("coordinator", "朝顔 りく")):
            made[role] = user_create(email=f"{role}@midori.example.jp")
            staff_role_add(
                user=made[role],
                number=f"S-{made[role].pk}",
                role=role,
                title="係",
                name=name,
                name_kana="ヨナガ ミオ",
            )
    return made


@pytest.fixture
def disputed(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END), tenant(KITA):
        services.visit_dispute(visit_uid=uid, by=cast.carer, words="1時間で帰りました。")
    return uid


def rule(cast, uid, resolution, part=None, *, at=RULED_AT, by=None, words="お話をうかがいました。"):
    with clock.frozen(at):
        return as_door(
            MIDORI,
            lambda: services.dispute_resolve(
                visit_uid=uid,
                by=by or cast.officer,
                resolution=resolution,
                paid_coins=part,
                words=words,
            ),
        )


def says(cast, who, uid, *, words=None, at=RULED_AT + timedelta(hours=2)):
    """「わかりました」, or an objection in ``words``."""
    person = getattr(cast, who)
    with clock.frozen(at):
        if words is None:
            call = lambda: services.ruling_accept(visit_uid=uid, by=person)  # noqa: E731
        else:
            call = lambda: services.ruling_appeal(visit_uid=uid, by=person, words=words)  # noqa: E731
        return as_door(person.municipality_id, call)


def again(uid, by, resolution, part=None, *, town=MIDORI, at=RULED_AT + timedelta(days=1)):
    with clock.frozen(at):
        return as_door(
            town,
            lambda: services.appeal_decide(
                visit_uid=uid, by=by, resolution=resolution, paid_coins=part, words="あらためて。"
            ),
        )


def news(person, kind):
    with tenant(person.municipality_id):
        return [one.title + one.body for one in Notice.objects.filter(person=person, kind=kind)]


def carried_out(at):
    with clock.frozen(at):
        return services.rulings_carry_out()


# --- waiting --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("resolution", "part", "asked", "after"),
    [
        ("pay", None, ("carer",), (COINS - 40, 0, 40)),
        ("pay_part", 15, ("carer", "supporter"), (COINS - 15, 0, 15)),
        ("return", None, ("supporter",), (COINS, 0, 0)),
    ],
)
def test_coins_wait_until_whoever_loses_by_it_agreed(
    cast, disputed, resolution, part, asked, after
):
    rule(cast, disputed, resolution, part)
    rule(cast, disputed, resolution, part)
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
    for who in ("carer", "supporter"):
        [told] = news(getattr(cast, who), "visit_ruled")
        assert "お話をうかがいました。" in told and "12月6日（日）まで" in told
        assert ("「わかりました」を押して" in told) == (who in asked)
    for who in {"carer", "supporter"} - set(asked):
        with pytest.raises(RulingNotYours):
            says(cast, who, disputed)
    for who in asked:
        assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
        says(cast, who, disputed)
        says(cast, who, disputed)
    assert (state_of(disputed), purses(cast)) == ("resolved", after)
    with tenant(MIDORI):
        [ruling] = selectors.rulings_of(disputed)
        assert (ruling.outcome, Dispute.objects.get().resolution) == ("agreed", resolution)
        assert Act.objects.filter(action="dispute_resolve").count() == 1
    assert len(news(cast.carer, "visit_resolved")) == 1
    assert carried_out(RULED_AT + timedelta(days=30)) == 0
    assert purses(cast) == after


def test_silence_lets_it_stand_on_the_day_after_the_last_one(cast, disputed):
    rule(cast, disputed, "return")
    with tenant(MIDORI):
        view = selectors.visit_for(cast.supporter, disputed)
        assert (view.asks_my_word, view.appeal_last_day) == (True, LAST_DAY)
        assert selectors.disputes_open() == []
        rows = {row.uid: row.to_do for row in visits_of(cast.supporter)}
        assert rows[disputed] == "ruling"
    assert carried_out(clock.at(LAST_DAY, 23, 59)) == 0
    assert purses(cast) == HELD
    assert carried_out(clock.at(LAST_DAY + timedelta(days=1), 0)) == 1
    assert (state_of(disputed), purses(cast)) == ("resolved", (COINS, 0, 0))
    with tenant(KITA):
        assert HelpRequest.objects.get().state == "done"
    with pytest.raises(StepNotAllowed):
        says(cast, "supporter", disputed, words="待ってください")


def test_full_pay_after_the_carers_yes_loses_for_nobody(cast):
    uid = visit_make(cast)
    check_in(cast, uid, position=FAR_AWAY)
    check_out(cast, uid)
    with clock.frozen(END), tenant(KITA):
        services.visit_confirm(visit_uid=uid, carer=cast.carer)
    assert state_of(uid) == "disputed"
    rule(cast, uid, "pay")
    assert (state_of(uid), purses(cast)) == ("resolved", (COINS - 40, 0, 40))
    assert news(cast.supporter, "visit_ruled") == []


def test_a_programme_without_days_carries_it_out_at_once(cast, disputed, monkeypatch):
    document = preset().replace("appeal_days = 7", "appeal_days = 0")
    with tenant(MIDORI):
        rules = replace(programme_current()[1], evidence=parse(document).evidence)
    monkeypatch.setattr(rulings, "place_rules", lambda visit: rules)
    rule(cast, disputed, "return")
    assert (state_of(disputed), purses(cast)) == ("resolved", (COINS, 0, 0))


def test_another_ruling_has_to_wait_for_the_first(cast, disputed):
    rule(cast, disputed, "pay_part", 15)
    with pytest.raises(RulingWaits):
        rule(cast, disputed, "pay_part", 20)
    with tenant(MIDORI):
        assert RefusedStep.objects.get().code == "ruling_waits"
        assert Ruling.objects.get().paid_coins == 15


# --- objecting ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("resolution", "part", "after"),
    [
        ("return", None, (COINS, 0, 0)),  # upheld
        ("pay_part", 30, (COINS - 30, 0, 30)),
        ("pay", None, (COINS - 40, 0, 40)),
    ],
)
def test_another_officer_lets_it_stand_or_changes_it(
    cast, disputed, other, resolution, part, after
):
    rule(cast, disputed, "return")
    with pytest.raises(WordsMissing):
        says(cast, "supporter", disputed, words="  ")
    says(cast, "supporter", disputed, words="2時間いました。")
    says(cast, "supporter", disputed, words="もう一度送ります。")
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
    assert len(news(cast.carer, "visit_appealed")) == 1
    assert carried_out(RULED_AT + timedelta(days=30)) == 0
    with tenant(MIDORI):
        [(ruling, _)] = selectors.appeals_open()
        assert ruling.appeal_words == "2時間いました。"
        view = selectors.visit_for(cast.supporter, disputed)
        assert view.appeal_due_at == RULED_AT + timedelta(hours=26)
        assert not view.asks_my_word
    with pytest.raises(AppealAlready):
        says(cast, "supporter", disputed)
    with pytest.raises(OwnRuling):
        again(disputed, cast.officer, resolution, part)
    with pytest.raises(NotFound):
        again(disputed, other["coordinator"], resolution, part)
    with pytest.raises(RulingWaits):
        rule(cast, disputed, "pay", by=other["officer"])
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
    for _ in range(2):
        again(disputed, other["officer"], resolution, part)
    assert (state_of(disputed), purses(cast)) == ("resolved", after)
    with tenant(KITA):
        first, second = selectors.rulings_of(disputed)
        assert (first.outcome, second.outcome) == ("appealed", "final")
        assert Dispute.objects.get().office_words == "あらためて。"
        reasons = set(VisitStep.objects.filter(visit_uid=disputed).values_list("reason", flat=True))
    assert {"ruled_return", "appealed_supporter", f"ruled_{resolution}"} <= reasons
    with pytest.raises(StepNotAllowed):
        says(cast, "supporter", disputed, words="まだ納得できません")


def test_the_other_towns_officer_may_decide_and_a_third_town_may_not(cast, disputed):
    rule(cast, disputed, "pay")
    says(cast, "carer", disputed, words="半分もいませんでした。")
    again(disputed, cast.kita_officer, "return", town=KITA)
    assert (state_of(disputed), purses(cast)) == ("resolved", (COINS, 0, 0))


def test_whoever_agreed_does_not_object_and_one_objection_is_enough(cast, disputed):
    rule(cast, disputed, "pay_part", 15)
    says(cast, "carer", disputed)
    with pytest.raises(AppealAgreed):
        says(cast, "carer", disputed, words="やっぱり")
    says(cast, "supporter", disputed, words="短すぎます。")
    says(cast, "carer", disputed)
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)


def test_the_days_end(cast, disputed):
    rule(cast, disputed, "return")
    with pytest.raises(AppealOver):
        says(cast, "supporter", disputed, words="x", at=clock.at(LAST_DAY + timedelta(days=1), 0))
    says(cast, "supporter", disputed, words="2時間いました。", at=clock.at(LAST_DAY, 23, 59))
    assert purses(cast) == HELD


def test_staff_notes_it_for_somebody_who_telephones(cast, disputed, other):
    rule(cast, disputed, "pay_part", 15)

    def note(service, **said):
        with clock.frozen(RULED_AT + timedelta(hours=1)):
            as_door(MIDORI, lambda: service(visit_uid=disputed, by=other["coordinator"], **said))

    with pytest.raises(BasisMissing):
        note(services.ruling_accept, role="carer")
    with pytest.raises(RulingNotYours):
        note(services.ruling_accept, role="recipient", basis="phone")
    note(services.ruling_accept, role="carer", basis="phone")
    note(services.ruling_appeal, role="supporter", basis="paper", words="短すぎます。")
    with tenant(MIDORI):
        ruling = Ruling.objects.get()
        assert (ruling.carer_agreed_at is not None, ruling.appealed_by_role) == (True, "supporter")
        acts = set(Act.objects.values_list("action", "basis", "note"))
    assert {
        ("ruling_accept", "phone", "carer"),
        ("ruling_appeal", "paper", "supporter"),
    } <= acts


def test_a_town_from_which_only_the_supporter_comes_notes_nothing_of_the_house(
    cast, other, disputed
):
    rule(cast, disputed, "pay_part", 15)
    waiting = visit_make(cast, with_yes=False, starts_at=START + timedelta(days=7))
    for town in (KITA, MIDORI):
        with tenant(town):
            Visit.objects.filter(uid__in=[disputed, waiting]).update(place_municipality_id=KITA)

    def note(service, uid, **said):
        with clock.frozen(RULED_AT + timedelta(hours=1)):
            by = other["coordinator"]
            as_door(MIDORI, lambda: service(visit_uid=uid, by=by, basis="phone", **said))

    for service, uid, said in (
        (services.ruling_accept, disputed, {"role": "carer"}),
        (services.ruling_appeal, disputed, {"role": "carer", "words": "x"}),
        (services.photos_allow, waiting, {"allowed": True}),
        (services.consent_give, waiting, {}),
        (services.consent_decline, waiting, {}),
    ):
        with pytest.raises(NotFound):
            note(service, uid, **said)
    note(services.ruling_accept, disputed, role="supporter")
    assert (state_of(disputed), state_of(waiting)) == ("disputed", "scheduled")


def test_outsiders_find_no_ruling(cast, disputed):
    rule(cast, disputed, "return")
    for who in ("mother", "second", "stranger"):
        for words in (None, "x"):
            with pytest.raises(NotFound):
                says(cast, who, disputed, words=words)
    with pytest.raises(RulingNotYours):
        says(cast, "carer", disputed, words="x")
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)


# --- nobody came ----------------------------------------------------------------------------------
def absent(cast, uid, by=None):
    with clock.frozen(START + timedelta(minutes=20)), tenant(KITA):
        services.visit_no_show(visit_uid=uid, by=by or cast.carer, who="supporter")


def test_who_was_said_not_to_have_come_may_say_otherwise(cast):
    uid = visit_make(cast)
    absent(cast, uid)
    assert (state_of(uid), purses(cast)) == ("disputed", HELD)
    for _ in range(2):  # a second tap changes nothing
        says(
            cast,
            "supporter",
            uid,
            words="電話がこわれていて、押せませんでした。",
            at=START + timedelta(days=1),
        )
    with tenant(MIDORI):
        [(dispute, _)] = selectors.disputes_open()
        assert (dispute.opened_by_role, dispute.words) == (
            "supporter",
            "電話がこわれていて、押せませんでした。",
        )
    absent_again = pytest.raises(StepNotAllowed)
    with absent_again:
        absent(cast, uid)
    rule(cast, uid, "pay", at=START + timedelta(days=2))
    says(cast, "carer", uid, at=START + timedelta(days=2))
    assert (state_of(uid), purses(cast)) == ("resolved", (COINS - 40, 0, 40))


def test_an_absence_that_the_office_recorded_goes_to_another_officer(cast, other):
    uid = visit_make(cast)
    absent(cast, uid, by=cast.kita_officer)
    says(cast, "supporter", uid, words="行きました。", at=START + timedelta(days=1))
    with pytest.raises(OwnRuling):
        again(uid, cast.kita_officer, "return", town=KITA)
    again(uid, other["officer"], "pay_part", 10)
    assert (state_of(uid), purses(cast)) == ("resolved", (COINS - 10, 0, 10))
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).receipt_code


# --- two people -----------------------------------------------------------------------------------
def test_whoever_ruled_does_not_note_that_the_loser_agrees(cast, other, disputed):
    rule(cast, disputed, "return")

    def note(by):
        with clock.frozen(RULED_AT + timedelta(hours=1)):
            as_door(
                MIDORI,
                lambda: services.ruling_accept(
                    visit_uid=disputed, by=by, role="supporter", basis="phone"
                ),
            )

    with pytest.raises(OwnRulingAnswer):
        note(cast.officer)
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
    with tenant(MIDORI):
        assert RefusedStep.objects.filter(code="own_ruling_answer").count() == 1
        assert not Act.objects.filter(action="ruling_accept").exists()
    note(other["coordinator"])
    assert state_of(disputed) == "resolved"
    note(cast.officer)  # it is done: nothing changes


def let_in(cast, at, email="guest@example.jp", by=None):
    with clock.frozen(at), tenant(MIDORI):
        return appeal_officer_add(
            email=email,
            title="となり町 総務課",
            name="夜長 みお",
            name_kana="ヨナガ ミオ",
            by=by or cast.officer,
        )


def test_a_town_with_one_officer_has_its_appeals_decided_from_outside(cast, disputed):
    for town in (KITA, MIDORI):
        with tenant(town):
            StaffRole.objects.exclude(user=cast.officer).delete()
    rule(cast, disputed, "return")
    says(cast, "supporter", disputed, words="2時間いました。")
    with tenant(MIDORI):
        visit = Visit.objects.get(uid=disputed)
        assert not selectors.decider_there(visit, but=cast.officer.pk)
        guest = let_in(cast, RULED_AT + timedelta(hours=3))
        assert selectors.decider_there(visit, but=cast.officer.pk)
        with pytest.raises(NotFound):
            services.visit_cancel(visit_uid=disputed, actor=guest.user)
        with pytest.raises(NotFound):
            services.dispute_resolve(
                visit_uid=disputed, by=guest.user, resolution="pay", words="はい"
            )
        appeal_officer_end(pk=guest.pk, by=cast.officer)
    with pytest.raises(NotFound):
        again(disputed, guest.user, "pay")
    guest = let_in(cast, RULED_AT + timedelta(hours=4))
    for _ in range(2):
        again(disputed, guest.user, "pay")
    assert (state_of(disputed), purses(cast)) == ("resolved", (COINS - 40, 0, 40))


def test_who_ruled_does_not_choose_who_decides_where_the_town_has_another_officer(
    cast, disputed, other
):
    early = let_in(cast, RULED_AT - timedelta(days=1), "early@example.jp")
    rule(cast, disputed, "return")
    says(cast, "supporter", disputed, words="2時間いました。")
    late = let_in(cast, RULED_AT + timedelta(hours=3))
    by_another = let_in(cast, RULED_AT + timedelta(hours=3), "x@example.jp", by=other["officer"])
    with pytest.raises(DeciderOfRuler):
        again(disputed, late.user, "pay")
    with tenant(MIDORI):
        visit, ruling = Visit.objects.get(uid=disputed), Ruling.objects.get()
        assert [
            selectors.named_by_ruler(visit, ruling, one) for one in (early, late, by_another, None)
        ] == [False, True, False, False]
        assert RefusedStep.objects.filter(code="decider_of_ruler").count() == 1
    assert (state_of(disputed), purses(cast)) == ("disputed", HELD)
    for town in (KITA, MIDORI):
        with tenant(town):
            StaffRole.objects.exclude(user__in=(cast.officer, other["officer"])).delete()
    # The only other one is a party: nobody is left but who was let in.
    with tenant(MIDORI):
        person = cast.supporter if cast.supporter.municipality_id == MIDORI else cast.carer
        StaffRole.objects.filter(user=other["officer"]).update(user=person.user)
    again(disputed, late.user, "pay")
    assert state_of(disputed) == "resolved"


def test_coins_that_a_ruling_returns_after_their_last_day_can_be_used(cast, disputed):
    rule(cast, disputed, "return", at=clock.at(date(2028, 4, 10), 10))
    with tenant(KITA):
        ends = coins.purse(cast.carer).by_vintage
    assert ends == ((date(2028, 3, 31), COINS - 40),)
    with clock.frozen(clock.at(date(2028, 4, 20), 10)):
        lapse.coins_lapse()
        assert carried_out(clock.now()) == 1
        lapse.coins_lapse()
        with tenant(KITA):
            assert coins.purse(cast.carer).by_vintage == ((date(2029, 3, 31), 40),)
        assert news(cast.carer, "coins_again") == [
            "お預かりから戻った40コインは、2029年3月31日まで使えます"
            "お預かりしている間に期限がすぎたので、使える日をのばしました。手続きはいりません。"
        ]
