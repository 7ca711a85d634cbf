"""Points in real Chromium: a member looks at what six activities brought, has most of it paid out
and gives the rest away; an officer decides, and closes the year. The ledger is true at the end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client

from kyojo.civic.earnings import selectors, services
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.testing import FUMI, make_officer, make_supporter
from kyojo.kernel import clock
from kyojo.ledger.check import check
from tests.journeys.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
NOW = clock.at(date(2026, 11, 20), 18)
APRIL = date(2026, 4, 6)
PROGRAMME = "シニアボランティアポイント"


@pytest.fixture(autouse=True)
def _november(monkeypatch):
    """The clock of this process, the site's threads included."""
    offset = NOW - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")


@pytest.fixture
def fumi(live_site, towns):
    install(towns.midori.id, "yokohama")
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    for number in range(6):
        record(person, "yokohama", APRIL + timedelta(days=number))
    return person


@pytest.fixture(params=[True, False], ids=["javascript", "plain"])
def phone(live_site, browser, request, fumi):
    client = Client()
    client.force_login(fumi.user, backend="sesame.backends.ModelBackend")
    made = Phone(live_site.url, "青空 ふみ", browser=browser, javascript=request.param)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
    made.context.add_cookies([cookie | {"url": live_site.url}])
    yield made
    made.close()
    assert made.complaints == []


def to_programme(phone):
    return phone.open().follow("わたし").follow("スタンプ・ポイント").follow(PROGRAMME)


def decided(fumi, reference: str) -> None:
    """An officer approves what waits, and writes down that it was done."""
    officer = make_officer(fumi.municipality_id)
    with tenant(fumi.municipality_id):
        [waiting] = selectors.redemptions(person=fumi, state="asked")
        services.redemption_approve(uid=waiting.uid, by=officer)
        services.redemption_done(uid=waiting.uid, reference=reference, by=officer)


def test_from_stamps_to_money_paid_out_and_to_a_gift(phone, fumi, as_owner) -> None:
    to_programme(phone).must_see(
        "いま使える 1,200ポイント",
        "2028年3月31日まで",
        "4月11日（土） ＋200ポイント 特別養護老人ホーム ひだまり",
        "1回の手伝いごとに200ポイントの決まりなので",
    )
    phone.follow("お金にかえる").must_see("1ポイントは1円です")
    form = phone.form("確認へ進む").fill("使うポイントの数", "1,000").fill("銀行の番号", "1")
    form.press()
    phone.must_see("直してください", "銀行の番号は、4けたの数字で", "口座の名義（カナ）を入れて")
    form = phone.form("確認へ進む").fill("銀行の番号", "0001").fill("銀行の名前", "みほん")
    form.fill("支店の番号", "001").fill("支店の名前", "ほんてん").choose("普通")
    form.fill("口座番号", "1234567").fill("口座の名義", "あおぞら ふみ").press()
    phone.must_see("この内容で申請します", "1,000ポイント", "普通 1234567", "アオゾラ フミ")
    phone.press("前にもどって直す").press("確認へ進む")
    phone.press("この内容で申請する").must_see(
        "申請を受けつけました", "お預かり 1,000ポイント", "確認待ち", "いま使える 200ポイント"
    )
    decided(fumi, "総振 1201-3")
    phone.open().follow("お知らせ").must_see("「現金」の申請が終わりました")
    to_programme(phone).must_see("口座に振り込みました。（番号 総振 1201-3）")

    phone.follow("寄付する").form("確認へ進む").choose("子どもの居場所").press()
    phone.press("この内容で申請する").must_see("いま使える 0ポイント")
    phone.press("申請を取りやめる").must_see("取りやめました", "いま使える 200ポイント")
    phone.follow("寄付する").form("確認へ進む").choose("子どもの居場所").press()
    phone.press("この内容で申請する").must_see("確認待ち")
    decided(fumi, "寄 7")
    to_programme(phone).must_see("寄付しました。ありがとうございます。")
    phone.must_not_see("お預かり")
    with clock.frozen(clock.at(date(2027, 4, 2), 9)), tenant(fumi.municipality_id):
        closed = services.year_close(
            programme_code="yokohama", fiscal_year=2026, by=make_officer(fumi.municipality_id)
        )
    assert (closed.sums["people"], closed.sums["granted"]) == (1, 1200)
    with as_owner():
        assert check(ledgers=[fumi.municipality_id]) == []
