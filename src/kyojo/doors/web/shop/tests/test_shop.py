"""From the application to the shop's payment, as the member, the shop and the office see it."""

import io
import re
from datetime import date

import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from kyojo.civic.earnings import services, shop_selectors
from kyojo.civic.earnings.models import Coupon, ShopPayment
from kyojo.civic.earnings.testing import PAYEE
from kyojo.civic.earnings.tests.shops_cast import NOW, approved, buyer, made, open_shop, take
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import (
    FUMI,
    JUN,
    make_coordinator,
    make_login,
    make_officer,
    make_supporter,
)
from kyojo.civic.programmes.papers.zengin import Sender
from kyojo.doors.web.testing import sign_in
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
ME, DESK = "/me/points/exchange/", "/desk/points/exchange/"


@pytest.fixture(autouse=True)
def _november():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def fumi(towns):
    person = buyer(towns.midori.id, FUMI)
    open_shop(towns.midori.id)
    return person


def browser(user) -> Client:
    return sign_in(Client(raise_request_exception=False), user)


def text(answer) -> str:
    body = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+|<[^>]*>", "", body)


def pdf(answer) -> str:
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    pages = pypdf.PdfReader(io.BytesIO(answer.content)).pages
    return "\n".join(page.extract_text() for page in pages)


def coupons(town: int) -> list[Coupon]:
    with tenant(town):
        return list(Coupon.objects.order_by("place").select_related("shop"))


def test_a_member_takes_coupons_and_a_shop_takes_them_in(fumi):
    town = fumi.municipality_id
    one = approved(fumi, 25)
    mine = browser(fumi.user)
    assert "券を受け取る" in text(mine.get(ME))
    make = f"{ME}coupons/{one.uid}/"
    for said in ("3枚の券ができました", "もうできています"):
        assert said in text(mine.post(make, follow=True))
    page = mine.get(ME).content.decode()
    assert "使える券は3枚です（2028年3月31日まで）" in page
    words = pdf(mine.get(f"{ME}coupons/{one.uid}.pdf"))
    first, second, third = coupons(town)
    for coupon in (first, second, third):
        assert shop_selectors.shown_token(coupon.token) in words
    assert "1,000円分" in words and "500円分" in words and "おつりなし" in words

    shop = browser(open_shop(town).user)
    assert shop.get("/")["Location"] == "/shop/"
    answer = shop.post("/shop/", {"number": shop_selectors.shown_token(first.token).lower()})
    assert answer["Location"] == f"/shop/{first.token}/"
    page = shop.get(f"/shop/{first.token}/")
    assert "この券は、使えます" in text(page) and fumi.name not in text(page)
    order = re.search(r'name="order_id" value="([^"]+)"', page.content.decode())[1]
    for _ in range(2):
        answer = shop.post(f"/shop/{first.token}/", {"order_id": order}, follow=True)
        assert "1,000円分の券を受け取りました" in text(answer)
    used = shop.get(f"/shop/{first.token}/")
    assert used.status_code == 409 and "2026年11月20日に受け取りずみです" in text(used)
    assert "受け取りずみ" in text(shop.post("/shop/", {"number": first.token}))
    again = shop.post(f"/shop/{first.token}/", {"order_id": str(new_id())})
    assert again.status_code == 409
    wrong = shop.post("/shop/", {"number": "AAAA-AAAA"})
    assert wrong.status_code == 422 and "見つかりません" in text(wrong)
    assert "今月、受け取った券1,000円1枚" in text(shop.get("/shop/"))
    assert "使った券は1枚です" in text(mine.get(ME))


