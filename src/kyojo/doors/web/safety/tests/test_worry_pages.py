"""Telling a worry by the page, reading it at the desk, and the paper."""

from io import BytesIO

import pytest
from procrastinate import testing
from procrastinate.contrib.django import app
from pypdf import PdfReader

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.help.safety import services
from kyojo.help.safety.models import SupportCentre, Worry
from kyojo.help.support.tests.cast import END, MIDORI, START, check_in, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def jobs():
    with app.replace_connector(testing.InMemoryConnector()) as replaced:
        yield replaced


def text(response):
    return response.content.decode()


def test_from_the_visit_to_the_centre_and_back(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    here = f"/visits/{visit_uid}/worry/"
    given = {
        "order_id": str(new_id()), "signs": ["injury", "abuse"], "words": "うでにあざ",
        "ground": "abuse",
    }  # fmt: skip
    with clock.frozen(END):
        phone, desk = browser(cast.supporter), browser(cast.officer)
        assert here in text(phone.get(f"/visits/{visit_uid}/"))
        form = text(phone.get(here))
        assert "法律で決まっています" in form and "tel:119" in form
        wrong = phone.post(here, given | {"signs": []})
        assert wrong.status_code == 422 and "うでにあざ" in text(wrong)
        for _ in range(2):
            assert phone.post(here, given).status_code == 302
        assert "K-1001" in text(phone.get(here)) and "うでにあざ" not in text(phone.get(here))
        for other in (cast.mother, cast.carer, cast.second):
            assert browser(other).get(here).status_code == 404
            assert browser(other).post(here, given).status_code == 404

        listed = text(desk.get("/desk/safety/worries/"))
        assert "K-1001" in listed and "春風" not in listed and "あざ" not in listed
        with tenant(MIDORI):
            uid = Worry.objects.get().uid
        one = f"/desk/safety/worries/{uid}/"
        opened = text(desk.get(one))
        assert all(words in opened for words in ("うでにあざ", "春風 けん", "青空 ふみ", "第8条"))
        paper = desk.get(f"{one}paper.pdf")
        assert paper["Content-Type"] == "application/pdf"
        printed = "".join(page.extract_text() for page in PdfReader(BytesIO(paper.content)).pages)
        assert "うでにあざ" in printed.replace(" ", "") and "至急" in printed
        desk.post(f"{one}act/", {"do": "take"})
        desk.post(f"{one}act/", {"do": "answer", "words": "訪問しました"})
        assert "訪問しました" in text(phone.get(here))
        assert desk.post(f"{one}act/", {"do": "close", "words": ""}).status_code == 422
        assert desk.post(f"{one}act/", {"do": "nothing"}).status_code == 404
        desk.post(f"{one}act/", {"do": "close", "words": "つなぎました"})
        csv = desk.get("/desk/safety/worries/?format=csv").content.decode("utf-8-sig")
        assert "終わりました" in csv and "あざ" not in csv
        with tenant(MIDORI):
            done = set(Act.objects.filter(subject_kind="worry").values_list("action", flat=True))
        assert {"worry_opened", "worry_paper", "worry_acknowledged", "worry_closed"} <= done
        for who in (cast.kita_officer, cast.supporter):
            assert browser(who).get(one).status_code == 404


def test_a_centre_s_worry_is_closed_to_the_rest_of_the_desk(cast, browser):
    visit_uid = visit_make(cast)
    check_in(cast, visit_uid)
    with clock.frozen(START):
        desk = browser(cast.officer)
        centre = {
            "order_id": str(new_id()), "kind": "elder", "name": "港の包括", "phone": "0120000000",
            "area_codes": ["minato"],
        }  # fmt: skip
        with tenant(MIDORI):
            from kyojo.civic.people.models import User

            second = User.objects.get(email=f"second@{MIDORI}.example.jp")
        assert desk.post("/desk/safety/centres/", centre | {"name": ""}).status_code == 422
        assert (
            desk.post("/desk/safety/centres/", centre | {"members": [second.pk]}).status_code == 302
        )
        with tenant(MIDORI):
            uid = SupportCentre.objects.get().uid
            row = services.worry_tell(
                uid=new_id(), visit_uid=visit_uid, by=cast.supporter, signs=["low"], words="",
                ground="life",
            )  # fmt: skip
        assert "港の包括" in text(desk.get(f"/desk/safety/centres/{uid}/"))
        assert desk.get(f"/desk/safety/worries/{row.uid}/").status_code == 404
        assert desk.get(f"/desk/safety/worries/{row.uid}/paper.pdf").status_code == 404
        assert desk.post(f"/desk/safety/worries/{row.uid}/act/", {"do": "take"}).status_code == 404
        assert browser(second).get(f"/desk/safety/worries/{row.uid}/").status_code == 200
        desk.post(f"/desk/safety/centres/{uid}/end/")
        with tenant(MIDORI):
            assert SupportCentre.objects.get().ended_at and Worry.objects.get().state == "sent"
