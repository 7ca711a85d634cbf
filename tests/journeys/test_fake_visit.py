"""A visit that never was, in real Chromium: one phone begins it for the supporter and confirms it
for the carer. It ends in the office's queue, is not paid there, and every coin returns."""

from datetime import timedelta

import pytest

from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import DEMO_LINK, Purse, news_must_say, purse_read
from kyojo.doors.ops.demo_town_now import SATURDAY, day_after

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
#: What a program gives that says where it is: the same to the last figure, whenever it is asked.
ONE_SPOT = {"latitude": 34.860051, "longitude": 138.320049, "accuracy": 15}
COINS = 40


def test_a_faked_visit_ends_in_the_queue_and_is_not_paid(site, phones) -> None:
    stage = phones(site, geolocation=ONE_SPOT, permissions=["geolocation"])
    stories.pending_confirmed(stage)
    day = day_after(stage.now().date(), SATURDAY, 2)
    before = purse_read(stage.be(stories.CARER))
    one_phone = faked(stage, day)
    assert looks(site) == [("waiting", True)]
    one_phone.must_see("事務局が確かめています").must_not_see("おかしい")
    news_must_say(one_phone, "庭の手入れについて、事務局が確かめています")
    assert purse_read(one_phone) == before

    officer = stage.be(stories.OFFICER)
    officer.follow("支援の確認").follow("R-")
    officer.must_see(
        "支援した人とたのんだ人が、同じスマホを使っています", "こういうことかもしれません"
    )
    form = officer.form("この内容で決める").choose("支払わない")
    form.press()
    officer.must_see("どんなことがあったか、ひとことで書いてください")
    form = officer.form("この内容で決める").choose("支払わない")
    form.fill("ことば、メモ", "おふたりにうかがいました。来ていないとのことでした。").press()
    officer.must_see("1件を決めました")
    news_must_say(stage.be(stories.SUPPORTER), "庭の手入れについて、事務局が決めました")
    assert purse_read(one_phone) == before  # until nobody may object any more

    stage.clock_to(day + timedelta(days=9), 0, 30)
    assert purse_read(one_phone) == Purse(before.available + COINS, before.held - COINS)
    assert paid(site, day) == {("resolved", 0)}
    assert looks(site) == [("refused", True)]


def faked(stage, day):
    """Every press from one phone; it is the carer's when it comes back."""
    phone = stage.be(stories.SUPPORTER)
    stage.clock_to(day, 10)
    stories.to_visit_of(phone, "庭の手入れ", day)
    phone.press("向かいます")
    phone.press("着きました。始めます").must_see("支援中")
    stage.clock_to(day, 12)
    stories.to_visit_of(phone, "庭の手入れ", day)
    phone.press("終わりました").must_see("確認を待っています")
    phone.follow(DEMO_LINK).press(f"この人になる：{stories.CARER}")
    stories.to_visit_of(phone, "庭の手入れ", day)
    return phone.press("確認しました")


def looks(site):
    with site.cursor() as cursor:
        query = "SELECT state, holds_coins FROM support_visitlook WHERE NOT by_lot"
        return cursor.execute(query).fetchall()


def paid(site, day) -> set[tuple[str, int]]:
    """The state and the coins of that day's visit, in all of its towns."""
    with site.cursor() as cursor:
        query = (
            "SELECT state, settled_coins FROM support_visit"
            " WHERE starts_at::date = %s AND category = 'garden' AND state <> 'cancelled'"
        )
        return set(cursor.execute(query, [day]))
