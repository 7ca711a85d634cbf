"""Every page of the desk opens for staff, and for nobody else."""

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Distribution
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.programmes.models import Issuance
from kyojo.civic.programmes.selectors import treasury_balance
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import KITA, MIDORI, request_make, visit_make
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db

OPEN_TO_STAFF = [
    "/desk/",
    "/desk/board/",
    "/desk/requests/",
    "/desk/requests/asking/",
    "/desk/visits/",
    "/desk/members/",
    "/desk/members/new/",
    "/desk/acts/",
    "/desk/rules/",
    "/desk/points/",
    "/desk/points/rules/",
]
OPEN_TO_OFFICERS = ["/desk/coins/", "/desk/coins/distribute/", "/desk/clearing/"]


@pytest.mark.parametrize("path", OPEN_TO_STAFF)
def test_pages_open_for_every_role_at_the_desk(office, path):
    request_make(office.cast)
    visit_make(office.cast)
    for user in (office.officer, office.coordinator, office.office):
        assert office.client(user).get(path).status_code == 200


@pytest.mark.parametrize("path", OPEN_TO_OFFICERS)
def test_coins_are_an_officers_page_and_unknown_to_the_rest_of_the_desk(office, path):
    assert office.client(office.officer).get(path).status_code == 200
    for user in (office.coordinator, office.office):
        answer = office.client(user).get(path)
        assert answer.status_code == 404
        home = office.client(user).get("/desk/").content.decode()
        assert "/desk/coins/" not in home
        assert "/desk/clearing/" not in home
        assert "承認待ち" not in home


def every_path(office) -> list[str]:
    request, visit = request_make(office.cast).uid, visit_make(office.cast)
    supporter = office.cast.second.uid
    return [
        *OPEN_TO_STAFF,
        *OPEN_TO_OFFICERS,
        "/desk/board/plan/",
        f"/desk/board/put/?request={request}&who={MIDORI}/{supporter}",
        f"/desk/requests/{request}/",
        f"/desk/requests/{request}/find/",
        f"/desk/requests/{request}/assign/{MIDORI}/{supporter}/",
        f"/desk/requests/{request}/cancel/",
        f"/desk/visits/{visit}/",
        f"/desk/visits/{visit}/consent/",
        f"/desk/visits/{visit}/settle/",
        f"/desk/visits/{visit}/answer/",
        f"/desk/visits/{visit}/appeal/",
        f"/desk/visits/{visit}/word/start/",
        f"/desk/visits/{visit}/no-show/",
        f"/desk/visits/{visit}/cancel/",
        f"/desk/members/{supporter}/",
        f"/desk/members/{supporter}/check/identity/",
        "/desk/checks/",
        "/desk/checks/waiting/",
        f"/desk/checks/looks/{new_id()}/",
        f"/desk/checks/looks/{new_id()}/refuse/",
        "/desk/checks/1/withdraw/",
        "/desk/checks/cards/1/",
        f"/desk/coins/issue/{new_id()}/",
        f"/desk/coins/issue/{new_id()}/approve/",
        f"/desk/coins/issue/{new_id()}/cancel/",
        f"/desk/coins/distribute/{new_id()}/",
        f"/desk/coins/distribute/{new_id()}/approve/",
        f"/desk/coins/distribute/{new_id()}/cancel/",
        f"/desk/coins/distribute/{new_id()}/problems.xlsx",
        f"/desk/clearing/{KITA}/",
        f"/desk/clearing/{KITA}/2026-11/",
        f"/desk/clearing/{new_id()}/agree/",
        f"/desk/clearing/{new_id()}/settle/",
        f"/desk/clearing/{new_id()}/pay/",
    ]


def test_to_everybody_else_nothing_under_desk_exists(office):
    paths = every_path(office)
    members = [None, office.cast.mother.user, office.cast.supporter.user, office.cast.carer.user]
    with tenant(MIDORI):
        acts = Act.objects.count()
    for user in members:
        client = office.client(user)
        unknown = client.get("/desk/nothing/here/").content
        for path in paths:
            assert (path, client.get(path).status_code) == (path, 404)
            sent = {"basis": "phone", "answer": "yes", "amount": "5", "reason": "x"}
            answer = client.post(path, sent)
            assert (path, answer.status_code) == (path, 404)
            assert answer.content == unknown
    with tenant(MIDORI):
        assert Act.objects.count() == acts
        assert not Issuance.objects.filter(amount=5).exists()
        assert not Distribution.objects.exists()
        assert set(Visit.objects.values_list("state", flat=True)) == {"scheduled"}


def test_the_desk_of_another_town_finds_none_of_ours(office):
    """北ひなた市's officer sees their own carer's request, and no member of みどり浜市."""
    request = request_make(office.cast)
    client = office.client(office.cast.kita_officer)
    assert client.get(f"/desk/requests/{request.uid}/").status_code == 200
    assert client.get(f"/desk/members/{office.cast.second.uid}/").status_code == 404
    assert client.get(f"/desk/members/{office.cast.mother.uid}/").status_code == 404
    assert office.cast.second.kana not in client.get("/desk/members/").content.decode()


def test_coordinators_can_neither_issue_nor_approve(office):
    with tenant(MIDORI):
        before = treasury_balance().credits_posted
    client = office.client(office.coordinator)
    sent = {"order_id": str(new_id()), "amount": "100", "reason": "試験"}
    assert client.post("/desk/coins/", sent).status_code == 404
    with tenant(MIDORI):
        assert treasury_balance().credits_posted == before
        assert not Issuance.objects.filter(amount=100).exists()


def test_opening_somebody_goes_on_record(office):
    client = office.client(office.coordinator)
    uid = office.cast.mother.uid
    page = client.get(f"/desk/members/{uid}/").content.decode()
    assert "青空 ふみ" in page
    with tenant(MIDORI):
        act = Act.objects.get(action="person_opened")
        assert (act.actor, act.subject_id) == (office.coordinator, str(uid))
        assert person_by_uid(uid).name not in act.note
    assert "会員のページを開いた" in client.get("/desk/acts/").content.decode()


def test_lists_name_nobody_before_they_are_opened(office):
    request_make(office.cast)
    visit_make(office.cast)
    client = office.client(office.officer)
    for path in ("/desk/", "/desk/requests/", "/desk/visits/"):
        page = client.get(path).content.decode()
        for person in (office.cast.carer, office.cast.mother, office.cast.supporter):
            assert person.family_name not in page
