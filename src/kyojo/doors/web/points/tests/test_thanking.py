"""手伝ってもらったお礼: the form and its last look, what both see afterwards, the own invoice."""

import html
import re
from datetime import date

import pytest

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.models import PaidHelp
from kyojo.civic.earnings.testing import install
from kyojo.civic.earnings.tests.paid_cast import fill, pair, wallet, write_down
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.civic.people.testing import JUN, TAE, make_officer, make_supporter
from kyojo.civic.programmes.papers.zengin import Sender
from kyojo.civic.programmes.rules.presets import preset
from kyojo.doors.web.points import invoice_paper
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
TIMES = {
    "day_year": "2026",
    "day_month": "11",
    "day_day": "18",
    "start": "10:00",
    "end": "12時",
}


def thanks(helper, **fields):
    return {
        "order_id": str(new_id()),
        "helper": helper.number,
        "family_name": helper.family_name,
        "activity": "庭の草とり",
        **TIMES,
        **fields,
    }


def text(answer) -> str:
    body = re.sub(r"<(script|style).*?</\1>", "", answer.content.decode(), flags=re.S)
    return re.sub(r"\s+|<[^>]*>", "", body)


def carried(answer) -> dict[str, str]:
    """What the page sends on without showing a box for it."""
    inputs = re.findall(
        r'<input type="hidden" name="([^"]+)" value="([^"]*)"', answer.content.decode()
    )
    return {name: html.unescape(value) for name, value in inputs}


def helps(town) -> int:
    with tenant(town):
        return PaidHelp.objects.count()


def test_tickets_are_given_after_a_last_look(towns, browser_of):
    fumi, ken = pair(towns.midori.id, "ticket")
    fill(fumi, "ticket", 3)
    browser, page = browser_of(fumi), "/me/points/ticket/thanks/"
    assert "手伝ってもらったお礼をする" in text(browser.get("/me/points/ticket/"))
    assert "いま3枚" in text(browser.get(page))
    sent = thanks(ken)
    look = browser.post(page, sent | {"step": "check"})
    assert look.status_code == 200
    assert "春風けんさん" in text(look) and "お礼は1時間ごとに1枚の決まりなので" in text(look)
    assert (helps(towns.midori.id), wallet(fumi, "ticket")) == (0, 3)
    sent = carried(look)
    assert ken.number in browser.post(page, sent | {"step": "change"}).content.decode()
    for said in ("お礼をわたしました", "前に送られています"):
        answer = browser.post(page, sent | {"step": "send"}, follow=True)
        assert said in text(answer)
    assert (helps(towns.midori.id), wallet(fumi, "ticket"), wallet(ken, "ticket")) == (1, 1, 2)
    seen = text(answer)
    assert "春風けんさんに手伝ってもらいました" in seen and "−2枚" in seen
    theirs = text(browser_of(ken).get("/me/points/ticket/"))
    assert "青空ふみさんを手伝いました" in theirs and "＋2枚" in theirs and "届きました" in theirs


def test_cash_is_written_down_with_the_amount_that_was_given(towns, browser_of):
    fumi, ken = pair(towns.midori.id, "paid-cash")
    browser, page = browser_of(fumi), "/me/points/paid-cash/thanks/"
    missing = browser.post(page, thanks(ken) | {"step": "check"})
    assert (missing.status_code, "お礼の額を入れてください" in text(missing)) == (422, True)
    low = browser.post(page, thanks(ken, chosen_yen="499円") | {"step": "check"})
    assert (low.status_code, "500円から1,000円まで" in text(low)) == (422, True)
    look = browser.post(page, thanks(ken, chosen_yen="７００") | {"step": "check"})
    assert "お礼（現金）1,400円" in text(look)
    assert "1時間ごとに700円と決めたので" in text(look)
    browser.post(page, carried(look) | {"step": "send"})
    assert "＋880円" in text(browser_of(ken).get("/me/points/paid-cash/"))


