"""ポイントとスタンプ: the first page, the year's end, and who may stand where."""

import csv
import io
from datetime import date

import pytest

from kyojo.civic.earnings.models import YearClosing
from kyojo.civic.earnings.testing import install
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.expiry import coins_lapse
from kyojo.help.support.tests.cast import MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..words import ACTIONS
from .points_cast import (
    BASE,
    IN_APRIL,
    acts,
    asked,
    closings_run,
    elder,
    everything,
    helped,
    text,
)

pytestmark = pytest.mark.django_db
CLOSING = f"{BASE}/closing/2026/"


def test_the_first_page_says_what_this_year_came_to(office):
    empty = text(office.client(office.officer).get("/desk/points/"))
    assert "まだポイントやスタンプの制度が始まっていません" in empty
    person = elder(office)
    helped(person, 3)
    page = text(office.client(office.coordinator).get("/desk/points/"))
    assert "2026年度（令和8年度）</span>の、いままで" in page
    assert "ついた数（ポイント）" in page and page.count(">600<") == 2
    assert "活動（回）" in page and ">3<" in page
    assert "/applications/" not in page and "/closing/" not in page
    tried = f'<a class="link" href="{CLOSING}">今年度の締めを試す</a>'
    assert tried in text(office.client(office.officer).get("/desk/points/"))
    assert "/desk/points/" in text(office.client(office.office).get("/desk/"))


def test_a_year_is_tried_and_closed_once(office):
    person = elder(office)
    helped(person, 2)
    client = office.client(office.officer)
    page = text(client.get(CLOSING))
    assert "まだ終わっていません" in page and "締める</button>" not in page
    early = client.post(
        CLOSING, {"shown": client.get(CLOSING).context["form"]["shown"].value(), "confirm": "on"}
    )
    assert (early.status_code, "まだ終わっていません" in text(early)) == (422, True)
    with clock.frozen(IN_APRIL):
        assert "2026年度（令和8年度）を締める" in text(client.get("/desk/points/"))
        before = everything()
        page = client.get(CLOSING)
        assert "これから動く数は、0ポイント" in text(page)
        shown = page.context["form"]["shown"].value()
        assert client.post(CLOSING, {"shown": shown}).status_code == 422
        stale = client.post(CLOSING, {"shown": "1/2/3/4/5/6", "confirm": "on"})
        assert (stale.status_code, "数が変わりました" in text(stale)) == (422, True)
        assert everything() == before
        sent = {"shown": shown, "confirm": "on"}
        for _ in range(2):
            answer = client.post(CLOSING, sent, follow=True)
            assert "2026年度を締めはじめました" in text(answer)
            assert "この年度を締めています" in text(answer)
            assert "締める</button>" not in text(answer)
        assert closings_run() == 2
        assert "もう締めてあります" in text(client.post(CLOSING, sent, follow=True))
        assert "この年度は締めました" in text(client.get(CLOSING))
        with tenant(MIDORI):
            one = YearClosing.objects.get()
            assert (one.people, one.units, one.granted, one.closed_by) == (
                1,
                400,
                400,
                office.officer,
            )
        assert len(acts("year_close")) == 1
        page = text(client.get("/desk/points/"))
        assert "締めた年度" in page and "に締めました" in page


def test_what_ends_with_a_year_is_said_before_it_does(office):
    person = elder(office)
    helped(person, 2)
    client = office.client(office.officer)
    assert "期限が切れる" not in text(client.get(CLOSING))  # it lives one year longer
    with clock.frozen(IN_APRIL):
        page = text(client.get(f"{BASE}/closing/2027/"))
        assert "2028年3月31日で期限が切れるのは、400ポイントです" in page
        asked(person, 150)
        page = text(client.get(f"{BASE}/closing/2027/"))
        assert "期限が切れるのは、250ポイントです" in page
    with clock.frozen(clock.at(date(2028, 4, 1), 9)):
        assert "夜のあいだに、町にもどります" in text(client.get(f"{BASE}/closing/2027/"))
        coins_lapse(municipality_id=MIDORI)
        assert "期限が切れる" not in text(client.get(f"{BASE}/closing/2027/"))


def test_what_a_year_comes_to_is_taken_away(office):
    person = elder(office)
    helped(person, 2)
    client = office.client(office.officer)
    for kind in ("xlsx", "csv", "sjis"):
        answer = client.get(f"{CLOSING}?format={kind}")
        assert answer["Content-Disposition"].startswith("attachment"), kind
    rows = list(csv.reader(io.StringIO(answer.content.decode("cp932"))))
    assert rows[0][:3] == ["会員", "名前", "会員番号"]
    assert rows[1][0] == person.kana and rows[1][5] == "400"
    for nonsense in ("1999", "2028", "99999999999"):
        assert client.get(f"{BASE}/closing/{nonsense}/").status_code == 404, nonsense


def test_what_goes_from_hand_to_hand_has_no_activities(office):
    install(MIDORI, "ticket")
    client = office.client(office.officer)
    page = text(client.get("/desk/points/"))
    assert "助け合いチケット" in page and "お礼を精算する制度" in page and "/records/" not in page
    assert "手伝いを書き入れる" in page
    assert "/help/new/" not in text(office.client(office.coordinator).get("/desk/points/"))
    for path in ("records/", "records/new/", "closing/2026/", f"records/{new_id()}/"):
        assert (path, client.get(f"/desk/points/ticket/{path}").status_code) == (path, 404)
    assert client.get("/desk/points/ticket/applications/").status_code == 200
    assert client.get(f"/desk/points/members/{office.cast.second.uid}/").status_code == 200


