"""What a member can use and what not: goods by the piece, what is sold out, who may, what was
struck out."""

import pytest

from kyojo.civic.earnings import services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.earnings.tests.uses_cast import (
    CROP,
    MEAL,
    PRODUCT,
    ask,
    available,
    gifts,
    left,
    stamped,
    stock_set,
)
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, KEN, make_officer, make_supporter
from kyojo.civic.programmes.rules.presets import preset
from kyojo.kernel.ids import new_id

from .test_pages import ACCOUNT, APRIL, CASH, GIFT, ONE, order_of, recorded, redemptions, text

pytestmark = pytest.mark.django_db
GOODS = "/me/points/sanjo/use/goods/"
ALL_PRICES = f'"{PRODUCT}" = 2, "{CROP}" = 1, "{MEAL}" = 4'


@pytest.fixture
def fumi(towns):
    gifts(towns.midori.id, ALL_PRICES)
    person = make_supporter(towns.midori.id, FUMI)
    stamped(person, 3)
    return person


def choices(page):
    return [value for value, _ in page.context["form"].fields["detail"].choices]


def sent(browser, **fields):
    order = order_of(browser.get(GOODS))
    return browser.post(GOODS, {"order_id": order, "step": "send", **fields})


def test_goods_are_asked_for_by_the_piece(browser_of, fumi):
    browser = browser_of(fumi)
    stock_set(fumi, PRODUCT, 3)
    page = browser.get(GOODS)
    assert "残り3" in text(page) and "いくつ" in text(page) and "使う数" not in text(page)
    fields = {"order_id": order_of(page), "detail": CROP, "pieces": "２"}
    look = browser.post(GOODS, fields | {"step": "check"})
    assert look.status_code == 200 and "いくつ2" in text(look)
    assert not redemptions(fumi)
    for _ in range(2):
        assert browser.post(GOODS, fields | {"step": "send"}).status_code == 302
    (one,) = redemptions(fumi)
    assert (one.detail, one.amount, one.quantity) == (CROP, 2, 2)
    assert left(fumi, PRODUCT) == 3


def test_what_is_sold_out_cannot_be_chosen(browser_of, fumi):
    browser = browser_of(fumi)
    stock_set(fumi, PRODUCT, 0)
    page = browser.get(GOODS)
    assert choices(page) == [CROP, MEAL] and f"いま品切れ：{PRODUCT}" in text(page)
    answer = sent(browser, detail=PRODUCT, pieces="1")
    assert (answer.status_code, f"「{PRODUCT}」は、いま品切れです" in text(answer)) == (422, True)
    for item in (CROP, MEAL):
        stock_set(fumi, item, 0)
    assert "いまは、どれも品切れです" in text(browser.get("/me/points/sanjo/"))
    assert "いまは、どれも品切れです" in text(browser.get(GOODS))
    assert not redemptions(fumi)


def test_the_last_one_that_went_to_this_order_is_not_said_to_be_sold_out(browser_of, fumi):
    browser = browser_of(fumi)
    stock_set(fumi, PRODUCT, 1)
    page = browser.get(GOODS)
    fields = {"order_id": order_of(page), "detail": PRODUCT, "pieces": "1", "step": "send"}
    first = browser.post(GOODS, fields, follow=True)
    assert "申請を受けつけました" in text(first) and left(fumi, PRODUCT) == 0
    assert "前に送られています" in text(browser.post(GOODS, fields, follow=True))
    assert len(redemptions(fumi)) == 1


def test_whom_somebody_was_faster_than_reads_it_beside_the_item(browser_of, fumi, towns):
    other = make_supporter(towns.midori.id, KEN)
    stamped(other, 2)
    stock_set(fumi, PRODUCT, 1)
    browser = browser_of(fumi)
    order = order_of(browser.get(GOODS))
    ask(other, 2, PRODUCT)
    fields = {"order_id": order, "detail": PRODUCT, "pieces": "1", "step": "send"}
    answer = browser.post(GOODS, fields)
    assert (answer.status_code, "いま品切れです" in text(answer)) == (422, True)
    assert (available(fumi), redemptions(fumi)) == (3, [])


def test_more_pieces_than_there_is_for_are_said_beside_their_box(browser_of, fumi):
    answer = sent(browser_of(fumi), detail=PRODUCT, pieces="2")
    assert answer.status_code == 422 and answer.context["form"].errors["pieces"]
    assert not redemptions(fumi)


def test_who_may_not_spend_reads_why_and_finds_no_form(browser_of, towns):
    document = preset("yokohama").replace(
        "[expiry]", '[spenders]\nrelation = ["lives"]\n\n[expiry]'
    )
    install(towns.midori.id, "yokohama", document=document)
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    recorded(person, "yokohama", 1)
    browser = browser_of(person)
    assert f'href="{CASH}"' in browser.get(ONE).content.decode()
    order = order_of(browser.get(GIFT))
    stand(person, since=APRIL.replace(day=20), lives=False)
    page = browser.get(ONE)
    assert "この自治体に住んでいる人です" in text(page)
    assert f'href="{CASH}"' not in page.content.decode()
    assert "<form" not in browser.get(CASH).content.decode().split("<main")[1].split("</main")[0]
    fields = {"order_id": order, "amount": "100", "detail": "子どもの居場所", "step": "send"}
    answer = browser.post(GIFT, fields)
    assert (answer.status_code, "住んでいる人です" in text(answer)) == (422, True)
    assert not redemptions(person)


@pytest.mark.parametrize(
    ("field", "value"),
    [("holder_kana", "ア" * 31), ("bank_kana", "ガ" * 8), ("branch_kana", "ジ" * 9)],
)
def test_a_name_too_long_for_the_bank_is_said_beside_its_box(browser_of, towns, field, value):
    install(towns.midori.id, "yokohama")
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    recorded(person, "yokohama", 1)
    browser = browser_of(person)
    order = order_of(browser.get(CASH))
    fields = {"order_id": order, "amount": "100", "step": "check", **ACCOUNT, field: value}
    answer = browser.post(CASH, fields)
    assert answer.status_code == 422 and "半角で" in str(answer.context["form"].errors[field])


def test_what_was_struck_out_stays_to_be_seen_with_its_reason(browser_of, towns):
    install(towns.midori.id, "yokohama")
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    one = record(person, "yokohama", APRIL)
    with tenant(person.municipality_id):
        services.record_void(
            uid=one.uid, reason="同じ活動を2回書いた", by=make_officer(person.municipality_id)
        )
    page = text(browser_of(person).get(ONE))
    assert "取り消し特別養護老人ホームひだまり" in page and "理由：同じ活動を2回書いた" in page
    assert "いま使える0ポイント" in page


def test_nobody_elses_order_is_known(browser_of, fumi, towns):
    other = make_supporter(towns.midori.id, KEN)
    stamped(other, 1)
    one = ask(other, 1, CROP)
    answer = browser_of(fumi).post(
        GOODS, {"order_id": str(one.uid), "detail": CROP, "pieces": "1", "step": "send"}
    )
    assert answer.status_code == 422 and not redemptions(fumi)
    with tenant(fumi.municipality_id):
        assert Redemption.objects.get().person == other
    assert browser_of(fumi).post(f"/me/points/sanjo/cancel/{new_id()}/").status_code == 404