def test_what_is_typed_wrong_moves_nothing(towns, browser_of):
    town = towns.midori.id
    fumi, ken = pair(town, "ticket", "paid-passbook")
    install(town, "time-deposit")
    fill(fumi, "ticket", 1)
    tae = make_supporter(towns.kita.id, TAE)
    browser = browser_of(fumi)
    wrong = (
        ("ticket", {}, "足りない分を買い足して"),
        ("ticket", {"end": "10:30"}, "60分に足りない"),
        ("ticket", {"end": "9:00"}, "終わりの時刻を、始まりより後に"),
        ("ticket", {"end": "x"}, "9:30か9時30分のように"),
        ("ticket", {"day_day": "21"}, "まだ来ていません"),
        ("ticket", {"day_day": "20", "start": "17", "end": "19"}, "まだ終わっていない"),
        ("ticket", {"family_name": "朝露"}, "会員番号と苗字が合いません"),
        ("ticket", {"helper": fumi.number, "family_name": "青空"}, "会員番号と苗字が合いません"),
        ("ticket", {"helper": "19999"}, "会員番号と苗字が合いません"),
        ("ticket", {"helper": "1" + tae.number, "family_name": "木漏日"}, "苗字が合いません"),
        ("ticket", {"activity": "あ" * 41}, "40文字まで"),
        ("paid-passbook", {"costs_yen": "1001"}, "1,000円までです"),
    )
    for code, change, said in wrong:
        for step in ("check", "send"):
            answer = browser.post(
                f"/me/points/{code}/thanks/", thanks(ken) | change | {"step": step}
            )
            assert (answer.status_code, said in text(answer)) == (422, True), (
                change,
                text(answer)[-2500:],
            )
    assert (helps(town), wallet(fumi, "ticket")) == (0, 1)


def test_who_tries_many_numbers_is_stopped(towns, browser_of):
    fumi, ken = pair(towns.midori.id, "ticket")
    fill(fumi, "ticket", 5)
    browser, page = browser_of(fumi), "/me/points/ticket/thanks/"
    for _ in range(10):
        browser.post(page, thanks(ken, family_name="朝露"))
    answer = browser.post(page, thanks(ken))
    assert answer.status_code == 422 and "春風けん" not in text(answer)
    with tenant(towns.midori.id):
        assert Act.objects.filter(action="handing_mismatched").count() == 10


def test_there_is_no_form_where_the_office_bills(towns, browser_of):
    fumi, _ = pair(towns.midori.id, "paid-invoice", "yokohama")
    browser = browser_of(fumi)
    nothing = browser.get("/me/points/nothing/")
    for code in ("paid-invoice", "yokohama", "nothing"):
        answer = browser.get(f"/me/points/{code}/thanks/")
        assert (answer.status_code, answer.content) == (404, nothing.content), code
    assert "お礼をする" not in text(browser.get("/me/points/paid-invoice/"))
    assert "手伝いの記録" not in text(browser.get("/me/points/yokohama/"))


def test_members_have_their_own_invoices_only(towns, browser_of, client):
    town = towns.midori.id
    fumi, ken = pair(town, "paid-invoice", "ticket")
    write_down(ken, fumi, "paid-invoice", activity="garden")
    browser = browser_of(fumi)
    assert "請求書がまだ" in text(browser.get("/me/points/paid-invoice/"))
    with tenant(town):
        [invoice] = services.invoices_issue(
            programme_code="paid-invoice",
            month=date(2026, 11, 1),
            due_on=date(2026, 12, 25),
            by=make_officer(town),
        )
    page = text(browser.get("/me/points/paid-invoice/"))
    assert "2026年11月分2,000円" in page and "2026年12月25日までにお願いします" in page
    assert "番号2026-0001" in page
    theirs = text(browser_of(ken).get("/me/points/paid-invoice/"))
    assert "入金を待っています" in theirs and "2026-0001" not in theirs
    paper = f"/me/points/paid-invoice/invoices/{invoice.uid}.pdf"
    answer = browser.get(paper)
    assert answer.content.startswith(b"%PDF") and "no-store" in answer["Cache-Control"]
    nothing = browser.get("/me/points/nothing/")
    jun = make_supporter(towns.kita.id, JUN)
    for other in (browser_of(ken), browser_of(jun)):
        assert other.get(paper).status_code == 404
    assert browser.get(paper.replace("paid-invoice/", "ticket/")).content == nothing.content
    assert client.get(paper).status_code == 302
    with tenant(town):
        services.invoice_void(uid=invoice.uid, reason="時間がちがいました", by=make_officer(town))
    page = text(browser.get("/me/points/paid-invoice/"))
    assert "お支払いはいりません。時間がちがいました" in page and ".pdf" not in page
    assert browser.get(paper).status_code == 404