def test_a_paper_has_only_what_can_still_be_used(fumi):
    town = fumi.municipality_id
    one = approved(fumi, 20)
    first, second = made(one)
    take(first)
    mine = browser(fumi.user)
    address = f"{ME}coupons/{one.uid}.pdf"
    words = pdf(mine.get(address))
    assert shop_selectors.shown_token(second.token) in words
    assert shop_selectors.shown_token(first.token) not in words
    with tenant(town):
        services.coupon_void(token=second.token, reason="落とした", by=make_officer(town))
    assert mine.get(address).status_code == 404
    assert "使える券は、もうありません" not in text(mine.get(ME))
    # the member makes no other one for it
    again = mine.post(f"{ME}coupons/{one.uid}/", follow=True)
    assert "なくしたときは、事務局に聞いてください" in text(again)
    assert [row.state for row in coupons(town)] == ["in", "void"]


def test_an_application_of_many_coupons_is_read_as_fast_as_of_one(fumi):
    office, counts = browser(make_officer(fumi.municipality_id)), []
    for amount in (10, 30):
        made(one := approved(fumi, amount))
        address = f"{DESK}applications/{one.uid}/"
        office.get(address)
        with CaptureQueriesContext(connection) as asked:
            assert office.get(address).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_nobody_else_comes_near(fumi, towns, client):
    town = fumi.municipality_id
    one = approved(fumi, 10)
    (coupon,) = made(one)
    waiting = approved(fumi, 10)
    address = f"{ME}coupons/{one.uid}.pdf"
    assert client.get(address)["Location"].startswith("/login/")
    assert client.get(f"/shop/{coupon.token}/")["Location"].startswith("/login/")
    jun = make_supporter(town, JUN)
    for user in (jun.user, make_officer(town), make_login("nobody", None)):
        strange = browser(user)
        assert strange.get("/shop/").status_code == 404
        assert strange.get(f"/shop/{coupon.token}/").status_code == 404
        assert (
            strange.post(f"/shop/{coupon.token}/", {"order_id": str(new_id())}).status_code == 404
        )
    assert browser(jun.user).get(address).status_code == 404
    assert browser(jun.user).post(f"{ME}coupons/{waiting.uid}/").status_code == 404
    shop = open_shop(town).user
    paths = (
        "shops/", "shops/new/", f"shops/{new_id()}/", "shops/2026/11/", "coupons/",
        f"coupons/{coupon.token}/", f"applications/{one.uid}/coupons.pdf",
    )  # fmt: skip
    for user in (shop, jun.user, make_coordinator(town), make_officer(towns.kita.id)):
        for path in paths:
            assert browser(user).get(DESK + path).status_code == 404
        for act in ("void", "untake"):
            answer = browser(user).post(
                f"{DESK}coupons/{coupon.token}/{act}/", {"reason": "ためし"}
            )
            assert answer.status_code == 404
        answer = browser(user).post(f"{DESK}applications/{waiting.uid}/coupons/")
        assert answer.status_code == 404
    assert [row.state for row in coupons(town)] == ["out"]


# --- at the desk ----------------------------------------------------------------------------------


def test_the_office_hands_coupons_out_and_puts_mistakes_right(fumi):
    town = fumi.municipality_id
    one = approved(fumi, 20)
    desk = browser(make_officer(town))
    application = f"{DESK}applications/{one.uid}/"
    assert "参加店の券にする" in text(desk.get(application))
    assert "券は2枚です" in text(desk.post(f"{application}coupons/", follow=True))
    assert "1,000円分" in pdf(desk.get(f"{application}coupons.pdf"))
    first, second = coupons(town)
    take(first)
    page = f"{DESK}coupons/{first.token}/"
    assert desk.post(f"{page}untake/", {"reason": ""}).status_code == 422
    assert "また使えます" in text(desk.post(f"{page}untake/", {"reason": "ちがう券"}, follow=True))
    lost = f"{DESK}coupons/{second.token}/void/"
    assert "券を無効にしました" in text(desk.post(lost, {"reason": "落とした"}, follow=True))
    assert "券を作りなおす" in text(desk.get(application))
    assert "券は2枚です" in text(desk.post(f"{application}coupons/", follow=True))
    assert "券を作りなおす" not in text(desk.get(application))
    found = desk.get(f"{DESK}coupons/", {"words": shop_selectors.shown_token(second.token)})
    assert "1枚・作ったのが新しい順" in text(found)
    assert desk.get(f"{DESK}coupons/", {"format": "csv"}).status_code == 200
    with tenant(town):
        names = set(Act.objects.values_list("action", flat=True))
    assert {"coupons_made", "coupon_untaken", "coupon_voided", "coupon_replaced"} <= names


