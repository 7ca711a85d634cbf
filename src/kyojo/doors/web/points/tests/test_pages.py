"""スタンプ・ポイント: what a member has and why, what they ask for, and what they take back."""

import re
from datetime import date, timedelta

import pytest

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.testing import PAYEE, install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import (
    FUMI,
    JUN,
    KEN,
    make_carer,
    make_officer,
    make_person,
    make_supporter,
)
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 6)
ONE = "/me/points/yokohama/"
CASH, GIFT = f"{ONE}use/cash/", f"{ONE}use/donation/"
ACCOUNT = {
    "bank": "０００１",
    "bank_kana": "みほん",
    "branch": "001",
    "branch_kana": "ﾎﾝﾃﾝ",
    "kind": "1",
    "number": "123-4567",
    "holder_kana": "くもい あきら",
}


def recorded(person: Person, code: str, count: int, first: date = APRIL, **fields) -> None:
    for number in range(count):
        record(person, code, first + timedelta(days=number), **fields)


def text(response) -> str:
    """What stands on a page, without tags and white space."""
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.S)
    return re.sub(r"\s+|<[^>]*>", "", body)


def lost(browser):
    return browser.get("/me/points/nothing/")


def is_lost(browser, answer) -> bool:
    nothing = lost(browser)
    return (answer.status_code, answer.content) == (404, nothing.content)


def wallet(person: Person, code: str = "yokohama"):
    with tenant(person.municipality_id):
        return selectors.wallet(selectors.ruled(code).programme, person)


def redemptions(person: Person) -> list[Redemption]:
    with tenant(person.municipality_id):
        return selectors.redemptions(person=person)


def order_of(answer) -> str:
    return re.search(r'name="order_id" value="([^"]+)"', answer.content.decode())[1]


def asked(person: Person, amount: int = 200, **fields) -> Redemption:
    with tenant(person.municipality_id):
        return services.redemption_ask(
            uid=new_id(),
            programme_code="yokohama",
            person=person,
            use="donation",
            amount=amount,
            detail="子どもの居場所",
            **fields,
        )


# --- the town's programmes ------------------------------------------------------------------------


def test_visitors_log_in_first(client, towns):
    for path in ("/me/points/", ONE, CASH):
        assert client.get(path)["Location"] == f"/login/?next={path}"


def test_the_hub_leads_here_where_the_town_has_programmes(browser_of, fumi, towns):
    browser = browser_of(fumi)
    assert 'href="/me/points/"' in browser.get("/me/").content.decode()
    abroad = browser_of(make_carer(towns.kita.id))
    assert "スタンプ・ポイント" not in text(abroad.get("/me/"))
    assert "まだスタンプやポイントの制度がありません" in text(abroad.get("/me/points/"))


def test_every_programme_says_what_one_has(browser_of, fumi, towns):
    install(towns.midori.id, "inagi")
    recorded(fumi, "yokohama", 3)
    recorded(fumi, "inagi", 13)
    page = text(browser_of(fumi).get("/me/points/"))
    assert "シニアボランティアポイント（横浜市の型）" in page
    assert "2026年度600ポイント" in page
    assert "いま使える600ポイント600円分" in page
    assert "期限2028年3月31日まで" in page
    assert "2026年度13スタンプ" in page
    assert "カードの10のうち、3までたまりました。" in page
    assert "あと7スタンプで、次の1,000ポイントになります。" in page


def test_a_programme_without_records_says_how_it_works(browser_of, fumi):
    page = text(browser_of(fumi).get("/me/points/"))
    assert "1回手伝うごとに200ポイント" in page
    assert "記録と決まりを見る" in page


# --- one programme --------------------------------------------------------------------------------


