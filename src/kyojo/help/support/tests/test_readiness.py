"""A first meeting and another adult: what the programme asks for stands before the visit begins."""

from datetime import date, timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Notice, Person, TrustCheck
from kyojo.civic.people.services import block_add
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support import readiness_selectors, selectors, services
from kyojo.help.support.errors import (
    BasisMissing,
    MeetingMissing,
    MeetingNotYet,
    MeetingPlaceUnknown,
    MeetingTimeWrong,
    SecondAdultMissing,
    SecondAdultUnfit,
    SecondKindUnknown,
    SecondNameMissing,
    SecondUnknown,
    StepNotAllowed,
)
from kyojo.help.support.forgetting import person_forget
from kyojo.help.support.models import Evidence, FirstMeeting, SecondAdult
from kyojo.help.support.readiness import Needs
from kyojo.help.support.tests import cast as casting
from kyojo.help.support.tests.cast import (
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    check_in,
    state_of,
    supporter_make,
    visit_make,
)
from kyojo.help.support.tests.test_parting import suspend
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
MEET_AT = clock.at(date(2026, 11, 25), 15)
GARDEN = '[categories.garden]\ntrust = ["identity"]\n'


@pytest.fixture
def cast(towns, monkeypatch):
    """The cast in towns whose rules ask for both before the garden is done."""
    asks = preset("kyojo-coin").replace(
        GARDEN, GARDEN + "first_meeting = true\ntwo_adults = true\n"
    )
    assert asks != preset("kyojo-coin")
    monkeypatch.setattr(casting, "preset", lambda: asks)
    with clock.frozen(WEEK_BEFORE):
        yield cast_make()


def carer(cast, act, **more):
    with tenant(KITA):
        return act(by=cast.carer, **more)


def supporter(cast, act, **more):
    with tenant(MIDORI):
        return act(by=cast.supporter, **more)


def declare(cast, visit_uid, **more):
    given = {"uid": new_id(), "kind": "carer"} | more
    carer(cast, services.second_adult_declare, visit_uid=visit_uid, **given)


def meet(cast, uid):
    carer(cast, services.meeting_said, visit_uid=uid)
    supporter(cast, services.meeting_said, visit_uid=uid)


@pytest.mark.parametrize(
    ("needs", "missing"),
    [
        (Needs(False, False), ()),
        (Needs(True, False), ("second_adult",)),
        (Needs(True, True), ("meeting", "second_adult")),
        (Needs(True, True, has_met=True), ("second_adult",)),
        (Needs(True, True, has_second=True, has_met=True), ()),
    ],
)
def test_what_is_missing(needs, missing):
    assert needs.missing == missing


def test_nothing_begins_before_both_stand(cast):
    uid = visit_make(cast)
    with pytest.raises(MeetingMissing):
        check_in(cast, uid)
    with pytest.raises(MeetingMissing), tenant(MIDORI), clock.frozen(START):
        services.visit_check_by_office(
            visit_uid=uid, by=cast.officer, nonce=new_id(), moment="start", basis="phone"
        )
    meet(cast, uid)
    with pytest.raises(SecondAdultMissing):
        check_in(cast, uid)
    assert state_of(uid) == "scheduled"
    with tenant(MIDORI):
        assert not Evidence.objects.exists()
    declare(cast, uid)
    check_in(cast, uid)
    assert state_of(uid) == "started"


