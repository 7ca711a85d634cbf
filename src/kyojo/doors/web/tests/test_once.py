"""Helping once, from the public page to the desk's decision: what is shown to whom, and looks."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act, Person
from kyojo.doors.web.testing import looked_at, sign_in, signed_in
from kyojo.help.matching.models import Application, Posting
from kyojo.help.matching.one_off import CONSENT_VERSION
from kyojo.help.matching.services import posting_open
from kyojo.help.support.models import Visit
from kyojo.help.support.services import office_assign
from kyojo.help.support.tests.cast import KITA, MIDORI, WEEK_BEFORE, cast_make, request_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

LIST = "/town/midorihama/once/"
TYPED = {
    "family_name": "白浜", "given_name": "そら", "family_kana": "しらはま", "given_kana": "そら",
    "birth_date_year": "2001", "birth_date_month": "7", "birth_date_day": "9",
    "phone": "090-0000-0017", "email": "sora@example.jp", "words": "草取りはなれています。",
    "consent_version": CONSENT_VERSION, "agreed": "on",
}  # fmt: skip


def town_make() -> SimpleNamespace:
    cast = cast_make()
    request = request_make(cast)
    with tenant(KITA):
        posting = posting_open(request_uid=request.uid, carer=cast.carer)
    return SimpleNamespace(cast=cast, request=request, posting=posting)


@pytest.fixture
def town(towns):
    with clock.frozen(WEEK_BEFORE):
        yield town_make()


def town_of(town, later: timedelta) -> SimpleNamespace:
    """The town with one more request, so much later."""
    request = request_make(town.cast, starts_at=town.posting.starts_at + later)
    with tenant(KITA):
        posting = posting_open(request_uid=request.uid, carer=town.cast.carer)
    return SimpleNamespace(cast=town.cast, request=request, posting=posting)


def client_of(user) -> Client:
    return sign_in(Client(), user)


def apply(town, **other) -> str:
    """The address of the application's page."""
    answer = Client().post(
        f"{LIST}apply/{town.posting.uid}/", TYPED | {"order_id": str(new_id())} | other
    )
    assert answer.status_code == 302, answer.content.decode()
    return str(answer["Location"])


def test_everybody_sees_what_when_and_about_where_but_nobody(town):
    for path in (LIST, f"{LIST}apply/{town.posting.uid}/"):
        page = Client().get(path).content.decode()
        for word in ("庭の手入れ", "11月28日（土）", "港地区", "2時間", "40"):
            assert word in page
        for secret in ("青空", "ふみ", "母の家", "見本町", "草取りと", "10時", "34.8", "138.3"):
            assert secret not in page
        assert str(town.request.uid) not in page and town.request.number not in page
    assert "1回だけ手伝う" in Client().get("/town/midorihama/").content.decode()


def test_the_ids_of_requests_open_nothing_and_other_towns_neither(town):
    for path in (
        f"{LIST}apply/{town.request.uid}/",
        f"{LIST}apply/{new_id()}/",
        f"/town/kita-hinata/once/apply/{town.posting.uid}/",
        f"{LIST}{'a' * 32}/",
        "/town/nowhere/once/",
    ):
        assert Client().get(path).status_code == 404
    there = apply(town)
    assert Client().get(there.replace("midorihama", "kita-hinata")).status_code == 404


def test_applying_twice_with_one_form_is_once_and_a_bot_is_told(town):
    order = {"order_id": str(new_id())}
    assert apply(town, **order) == apply(town, **order)
    path = f"{LIST}apply/{town.posting.uid}/"
    answer = Client().post(path, TYPED | {"order_id": str(new_id()), "website": "http://x"})
    assert answer.status_code == 422 and "空のままに" in answer.content.decode()
    young = Client().post(path, TYPED | {"order_id": str(new_id()), "birth_date_year": "2010"})
    assert young.status_code == 422
    assert "18歳からです" in young.content.decode() and "白浜" in young.content.decode()
    with tenant(MIDORI):
        assert Application.objects.count() == 1