def test_every_activity_says_what_it_became_and_why(browser_of, fumi):
    recorded(fumi, "yokohama", 2)
    stand(fumi, "none", since=APRIL + timedelta(days=2))
    record(fumi, "yokohama", APRIL + timedelta(days=2), hours=2, host="meal-1", activity="meal")
    page = text(browser_of(fumi).get(ONE))
    for said in (
        "400ポイントは、400円にあたります。",
        "2028年3月31日まで使えます。",
        "4月6日（月）＋200ポイント特別養護老人ホームひだまり施設や事業所での手伝い・1時間",
        "1回の手伝いごとに200ポイントの決まりなので、200ポイントになりました。",
        "4月8日（水）0ポイント配食の会あったか便配食と会食の手伝い・2時間",
        "対象（第1号被保険者）に入らないので、数えませんでした。",
        "みどり浜市に住む人のうち、介護保険の第1号被保険者（65歳から）",
        "002 3-4-9".replace(" ", ""),
    ):
        assert said in page
    assert page.index("4月8日（水）") < page.index("4月6日（月）")


def test_a_long_year_is_folded_after_ten(browser_of, fumi):
    recorded(fumi, "yokohama", 12)
    page = browser_of(fumi).get(ONE)
    assert "前の2件を見る" in text(page)
    assert page.content.decode().count("＋200ポイント") == 12


def test_an_earlier_year_is_chosen_by_its_link(browser_of, fumi):
    record(fumi, "yokohama", date(2025, 5, 7))
    record(fumi, "yokohama", APRIL)
    browser = browser_of(fumi)
    page = browser.get(ONE).content.decode()
    assert 'href="?year=2025"' in page
    assert "5月7日" not in page
    earlier = text(browser.get(f"{ONE}?year=2025"))
    assert "2025年度（令和7年度）" in earlier
    assert "5月7日（水）" in earlier
    assert "4月6日（月）" not in earlier
    for year in ("2024", "2027", "20260", "x", "２０２５"):
        assert is_lost(browser, browser.get(f"{ONE}?year={year}"))


def test_what_does_not_exist_is_not_found(browser_of, fumi, towns):
    browser = browser_of(fumi)
    for path in ("/me/points/inagi/", f"{ONE}use/premium/", f"{ONE}use/help/", f"{ONE}use/x/"):
        assert is_lost(browser, browser.get(path))
        assert browser.post(path).status_code in (404, 405)
    # a programme that has not begun does not exist either
    install(towns.midori.id, "sanjo", since=date(2027, 4, 1))
    assert is_lost(browser, browser.get("/me/points/sanjo/"))
    assert "三条" not in text(browser.get("/me/points/"))


def test_another_towns_programme_does_not_exist(browser_of, fumi, towns):
    recorded(fumi, "yokohama", 1)
    browser = browser_of(make_supporter(towns.kita.id, KEN))
    for path in (ONE, CASH, GIFT):
        assert is_lost(browser, browser.get(path))
    assert is_lost(browser, browser.post(GIFT, {"order_id": str(new_id()), "amount": "200"}))
    assert wallet(fumi).held == 0


def test_who_has_no_birth_date_is_told_what_to_do(browser_of, towns, fumi):
    unknown = make_person(towns.midori.id, JUN, roles=["supporter"])
    with tenant(towns.midori.id):
        Person.objects.filter(pk=unknown.pk).update(birth_date=None)
    browser = browser_of(unknown)
    for path in ("/me/points/", ONE):
        page = browser.get(path)
        assert "生年月日を登録してください" in text(page)
        assert 'href="/me/name/"' in page.content.decode()
    assert "生年月日を登録してください" not in text(browser_of(fumi).get(ONE))


# --- asking ---------------------------------------------------------------------------------------