def every_path(record, redemption, person) -> dict[str, str]:
    """Address → who may open it: staff, or officers only."""
    return {
        "/desk/points/": "staff",
        "/desk/points/rules/": "staff",
        "/desk/points/rules/yokohama/": "staff",
        "/desk/points/rules/yokohama/version/": "officer",
        "/desk/points/rules/yokohama/figures/": "officer",
        "/desk/points/rules/new/inagi/": "officer",
        "/desk/points/rules/new/inagi/form/": "officer",
        f"/desk/points/members/{person.uid}/": "staff",
        f"{BASE}/records/": "staff",
        f"{BASE}/records/new/": "staff",
        f"{BASE}/records/{record.uid}/": "staff",
        f"{BASE}/applications/": "officer",
        f"{BASE}/applications/bank/": "officer",
        f"{BASE}/applications/{redemption.uid}/": "officer",
        CLOSING: "officer",
    }


PRESSED = {
    "reason": "x",
    "note": "x",
    "reference": "x",
    "insured": "none",
    "since_year": "2026",
    "since_month": "4",
    "since_day": "1",
    "confirm": "on",
    "do": "publish",
}


def test_everybody_opens_what_is_theirs_and_nothing_else_exists(office):
    person = elder(office)
    rows = helped(person, 2)
    one = asked(person)
    paths = every_path(rows[0], one, person)
    presses = [
        f"{BASE}/records/{rows[0].uid}/void/",
        *(f"{BASE}/applications/{one.uid}/{step}/" for step in ("approve", "refuse", "done")),
    ]
    for user in (office.coordinator, office.office, office.officer):
        client = office.client(user)
        for path, whose in paths.items():
            status = 200 if whose == "staff" or user == office.officer else 404
            assert (path, client.get(path).status_code) == (path, status)
        for path in presses:
            assert (path, client.get(path).status_code) == (path, 404), "to be pressed only"
    before = everything()
    outsiders = (None, office.cast.mother.user, person.user, office.cast.carer.user)
    for user in outsiders:
        client = office.client(user)
        unknown = client.get("/desk/nothing/here/").content
        for path in (*paths, *presses):
            assert (path, client.get(path).status_code) == (path, 404)
            answer = client.post(path, PRESSED)
            assert (path, answer.status_code) == (path, 404)
            assert answer.content == unknown
    for user in (office.coordinator, office.office):
        client = office.client(user)
        for path in (*presses[1:], *(path for path, whose in paths.items() if whose != "staff")):
            assert (path, client.post(path, PRESSED).status_code) == (path, 404)
    assert everything() == before


def test_the_desk_of_another_town_finds_none_of_it(office):
    person = elder(office)
    rows = helped(person, 1)
    one = asked(person)
    before = everything()
    client = office.client(office.cast.kita_officer)
    unknown = client.get("/desk/nothing/here/").content
    new = "/desk/points/rules/new/inagi/"
    own = {"/desk/points/", "/desk/points/rules/", new, f"{new}form/"}
    paths = [path for path in every_path(rows[0], one, person) if path not in own]
    paths += [f"{BASE}/records/{rows[0].uid}/void/", f"{BASE}/applications/{one.uid}/approve/"]
    for path in paths:
        for answer in (client.get(path), client.post(path, PRESSED)):
            assert (path, answer.status_code, answer.content == unknown) == (path, 404, True)
    assert person.kana not in text(client.get("/desk/points/"))
    assert everything() == before


def test_a_row_stands_under_its_own_programme_only(office):
    person = elder(office)
    rows = helped(person, 1)
    one = asked(person)
    install(MIDORI, "inagi")
    before = everything()
    client = office.client(office.officer)
    for path in (
        f"/desk/points/inagi/records/{rows[0].uid}/",
        f"/desk/points/inagi/applications/{one.uid}/",
        f"{BASE}/records/{new_id()}/",
        f"{BASE}/applications/{new_id()}/",
        f"/desk/points/members/{new_id()}/",
        "/desk/points/kyojo-coin/records/",
        "/desk/points/nothing/records/",
    ):
        assert (path, client.get(path).status_code) == (path, 404)
    for path in (
        f"/desk/points/inagi/records/{rows[0].uid}/void/",
        f"/desk/points/inagi/applications/{one.uid}/approve/",
        f"/desk/points/inagi/applications/{one.uid}/refuse/",
    ):
        assert client.post(path, PRESSED).status_code == 404
    assert everything() == before


def test_what_was_done_has_words_on_record(office):
    person = elder(office)
    rows = helped(person, 1)
    one = asked(person)
    client = office.client(office.officer)
    with clock.frozen(clock.at(date(2026, 11, 22), 9)):
        client.get(f"{BASE}/records/{rows[0].uid}/")
        client.get(f"/desk/points/members/{person.uid}/")
        client.get(f"{BASE}/applications/{one.uid}/")
        client.post(f"{BASE}/applications/{one.uid}/approve/")
        page = text(client.get("/desk/acts/"))
    for action in ("activity_record", "activity_opened", "standing_set", "redemption_approved"):
        assert ACTIONS[action] in page, action
    assert "_" not in "".join(ACTIONS.values())
