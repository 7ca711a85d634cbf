"""Every kind of programme has its pages: what is counted, handed on, or settled in cash."""

import re

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.testing import install, stand
from kyojo.civic.earnings.tests.paid_cast import write_down
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.kernel.ids import new_id

from .test_pages import recorded, text

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("code", "fields", "said"),
    [
        ("sanjo", {"activity": "talk", "host": "host-1"}, "品物とかえる"),
        ("time-deposit", {"activity": "help", "host": ""}, "共同の行事に使う"),
        ("gratitude", {"activity": "help", "host": ""}, ""),
        ("saitama", {}, "寄付する"),
    ],
)
def test_every_kind_of_programme_has_its_pages(browser_of, towns, code, fields, said):
    install(towns.midori.id, code)
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    recorded(fumi, code, 12, **fields)
    assert said in pages_all_answer(browser_of(fumi), code)


def pages_all_answer(browser, code: str) -> str:
    """The words of a programme's page; the list and each use's form answer, too."""
    assert browser.get("/me/points/").status_code == 200
    page = browser.get(f"/me/points/{code}/")
    assert page.status_code == 200
    for use in re.findall(r"/use/([a-z_]+)/", page.content.decode()):
        assert browser.get(f"/me/points/{code}/use/{use}/").status_code == 200
    return text(page)


@pytest.mark.parametrize("code", ["ticket", "ticket-each-use", "exchange", "time"])
def test_what_is_handed_on_has_no_activities(browser_of, towns, code):
    install(towns.midori.id, code)
    page = pages_all_answer(browser_of(make_supporter(towns.midori.id, FUMI)), code)
    assert "まだ、やりとりはありません" in page
    assert "活動の記録" not in page
    way = "手伝ってもらったお礼" if code.startswith("ticket") else "ほかの会員に渡す"
    assert way in page


def test_tickets_are_seen_by_who_bought_and_who_received_them(browser_of, towns):
    install(towns.midori.id, "ticket")
    fumi, ken = make_supporter(towns.midori.id, FUMI), make_supporter(towns.midori.id, KEN)
    with tenant(towns.midori.id):
        services.units_buy(
            uid=new_id(),
            programme_code="ticket",
            person=fumi,
            amount=5,
            reference="領収 31",
            by=make_officer(towns.midori.id),
        )
        services.units_hand(
            uid=new_id(),
            programme_code="ticket",
            giver=fumi,
            receiver_number=ken.number,
            amount=2,
            use="help",
        )
    page = pages_all_answer(browser_of(fumi), "ticket")
    assert "買いました11月20日（金）18時4,000円。受け取りの番号領収31＋5枚" in page
    assert "春風けんさんに渡しました11月20日（金）18時手伝いのお礼−2枚" in page
    assert "いま使える3枚1,950円分" in page
    theirs = pages_all_answer(browser_of(ken), "ticket")
    assert "青空ふみさんから届きました11月20日（金）18時手伝いのお礼＋2枚" in theirs
    assert "買いました" not in theirs


def test_of_cash_nobody_has_anything_to_use(browser_of, towns):
    install(towns.midori.id, "paid-cash")
    fumi, ken = make_supporter(towns.midori.id, FUMI), make_supporter(towns.midori.id, KEN)
    write_down(ken, fumi, "paid-cash", chosen_yen=700)
    for person in (fumi, ken):
        page = pages_all_answer(browser_of(person), "paid-cash")
        assert "いま使える" not in page and "お金にかえる使える" not in page
        assert "手伝ってもらったお礼をする" in page and "手伝いの記録" in page
        assert "現金で、2人のあいだで" in text(browser_of(person).get("/me/points/"))