def test_from_points_to_a_bank_account_with_a_last_look(browser_of, fumi):
    recorded(fumi, "yokohama", 6)
    browser = browser_of(fumi)
    page = browser.get(CASH)
    assert 'value="1,200"' in page.content.decode()
    assert "1ポイントは1円です。いま申請できるのは、1,200ポイント（1,200円分）までです。" in text(
        page
    )
    form = ACCOUNT | {"order_id": order_of(page), "amount": "１，０００ポイント"}
    check = browser.post(CASH, form | {"step": "check"})
    for said in ("この内容で申請します", "1,000ポイント", "1,000円", "普通1234567", "クモイアキラ"):
        assert said in text(check)
    assert redemptions(fumi) == []
    assert wallet(fumi).held == 0
    changed = browser.post(CASH, form | {"step": "change"})
    assert changed.status_code == 200
    assert 'value="123-4567"' in changed.content.decode()
    for _ in range(2):  # a double press
        assert browser.post(CASH, form | {"step": "send"})["Location"] == ONE
    [redemption] = redemptions(fumi)
    assert (redemption.amount, redemption.state, str(redemption.uid)) == (
        1000,
        "asked",
        form["order_id"],
    )
    with tenant(fumi.municipality_id):
        assert services.payee_of(redemption) == services.Payee(
            "0001", "ミホン", "001", "ホンテン", "1", "1234567", "クモイ アキラ"
        )
    assert (wallet(fumi).available, wallet(fumi).held) == (200, 1000)
    page = browser.get(ONE)
    assert "お金にかえる1,000ポイント（1,000円分）確認待ち" in text(page)
    assert "1234567" not in page.content.decode()


def test_the_same_page_with_other_content_is_refused(browser_of, fumi):
    recorded(fumi, "yokohama", 6)
    browser = browser_of(fumi)
    form = ACCOUNT | {"order_id": str(new_id()), "amount": "1000"}
    browser.post(CASH, form | {"step": "send"})
    for changed in ({"amount": "100"}, {"number": "7654321"}):
        for step in ("check", "send"):
            answer = browser.post(CASH, form | changed | {"step": step})
            assert answer.status_code == 422
            assert "ちがう内容がもう一度送られました" in text(answer)
    assert wallet(fumi).held == 1000
    # asked for again as it was: the first answers, without a last look
    assert browser.post(CASH, form | {"step": "check"})["Location"] == ONE
    assert len(redemptions(fumi)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": ""}, "使うポイントの数を入れてください"),
        ({"amount": "0"}, "1以上の数字で入れてください"),
        ({"amount": "1.5"}, "1以上の数字で入れてください"),
        ({"amount": "1201"}, "いま使えるのは1,200ポイントです"),
        ({"amount": "9" * 15}, "いま使えるのは1,200ポイントです"),
        ({"bank": "1"}, "銀行の番号は、4けたの数字で入れてください"),
        ({"branch": "00a"}, "支店の番号は、3けたの数字で入れてください"),
        ({"number": "123456"}, "口座番号は、7けたの数字で入れてください"),
        ({"number": ""}, "口座番号を入れてください"),
        ({"kind": "3"}, "口座の種類を1つ選んでください"),
        ({"holder_kana": "雲居"}, "口座の名義（カナ）は、カナで、通帳のとおりに"),
        ({"holder_kana": "ヲ"}, "通帳のとおりに"),
        ({"bank_kana": ""}, "銀行の名前（カナ）を入れてください"),
        ({"order_id": "x"}, "ページが古くなりました"),
    ],
)
@pytest.mark.parametrize("step", ["check", "send"])
def test_what_is_wrong_is_said_and_holds_nothing(browser_of, fumi, changed, said, step):
    recorded(fumi, "yokohama", 6)
    form = ACCOUNT | {"order_id": str(new_id()), "amount": "1000", "step": step} | changed
    answer = browser_of(fumi).post(CASH, form)
    assert answer.status_code == 422
    assert said in text(answer)
    typed = {name: value for name, value in form.items() if name not in ("kind", "step")}
    assert all(f'value="{value}"' in answer.content.decode() for value in typed.values() if value)
    assert redemptions(fumi) == []
    assert (wallet(fumi).available, wallet(fumi).held) == (1200, 0)


