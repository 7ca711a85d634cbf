"""Stamps in real Chromium, in a town that gives coins as well: the office writes them down, a
member sees what they brought and why, an officer tries the year's closing and closes it; most of it
is paid out by a bank's file, the rest is given away. The books are true at the end."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.earnings.tasks import year_close
from kyojo.civic.earnings.testing import install, record, stand
from kyojo.civic.people.testing import (
    FUMI,
    coins_give,
    make_carer,
    make_officer,
    make_staff,
    make_supporter,
)
from kyojo.civic.programmes.papers import zengin
from kyojo.doors.ops.check import findings_all
from kyojo.doors.ops.demo_check_people import date_fill
from kyojo.doors.ops.demo_town_points import CODE, NAME, document
from kyojo.doors.web.testing import sign_in
from kyojo.kernel import clock
from tests.journeys.phone import Phone

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
APRIL = date(2026, 4, 6)
IN_NOVEMBER, IN_APRIL = clock.at(date(2026, 11, 20), 18), clock.at(date(2027, 4, 2), 9)
PAID_ON = date(2027, 4, 15)


@pytest.fixture
def it_is(monkeypatch):
    """Set the clock of this process, the site's threads included."""
    # Playwright's loop runs in this thread; the ORM is called between its calls, never inside.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

    def now(moment: datetime) -> None:
        offset = moment - datetime.now(UTC)
        monkeypatch.setattr(clock, "_offset_source", lambda: offset)

    now(IN_NOVEMBER)
    return now


@pytest.fixture
def fumi(it_is, live_site, towns):
    """With 18 stamps, in a town whose carers have coins."""
    coins_give(make_carer(towns.midori.id), 120)
    install(towns.midori.id, CODE, document=document())
    person = make_supporter(towns.midori.id, FUMI)
    stand(person)
    for number in range(9):
        record(person, CODE, APRIL + timedelta(days=number), hours=2)
    return person


@pytest.fixture
def be(live_site, browser):
    """A phone in which somebody is logged in."""
    made: list[Phone] = []

    def phone(user, who: str, *, javascript: bool = True) -> Phone:
        client = sign_in(Client(), user)
        one = Phone(live_site.url, who, browser=browser, javascript=javascript)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value}
        one.context.add_cookies([cookie | {"url": live_site.url}])
        made.append(one)
        return one

    yield phone
    for one in made:
        one.close()
    assert [complaint for one in made for complaint in one.complaints] == []


def to_programme(phone):
    return phone.open().follow("わたし").follow("スタンプ・ポイント").follow(NAME)


def stamped(office, person, day: date, start: str, end: str):
    """The office copies a line of the stamp book."""
    office.open().follow("ポイントとスタンプ").follow("活動を書き入れる", near=NAME)
    form = office.form("記録する").fill("会員", person.number)
    form.select("活動", "介護保険の施設での手伝い").select("受け入れ先", "ひだまり")
    date_fill(form, day, group="活動した日")
    form.fill("始まりの時刻", start).fill("終わりの時刻", end).choose("紙")
    return form.press().must_see("活動を記録しました")


def closings_run() -> None:
    """What the worker does with the years it was told to close."""
    for order in ProcrastinateJob.objects.filter(task_name=year_close.name).values_list(
        "args", flat=True
    ):
        year_close(**order)


def asked_for_money(fumi):
    """Two mistakes are mended on the way."""
    fumi.follow("お金にかえる").must_see("1ポイントは1円です")
    fumi.form("確認へ進む").fill("使うポイントの数", "1,000").fill("銀行の番号", "1").press()
    fumi.must_see("直してください", "銀行の番号は、4けたの数字で", "口座の名義（カナ）を入れて")
    form = fumi.form("確認へ進む").fill("銀行の番号", "0001").fill("銀行の名前", "みほん")
    form.fill("支店の番号", "001").fill("支店の名前", "ほんてん").choose("普通")
    form.fill("口座番号", "1234567").fill("口座の名義", "あおぞら ふみ").press()
    fumi.must_see("この内容で申請します", "1,000ポイント", "普通 1234567", "アオゾラ フミ")
    fumi.press("前にもどって直す").press("確認へ進む")
    return fumi.press("この内容で申請する").must_see("申請を受けつけました", "確認待ち")