def test_the_applicants_page_is_theirs_and_takes_it_back(town):
    there = apply(town)
    answer = Client().get(there)
    page = answer.content.decode()
    assert "申し込みを<wbr>受け取りました" in page and "白浜" not in page
    assert answer["X-Robots-Tag"] == "noindex, nofollow" and "no-store" in answer["Cache-Control"]
    assert Client().get(f"{there}withdraw/").status_code == 405
    Client().post(f"{there}withdraw/")
    page = Client().get(there).content.decode()
    assert "取り下げました" in page and "取り下げる" not in page
    with tenant(MIDORI):
        assert bytes(Application.objects.get().sealed) == b""


def test_whoever_is_late_is_told_and_sees_the_others(town):
    there = apply(town)
    second = request_make(town.cast, starts_at=town.posting.starts_at + timedelta(days=1))
    with tenant(KITA):
        posting_open(request_uid=second.uid, carer=town.cast.carer)
    with tenant(MIDORI):
        office_assign(
            order_id=new_id(),
            request_uid=town.request.uid,
            supporter_uid=town.cast.second.uid,
            supporter_municipality_id=MIDORI,
            by=town.cast.officer,
            basis="phone",
        )
    page = Client().get(there).content.decode()
    assert "ほかの人に<wbr>決まりました" in page and "11月29日" in page
    over = Client().get(f"{LIST}apply/{town.posting.uid}/")
    assert over.status_code == 410 and "11月29日" in over.content.decode()