def test_they_agree_on_a_day_and_both_say_that_they_met(cast):
    uid = visit_make(cast)
    propose = {"visit_uid": uid, "at": MEET_AT, "where": "public", "minutes": 20}
    for wrong, refusal in (
        ({"at": WEEK_BEFORE}, MeetingTimeWrong),
        ({"at": START + timedelta(hours=1)}, MeetingTimeWrong),
        ({"where": "moon"}, MeetingPlaceUnknown),
    ):
        with pytest.raises(refusal):
            carer(cast, services.meeting_propose, **propose | wrong)
    for _ in range(2):
        carer(cast, services.meeting_propose, **propose)
    with pytest.raises(MeetingNotYet):
        carer(cast, services.meeting_agree, visit_uid=uid)
    for _ in range(2):
        supporter(cast, services.meeting_agree, visit_uid=uid)
    with tenant(MIDORI):
        view = selectors.visit_for(cast.supporter, uid)
        seen = readiness_selectors.readiness_of(view)
        told = Notice.objects.filter(person=cast.supporter, kind="first_meeting")
        assert [one.path for one in told] == [f"/visits/{uid}/ready/"]
    assert (seen.meeting.state, seen.meeting.minutes, seen.meeting.where) == (
        "agreed", 15, "公共の場所で",
    )  # fmt: skip
    with pytest.raises(MeetingNotYet):
        carer(cast, services.meeting_said, visit_uid=uid)
    with clock.frozen(MEET_AT + timedelta(hours=1)):
        carer(cast, services.meeting_said, visit_uid=uid)
        carer(cast, services.meeting_said, visit_uid=uid)
        with tenant(MIDORI):
            assert not readiness_selectors.readiness_of(view).needs.has_met
        supporter(cast, services.meeting_said, visit_uid=uid)
    with tenant(KITA):
        assert FirstMeeting.objects.get().state == "held"
    later = visit_make(cast, starts_at=START + timedelta(days=7))
    with tenant(MIDORI):
        again = readiness_selectors.readiness_of(selectors.visit_for(cast.supporter, later))
    assert again.needs.missing == ("second_adult",), "this pair has met"


def test_the_office_records_a_meeting_with_its_basis_and_others_cannot(cast):
    uid = visit_make(cast)
    with tenant(MIDORI):
        with pytest.raises(BasisMissing):
            services.meeting_record(visit_uid=uid, by=cast.officer, basis="")
        with pytest.raises(NotFound):
            services.meeting_said(visit_uid=uid, by=cast.mother)
        with pytest.raises(NotFound):
            services.meeting_said(visit_uid=uid, by=cast.second)
        for _ in range(2):
            services.meeting_record(visit_uid=uid, by=cast.officer, basis="phone")
        assert Act.objects.filter(action="meeting", basis="phone").exists()
        view = selectors.visit_for(cast.supporter, uid)
        assert readiness_selectors.readiness_of(view).needs.has_met


def test_who_the_other_adult_may_be(cast):
    uid = visit_make(cast)
    number = {"kind": "supporter", "number": cast.second.number, "name": "朝露"}
    with tenant(MIDORI):
        young = supporter_make("若葉", "りん", "ワカバ", "リン")
        Person.objects.filter(pk=young.pk).update(birth_date=date(2009, 11, 29))
    for wrong, refusal in (
        ({"kind": "cat"}, SecondKindUnknown),
        ({"kind": "family"}, SecondNameMissing),
        (number | {"name": "夕露"}, SecondUnknown),
        (number | {"number": "M-99999"}, SecondUnknown),
        (number | {"number": cast.supporter.number, "name": "春風"}, SecondAdultUnfit),
        (number | {"number": cast.mother.number, "name": "青空"}, SecondAdultUnfit),
        (number | {"number": young.number, "name": "若葉"}, SecondAdultUnfit),
    ):
        with pytest.raises(refusal):
            declare(cast, uid, **wrong)
    with tenant(MIDORI):
        assert not SecondAdult.objects.exists()
    same = new_id()
    declare(cast, uid, uid=same)
    declare(cast, uid, uid=same)
    declare(cast, uid, **number)
    with tenant(MIDORI):
        assert SecondAdult.objects.count() == 2
        view = selectors.visit_for(cast.supporter, uid)
        second = readiness_selectors.readiness_of(view).second
        assert (second.kind, second.name) == ("supporter", "朝露 じゅん")
        with pytest.raises(NotFound):
            services.second_adult_declare(uid=new_id(), visit_uid=uid, by=cast.second, kind="carer")


