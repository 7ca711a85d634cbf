"""支援の確認 at the desk: the card, the list and its files, one page, decisions, learning."""

from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.help.support.models import Clearance, DevicePress, TownDetector, Visit, VisitLook
from kyojo.help.support.tests.cast import (
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    state_of,
    visit_make,
)
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=3)


def look_at(cast, uid, **fields):
    with tenant(MIDORI):
        return VisitLook.objects.create(
            **{
                "uid": new_id(),
                "visit_uid": uid,
                "opened_at": LATER,
                "due_at": LATER + timedelta(hours=24),
                "score": 4.2,
                "margin": 2.2,
                "model": "t",
                "reasons": ["毎回、同じ曜日の同じ時刻です"],
                "signs": {"same_slot": 1.0},
            }
            | fields
        )


@pytest.fixture
def looked(office):
    """Two visits of the same two people, both looked at; one device pressed for both sides."""
    uids = []
    for n in range(2):
        starts_at = START + timedelta(days=n)
        uid = visit_make(office.cast, starts_at=starts_at)
        check_in(office.cast, uid, at=starts_at)
        check_out(office.cast, uid, at=starts_at + timedelta(hours=2))
        uids.append(uid)
    with tenant(MIDORI):
        for person, moment in ((office.cast.supporter, "end"), (office.cast.carer, "confirm")):
            DevicePress.objects.create(
                visit_uid=uids[0], person_uid=person.uid, moment=moment, device="d" * 32
            )
    return [look_at(office.cast, uid) for uid in uids]


def path(look, what=""):
    return f"/desk/looks/{look.uid}/{what}"


def test_the_card_leads_to_the_list_which_names_nobody(office, looked, moment):
    with moment(LATER + timedelta(hours=1)):
        client = office.client(office.coordinator)
        home = client.get("/desk/").content.decode()
        assert "/desk/looks/?state=open" in home
        page = client.get("/desk/looks/").content.decode()
        assert "毎回、同じ曜日の同じ時刻です" in page
        assert "春風" not in page
        assert "目標をすぎています" not in page
        for kind in ("csv", "xlsx"):
            assert client.get(f"/desk/looks/?format={kind}").status_code in (200, 302)
        assert "ありません" in client.get("/desk/looks/?kind=lot").content.decode()
        assert "ありません" in client.get("/desk/looks/?state=refused").content.decode()
    with moment(LATER + timedelta(hours=30)):
        assert "目標をすぎています" in client.get("/desk/looks/?sort=-due").content.decode()


def test_one_page_says_why_what_it_may_be_and_what_belongs_to_it(office, looked, moment):
    with moment(LATER + timedelta(hours=1)):
        page = office.client(office.office).get(path(looked[0])).content.decode()
    for words in (
        "毎回、同じ曜日の同じ時刻です",
        "気の合う二人や、退院のあとに続けて手伝っている二人かもしれません",
        "来た人と、たのんだ人の両方",
        "この二人の支援",
        "春風 けん",
        "確かめてから決める",
    ):
        assert words in page, words
    with tenant(MIDORI):
        assert Act.objects.filter(action="look_opened").count() == 1


def test_several_are_decided_at_once_and_what_is_missing_is_asked_for(office, looked, moment):
    client = office.client(office.officer)
    with moment(LATER + timedelta(hours=1)):
        for data in ({}, {"decision": "refuse"}, {"decision": "part", "words": "わけ"}):
            answer = client.post(path(looked[0], "decide/"), data)
            assert answer.status_code == 422, data
        answer = client.post(
            path(looked[0], "decide/"),
            {"decision": "part", "words": "半分です。", "paid_coins": "4000"},
        )
        assert answer.status_code == 422
        assert state_of(looked[0].visit_uid) == "ended"
        answer = client.post(path(looked[0], "decide/"), {"decision": "watch", "words": "電話した"})
        assert answer.status_code == 302
        both = {"decision": "refuse", "words": "うかがいました。", "also": [str(looked[1].uid)]}
        assert client.post(path(looked[0], "decide/"), both).status_code == 302
        assert client.post(path(looked[0], "decide/"), both).status_code in (302, 422)
        page = client.get(path(looked[0])).content.decode()
        assert "電話した" in page
        assert "この内容で決める" not in page
    for look in looked:
        assert state_of(look.visit_uid) == "disputed"
    with tenant(MIDORI):
        assert set(VisitLook.objects.values_list("state", flat=True)) == {"refused"}