def test_an_invoice_says_where_to_pay(towns):
    town = towns.midori.id
    pair(town, "paid-invoice")
    sender = Sender("0000012345", "ﾐﾎﾝｼ", "0001", "ﾐﾎﾝ", "001", "ﾎﾝﾃﾝ", 1, "1234567")
    with tenant(town):
        programme = paid_selectors.paid("paid-invoice").programme
        assert invoice_paper.pay_to(programme) == "窓口でお聞きください"
        services.office_account_set(
            programme_code="paid-invoice", account=sender, by=make_officer(town)
        )
        said = invoice_paper.pay_to(programme)
    assert said == "ミホン(0001) ホンテン(001) 普通 1234567 ミホンシ"


def test_deposited_hours_are_said_where_they_are(towns, browser_of):
    town = towns.midori.id
    fumi, ken = pair(town, "paid-passbook", "time-deposit")
    fill(fumi, "paid-passbook", 2_000)
    one = write_down(ken, fumi, "paid-passbook")
    page = text(browser_of(ken).get("/me/points/time-deposit/"))
    assert "お礼の一部を、時間で預けました" in page and "お礼のうち390円分です。＋36分" in page
    with tenant(town):
        services.help_void(uid=one.uid, reason="日のまちがい", by=make_officer(town))
    page = text(browser_of(ken).get("/me/points/time-deposit/"))
    assert "預けた時間がもどりました" in page and "−36分" in page
    page = text(browser_of(fumi).get("/me/points/paid-passbook/"))
    assert "取り消しました（日のまちがい）。" in page


def test_another_towns_member_and_a_visitor_see_nothing(towns, browser_of, client):
    pair(towns.midori.id, "ticket")
    far = make_supporter(towns.kita.id, JUN)
    assert browser_of(far).get("/me/points/ticket/thanks/").status_code == 404
    answer = client.get("/me/points/ticket/thanks/")
    assert answer.status_code == 302 and answer["Location"].startswith("/login/")


# --- beside the minimum wage ----------------------------------------------------------------------


def test_whoever_sets_the_thanks_hears_of_the_minimum_wage(towns, browser_of):
    fumi, ken = pair(towns.midori.id)
    dear = (
        preset("paid-cash")
        .replace("most_yen = 1000", "most_yen = 1500")
        .replace('share = "part_donated"\nshare_percent = 20', 'share = "person"')
    )
    install(towns.midori.id, "paid-cash", document=dear)
    browser, path = browser_of(fumi), "/me/points/paid-cash/thanks/"
    # a prefecture that is not in the table: nothing is said, nothing fails
    assert "最低賃金" not in text(browser.get(path))
    Municipality.objects.filter(pk=towns.midori.id).update(prefecture="東京都")
    assert "東京都の最低賃金は、1時間1,226円です（2026年9月30日までの額）" in text(
        browser.get(path)
    )
    low = browser.post(path, thanks(ken, step="check", chosen_yen="1000"))
    assert low.status_code == 200 and "最低賃金" not in text(low)
    # all but the office's 150 are the helper's
    high = thanks(ken, step="check", chosen_yen="1500")
    page = text(browser.post(path, high))
    assert "お礼は1時間あたり1,350円で、東京都の最低賃金" in page
    assert "前にもどって額を下げるか、事務局に聞いてください" in page
    assert browser.post(path, high | {"step": "send"}).status_code == 302
    assert helps(towns.midori.id) == 1


def test_where_the_rate_is_fixed_the_caution_asks_for_no_other_amount(towns, browser_of):
    fumi, ken = pair(towns.midori.id)
    dear = (
        preset("ticket-each-use")
        .replace("paid_yen = 650", "paid_yen = 1300")
        .replace("bought_yen = 800", "bought_yen = 1450")
        .replace("yen = 650", "yen = 1300")
    )
    install(towns.midori.id, "ticket-each-use", document=dear)
    fill(fumi, "ticket-each-use", 10)
    Municipality.objects.filter(pk=towns.midori.id).update(prefecture="東京都")
    browser, path = browser_of(fumi), "/me/points/ticket-each-use/thanks/"
    page = text(browser.get(path))
    assert "最低賃金" not in page
    page = text(browser.post(path, thanks(ken, step="check")))
    assert "をこえています" in page and "気になるときは、事務局に聞いてください" in page
    assert "額を下げる" not in page
