"""What may go wrong, in real Chromium: called off, nobody came, not as agreed."""

from datetime import timedelta

import pytest

from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import Purse, news_must_say, purse_read
from kyojo.doors.ops.demo_town_now import SATURDAY, day_after

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
DISPUTING_CARER, DISPUTED_SUPPORTER = "花曇 ゆう", "若草 なお"


def states_of(site, where: str, *values) -> set[str]:
    with site.cursor() as cursor:
        rows = cursor.execute(f"SELECT state FROM support_visit WHERE {where}", values)  # noqa: S608
        return {state for (state,) in rows}


def saturday_visit(stage):
    """青空 みなみ, at the garden visit that 春風 けん has promised for Saturday, and its day."""
    carer = stage.be(stories.CARER)
    day = day_after(stage.now().date(), SATURDAY, 2)
    stories.to_visit_of(carer, "庭の手入れ", day)
    return carer, day


def test_the_carer_calls_a_visit_off_and_every_coin_returns(site, phones) -> None:
    stage = phones(site)
    before = purse_read(stage.be(stories.CARER))
    carer, day = saturday_visit(stage)
    carer.follow("この予定を取り消す")
    carer.form("取り消す").choose("予定が変わりました").press()
    carer.must_see("取り消しになりました")
    assert purse_read(carer) == Purse(before.available + 40, before.held - 40)
    supporter = stage.be(stories.SUPPORTER)
    news_must_say(supporter, "庭の手入れは取り消しになりました")
    news_must_say(stage.be(stories.RECIPIENT), "庭の手入れは取り消しになりました")
    assert states_of(site, "starts_at::date = %s AND category = 'garden'", day) == {"cancelled"}


def test_nobody_came_and_every_coin_returns_with_the_supporters_word(site, phones) -> None:
    stage = phones(site)
    stories.pending_confirmed(stage)  # or it is confirmed by itself while the clock moves
    before = purse_read(stage.be(stories.CARER))
    earned = purse_read(stage.be(stories.SUPPORTER))
    day = day_after(stage.now().date(), SATURDAY, 2)
    stage.clock_to(day, 10, 5)
    carer, _ = saturday_or_today(stage, day)
    assert not carer.links("来ませんでした")
    stage.clock_to(day, 10, 20)
    carer, _ = saturday_or_today(stage, day)
    carer.follow("来ませんでした")
    carer.press("伝える")
    carer.must_see("お返事を待っています")
    assert purse_read(carer) == before
    supporter = stage.be(stories.SUPPORTER)
    news_must_say(supporter, "「来られなかった」と伝えられました")
    stories.to_visit_of(supporter, "庭の手入れ", day)
    supporter.press("わかりました")
    supporter.must_see("来られなかった、と伝えられました")
    assert purse_read(stage.be(stories.CARER)) == Purse(before.available + 40, before.held - 40)
    assert purse_read(supporter) == earned
    assert states_of(site, "starts_at::date = %s AND category = 'garden'", day) == {"no_show"}


def saturday_or_today(stage, day):
    carer = stage.be(stories.CARER)
    stories.to_visit_of(carer, "庭の手入れ", day)
    return carer, day


def test_a_dispute_is_settled_by_the_officer_in_part(site, phones) -> None:
    stage = phones(site)
    carer = stage.be(DISPUTING_CARER)
    before, earned = purse_read(carer), purse_read(stage.be(DISPUTED_SUPPORTER))
    officer = stage.be(stories.OFFICER)
    officer.follow("話し合い")
    if officer.links("R-"):
        officer.follow("R-")
    officer.must_see("おふたりの話を聞いて、決めてください")
    form = officer.form("この内容で決める").choose("一部をお渡しする")
    form.fill("お渡しするコイン", "0").fill("おふたりへのことば", "お話をうかがいました。").press()
    assert officer.status == 422
    assert purse_read(stage.be(DISPUTING_CARER)) == before
    form = officer.form("この内容で決める").choose("一部をお渡しする")
    form.fill("お渡しするコイン", "10").fill("おふたりへのことば", "10コインずつにします。").press()
    officer.must_not_see("おふたりの話を聞いて、決めてください")
    news_must_say(stage.be(DISPUTING_CARER), "そうじについて、事務局が決めました")
    assert purse_read(stage.be(DISPUTING_CARER)) == before
    day = stage.now().date() - timedelta(days=3)
    for name in (DISPUTING_CARER, DISPUTED_SUPPORTER):
        one = stage.be(name)
        stories.to_visit_of(one, "そうじ", day)
        one.must_see("10コインずつにします").press("わかりました")
    news_must_say(stage.be(DISPUTING_CARER), "そうじの確認が終わりました")
    assert purse_read(stage.be(DISPUTING_CARER)) == Purse(before.available + 10, before.held - 20)
    assert purse_read(stage.be(DISPUTED_SUPPORTER)).available == earned.available + 10
    assert "resolved" in states_of(site, "category = 'clean'")
    assert "disputed" not in states_of(site, "category = 'clean'")
