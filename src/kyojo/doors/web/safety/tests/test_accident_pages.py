"""An accident report from the phone to the paper, and the insurer's roster at the desk."""

from datetime import timedelta
from io import BytesIO

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app
from pypdf import PdfReader

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.safety.models import Accident, RosterCopy
from kyojo.help.support.tests.cast import END, MIDORI, check_in, check_out, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
PARTS = (
    {
        "day_year": "2026", "day_month": "11", "day_day": "28", "hour": "10:30", "where": "庭",
        "what": "はしごから落ちた",
    },
    {"hurt": "supporter", "hurt_name": "春風 けん", "injury": "足首", "first_aid": "doctor"},
    {"damaged": "no"},
    {"phone": "090-0000-0000"},
)  # fmt: skip


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


@pytest.fixture
def visit_uid(cast):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    return uid


def text(response):
    return response.content.decode()


def printed(response):
    assert response["Content-Type"] == "application/pdf", text(response)
    pages = PdfReader(BytesIO(response.content)).pages
    return "".join(page.extract_text() for page in pages).replace(" ", "")


def test_from_the_phone_to_the_insurer(cast, browser, visit_uid):
    here = f"/visits/{visit_uid}/accident/"
    with clock.frozen(END + timedelta(hours=1)):
        phone, desk = browser(cast.supporter), browser(cast.officer)
        assert here in text(phone.get(f"/visits/{visit_uid}/"))
        assert "書きはじめる" in text(phone.get(here))
        assert phone.get(f"{here}1/").status_code == 404, "nothing is begun by looking"
        assert phone.post(here).headers["Location"] == f"{here}1/"
        assert 'value="28"' in text(phone.get(f"{here}1/")), "the visit's day is filled in"
        assert phone.post(f"{here}1/", PARTS[0] | {"hour": ""}).status_code == 422
        assert phone.post(f"{here}1/", PARTS[0] | {"day_day": "29"}).status_code == 422
        assert phone.post(here, {"do": "report"}).status_code == 422, "not before it is whole"
        unsaid = phone.post(f"{here}2/", {"hurt": "supporter"})
        assert unsaid.status_code == 422 and "けがをした人の名前" in text(unsaid)
        for number, part in enumerate(PARTS, start=1):
            to = f"{here}{number + 1}/" if number < 4 else here
            assert phone.post(f"{here}{number}/", part).headers["Location"] == to
        assert phone.get(f"{here}5/").status_code == 404
        assert "この内容で、事務局に出す" in text(phone.get(here))
        phone.post(here, {"do": "report"})
        phone.post(here, {"do": "report"})
        assert phone.get(f"{here}1/").headers["Location"] == here
        for other in (cast.mother, cast.second):
            assert browser(other).get(here).status_code == 404

        with tenant(MIDORI):
            row = Accident.objects.get()
        one = f"/desk/safety/accidents/{row.uid}/"
        listed = text(desk.get("/desk/safety/accidents/"))
        assert "J-1001" in listed and "春風" not in listed
        assert "はしごから落ちた" in text(desk.get(one))
        assert "はしごから落ちた" in printed(desk.get(f"{one}paper.pdf"))
        assert desk.post(f"{one}part/4/", {"phone": "09011112222"}).status_code == 302
        desk.post(f"{one}act/", {"do": "sent", "insurer_number": "H-55"})
        assert desk.post(f"{one}act/", {"do": "else"}).status_code == 404
        desk.post(f"{one}act/", {"do": "settled", "words": "払われた"})
        assert "H-55" in desk.get("/desk/safety/accidents/?format=csv").content.decode("utf-8-sig")
        order = {"order_id": str(new_id())}
        started = desk.post("/desk/safety/accidents/", order).headers["Location"]
        assert desk.post("/desk/safety/accidents/", order).headers["Location"] == started
        assert desk.get(started).status_code == 200
        for who in (cast.kita_officer, cast.supporter):
            assert browser(who).get(one).status_code == 404
            assert browser(who).post(f"{one}act/", {"do": "sent"}).status_code == 404
        with tenant(MIDORI):
            row.refresh_from_db()
        assert (row.state, row.insurer_number) == ("settled", "H-55")


def test_the_roster_is_taken_away_and_kept(cast, browser, visit_uid):
    with clock.frozen(END):
        desk = browser(cast.officer)
        page = text(desk.get("/desk/safety/roster/"))
        assert "春風 けん" in page and "120" in page
        for form in ("csv", "xlsx", "pdf"):
            taken = desk.get(f"/desk/safety/roster/?kind=members&month=2026-11&format={form}")
            assert taken.status_code == 200
            if form == "csv":
                assert "ハルカゼ ケン" in taken.content.decode("utf-8-sig")
        assert "活動の一覧" in printed(desk.get("/desk/safety/roster/?kind=visits&format=pdf"))
        sjis = desk.get("/desk/safety/roster/?kind=visits&format=sjis")
        assert "実施" in sjis.content.decode("cp932")
        with tenant(MIDORI):
            copies = list(RosterCopy.objects.all())
        assert {one.form for one in copies} == {"csv", "xlsx", "pdf", "sjis"} and len(copies) == 5
        first = next(one for one in copies if one.form == "csv")
        assert "春風 けん" in desk.get(f"/desk/safety/roster/{first.uid}/").content.decode(
            "utf-8-sig"
        )
        assert "支援の記録" in text(desk.get("/desk/safety/roster/?month=2026-99"))
        assert desk.get("/desk/safety/roster/?kind=none").status_code == 404
        assert (
            browser(cast.kita_officer).get(f"/desk/safety/roster/{first.uid}/").status_code == 404
        )
        assert browser(cast.supporter).get("/desk/safety/roster/").status_code == 404