def given(fumi):
    fumi.follow("寄付する").form("確認へ進む").choose("子どもの居場所").press()
    return fumi.press("この内容で申請する")


def to_applications(officer):
    return officer.open().follow("ポイントとスタンプ").follow("申請", near=NAME)


def bank_file(officer) -> zengin.Transfers:
    to_applications(officer).must_see("2件・2,000円").follow("現金1件の振込ファイル")
    form = officer.form("ファイルを受け取る")
    date_fill(form, PAID_ON, group="振り込む日")
    form.fill("委託者コード", "1234567890").fill("振り込む人の名前", "ミドリハマシ")
    form.fill("銀行の番号", "0009").fill("銀行の名前", "ミホン").fill("支店の番号", "009")
    form.fill("支店の名前", "シヤクシヨ").choose("普通").fill("口座番号", "7654321")
    return zengin.read(form.take())


@pytest.mark.slow
def test_from_stamps_to_money_paid_out_and_to_a_gift(it_is, fumi, be, as_owner) -> None:
    town = fumi.municipality_id
    office = be(make_staff(town, "office", "office"), "事務局", javascript=False)
    stamped(office, fumi, date(2026, 11, 19), "9:00", "11:00").must_see("2スタンプ")
    stamped(office, fumi, date(2026, 11, 19), "13時", "14時").must_see("数えませんでした")
    stamped(office, fumi, date(2026, 11, 20), "10:00", "11:30").must_see("1スタンプ")
    member = be(fumi.user, "青空 ふみ")
    to_programme(member).must_see(
        "いま使える 2,000ポイント",
        "2029年3月31日まで",
        "21スタンプ",
        "あと9スタンプで、次の1,000ポイントになります",
        "11月19日（木） ＋2スタンプ 特別養護老人ホーム ひだまり",
        "1日の上限が2スタンプなので、数えませんでした",
    )

    it_is(IN_APRIL)
    officer = be(make_officer(town), "霧島 はる")
    officer.open().follow("ポイントとスタンプ").follow("を締める", near=NAME)
    officer.must_see("これから動く数は、0ポイント", "残りの1スタンプは、消えます", "2,000")
    officer.press("2026年度を締める").must_see("直してください")
    officer.form("2026年度を締める").choose("人数と数を確かめました").press()
    officer.must_see("2026年度を締めはじめました", "この年度を締めています")
    closings_run()
    officer.open().follow("ポイントとスタンプ").must_see("1人・2,000ポイント", "締めた年度")
    member.open().follow("お知らせ").must_see(f"{NAME}の2026年度は、2,000ポイントになりました")

    asked_for_money(to_programme(member)).must_see("お預かり 1,000ポイント")
    given(member).press("申請を取りやめる").must_see("いま使える 1,000ポイント")
    given(member).must_see("いま使える 0ポイント")
    for _ in range(2):
        to_applications(officer).follow("古いものから開く").press("承認する").must_see(
            "承認しました"
        )
    transfers = bank_file(officer)
    assert (transfers.on, transfers.total_yen) == ((4, 15), 1000)
    assert [(one.account_number, one.yen) for one in transfers.payees] == [("1234567", 1000)]

    chief = be(make_officer(town, "chief"), "大樹 まさ", javascript=False)
    to_applications(chief).follow("まとめて完了を記録する")
    chief.form("完了を記録する").fill("番号", "総振 0415-1").choose("振込ファイルの全部").press()
    chief.must_see("1件の完了を記録しました").follow("まとめて完了を記録する")
    chief.form("完了を記録する").fill("番号", "寄 7").choose("子どもの居場所").press()
    chief.must_see("1件の完了を記録しました")

    member.open().follow("お知らせ").must_see("「現金」の申請が終わりました")
    to_programme(member).must_see(
        "口座に振り込みました。（番号 総振 0415-1）", "寄付しました。ありがとうございます。"
    ).must_not_see("お預かり")
    with as_owner():
        assert findings_all() == []