def test_nothing_is_wrong_and_it_is_remembered_for_a_while(office, looked, moment):
    client = office.client(office.office)
    until = {"valid_until_year": "2027", "valid_until_month": "1", "valid_until_day": "31"}
    with moment(LATER + timedelta(hours=1)):
        wrong = {**until, "valid_until_year": "2029", "what": "device-shared_phone"}
        assert client.post(path(looked[0], "clearance/"), wrong | order()).status_code == 422
        right = {**until, "what": "device-shared_phone"} | order()
        for _ in range(2):
            assert client.post(path(looked[0], "clearance/"), right).status_code == 302
        assert "家族で共用のスマホ" in client.get(path(looked[0])).content.decode()
        with tenant(MIDORI):
            made = Clearance.objects.get()
        detector_put()
        page = client.get("/desk/looks/learning/").content.decode()
        assert "75％" in page
        assert "目立たないようになりました" in page
        assert client.post(f"/desk/looks/{made.uid}/end/").status_code == 302
        done = client.post(path(looked[0], "decide/"), {"decision": "clear", "words": ""})
        assert done.status_code == 302
        assert "もう終わっています" not in client.get(path(looked[0])).content.decode()
    assert state_of(looked[0].visit_uid) == "ended"
    with tenant(MIDORI):
        assert Clearance.objects.get().ended_at is not None


def order():
    return {"order_id": str(new_id())}


def detector_put():
    with tenant(MIDORI):
        TownDetector.objects.create(
            number=3,
            model="t",
            decisions=5,
            fakes=3,
            looked=4,
            right=3,
            weights={"same_slot": -0.4},
        )


def test_it_is_there_for_staff_of_the_place_s_town_only(office, looked, moment):
    with moment(LATER + timedelta(hours=1)):
        addresses = ("/desk/looks/", "/desk/looks/learning/", path(looked[0]))
        members = [office.cast.carer.user, office.cast.supporter.user, None]
        for user in members:
            for address in addresses:
                assert office.client(user).get(address).status_code == 404
        kita = office.client(office.cast.kita_officer)
        assert kita.get(path(looked[0])).status_code == 404
        for what in ("decide/", "clearance/"):
            assert kita.post(path(looked[0], what), {"decision": "clear"}).status_code == 404
    with tenant(KITA):
        assert Visit.objects.get(uid=looked[0].visit_uid).state == "ended"
    with tenant(MIDORI):
        assert set(VisitLook.objects.values_list("state", flat=True)) == {"waiting"}


def test_the_page_of_a_visit_gives_a_phone_its_own_cookie_and_no_other_page_does(office, moment):
    uid = visit_make(office.cast)
    with moment(START):
        client = office.client(office.cast.supporter.user)
        assert "kyojo_visit_device" not in client.get("/visits/").cookies
        cookie = client.get(f"/visits/{uid}/").cookies["kyojo_visit_device"]
        assert cookie["httponly"]
        assert cookie["path"] == "/visits/"
        client.post(
            f"/visits/{uid}/start/",
            {
                "latitude": "34.86",
                "longitude": "138.32",
                "accuracy": "12",
                "press_id": str(new_id()),
            },
        )
    with tenant(MIDORI):
        (row,) = DevicePress.objects.all()
        assert row.person_uid == office.cast.supporter.uid
        assert cookie.value not in row.device
