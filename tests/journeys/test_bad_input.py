"""Bad input through the pages: a clear sentence, and nothing has changed."""

from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import date_fill, purse_read

pytestmark = pytest.mark.timeout(120)
COUNTED = (
    "requests_helprequest", "matching_offer", "support_visit", "support_review",
    "ledger_transfer", "programmes_issuance", "people_distribution", "people_person",
)  # fmt: skip


@pytest.fixture
def counts(shared_site) -> Iterator[dict[str, int]]:
    """How many rows there are before; call ``unchanged`` at the end."""
    return counted(shared_site)


def counted(site) -> dict[str, int]:
    with site.cursor() as cursor:
        return {
            name: cursor.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # noqa: S608
            for name in COUNTED
        }


def asking(stage):
    carer = stage.be(stories.CARER)
    carer.follow("たのむ").follow("庭の手入れ")
    return carer, carer.form("確認へ進む").choose("母の家").choose("2時間", group="長さ")


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [
        ("2026", "2", "30"),
        ("2020", "1", "1"),
        ("", "", ""),
        ("令和", "xx", "3"),
        ("2099", "1", "1"),
    ],
)
def test_a_day_that_cannot_be_is_refused(shared_site, people, counts, year, month, day) -> None:
    stage = people(shared_site)
    carer, form = asking(stage)
    form.choose("ほかの日")
    for label, value in (("年", year), ("月", month), ("日", day)):
        form.fill(label, value, group="日にち")
    form.press()
    assert carer.status == 422
    assert carer.page.xpath("//*[@role='alert']")
    carer.must_see("場所と日時")
    assert counted(shared_site) == counts


def test_an_unknown_kind_of_help_does_not_exist(shared_site, people, counts) -> None:
    stage = people(shared_site)
    carer = stage.be(stories.CARER)
    carer.follow("たのむ").follow("庭の手入れ")
    answer = carer.client.get(carer.url.split("?")[0].replace("garden", "surgery"))
    nothing = carer.client.get(f"{shared_site.url}/no-such-page/")
    assert (answer.status_code, nothing.status_code) == (404, 404)
    assert counted(shared_site) == counts


@pytest.mark.parametrize("amount", ["0", "-5", "10.5", "たくさん", "99999999999999999999"])
def test_an_amount_that_cannot_be_issued_is_refused(shared_site, people, counts, amount) -> None:
    officer = people(shared_site).be(stories.OFFICER)
    officer.follow("コインの発行")
    form = officer.form("発行する" if not officer.links("発行をたのむ") else "発行をたのむ")
    form.fill("発行するコインの数", amount).fill("理由", "試し").press()
    assert officer.status == 422
    assert officer.page.xpath("//*[@role='alert']")
    assert counted(shared_site) == counts


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.csv", b""),
        ("picture.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256))),
        ("book.xlsx", b"PK\x03\x04" + b"\0" * 60),
        ("columns.csv", "名前,年齢\n青空,40\n".encode()),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(shared_site, people, counts, name, data) -> None:
    officer = people(shared_site).be(stories.OFFICER)
    officer.follow("コインの発行").follow("配布")
    form = next(one for one in officer.page.xpath("//form") if one.xpath(".//input[@type='file']"))
    fields = {
        box.get("name"): box.get("value", "") for box in form.xpath(".//input[@type='hidden']")
    }
    file_name = form.xpath(".//input[@type='file']")[0].get("name")
    answer = officer.client.post(
        httpx.URL(officer.url).join(form.get("action") or ""),
        data=fields,
        files={file_name: (name, data, "text/csv")},
        headers={"Referer": officer.url},
    )
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert counted(shared_site) == counts


def test_a_replayed_form_makes_one_request_one_hold_one_visit(shared_site, people) -> None:
    """The same bytes sent twice, as a nervous thumb or a bad line does."""
    stage = people(shared_site)
    stories.pending_confirmed(stage)
    before, start = counted(shared_site), purse_read(stage.be(stories.CARER))
    day, _ = stories.days_chosen(stage.now().date())
    carer, form = asking(stage)
    form.choose("ほかの日").select("何時から", "10時").choose("2時間", group="長さ")
    date_fill(form, day, group="日にち")
    twice(form)
    twice(carer.form("来られる人をさがす"))
    after = counted(shared_site)
    # One in each town concerned: the carer's and the place's.
    assert after["requests_helprequest"] == before["requests_helprequest"] + 2
    twice(carer.form(f"この人にお願いする：{stories.SUPPORTER}"))
    purse = purse_read(carer)
    assert (purse.available, purse.held) == (start.available - 40, start.held + 40)
    assert counted(shared_site)["matching_offer"] == before["matching_offer"] + 2
    supporter = stage.be(stories.SUPPORTER)
    supporter.follow("お知らせ").follow("青空さんから、庭の手入れのお願い")
    twice(supporter.form("OK、行けます"))
    assert counted(shared_site)["support_visit"] == before["support_visit"] + 2
    assert purse_read(carer) == purse


def twice(form) -> None:
    """Press, and then send the very same fields to the same address again."""
    walker = form.walker
    url, fields = walker.url, form.fields()
    form.press()
    page, landed = walker.page, walker.url
    data: dict[str, list[str]] = {}
    for name, value in fields:
        data.setdefault(name, []).append(value)
    action = str(httpx.URL(url).join(form.form.get("action") or url))
    again = walker.client.post(action, data=data, headers={"Referer": url})
    assert again.status_code < 500
    walker.page, walker.url = page, landed


def test_a_day_before_today_by_a_week_says_so(shared_site, people, counts) -> None:
    stage = people(shared_site)
    carer, form = asking(stage)
    form.choose("ほかの日")
    date_fill(form, stage.now().date() - timedelta(days=7), group="日にち")
    form.press()
    assert carer.status == 422
    assert counted(shared_site) == counts


def test_a_birthday_that_is_not_in_the_calendar(shared_site, people, counts) -> None:
    new = people(shared_site).visitor("だれか").follow("手伝ってみる：みどり浜市")
    form = new.form("登録して、メールを受け取る").choose("手伝いたい")
    form.fill("姓", "見本").fill("名", "人").fill("姓のふりがな", "みほん").fill(
        "名のふりがな", "漢字"
    )
    for label, value in (("年", "昭和61"), ("月", "2"), ("日", "30")):
        form.fill(label, value, group="生年月日")
    form.fill("メール", "not-an-address").press()
    assert new.status == 422
    assert len(new.page.xpath("//*[@role='alert']//a")) >= 3
    assert counted(shared_site) == counts