@pytest.mark.parametrize("who", ["carer", "mother", "supporter"])
def test_nobody_whom_one_of_them_does_not_want_to_meet_is_the_other_adult(cast, who):
    uid, person = visit_make(cast), getattr(cast, who)
    with tenant(person.municipality_id):
        block_add(person=person, blocked_uid=cast.second.uid)
    with pytest.raises(SecondAdultUnfit):
        declare(cast, uid, kind="supporter", number=cast.second.number, name="朝露")


@pytest.mark.parametrize("change", ["suspended", "left"])
def test_an_adult_who_may_not_come_any_more_lets_nothing_begin(cast, change):
    uid = visit_make(cast)
    meet(cast, uid)
    second = {"kind": "supporter", "number": cast.second.number, "name": "朝露"}
    declare(cast, uid, **second)
    if change == "suspended":
        suspend(cast.second, cast.officer)
        with pytest.raises(SecondAdultUnfit):
            declare(cast, uid, **second)
    else:
        with tenant(MIDORI):
            Person.objects.filter(pk=cast.second.pk).update(left_at=clock.now())
    with pytest.raises(SecondAdultMissing):
        check_in(cast, uid)
    declare(cast, uid)
    check_in(cast, uid)
    assert state_of(uid) == "started"


@pytest.mark.parametrize("change", ["ends before the day", "withdrawn"])
def test_the_other_adult_has_on_the_day_what_the_help_asks_for(cast, change):
    uid = visit_make(cast)
    meet(cast, uid)
    second = {"kind": "supporter", "number": cast.second.number, "name": "朝露"}
    declare(cast, uid, **second)
    day = clock.local(START).date() - timedelta(days=1)
    lost = {"valid_until": day} if "ends" in change else {"withdrawn_at": clock.now()}
    with tenant(MIDORI):
        checks = TrustCheck.objects.filter(person=cast.second, kind="identity")
        assert checks.update(**lost) == 1
    with pytest.raises(SecondAdultUnfit):
        declare(cast, uid, **second)
    with pytest.raises(SecondAdultMissing):
        check_in(cast, uid)


def test_a_visit_that_was_called_off_carries_no_more_words_to_the_other(cast):
    uid = visit_make(cast)
    with tenant(KITA):
        services.visit_cancel(visit_uid=uid, actor=cast.carer)
    for service, more in (
        (services.meeting_propose, {"at": MEET_AT, "where": "public"}),
        (services.meeting_agree, {}),
        (services.meeting_said, {}),
    ):
        with pytest.raises(StepNotAllowed):
            supporter(cast, service, visit_uid=uid, **more)
    with tenant(KITA):
        assert not Notice.objects.filter(kind="first_meeting").exists()


@pytest.mark.parametrize("who", ["carer", "mother"])
def test_the_name_of_who_was_in_the_house_goes_with_its_people(cast, who):
    uid = visit_make(cast)
    with tenant(MIDORI):
        services.second_adult_declare(
            uid=new_id(), visit_uid=uid, by=cast.officer, kind="family", name="青空 りょう"
        )
    for _ in range(2):
        person_forget(person=getattr(cast, who))
    with tenant(MIDORI):
        assert SecondAdult.objects.get().name_sealed is None


def test_who_has_visited_before_has_met(cast):
    uid = visit_make(cast)
    with tenant(KITA):
        asked = {
            "category": "garden", "place_municipality_id": MIDORI, "carer_municipality_id": KITA,
            "carer_uid": cast.carer.uid, "recipient_uid": cast.mother.uid,
        }  # fmt: skip
        both = [cast.supporter.uid, cast.second.uid]
        first = readiness_selectors.meet_first
        assert first(supporter_uids=both, **asked) == set(both)
        assert first(supporter_uids=both, **asked | {"category": "talk"}) == set()
    meet(cast, uid)
    declare(cast, uid)
    check_in(cast, uid)
    with tenant(KITA):
        FirstMeeting.objects.all().delete()
        assert first(supporter_uids=both, **asked) == {cast.second.uid}
