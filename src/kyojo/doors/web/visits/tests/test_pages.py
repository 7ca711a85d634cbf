"""The pages around a visit, through HTTP, pressing only what is on them."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import RefusedStep, Review, Visit
from kyojo.help.support.tests.cast import (
    COINS,
    END,
    KITA,
    MIDORI,
    START,
    ask_directly,
    broadcast,
    check_in,
    check_out,
    purses,
    request_make,
    spoken_code,
    state_of,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
START_DAY = clock.local(START).date()

HERE = {"latitude": "34.8601", "longitude": "138.3201", "accuracy": "18"}
FAR = {"latitude": "34.8800", "longitude": "138.3500", "accuracy": "20"}


def text(response):
    return response.content.decode()


def link(response, to):
    assert f'"{to}"' in text(response), f"no way to {to} on this page"
    return to


# --- answering ------------------------------------------------------------------------------------
def test_an_ok_reserves_and_leads_to_the_visit(cast, browser):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    client = browser(cast.supporter)
    page = client.get(f"/offers/{offer.uid}/answer/")
    assert page.status_code == 200
    assert "断っても、評価は変わりません" in text(page)
    assert "1-2-3" not in text(page) and "青空 ふみ" not in text(page)
    answered = client.post(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
    uid = services.visit_uid_of(offer.uid)
    assert answered.headers["Location"] == f"/visits/{uid}/"
    waiting = text(client.get(f"/visits/{uid}/"))
    assert "「来てください」のお返事のあとに" in waiting
    again = client.post(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
    assert again.headers["Location"] == f"/visits/{uid}/"
    assert purses(cast) == (COINS - 40, 40, 0)


def test_a_no_is_as_easy(cast, browser):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    client = browser(cast.supporter)
    client.post(f"/offers/{offer.uid}/answer/", {"answer": "no"})
    assert "「今回は無理」と伝えました" in text(client.get(f"/offers/{offer.uid}/answer/"))
    assert purses(cast) == (COINS, 0, 0)
    late = client.post(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
    assert late.status_code == 409
    assert purses(cast) == (COINS, 0, 0)


def test_an_ok_among_many_waits(cast, browser):
    offers = broadcast(cast, request_make(cast))
    offer = next(o for o in offers if o.supporter_uid == cast.supporter.uid)
    client = browser(cast.supporter)
    client.post(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
    assert "OKの返事を送りました" in text(client.get(f"/offers/{offer.uid}/answer/"))
    assert purses(cast) == (COINS, 0, 0)


# --- the yes of the house -------------------------------------------------------------------------
def test_a_press_that_says_neither_yes_nor_no_calls_nothing_off(cast, browser):
    uid = visit_make(cast, with_yes=False)
    for data in ({}, {"answer": "maybe"}):
        assert browser(cast.mother).post(f"/visits/{uid}/yes/", data).status_code == 404
    assert (state_of(uid), purses(cast)) == ("scheduled", (COINS - 40, 40, 0))


def test_the_mother_says_yes_by_press(cast, browser):
    uid = visit_make(cast, with_yes=False)
    client = browser(cast.mother)
    page = client.get(link(client.get("/visits/"), f"/visits/{uid}/yes/"))
    assert "はい、来てください" in text(page) and "今回はやめておく" in text(page)
    client.post(f"/visits/{uid}/yes/", {"answer": "yes"})
    page = text(client.get(f"/visits/{uid}/yes/"))
    assert "「来てください」とお返事しました" in page and spoken_code(uid) in page


def test_the_house_is_told_to_the_supporter_after_its_yes_only(cast, browser):
    uid = visit_make(cast, with_yes=False)
    supporter = browser(cast.supporter)
    private = ("1-2-3", cast.mother.name, "maps.gsi.go.jp")

    def told() -> list[bool]:
        pages = [text(supporter.get(path)) for path in (f"/visits/{uid}/", "/visits/", "/me/news/")]
        return [any(words in page for page in pages) for words in private]

    assert told() == [False, False, False]
    with tenant(cast.mother.municipality_id):
        services.consent_decline(visit_uid=uid, by=cast.mother)
    assert told() == [False, False, False], "nor after a no"

    uid = visit_make(cast, with_yes=True)
    assert told() == [False, True, False]
    page = text(supporter.get(f"/visits/{uid}/"))
    assert "みどり浜市 港地区 見本町" in page and "前の日の" in page


def test_the_whole_address_shows_from_the_day_before_until_the_day_is_over(cast, browser):
    uid = visit_make(cast)
    supporter = browser(cast.supporter)

    def shown(moment) -> tuple[bool, bool, bool]:
        with clock.frozen(moment):
            page = supporter.get(f"/visits/{uid}/")
            kept = int(page.headers.get("X-Keep-Seconds", 0))
            left = (clock.at(START_DAY + timedelta(days=1), 0) - moment).total_seconds()
            return "1-2-3" in text(page), "maps.gsi.go.jp" in text(page), kept == left

    no, yes = (False, False, False), (True, True, True)
    assert shown(clock.at(START_DAY - timedelta(days=2), 23, 59)) == no
    assert shown(clock.at(START_DAY - timedelta(days=1), 0)) == yes
    assert shown(START) == yes
    check_in(cast, uid)
    check_out(cast, uid)
    assert shown(clock.at(START_DAY, 23, 59))[2]  # the page of what is over has no map
    assert shown(clock.at(START_DAY + timedelta(days=1), 0, 1)) == no


def test_who_called_it_off_sees_the_address_no_more(cast, browser):
    uid = visit_make(cast)
    with clock.frozen(START - timedelta(hours=3)):
        with tenant(MIDORI):
            services.visit_cancel(visit_uid=uid, actor=cast.supporter, reason="illness")
        assert "1-2-3" not in text(browser(cast.supporter).get(f"/visits/{uid}/"))


def test_the_mother_says_no(cast, browser):
    uid = visit_make(cast, with_yes=False)
    browser(cast.mother).post(f"/visits/{uid}/yes/", {"answer": "no"})
    assert state_of(uid) == "cancelled"
    assert purses(cast) == (COINS, 0, 0)


def test_nobody_else_answers_for_the_house(cast, browser):
    uid = visit_make(cast, with_yes=False)
    for person in (cast.carer, cast.supporter, cast.stranger):
        answer = browser(person).post(f"/visits/{uid}/yes/", {"answer": "yes"})
        assert answer.status_code == 404
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).consent == "asked"


# --- the day --------------------------------------------------------------------------------------
def test_from_heading_to_the_receipt(cast, browser):
    uid = visit_make(cast)
    supporter, carer, mother = (browser(p) for p in (cast.supporter, cast.carer, cast.mother))
    url = f"/visits/{uid}/"
    with clock.frozen(START - timedelta(minutes=40)):
        page = supporter.get(url)
        assert "向かいます" in text(page) and "着きました。始めます" not in text(page)
        supporter.post(link(page, f"{url}heading/"))
        early = supporter.post(f"{url}start/", HERE)
        assert early.status_code == 409
        assert "始められるのは9時45分からです。いまは9時20分です。" in text(early)
    with clock.frozen(START - timedelta(minutes=5)):
        page = supporter.get(url)
        assert "data-position" in text(page) and "data-send" in text(page)
        kept = supporter.post(f"{url}position/", {**HERE, "nonce": str(new_id())})
        assert kept.status_code == 204
        started = supporter.post(link(page, f"{url}start/"), HERE)
        assert started.headers["Location"] == url
        assert "支援中" in text(supporter.get(url))
        assert "いま、支援中です" in text(carer.get(url))
        assert "に来ています" in text(mother.get(url))
    with clock.frozen(END):
        supporter.post(f"{url}end/", {**HERE, "note": "ミカンが3つ落ちていました"})
        assert "確認を待っています" in text(supporter.get(url))
        gone = supporter.post(f"{url}position/", {**HERE, "nonce": str(new_id())})
        assert gone.status_code == 205
        page = carer.get(url)
        assert "終わりました。<wbr>確認をお願いします" in text(page)
        assert "ミカンが3つ" in text(page) and "記録の確かさ：" in text(page)
        assert ">高い</span>" in text(page)
        house = text(mother.get(url))
        assert "に来ました" in house and spoken_code(uid) not in house
        confirmed = carer.post(link(page, f"{url}confirm/"))
        assert confirmed.headers["Location"] == f"{url}thanks/"
        page = carer.get(f"{url}thanks/")
        assert "checked" not in text(page)
        order = re.search(r'name="order_id" value="([^"]+)"', text(page))[1]
        unthanked = text(carer.get(f"{url}receipt/"))
        assert "お礼とコインが" not in unthanked and "コインが、" in unthanked
        empty = carer.post(f"{url}thanks/", {"order_id": order})
        assert empty.status_code == 422 and "選んでください" in text(empty)
        thanked = carer.post(
            f"{url}thanks/",
            {"order_id": order, "rating": "5", "tags": ["careful"], "message": "ありがとう"},
        )
        assert thanked.headers["Location"] == f"{url}receipt/"
        receipt = text(carer.get(f"{url}receipt/"))
        assert "お礼とコインが" in receipt and "<svg" in receipt
        assert "お礼のコインが" in text(supporter.get(f"{url}receipt/"))
        assert "ありがとう" in text(supporter.get(url))
        assert "receipt/" not in text(mother.get(url))
    assert purses(cast) == (COINS - 40, 0, 40)
    with tenant(KITA):
        code = Visit.objects.get(uid=uid).receipt_code
    page = text(Client().get(f"/receipts/{code}/"))
    assert "記録" in page and "北ひなた市" in page
    for personal in ("青空", "春風", "1-2-3", "34.86"):
        assert personal not in page
    assert Client().get("/receipts/AAAA-AAAA-AAAA/").status_code == 404


def test_by_the_spoken_code_alone(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.supporter)
    right = spoken_code(uid)
    with clock.frozen(START):
        assert client.post(f"/visits/{uid}/start/", {}).status_code == 422
        wrong = client.post(f"/visits/{uid}/start/", {"code": f"{(int(right) + 1) % 10_000:04d}"})
        assert wrong.status_code == 422 and "合言葉がちがいます" in text(wrong)
        with tenant(MIDORI):
            assert Visit.objects.get(uid=uid).code_failures == 1
            codes = set(RefusedStep.objects.values_list("code", flat=True))
            assert codes == {"proof_missing", "code_wrong"}
        client.post(f"/visits/{uid}/start/", {"code": right})
    assert state_of(uid) == "started"
    with clock.frozen(END):
        client.post(f"/visits/{uid}/end/", {"code": right})
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).decision == "settle"


def test_far_away_is_asked_about_and_then_looked_into(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.supporter)
    with clock.frozen(START):
        asked = client.post(f"/visits/{uid}/start/", FAR)
        assert asked.status_code == 409 and "このまま始める" in text(asked)
        assert state_of(uid) == "scheduled"
        client.post(f"/visits/{uid}/start/", {**FAR, "anyway": "1"})
    assert state_of(uid) == "started"
    check_out(cast, uid)
    with clock.frozen(END):
        carer = browser(cast.carer)
        said = carer.post(f"/visits/{uid}/confirm/")
        assert said.headers["Location"] == f"/visits/{uid}/"
        assert "事務局が確かめています" in text(carer.get(f"/visits/{uid}/"))
    assert purses(cast) == (COINS - 40, 40, 0)


@pytest.mark.parametrize("number", ["", "abc", "nan", "1e999", "９９"])
def test_broken_positions_change_nothing(cast, browser, number):
    uid = visit_make(cast)
    with clock.frozen(START):
        body = {"latitude": number, "longitude": number, "accuracy": number}
        answer = browser(cast.supporter).post(f"/visits/{uid}/start/", body)
    assert answer.status_code in (409, 422)
    assert state_of(uid) == "scheduled"


def test_stopping_to_send_holds_for_the_page(cast, browser):
    uid = visit_make(cast)
    check_in(cast, uid)
    client = browser(cast.supporter)
    with clock.frozen(START + timedelta(minutes=30)):
        assert "data-send" in text(client.get(f"/visits/{uid}/"))
        client.post(f"/visits/{uid}/sending/", {"send": "off"})
        page = text(client.get(f"/visits/{uid}/"))
        assert "data-send" not in page and "位置は送っていません" in page


def test_late_and_stopping_midway(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.supporter)
    with clock.frozen(START - timedelta(minutes=20)):
        assert client.post(f"/visits/{uid}/late/", {}).status_code == 422
        client.post(f"/visits/{uid}/late/", {"minutes": "20"})
    check_in(cast, uid)
    with clock.frozen(START + timedelta(minutes=30)):
        assert client.post(f"/visits/{uid}/stop/", {"note": ""}).status_code == 422
        client.post(f"/visits/{uid}/stop/", {"note": "雨が強くなりました"})
    with tenant(KITA):
        assert Visit.objects.get(uid=uid).decision == "ask"


# --- otherwise ------------------------------------------------------------------------------------
def test_cancel_asks_why_and_returns_the_coins(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.carer)
    page = client.get(link(client.get(f"/visits/{uid}/"), f"/visits/{uid}/cancel/"))
    assert "全部もどります" in text(page)
    assert client.post(f"/visits/{uid}/cancel/", {}).status_code == 422
    assert state_of(uid) == "scheduled"
    client.post(f"/visits/{uid}/cancel/", {"reason": "plans_changed"})
    assert state_of(uid) == "cancelled"
    assert purses(cast) == (COINS, 0, 0)


def test_a_supporter_is_not_offered_the_carers_reason(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.supporter)
    assert "いらなくなりました" not in text(client.get(f"/visits/{uid}/cancel/"))
    assert client.post(f"/visits/{uid}/cancel/", {"reason": "not_needed"}).status_code == 422
    assert state_of(uid) == "scheduled"


def test_nobody_came(cast, browser):
    uid = visit_make(cast)
    client = browser(cast.carer)
    with clock.frozen(START + timedelta(minutes=20)):
        page = client.get(f"/visits/{uid}/")
        client.post(link(page, f"/visits/{uid}/absent/"), {"words": ""})
        assert "お返事を待っています" in text(client.get(f"/visits/{uid}/"))
        assert purses(cast) == (COINS - 40, 40, 0)
        theirs = browser(cast.supporter)
        page = theirs.get(f"/visits/{uid}/")
        assert "「来られなかった」と伝えられました" in text(page)
        assert link(page, f"/visits/{uid}/appeal/")
        assert theirs.post(f"/visits/{uid}/accept/").status_code == 302
    assert state_of(uid) == "no_show"
    assert purses(cast) == (COINS, 0, 0)


def test_something_was_different(cast, browser):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    client = browser(cast.carer)
    with clock.frozen(END):
        assert client.post(f"/visits/{uid}/dispute/", {"words": ""}).status_code == 422
        client.post(f"/visits/{uid}/dispute/", {"words": "1時間で帰りました"})
        assert "事務局が確かめています" in text(client.get(f"/visits/{uid}/"))
        assert client.post(f"/visits/{uid}/confirm/").status_code == 409
    assert purses(cast) == (COINS - 40, 40, 0)


def test_whoever_loses_by_a_ruling_agrees_or_objects_on_their_page(cast, browser):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    carer, supporter = browser(cast.carer), browser(cast.supporter)
    path = f"/visits/{uid}/"
    with clock.frozen(END):
        carer.post(f"{path}dispute/", {"words": "1時間で帰りました"})
        assert supporter.get(f"{path}appeal/").status_code == 302  # nothing is ruled yet
        with tenant(MIDORI):
            services.dispute_resolve(
                visit_uid=uid,
                by=cast.officer,
                resolution="pay_part",
                paid_coins=15,
                words="半分ずつ",
            )
    with clock.frozen(END + timedelta(hours=3)):
        for client in (carer, supporter):
            page = text(client.get(path))
            assert "15コインを来た人にお渡しし、25コインをたのんだ人にお返しします。" in page
            assert "半分ずつ" in page and "12月5日（土）までに" in page
            assert "お返事をお願いします" in text(client.get("/visits/"))
        assert carer.post(f"{path}accept/").status_code == 302
        assert "「わかりました」のお返事を受け取りました" in text(carer.get(path))
        assert carer.post(f"{path}appeal/", {"words": "やっぱり"}).status_code == 409
        assert supporter.post(f"{path}appeal/", {"words": ""}).status_code == 422
        assert supporter.post(f"{path}appeal/", {"words": "短すぎます"}).status_code == 302
        assert "短すぎます" in text(supporter.get(path))
        other = text(carer.get(path))
        assert "別の職員が、もう一度確かめています" in other and "短すぎます" not in other
        assert "事務局が確かめています" in text(browser(cast.mother).get(path))
    assert (state_of(uid), purses(cast)) == ("disputed", (COINS - 40, 40, 0))


# --- outsiders ------------------------------------------------------------------------------------
PAGES = (
    "", "heading/", "start/", "end/", "position/", "sending/", "late/", "stop/", "yes/",
    "confirm/", "dispute/", "absent/", "accept/", "appeal/", "cancel/", "thanks/", "receipt/",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_an_outsider_finds_what_does_not_exist(cast, browser, page):
    uid = visit_make(cast)
    with clock.frozen(START):
        for person in (cast.stranger, cast.second):
            client = browser(person)
            for method in (client.get, client.post):
                theirs = method(f"/visits/{uid}/{page}")
                nothing = method(f"/visits/{new_id()}/{page}")
                assert theirs.status_code == nothing.status_code
                assert theirs.status_code in (404, 405)
                assert text(theirs) == text(nothing)
    assert state_of(uid) == "scheduled"
    with tenant(MIDORI):
        assert not Review.objects.exists()


def test_visitors_are_led_to_the_login(cast):
    uid = visit_make(cast)
    answer = Client().get(f"/visits/{uid}/")
    assert answer.status_code == 302 and answer.headers["Location"].startswith("/login/")


def test_offers_of_others_look_like_none(cast, browser):
    offer = ask_directly(cast, request_make(cast), cast.supporter)
    client = browser(cast.second)
    for method in (client.get, client.post):
        theirs = method(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
        nothing = method(f"/offers/{new_id()}/answer/", {"answer": "yes"})
        assert theirs.status_code == nothing.status_code == 404
        assert text(theirs) == text(nothing)
    assert purses(cast) == (COINS - 40, 40, 0)