def test_a_gift_is_for_one_of_the_recipients(browser_of, fumi):
    recorded(fumi, "yokohama", 1)
    browser = browser_of(fumi)
    assert "振込先" not in text(browser.get(GIFT))
    form = {"order_id": str(new_id()), "amount": "200", "step": "send"}
    for detail in ("", "だれか"):
        answer = browser.post(GIFT, form | {"detail": detail})
        assert answer.status_code == 422
        assert "寄付先を1つ選んでください" in text(answer)
    assert redemptions(fumi) == []
    check = browser.post(GIFT, form | {"detail": "子どもの居場所", "step": "check"})
    assert "寄付先子どもの居場所" in text(check)
    browser.post(GIFT, form | {"detail": "子どもの居場所"})
    assert [(row.use, row.detail) for row in redemptions(fumi)] == [("donation", "子どもの居場所")]


def test_who_has_nothing_is_told_so_and_can_ask_for_nothing(browser_of, fumi):
    browser = browser_of(fumi)
    assert 'href="/me/points/yokohama/use/' not in browser.get(ONE).content.decode()
    page = browser.get(GIFT)
    assert "使えるポイントがたまると、選べます" in text(page)
    assert '<form class="stack' not in page.content.decode()
    form = {"order_id": str(new_id()), "amount": "200", "detail": "子どもの居場所", "step": "send"}
    answer = browser.post(GIFT, form)
    assert answer.status_code == 422
    assert "いま使えるのは0ポイントです" in text(answer)
    assert redemptions(fumi) == []


def test_a_limit_of_the_year_is_said_before_and_after(browser_of, towns):
    install(towns.midori.id, "inagi")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    for first in (date(2025, 4, 7), APRIL):
        recorded(fumi, "inagi", 25, first, hours=2)
    browser, path = browser_of(fumi), "/me/points/inagi/use/premium/"
    page = browser.get("/me/points/inagi/")
    assert "1年度に5,000円まで。今年度は、あと5,000円です。" in text(page)
    assert "今年度の上限の5,000ポイントに届きました。" in text(page)
    assert 'value="5,000"' in browser.get(path).content.decode()
    form = {"order_id": str(new_id()), "amount": "5001", "step": "check"}
    answer = browser.post(path, form)
    assert answer.status_code == 422
    assert "1年度に5,000円までです。今年度は、あと5,000円です。" in text(answer)
    browser.post(path, form | {"amount": "5000", "step": "send"})
    assert "2027年4月1日から、また使えます" in text(browser.get("/me/points/inagi/"))
    assert "2027年4月1日から、また使えます" in text(browser.get(path))
    assert wallet(fumi, "inagi").held == 5000


def test_at_the_limit_the_whole_year_becomes_a_voucher(browser_of, towns):
    install(towns.midori.id, "saitama")
    fumi = make_supporter(towns.midori.id, FUMI)
    stand(fumi)
    recorded(fumi, "saitama", 49)
    browser, path = browser_of(fumi), "/me/points/saitama/use/shop/"
    form = {
        "order_id": str(new_id()),
        "amount": "4000",
        "detail": "シルバー元気応援ショップの応援券を取り扱う店",
        "step": "send",
    }
    assert "全部をまとめて使うときに選べます" in text(browser.get(path))
    answer = browser.post(path, form)
    assert answer.status_code == 422
    assert "年度の上限に届いた人が、まるごと使うときに選べます" in text(answer)
    assert redemptions(fumi) == []
    record(fumi, "saitama", APRIL + timedelta(days=60))
    page = browser.get(path)
    assert "2026年度の5,000円を全部使うと、6,000円分になります" in text(page)
    assert 'type="hidden" name="amount" value="5,000"' in page.content.decode()
    for _ in range(2):
        sent = browser.post(path, form | {"amount": "5000"})
        assert sent["Location"] == "/me/points/saitama/"
    assert [(row.amount, row.value_yen) for row in redemptions(fumi)] == [(5000, 6000)]


