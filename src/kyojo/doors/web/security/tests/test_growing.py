"""People under 18 and young carers on the pages: told gently, and seen by nobody else."""

from datetime import date

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import minors
from kyojo.civic.people.errors import AgreementMissing
from kyojo.civic.people.models import Act, Agreement, Person
from kyojo.civic.people.testing import make_coordinator
from kyojo.doors.web.testing import sign_in
from kyojo.help.matching import selectors as matching
from kyojo.help.matching.errors import CandidateGone, ContactLooksFirst
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import offer_office
from kyojo.help.support.tests.cast import (
    KITA,
    MIDORI,
    WEEK_BEFORE,
    ask_directly,
    broadcast,
    request_make,
    supporter_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
SEVENTEEN, YOUNG = date(2009, 3, 2), date(2000, 5, 5)
GUARDIAN = {
    "kind": "guardian", "name": "青空 まき", "kana": "あおぞら まき", "relation": "祖母",
    "phone": "", "number": "", "basis": "phone",
}  # fmt: skip


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen(WEEK_BEFORE):
        yield


@pytest.fixture
def cast(standing):
    return standing


def born(person: Person, day: date) -> Person:
    with tenant(person.municipality_id):
        Person.objects.filter(pk=person.pk).update(birth_date=day)
        person.refresh_from_db()
    return person


def member(person: Person) -> Client:
    client = Client()
    client.force_login(person.user, backend="sesame.backends.ModelBackend")
    return client


def form(**fields: str) -> dict[str, str]:
    return GUARDIAN | {"order_id": str(new_id())} | fields


def names(request, **how) -> set[str]:
    with tenant(KITA):
        return {one.row.name for one in matching.candidates(request, **how)}


def test_a_helper_under_18_is_shown_to_the_office_and_to_no_carer(cast):
    young = born(supporter_make("若葉", "そら", "ワカバ", "ソラ"), SEVENTEEN)
    request = request_make(cast)
    assert "若葉 そら" not in names(request, by_office=True)
    desk = sign_in(Client(), cast.officer)
    page = desk.get("/desk/members/agreements/").content.decode()
    assert "ワカバ ソラ" in page and "まだです" in page
    assert "おとなの同意待ち" in desk.get("/desk/").content.decode()
    address = f"/desk/members/{young.uid}/agreement/"
    assert desk.post(address, form(kana="")).status_code == 422
    assert desk.post(address, form(number="99999")).status_code == 422
    sent = form()
    for _ in range(2):
        assert desk.post(address, sent).status_code == 302
    with tenant(MIDORI):
        assert Agreement.objects.count() == 1
    assert "若葉 そら" in names(request, by_office=True)
    assert "若葉 そら" not in names(request)
    carer = member(cast.carer)
    assert "若葉" not in carer.get(f"/requests/{request.uid}/people/").content.decode()
    with pytest.raises(CandidateGone):
        ask_directly(cast, request, young)
    assert young.uid not in {one.supporter_uid for one in broadcast(cast, request)}
    assert "若葉 そら" in desk.get(f"/desk/requests/{request.uid}/find/").content.decode()
    # In the evening, and for what is not for minors, the office neither.
    late = request_make(cast, starts_at=clock.at(date(2026, 11, 28), 17))
    assert "若葉 そら" not in names(late, by_office=True)
    with tenant(MIDORI), pytest.raises(CandidateGone):
        offer_office(
            order_id=new_id(),
            request_uid=late.uid,
            supporter_uid=young.uid,
            supporter_municipality_id=MIDORI,
        )
    # Taken back, and on the eighteenth birthday.
    assert desk.post(f"{address}end/").status_code == 302
    assert "若葉 そら" not in names(request, by_office=True)
    born(young, date(2008, 11, 21))
    assert "若葉 そら" in names(request)


def test_a_carer_under_18_looks_and_prepares_and_asks_once_an_adult_agreed(cast):
    carer = born(cast.carer, SEVENTEEN)
    request = request_make(cast)
    page = member(carer)
    assert page.get(f"/requests/{request.uid}/people/").status_code == 200
    assert "おとなの「いいですよ」が、まだです" in page.get("/me/").content.decode()
    sent = {"supporter": str(cast.supporter.uid), "town": str(MIDORI), "order_id": str(new_id())}
    refused = page.post(f"/requests/{request.uid}/people/", sent)
    assert "おうちの人かコーディネーター" in refused.content.decode()
    with pytest.raises(AgreementMissing):
        broadcast(cast, request)
    with tenant(MIDORI), pytest.raises(AgreementMissing):
        offer_office(
            order_id=new_id(),
            request_uid=request.uid,
            supporter_uid=cast.supporter.uid,
            supporter_municipality_id=MIDORI,
        )
    with tenant(KITA):
        assert not Offer.objects.filter(request_uid=request.uid).exists()
    desk = sign_in(Client(), cast.kita_officer)
    address = f"/desk/members/{carer.uid}/agreement/"
    mother = desk.post(address, form(name="青空 ふみ", kana="あおぞら ふみ"))
    assert mother.status_code == 422
    assert "お世話を受けている方には" in mother.content.decode()
    stand_in = form(kind="coordinator", name="", kana="")
    assert desk.post(address, stand_in).status_code == 422
    coordinator = sign_in(Client(), make_coordinator(KITA))
    assert coordinator.post(address, stand_in).status_code == 302
    assert "コーディネーター" in desk.get(f"/desk/members/{carer.uid}/").content.decode()
    assert ask_directly(cast, request, cast.supporter).state == "notified"
    assert "まだです" not in page.get("/me/").content.decode()


def test_a_young_carer_has_somebody_to_turn_to_who_looks_first_if_wished(cast):
    carer = born(cast.carer, YOUNG)
    user = make_coordinator(KITA)
    page, coordinator = member(carer), sign_in(Client(), user)
    assert "相談できる人" in page.get("/me/").content.decode()
    assert "若草 みち" not in page.get("/me/contact/").content.decode()
    assert page.post("/me/contact/", {"wish": "first"}).status_code == 302
    assert "若草 みち" in page.get("/me/contact/").content.decode()
    request = request_make(cast)
    with pytest.raises(ContactLooksFirst):
        ask_directly(cast, request, cast.supporter)
    with pytest.raises(ContactLooksFirst):
        broadcast(cast, request)
    assert "あなたが先に見る依頼" in coordinator.get("/desk/").content.decode()
    assert "先に見る依頼" not in sign_in(Client(), cast.kita_officer).get("/desk/").content.decode()
    with tenant(MIDORI):
        offer_office(
            order_id=new_id(),
            request_uid=request.uid,
            supporter_uid=cast.supporter.uid,
            supporter_municipality_id=MIDORI,
        )
    # Nobody else reads of it: no list, no file, no page of whoever comes, no record's words.
    for address in ("/desk/members/?format=csv", "/desk/acts/?format=csv"):
        file = coordinator.get(address).content.decode("utf-8-sig")
        assert "ヤングケアラー" not in file and "相談できる人" not in file
    helper = member(cast.supporter)
    assert "相談" not in helper.get("/help/").content.decode()
    with tenant(KITA):
        assert not Act.objects.filter(note__icontains="young").exists()
    assert page.post("/me/contact/", {"end": "1"}).status_code == 302
    with tenant(KITA):
        assert minors.care_contact_of(carer) is None


def test_these_pages_are_for_whom_they_are_meant(cast):
    grown, helper = member(cast.carer), member(cast.supporter)
    assert grown.get("/me/contact/").status_code == 404
    assert helper.get("/me/contact/").status_code == 404
    desk = sign_in(Client(), cast.kita_officer)
    for uid in (cast.carer.uid, cast.supporter.uid, new_id()):
        assert desk.get(f"/desk/members/{uid}/agreement/").status_code == 404
    young = born(cast.carer, SEVENTEEN)
    other = sign_in(Client(), cast.officer)  # of the other town
    for path in ("agreement/", "contact/"):
        assert desk.get(f"/desk/members/{young.uid}/{path}").status_code == 200
        assert other.get(f"/desk/members/{young.uid}/{path}").status_code == 404
        assert other.post(f"/desk/members/{young.uid}/{path}", form()).status_code == 404


def test_somebody_of_16_signs_up_and_is_told_gently(towns, client):
    page = client.get("/signup/").content.decode()
    assert "15歳から、自分で登録できます" in page
    sent = {
        "order_id": str(new_id()), "roles": ["carer"], "town": "kita-hinata",
        "family_name": "若葉", "given_name": "そら", "family_kana": "わかば", "given_kana": "そら",
        "birth_date_year": "2010", "birth_date_month": "3", "birth_date_day": "2",
        "email": "sora@example.jp", "agreed": "on",
    }  # fmt: skip
    assert client.post("/signup/", sent).status_code == 302
    too_young = client.post("/signup/", sent | {"birth_date_year": "2013", "email": "b@example.jp"})
    assert too_young.status_code == 422
    assert "コーディネーターといっしょに登録します" in too_young.content.decode()
    with tenant(towns.kita.id):
        person = Person.objects.get()
        assert minors.is_waiting(towns.kita.id, person.uid)
        assert minors.care_contact_of(person) is not None