def test_the_desk_calls_looks_and_settles(town):
    there = apply(town)
    desk = client_of(town.cast.officer)
    assert "都度ボランティアの申し込み" in desk.get("/desk/").content.decode()
    assert "白浜" not in desk.get("/desk/once/").content.decode()
    with tenant(MIDORI):
        uid = Application.objects.get().uid
    one = f"/desk/once/{uid}/"
    page = desk.get(one).content.decode()
    assert "白浜 そら" in page and "電話で話した" in page and "この人に決める" not in page
    desk.post(f"{one}called/")
    assert "本人確認を<wbr>お願いします" in Client().get(there).content.decode()
    with tenant(MIDORI):
        opened = Act.objects.filter(action="application_opened").count()
    short = desk.post(
        f"{one}decide/", {"member": "new", "basis": "phone", "method": "窓口で免許証"}
    )
    assert short.status_code == 422 and "住所" in short.content.decode()
    with tenant(MIDORI):
        # What shows a name goes on record, by whichever way it is reached.
        assert Act.objects.filter(action="application_opened").count() == opened + 1
    typed = {
        "member": "new", "basis": "phone", "method": "窓口で免許証", "address": "見本町 4-5",
        "area": "",
    }  # fmt: skip
    first, again = (desk.post(f"{one}decide/", typed) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert first["Location"] == again["Location"]
    page = Client().get(there).content.decode()
    assert "お願いすることに" in page and "10時" in page
    for secret in ("青空", "見本町", "HOUSE"):
        assert secret not in page
    with tenant(MIDORI):
        assert Visit.objects.count() == 1
        assert Person.objects.filter(family_name="白浜").count() == 1
    again = apply(town_of(town, timedelta(hours=3)))
    with tenant(MIDORI):
        uid = Application.objects.get(state="received").uid
    # A page that was opened before they became a member.
    desk.post(f"/desk/once/{uid}/called/")
    stale = desk.post(f"/desk/once/{uid}/decide/", typed)
    page = stale.content.decode()
    assert stale.status_code == 422 and "同じ会員が、いまはいます" in page and 'name="seen"' in page
    assert "本人確認を<wbr>お願いします" in Client().get(again).content.decode()
    with tenant(MIDORI):
        assert Person.objects.filter(family_name="白浜").count() == 1
    assert "決まりました" in desk.get("/desk/once/").content.decode()


def test_the_desk_says_no_kindly(town):
    there = apply(town)
    desk = client_of(town.cast.officer)
    with tenant(MIDORI):
        one = f"/desk/once/{Application.objects.get().uid}/"
    assert desk.post(f"{one}refuse/", {"answer": " "}).status_code == 422
    desk.post(f"{one}refuse/", {"answer": "今回は足りました。またお願いします。"})
    assert "今回は足りました。" in Client().get(there).content.decode()
    assert desk.post(f"{one}called/").status_code == 409


def test_only_the_places_desk_sees_who_applied(town):
    apply(town)
    with tenant(MIDORI):
        uid = Application.objects.get().uid
    for user in (town.cast.carer.user, town.cast.supporter.user, town.cast.kita_officer):
        client = client_of(user)
        assert client.get(f"/desk/once/{uid}/").status_code == 404
        for act in ("called", "decide", "refuse"):
            assert client.post(f"/desk/once/{uid}/{act}/", {"answer": "x"}).status_code in (
                404,
                422,
            )
    assert Client().get(f"/desk/once/{uid}/").status_code == 404
    with tenant(MIDORI):
        assert Application.objects.get().state == "received"


def test_a_carer_shows_a_request_and_stops(town):
    carer = client_of(town.cast.carer.user)
    path = f"/requests/{town.request.uid}/once/"
    assert "知らせています" in carer.get(path).content.decode()
    carer.post(path, {"close": "1"})
    with tenant(MIDORI):
        assert Posting.objects.get().closed_at is not None
    assert "港地区" not in Client().get(LIST).content.decode()
    assert client_of(town.cast.stranger.user).post(path).status_code == 404
    carer.post(path)
    assert "港地区" in Client().get(LIST).content.decode()
    desk = client_of(town.cast.officer)
    there = f"/desk/requests/{town.request.uid}/"
    assert "募集をやめる" in desk.get(there).content.decode()
    assert desk.post(f"{there}post/", {"close": "1"}).status_code == 422
    assert desk.post(f"{there}post/", {"close": "1", "basis": "phone"}).status_code == 302
    assert "募集にのせる" in desk.get(there).content.decode()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.timeout(180)
def test_the_pages_are_for_everybody(live_site, towns, chromium, monkeypatch):
    offset = WEEK_BEFORE - datetime.now(UTC)
    monkeypatch.setattr(clock, "_offset_source", lambda: offset)
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    town = town_make()
    found: list[object] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium)
        phone = browser.new_context(
            base_url=live_site.url, locale="ja-JP", viewport={"width": 390, "height": 844}
        )
        page = phone.new_page()
        page.on("console", lambda told: "status of 422" in told.text or found.append(told.text))
        page.on("pageerror", lambda error: found.append(str(error)))
        page.goto(LIST)
        found += looked_at(page, "once-list", 390)
        with page.expect_navigation():
            page.get_by_role("link", name=re.compile("庭の手入れ")).click()
        with page.expect_navigation():
            page.get_by_role("button", name="申し込む").click()
        found += looked_at(page, "once-apply-errors", 390)
        for name in ("family_name", "given_name", "family_kana", "given_kana", "phone"):
            page.fill(f"[name={name}]", TYPED[name])
        for name in ("year", "month", "day"):
            page.fill(f"[name=birth_date_{name}]", TYPED[f"birth_date_{name}"])
        page.get_by_label("使い方を読み、同意します").check()
        with page.expect_navigation():
            page.get_by_role("button", name="申し込む").click()
        found += looked_at(page, "once-received", 390)
        carer = signed_in(phone, live_site.url, town.cast.carer.user)
        carer.goto(f"/requests/{town.request.uid}/once/")
        found += looked_at(carer, "once-carer", 390)
        office = browser.new_context(
            base_url=live_site.url, locale="ja-JP", viewport={"width": 1280, "height": 844}
        )
        desk = signed_in(office, live_site.url, town.cast.officer)
        desk.goto("/desk/once/")
        found += looked_at(desk, "once-desk", 1280)
        with desk.expect_navigation():
            desk.get_by_role("link", name=re.compile("電話をかける")).click()
        with desk.expect_navigation():
            desk.get_by_role("button", name="電話で話した").click()
        found += looked_at(desk, "once-desk-one", 1280)
        with desk.expect_navigation():
            desk.get_by_role("button", name="この人に決める").click()
        found += looked_at(desk, "once-desk-errors", 1280)
        browser.close()
    assert found == []