# --- how an application stands --------------------------------------------------------------------


def test_the_state_of_an_application_is_said_with_its_note(browser_of, fumi):
    recorded(fumi, "yokohama", 2)
    officer = make_officer(fumi.municipality_id)
    first, second = asked(fumi), asked(fumi)
    with tenant(fumi.municipality_id):
        services.redemption_refuse(uid=first.uid, note="寄付先を変えてください", by=officer)
        services.redemption_approve(uid=second.uid, by=officer)
    browser = browser_of(fumi)
    page = text(browser.get(ONE))
    assert "見送り" in page
    assert "職員から：寄付先を変えてください" in page
    assert "承認されました。手続きが終わると、お知らせします。" in page
    assert "申請を取りやめる" not in page
    with tenant(fumi.municipality_id):
        services.redemption_done(uid=second.uid, reference="寄 7", by=officer)
    page = text(browser.get(ONE))
    assert "寄付しました。ありがとうございます。（番号寄7）" in page


def test_what_waits_is_taken_back(browser_of, fumi):
    recorded(fumi, "yokohama", 1)
    redemption = asked(fumi)
    browser, path = browser_of(fumi), f"{ONE}cancel/{redemption.uid}/"
    assert path in browser.get(ONE).content.decode()
    assert browser.get(path).status_code == 405
    for _ in range(2):
        assert browser.post(path)["Location"] == ONE
    assert (wallet(fumi).available, wallet(fumi).held) == (200, 0)
    assert "あなたが取りやめました" in text(browser.get(ONE))


def test_what_is_approved_is_not_taken_back(browser_of, fumi):
    recorded(fumi, "yokohama", 1)
    redemption = asked(fumi)
    with tenant(fumi.municipality_id):
        services.redemption_approve(uid=redemption.uid, by=make_officer(fumi.municipality_id))
    answer = browser_of(fumi).post(f"{ONE}cancel/{redemption.uid}/")
    assert answer.status_code == 409
    assert "承認ずみ" in text(answer)
    assert redemptions(fumi)[0].state == "approved"


def test_anothers_application_does_not_exist(browser_of, fumi, towns):
    recorded(fumi, "yokohama", 1)
    redemption = asked(fumi)
    install(towns.midori.id, "sanjo")
    neighbour = make_supporter(towns.midori.id, KEN)
    abroad = make_supporter(towns.kita.id, KEN)
    for person, path in (
        (neighbour, f"{ONE}cancel/{redemption.uid}/"),
        (abroad, f"{ONE}cancel/{redemption.uid}/"),
        (fumi, f"/me/points/sanjo/cancel/{redemption.uid}/"),  # of another programme
        (fumi, f"{ONE}cancel/{new_id()}/"),
    ):
        browser = browser_of(person)
        assert is_lost(browser, browser.post(path))
    # under its id, a neighbour orders nothing
    recorded(neighbour, "sanjo", 10, activity="talk", host="host-1")
    form = {"order_id": str(redemption.uid), "amount": "1", "detail": "地元の製品", "step": "send"}
    answer = browser_of(neighbour).post("/me/points/sanjo/use/goods/", form)
    assert answer.status_code == 422
    assert redemptions(neighbour) == []
    assert "子どもの居場所" not in text(browser_of(neighbour).get(ONE))
    assert [row.state for row in redemptions(fumi)] == ["asked"]
    assert wallet(fumi).held == 200


def test_the_account_of_the_standing_cast_is_taken_as_it_is(browser_of, fumi):
    recorded(fumi, "yokohama", 1)
    form = {name: getattr(PAYEE, name) for name in ACCOUNT} | {
        "order_id": str(new_id()),
        "amount": "200",
        "step": "send",
    }
    assert browser_of(fumi).post(CASH, form)["Location"] == ONE