def test_the_office_registers_a_shop_and_pays_it_by_the_month(fumi):
    town = fumi.municipality_id
    desk = browser(make_officer(town))
    page = desk.get(f"{DESK}shops/new/")
    order = re.search(r'name="order_id" value="([^"]+)"', page.content.decode())[1]
    given = {"order_id": order, "name": "かど屋", "kana": "かどや", "email": "kado@example.jp"}
    for _ in range(2):
        assert "「かど屋」を登録しました" in text(
            desk.post(f"{DESK}shops/new/", given, follow=True)
        )
    taken = desk.post(f"{DESK}shops/new/", given | {"order_id": str(new_id())})
    assert taken.status_code == 422 and "もうこの名前の店があります" in text(taken)
    shop = open_shop(town)
    account = {
        "bank": "0001", "bank_kana": "みほん", "branch": "001", "branch_kana": "ほんてん",
        "kind": "1", "number": "1234567", "holder_kana": "まるいしようてん",
    }  # fmt: skip
    assert desk.post(f"{DESK}shops/{shop.uid}/", account | {"bank": "1"}).status_code == 422
    answer = desk.post(f"{DESK}shops/{shop.uid}/", account, follow=True)
    assert "口座を記録しました" in text(answer)

    first, second = made(approved(fumi, 15))
    take(first)
    take(second)
    month = f"{DESK}shops/2026/11/"
    assert "翌月の1日から" in text(desk.get(month))
    assert desk.get(f"{month}bank/").status_code == 404
    with clock.frozen(clock.at(date(2026, 12, 3), 9)):
        page = desk.get(month)
        assert "これから払うもの1店・1,500円" in text(page)
        assert desk.get(month, {"format": "csv"}).status_code == 200
        with tenant(town):
            services.office_account_set(
                programme_code="exchange",
                account=Sender(
                    code="1234567890", name="ﾐﾎﾝｼ", bank_code="0001", bank_name="ﾐﾎﾝ",
                    branch_code="001", branch_name="ﾎﾝﾃﾝ", account_type=1,
                    account_number="7654321",
                ),
                by=make_officer(town),
            )  # fmt: skip
        day = {"pay_on_year": "2026", "pay_on_month": "12", "pay_on_day": "10"}
        file = desk.post(f"{month}bank/", day)
        assert b"0000001500" in file.content, text(file)
        chosen = re.findall(r'name="chosen"[^>]*value="([^"]+)"', page.content.decode())
        assert chosen == [f"{shop.uid}-1500"]
        paid = {"chosen": chosen, "reference": "振込 31"}
        changed = desk.post(month, paid | {"chosen": [f"{shop.uid}-1400"]})
        assert changed.status_code == 422 and "額が変わりました" in text(changed)
        assert "支払いを記録しました" in text(desk.post(month, paid, follow=True))
        assert "もう記録してあります" in text(desk.post(month, paid, follow=True))
        assert "支払いずみ（番号振込31）" in text(browser(shop.user).get("/shop/"))
        assert "支払いずみ" in text(desk.get(f"{DESK}shops/"))
    ended = desk.post(f"{DESK}shops/{shop.uid}/end/", follow=True)
    assert "参加を終えました" in text(ended)
    assert "券は受け取れません" in text(browser(shop.user).get("/shop/"))
    with tenant(town):
        assert ShopPayment.objects.get().yen == 1500
        assert services.shop_payee(shop_selectors.shop_by_uid(shop.uid)).number == PAYEE.number
