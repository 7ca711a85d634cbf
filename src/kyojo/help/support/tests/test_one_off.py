"""Helping once without a profile: applying, the office's part, and what is erased when."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.core import mail
from django.db import connections

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, CarePlace, Person, TrustCheck
from kyojo.civic.people.selectors import trust_checks_of
from kyojo.civic.people.services import person_leave, user_create
from kyojo.help.matching import services as matching
from kyojo.help.matching import tasks
from kyojo.help.matching.applicants import applicant_of, code_of
from kyojo.help.matching.errors import CandidateGone
from kyojo.help.matching.models import Application, Offer, Posting
from kyojo.help.matching.one_off import CONSENT_VERSION, STEPS, may_help_once
from kyojo.help.matching.posting_selectors import (
    application_by_code,
    applications_waiting,
    members_like,
    postings_open,
)
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import draft_save, request_open
from kyojo.help.support.models import Visit
from kyojo.help.support.services import application_decide, office_assign
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalids, NotFound, Refusal
from kyojo.kernel.ids import new_id

from .cast import KITA, MIDORI, START, WEEK_BEFORE, cast_make, request_make, supporter_make

SORA = {
    "family_name": "白浜",
    "given_name": "そら",
    "family_kana": "しらはま",
    "given_kana": "そら",
    "birth_date": date(2001, 7, 9),
    "phone": "090-0000-0017",
    "email": "sora@example.jp",
    "words": "草取りは、実家でしています。",
    "consent_version": CONSENT_VERSION,
}


@pytest.fixture
def town(standing):
    cast = standing
    with clock.frozen(WEEK_BEFORE):
        request = request_make(cast)
        with tenant(KITA):
            posting = matching.posting_open(request_uid=request.uid, carer=cast.carer)
        yield SimpleNamespace(cast=cast, request=request, posting=posting)


def apply(town, *, order_id=None, posting=None, **other) -> tuple[Application, str]:
    with tenant(MIDORI):
        return matching.application_send(
            order_id=order_id or new_id(),
            posting_uid=(posting or town.posting).uid,
            **SORA | other,
        )


def decide(town, uid, **other) -> Visit:
    with tenant(MIDORI):
        given = {
            "by": town.cast.officer,
            "basis": "phone",
            "method": "窓口で運転免許証を見た",
            "address": "見本町 4-5",
            "area": Area.objects.get(code="minato"),
        } | other
        return application_decide(uid=uid, **given)


def row(uid) -> Application:
    with tenant(MIDORI):
        return Application.objects.select_related("posting").get(uid=uid)


def people_count() -> int:
    with tenant(MIDORI):
        return int(Person.objects.count())


# --- what is shown --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("category", "trust", "training", "may"),
    [
        ("garden", {"identity"}, "", True),
        ("garden", set(), "", True),
        ("garden", {"identity", "background"}, "", False),
        ("garden", {"identity"}, "庭木の講習", False),
        ("child", {"identity"}, "", False),
        ("ride", set(), "", False),
    ],
)
def test_who_may_come_once(category, trust, training, may):
    assert may_help_once(category, trust=trust, training=training) is may


def test_a_posting_tells_no_name_and_no_place_and_is_in_the_places_town(town):
    with tenant(KITA):
        assert postings_open() == []
    with tenant(MIDORI):
        (one,) = postings_open()
        assert (one.category, one.area_name, one.price_coins) == ("garden", "港地区", 40)
        assert one.uid != town.request.uid
    with tenant(KITA):
        again = matching.posting_open(request_uid=town.request.uid, carer=town.cast.carer)
        assert again.uid == town.posting.uid
        matching.posting_close(request_uid=town.request.uid, carer=town.cast.carer)
    with tenant(MIDORI):
        assert postings_open() == []
        with pytest.raises(Refusal, match="posting_over"):
            apply(town)
        assert Application.objects.count() == 0


def test_only_its_carer_or_the_desk_with_a_basis_shows_a_request(town):
    cast = town.cast
    with tenant(KITA):
        matching.posting_close(request_uid=town.request.uid, carer=cast.carer)
        with pytest.raises(NotFound):
            matching.posting_open(request_uid=town.request.uid, carer=cast.stranger)
        with pytest.raises(NotFound):
            matching.posting_open(request_uid=town.request.uid)
        with pytest.raises(Refusal, match="basis"):
            matching.posting_open(request_uid=town.request.uid, by=cast.kita_officer)
    with tenant(MIDORI):
        assert postings_open() == []
        with pytest.raises(NotFound):
            matching.posting_open(request_uid=town.request.uid, by=cast.kita_officer, basis="phone")
        matching.posting_open(request_uid=town.request.uid, by=cast.officer, basis="phone")
        assert len(postings_open()) == 1
        assert Act.objects.filter(action="posting_open", basis="phone").count() == 1


def test_a_wish_a_late_hour_or_a_kind_that_needs_more_is_not_shown(town):
    cast = town.cast

    def opened(**other) -> HelpRequest:
        given = {"category": "garden", "starts_at": START, "minutes": 60, "memo": ""} | other
        draft = draft_save(order_id=new_id(), carer=cast.carer, place_uid=cast.place.uid, **given)
        return request_open(uid=draft.uid, carer=cast.carer)

    with tenant(KITA):
        for request, code in (
            (opened(gender_wish="female"), "posting_not_possible"),
            (opened(category="ride"), "posting_not_possible"),
            (opened(starts_at=WEEK_BEFORE + timedelta(hours=24)), "posting_too_late"),
        ):
            with pytest.raises(Refusal, match=code):
                matching.posting_open(request_uid=request.uid, carer=cast.carer)
    with tenant(MIDORI):
        assert Posting.objects.count() == 1


def test_what_is_settled_or_near_is_shown_no_longer(town):
    with tenant(MIDORI):
        with clock.frozen(START - timedelta(hours=23)):
            assert postings_open() == []
        office_assign(
            order_id=new_id(),
            request_uid=town.request.uid,
            supporter_uid=town.cast.second.uid,
            supporter_municipality_id=MIDORI,
            by=town.cast.officer,
            basis="phone",
        )
        assert postings_open() == []


# --- applying -------------------------------------------------------------------------------------
def test_applying_is_sealed_and_the_same_order_is_the_same(town):
    order = new_id()
    application, code = apply(town, order_id=order)
    again, same = apply(town, order_id=order)
    assert (again.uid, same) == (application.uid, code)
    assert len(code) >= 32
    kept = row(order)
    assert kept.consent_version == CONSENT_VERSION
    columns = str(vars(kept))
    for secret in ("白浜", "シラハマ", "0900000017", "sora@", code):
        assert secret not in columns
        assert secret.encode() not in bytes(kept.sealed)
    who = applicant_of(kept)
    assert (who.kana, who.phone) == ("シラハマ ソラ", "09000000017")
    with tenant(MIDORI):
        assert application_by_code(code).uid == order
        with pytest.raises(NotFound):
            application_by_code(code[:-1])
    with tenant(KITA), pytest.raises(NotFound):
        application_by_code(code)
    with pytest.raises(Refusal, match="order_taken"):
        apply(town, order_id=order, given_name="うみ")


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"birth_date": date(2008, 11, 22)}, "applicant_too_young"),
        ({"phone": "", "email": " "}, "contact_missing"),
        ({"consent_version": "2020-01"}, "consent_old"),
        ({"phone": "12"}, "phone_wrong"),
        ({"email": "sora"}, "email_wrong"),
        ({"words": "あ" * 201}, "text_too_long"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_kept(town, other, code):
    with pytest.raises(Refusal) as refused:
        apply(town, **other)
    assert refused.value.code == code
    with tenant(MIDORI):
        assert Application.objects.count() == 0


def test_everything_wrong_is_said_at_once(town):
    with pytest.raises(Invalids) as refused:
        apply(town, family_name="", given_kana="abc")
    assert [one.field for one in refused.value.refusals] == ["family_name", "given_kana"]


def test_eighteen_on_the_day_of_applying_is_old_enough(town):
    apply(town, birth_date=date(2008, 11, 21))


def test_limits_hold_for_one_contact_and_one_posting(town):
    for _ in range(3):
        apply(town)
    with pytest.raises(Refusal, match="applied_too_often"):
        apply(town)
    for number in (1, 2):
        apply(town, phone=f"0900000002{number}", email=f"sora{number}@example.jp")
    with pytest.raises(Refusal, match="posting_full"):
        apply(town, phone="09000000029", email="")
    with tenant(MIDORI):
        assert Application.objects.count() == 5


def test_made_up_telephones_do_not_send_mails_to_one_address(town):
    for number in range(3):
        apply(town, phone=f"0900000003{number}")
    for other in ({"phone": "09000000039"}, {"phone": ""}, {"email": "Sora@Example.JP"}):
        with pytest.raises(Refusal, match="applied_too_often"):
            apply(town, **other)
    with pytest.raises(Refusal, match="applied_too_often"):
        apply(town, phone="09000000039")
    with tenant(MIDORI):
        assert Application.objects.count() == 3


def test_withdrawing_erases_at_once_and_still_counts_for_a_day(town):
    application, code = apply(town)
    with tenant(MIDORI):
        matching.application_withdraw(code=code)
        matching.application_withdraw(code=code)
        kept = application_by_code(code)
        assert (kept.state, bytes(kept.sealed)) == ("withdrawn", b"")
        assert applicant_of(kept) is None and code_of(kept) == ""
        assert applications_waiting() == []
    for _ in range(2):
        apply(town)
    with pytest.raises(Refusal, match="applied_too_often"):
        apply(town)
    with pytest.raises(Refusal, match="application_over"):
        decide(town, application.uid)
    with tenant(MIDORI), clock.frozen(WEEK_BEFORE + timedelta(hours=25)):
        assert matching.applications_purge() == 1
        with pytest.raises(NotFound):
            application_by_code(code)


# --- the office -----------------------------------------------------------------------------------
def test_the_office_calls_looks_and_settles_and_the_visit_is_like_any(town):
    application, code = apply(town)
    with tenant(MIDORI):
        matching.application_called(uid=application.uid, by=town.cast.officer)
        matching.application_called(uid=application.uid, by=town.cast.officer)
    assert row(application.uid).state == "called"
    visit = decide(town, application.uid)
    assert decide(town, application.uid, basis="counter").uid == visit.uid
    kept = row(application.uid)
    assert (kept.state, kept.visit_uid) == ("decided", visit.uid)
    with tenant(MIDORI):
        person = Person.objects.get(uid=kept.person_uid)
        assert (person.name, person.phone, person.user) == ("白浜 そら", "09000000017", None)
        assert person.supporter_since is not None and person.area.code == "minato"
        assert [check.kind for check in trust_checks_of(person)] == [TrustCheck.Kind.IDENTITY]
        assert Visit.objects.get(uid=visit.uid).supporter_id == person.pk
        with pytest.raises(Refusal, match="application_over"):
            matching.application_withdraw(code=code)
        actions = set(Act.objects.values_list("action", flat=True))
        assert {"application_called", "person_register", "office_assign"} <= actions
    with tenant(KITA):
        assert HelpRequest.objects.get(uid=town.request.uid).state == "matched"
        assert Visit.objects.get(uid=visit.uid).amount_coins == 40


def test_who_is_a_member_already_is_found_and_gets_no_second_number(town):
    known = supporter_make("白浜", "空", "シラハマ", "ソラ")
    with tenant(MIDORI):
        Person.objects.filter(pk=known.pk).update(birth_date=SORA["birth_date"])
    application, _ = apply(town)
    with tenant(MIDORI):
        assert [one.uid for one in members_like(applicant_of(application))] == [known.uid]
    before = people_count()
    with pytest.raises(Refusal, match="applicant_other"):
        decide(town, application.uid, member_uid=town.cast.second.uid)
    visit = decide(town, application.uid, member_uid=known.uid)
    assert people_count() == before
    with tenant(MIDORI):
        assert Visit.objects.get(uid=visit.uid).supporter_id == known.pk
        person_leave(person=known)
        assert members_like(applicant_of(application)) == []


def test_two_applications_of_one_person_give_one_number(town):
    second = request_make(town.cast)
    with tenant(KITA):
        other = matching.posting_open(request_uid=second.uid, carer=town.cast.carer)
    (first, _), (again, _) = apply(town), apply(town, posting=other)
    decide(town, first.uid)
    before = people_count()
    with pytest.raises(Refusal, match="applicant_known"):
        decide(town, again.uid)
    assert (people_count(), row(again.uid).state) == (before, "received")
    known = row(first.uid).person_uid
    with pytest.raises(Refusal, match="candidate_gone"):
        decide(town, again.uid, member_uid=known)
    # The office has seen that it is somebody else, born on the same day.
    decide(town, again.uid, others=[known])
    assert people_count() == before + 1


@pytest.mark.parametrize(
    ("other", "code"),
    [
        ({"basis": ""}, "basis_missing"),
        ({"method": " "}, "value_missing"),
        ({"address": ""}, "value_missing"),
    ],
)
def test_a_refused_decision_registers_nobody(town, other, code):
    application, _ = apply(town)
    before = people_count()
    with pytest.raises(Refusal) as refused:
        decide(town, application.uid, **other)
    assert refused.value.code == code
    assert people_count() == before
    assert row(application.uid).state == "received"
    with tenant(MIDORI):
        assert not Offer.objects.exists()


def test_only_the_places_desk_decides(town):
    application, _ = apply(town)
    before = people_count()
    stranger = user_create(email="nobody@example.jp", municipality_id=MIDORI)
    for user in (stranger, town.cast.kita_officer):
        with pytest.raises(NotFound):
            decide(town, application.uid, by=user)
        with tenant(MIDORI), pytest.raises(NotFound):
            matching.application_refuse(uid=application.uid, by=user, answer="ありがとう")
    with tenant(KITA), pytest.raises(NotFound):
        application_decide(
            uid=application.uid, by=town.cast.kita_officer, basis="phone", method="窓口"
        )
    assert (people_count(), row(application.uid).state) == (before, "received")


def test_whoever_lives_there_cannot_come_to_themselves(town):
    mother = town.cast.mother
    application, _ = apply(
        town, family_name="青空", given_name="ふみ", family_kana="アオゾラ", given_kana="フミ",
        birth_date=date(1944, 4, 1),
    )  # fmt: skip
    with pytest.raises(CandidateGone):
        decide(town, application.uid, member_uid=mother.uid)
    with tenant(MIDORI):
        assert Person.objects.get(pk=mother.pk).supporter_since is None
        assert CarePlace.objects.count() == 0


def test_a_no_is_said_in_words_and_stands(town):
    application, _ = apply(town)
    with tenant(MIDORI):
        with pytest.raises(Refusal, match="answer_missing"):
            matching.application_refuse(uid=application.uid, by=town.cast.officer, answer=" ")
        for _ in range(2):
            matching.application_refuse(
                uid=application.uid, by=town.cast.officer, answer="今回は足りました。"
            )
    assert (row(application.uid).state, row(application.uid).answer) == (
        "refused",
        "今回は足りました。",
    )
    with pytest.raises(Refusal, match="application_over"):
        decide(town, application.uid)


def test_somebody_else_was_faster_and_the_applicant_hears_it(town):
    application, code = apply(town)
    with tenant(MIDORI):
        office_assign(
            order_id=new_id(),
            request_uid=town.request.uid,
            supporter_uid=town.cast.second.uid,
            supporter_municipality_id=MIDORI,
            by=town.cast.officer,
            basis="phone",
        )
    before = people_count()
    with pytest.raises(Refusal, match="request_not_open"):
        decide(town, application.uid)
    assert people_count() == before
    assert matching.applications_close_due(municipality_id=MIDORI) == 1
    assert matching.applications_close_due(municipality_id=MIDORI) == 0
    kept = row(application.uid)
    assert kept.state == "closed"
    tasks.application_mail(municipality_id=MIDORI, application_id=kept.pk, event="closed")
    (sent,) = mail.outbox
    assert sent.to == ["sora@example.jp"]
    assert f"/once/{code}/" in sent.body and "白浜" not in sent.body


def test_thirty_days_after_the_day_nothing_is_left(town):
    application, _ = apply(town)
    decide(town, application.uid)
    with tenant(MIDORI):
        with clock.frozen(START + timedelta(days=30)):
            assert matching.applications_purge() == 0
        with clock.frozen(START + timedelta(days=31)):
            assert matching.applications_purge() == 1
            assert not Posting.objects.exists()
            assert not Application.objects.exists()
        assert Visit.objects.count() == 1


def test_every_step_leads_to_a_known_state():
    for after in STEPS.values():
        assert after <= STEPS.keys()


def test_two_members_of_staff_press_at_once(committed_db, towns):
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        town = SimpleNamespace(cast=cast, posting=None)
        uids = []
        for _ in range(2):
            request = request_make(cast)
            with tenant(KITA):
                posting = matching.posting_open(request_uid=request.uid, carer=cast.carer)
            uids.append(apply(town, posting=posting)[0].uid)

    def press(uid) -> str:
        try:
            with clock.frozen(WEEK_BEFORE):
                return str(decide(town, uid).uid)
        except Refusal as refusal:
            return refusal.code
        finally:
            connections.close_all()

    before = people_count()
    with ThreadPoolExecutor(4) as pool:
        same, again, other, last = pool.map(press, [uids[0], uids[0], uids[1], uids[1]])
    assert same == again and other == last
    assert [same, other].count("applicant_known") == 1
    assert people_count() == before + 1
