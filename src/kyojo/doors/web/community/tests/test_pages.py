"""What members see: messages, reports, parting, groups, and the page of whoever is suspended."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Block, Notice
from kyojo.civic.people.services import suspension_begin
from kyojo.help.community.models import Case, Group, GroupPost, Message
from kyojo.help.matching.models import Offer
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import (
    KITA,
    MIDORI,
    START,
    answer,
    broadcast,
    request_make,
    state_of,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id


def read(client, path: str, status: int = 200) -> str:
    answered = client.get(path)
    assert answered.status_code == status, (path, answered.status_code, answered.get("Location"))
    return answered.content.decode()


def order() -> dict[str, str]:
    return {"order_id": str(new_id())}


def thread_of(visit_uid) -> str:
    with tenant(MIDORI):
        return f"/messages/{Visit.objects.get(uid=visit_uid).offer_uid}/"


def test_two_who_meet_write_to_each_other(cast, browser):
    uid = visit_make(cast)
    carer, supporter = browser(cast.carer.user), browser(cast.supporter.user)
    path = thread_of(uid)
    for client in (carer, supporter):
        assert client.get(f"/visits/{uid}/messages/")["Location"] == path
        assert f"/visits/{uid}/messages/" in read(client, f"/visits/{uid}/")
    assert "メッセージは、まだ" not in read(carer, path)
    given = order()
    for _ in range(2):
        sent = carer.post(path, given | {"words": "物置に道具があります。"})
        assert sent["Location"] == f"{path}#last"
    with tenant(MIDORI):
        Notice.objects.all().delete()  # the bell says so as well
    for waits in ("/me/", "/visits/", f"/visits/{uid}/"):
        assert "新しいもの 1件" in read(supporter, waits), waits
        assert "新しいもの 1件" not in read(carer, waits), waits
    assert "新しいもの 1件" not in read(browser(cast.second.user), "/me/")
    assert "物置に道具があります。" in read(supporter, path)
    for waits in ("/me/", "/visits/", f"/visits/{uid}/"):
        assert "新しいもの 1件" not in read(supporter, waits), waits
    assert "読まれました" in read(carer, path) and "まだ読まれていません" not in read(carer, path)
    supporter.post(path, order() | {"phrase": "late", "anyway": "1"})
    assert "少しおくれます。" in read(carer, path)
    mine = read(carer, "/messages/")
    assert "春風さん" in mine and "新しいもの 1件" not in mine
    asked = carer.post(path, order() | {"words": "090-0000-0000です"})
    assert asked.status_code == 422 and "このまま送る" in asked.content.decode()
    assert (
        carer.post(path, order() | {"words": "090-0000-0000です", "anyway": "1"}).status_code == 302
    )
    assert carer.post(path, order() | {"words": " "}).status_code == 422
    stale = carer.post(path, given | {"words": "やはり、玄関にあります。"})
    kept = stale.content.decode()
    assert stale.status_code == 422 and "やはり、玄関にあります。" in kept
    assert given["order_id"] not in kept, "sent once more, it goes out"
    with tenant(KITA):
        assert Message.objects.count() == 3
    for outsider in (cast.stranger, cast.second, cast.mother):
        client = browser(outsider.user)
        assert client.get(path).status_code == client.post(path, order()).status_code == 404
        assert client.get(f"/visits/{uid}/messages/").status_code == 404


def test_the_list_of_messages_costs_the_same_however_long_it_is(cast, browser):
    supporter = browser(cast.supporter.user)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            found = read(supporter, "/messages/")
        assert all(path in found for path in paths)
        return len(queries)

    paths, costs = [], []
    for days in range(3):
        path = thread_of(visit_make(cast, starts_at=START + timedelta(days=days)))
        assert supporter.post(path, order() | {"words": "伺います。"}).status_code == 302
        paths.append(path)
        costs.append(cost())
    assert len(set(costs)) == 1


def test_before_it_is_settled_the_carer_has_no_name_and_no_number_is_written(cast, browser):
    request = request_make(cast)
    found = {one.supporter_uid: one for one in broadcast(cast, request)}
    offer = found[cast.supporter.uid]
    supporter = browser(cast.supporter.user)
    path = f"/messages/{offer.uid}/"
    assert supporter.get(path).status_code == 404  # no answer yet
    answer(offer, cast.supporter)
    page = read(supporter, path)
    assert "たのんだ方" in page and "青空" not in page
    refused = supporter.post(path, order() | {"words": "電話は090-0000-0000です"})
    assert refused.status_code == 422 and "決まってから" in refused.content.decode()
    assert supporter.post(path, order() | {"words": "道具は要りますか"}).status_code == 302
    carer = browser(cast.carer.user)
    page = read(carer, f"/requests/{request.uid}/")
    assert path in page and "新しいもの 1件" in page
    assert "道具は要りますか" in read(carer, path)
    assert "新しいもの 1件" not in read(carer, f"/requests/{request.uid}/")
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        supporter.post(path, order() | {"words": "何時ごろですか"})
    assert "新しいもの 1件" in read(carer, "/me/").partition("メッセージ")[2][:400]
    with tenant(MIDORI):
        assert Offer.objects.get(uid=offer.uid).state == "accepted"
    with tenant(KITA):  # ended before it was booked: what cannot be opened is not counted
        Offer.objects.filter(uid=offer.uid).update(state="withdrawn")
    assert "新しいもの 1件" not in read(carer, "/me/").partition("メッセージ")[2][:400]


def test_a_report_with_a_block_is_done_at_once_and_the_other_sees_nothing(cast, browser):
    uid = visit_make(cast)
    carer, supporter = browser(cast.carer.user), browser(cast.supporter.user)
    before = read(supporter, f"/visits/{uid}/")
    path = f"/report/visit/{uid}/"
    page = read(carer, path)
    for words in ("110", "119", "189", "春風 けん", "決まっている予定"):
        assert words in page
    assert carer.post(path, order() | {"reasons": []}).status_code == 422
    given = order() | {"reasons": ["danger"], "words": "どなられました", "block": "on"}
    given |= {"who": str(cast.supporter.uid), "cancels": ""}
    for _ in range(2):
        sent = carer.post(path, given)
        assert sent.status_code == 302
    mine = read(carer, sent["Location"])
    assert "tel:119" in mine and "どなられました" in mine and "春風" not in mine
    assert 'href="/reports/"' in read(carer, "/me/")
    assert read(carer, "/reports/", 302) == ""
    assert state_of(uid) == "scheduled"
    with tenant(KITA):
        assert Block.objects.filter(person=cast.carer, blocked_uid=cast.supporter.uid).count() == 1
        assert Case.objects.filter(kind="report").get().urgency == "urgent"
        assert Case.objects.filter(kind="other").count() == 1  # what stays booked
    after = read(supporter, f"/visits/{uid}/")
    strip = re.compile(
        r'name="(csrfmiddlewaretoken|nonce|order_id)" value="[^"]*"|nonce="[^"]*"'
        r'|"X-CSRFToken": "[^"]*"'
    )
    assert strip.sub("", before) == strip.sub("", after)
    closed = read(supporter, thread_of(uid))
    assert "書けません" in closed and "<textarea" not in closed
    assert supporter.get(sent["Location"]).status_code == 404
    with tenant(MIDORI):
        assert not Notice.objects.filter(person=cast.supporter, kind__startswith="case").exists()
    for outsider in (cast.stranger, cast.second):
        client = browser(outsider.user)
        assert client.get(path).status_code == client.post(path, given).status_code == 404


def test_blocking_from_the_list_asks_what_becomes_of_what_is_booked(cast, browser):
    uid = visit_make(cast)
    supporter = browser(cast.supporter.user)
    path = f"/me/blocks/{cast.carer.uid}/add/"
    asked = supporter.post(path)
    assert asked.status_code == 200 and "決まっている予定" in asked.content.decode()
    with tenant(MIDORI):
        assert not Block.objects.exists()
    assert supporter.post(path, {"asked": "1"}).status_code == 422
    assert supporter.post(path, {"asked": "1", "cancels": "yes"}).status_code == 302
    assert state_of(uid) == "cancelled"
    assert "青空 みなみ" in read(supporter, "/me/blocks/")
    assert supporter.post(f"/me/blocks/{cast.carer.uid}/remove/").status_code == 302


def test_what_may_be_reported_is_only_what_one_has_seen(cast, browser):
    uid = visit_make(cast)
    carer, supporter = browser(cast.carer.user), browser(cast.supporter.user)
    supporter.post(thread_of(uid), order() | {"words": "よろしくお願いします"})
    with tenant(KITA):
        message = Message.objects.get()
    about = {"reasons": ["rude"], "who": str(cast.supporter.uid)}
    assert carer.post(f"/report/message/{message.uid}/", order() | about).status_code == 302
    assert supporter.get(f"/report/message/{message.uid}/").status_code == 404  # one's own
    assert carer.get(f"/report/message/{new_id()}/").status_code == 404
    assert carer.get(f"/report/weather/{uid}/").status_code == 404
    page = read(supporter, f"/report/visit/{uid}/")
    assert "だれのことですか" in page and "青空 ふみ" in page
    wrong = order() | {"reasons": ["rude"], "who": str(cast.second.uid)}
    assert supporter.post(f"/report/visit/{uid}/", wrong).status_code == 422
    request = request_make(cast, starts_at=clock.now() + timedelta(days=9))
    card = f"/requests/{request.uid}/people/{MIDORI}/{cast.second.uid}/report/"
    given = order() | {"reasons": ["other"], "words": "うその紹介", "who": str(cast.second.uid)}
    assert carer.post(card, given).status_code == 302
    assert supporter.get(card).status_code == 404
    with tenant(MIDORI):
        assert Case.objects.filter(subject_kind="person").get().opened_by_uid is None


def test_who_is_suspended_reads_why_and_objects_once(cast, browser):
    client = browser(cast.supporter.user)
    assert client.get("/me/suspension/").status_code == 404
    with tenant(MIDORI):
        suspension_begin(
            uid=new_id(),
            person=cast.supporter,
            by=cast.officer,
            reason="お約束の時間に来られないことが続きました。",
            until=clock.now() + timedelta(days=14),
        )
    assert "/me/suspension/" in read(client, "/me/")
    page = read(client, "/me/suspension/")
    assert "お約束の時間に" in page and "なくなりません" in page and "異議を伝える" in page
    assert client.post("/me/suspension/", {"words": ""}).status_code == 422
    assert client.post("/me/suspension/", {"words": "連絡しました"}).status_code == 302
    assert "異議を伝える" not in read(client, "/me/suspension/")
    assert client.post("/me/suspension/", {"words": "もう一度"}).status_code == 422


def test_a_group_is_founded_joined_written_in_handed_over_and_left(cast, browser):
    leader, other = browser(cast.supporter.user), browser(cast.second.user)
    given = order() | {
        "name": "港のお茶会",
        "kind": "neighbours",
        "about": "月に1回、お茶を飲みます。",
    }
    assert leader.post("/groups/new/", given).status_code == 422
    there = leader.post("/groups/new/", given | {"joining": "open"})["Location"]
    assert leader.post("/groups/new/", given | {"joining": "open"})["Location"] == there
    assert "港のお茶会" in read(other, "/groups/")
    assert "お知らせを出す" not in read(other, there)
    assert other.post(f"{there}post/", order() | {"words": "はじめまして"}).status_code == 404
    assert other.post(f"{there}join/").status_code == 302
    assert other.post(f"{there}post/", order() | {"words": "はじめまして"}).status_code == 302
    assert "はじめまして" in read(leader, there)
    with tenant(MIDORI):
        post = GroupPost.objects.get()
        assert "はじめまして".encode() not in bytes(post.sealed)
    assert other.get(f"/report/post/{post.uid}/").status_code == 404
    assert "朝露 じゅん" in read(leader, f"/report/post/{post.uid}/")
    assert leader.post(f"{there}leave/").status_code == 409
    assert other.post(f"{there}close/").status_code == 409
    lead = {"person": str(cast.second.uid), "stays": "no"}
    assert leader.post(f"{there}lead/", lead).status_code == 302
    assert leader.post(f"/groups/posts/{post.uid}/remove/").status_code == 404
    assert other.post(f"/groups/posts/{post.uid}/remove/").status_code == 302
    assert leader.post(f"{there}leave/").status_code == 302
    assert other.post(f"{there}close/").status_code == 302
    page = read(other, there)
    assert "2027年11月" in page and "読めます" in page and "お知らせを出す" not in page
    assert "読むだけです" in read(other, "/groups/")
    late = other.post(f"{there}post/", order() | {"words": "まだ書けますか"})
    assert late.status_code == 422 and "もう終わっています" in late.content.decode()
    assert other.post(f"{there}invite/", {"number": cast.carer.number}).status_code == 422
    for stranger in (cast.carer, cast.stranger):
        assert browser(stranger.user).get(there).status_code == 404
    with tenant(MIDORI):
        assert Group.objects.get().closed_at is not None


def test_a_group_by_invitation_is_seen_by_whoever_is_invited(cast, browser):
    leader, other = browser(cast.supporter.user), browser(cast.second.user)
    given = order() | {
        "name": "ひみつの会", "kind": "other", "about": "ないしょです。", "joining": "invited",
    }  # fmt: skip
    there = leader.post("/groups/new/", given)["Location"]
    assert "ひみつの会" not in read(other, "/groups/") and other.get(there).status_code == 404
    assert other.post(f"{there}join/").status_code == 404
    assert leader.post(f"{there}invite/", {"number": "M-99999"}).status_code == 422
    assert leader.post(f"{there}invite/", {"number": cast.second.number}).status_code == 302
    assert "招かれています" in read(other, "/groups/")
    assert other.post(f"{there}join/").status_code == 302
    assert "グループの人" in read(other, there)


@pytest.mark.parametrize(
    "path", ["/messages/", "/reports/", "/groups/", "/groups/new/", "/me/suspension/"]
)
def test_a_visitor_logs_in_first(client, db, path):
    assert client.get(path)["Location"].startswith("/login/")
