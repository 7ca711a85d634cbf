"""A refused part, in real Chromium: the supporter objects, another officer changes the ruling, and
every coin is where it was said."""

import subprocess
import sys
from datetime import timedelta

import pytest

from kyojo.doors.ops import demo
from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import Purse, news_must_say, purse_read

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
CARER, SUPPORTER, CHIEF = "花曇 ゆう", "若草 なお", "大樹 まさ"


def test_an_objection_goes_to_another_officer_who_changes_the_ruling(site, phones) -> None:
    stage = phones(site)
    day = stage.now().date() - timedelta(days=3)
    before, earned = purse_read(stage.be(CARER)), purse_read(stage.be(SUPPORTER))

    officer = stage.be(stories.OFFICER)
    officer.follow("話し合い")
    officer.follow("R-")
    form = officer.form("この内容で決める").choose("一部をお渡しする").fill("お渡しするコイン", "5")
    form.fill("おふたりへのことば", "途中で帰られたとうかがい、5コインにします。").press()
    officer.must_see("お返事を待っています")
    assert (purse_read(stage.be(CARER)), purse_read(stage.be(SUPPORTER))) == (before, earned)

    news_must_say(stage.be(CARER), "そうじについて、事務局が決めました")
    carer = stage.be(CARER)
    stories.to_visit_of(carer, "そうじ", day)
    carer.must_see("途中で帰られたとうかがい").press("わかりました")
    supporter = stage.be(SUPPORTER)
    stories.to_visit_of(supporter, "そうじ", day)
    supporter.must_see("途中で帰られたとうかがい").follow("異議を申し立てる")
    form = supporter.form("事務局に伝える")
    form.fill("どこがちがいますか", "ごみ出しまでして、50分いました。").press()
    supporter.must_see("別の職員が、もう一度確かめています")
    stage.clock_to(stage.now().date() + timedelta(days=9), 9)  # an objection outlives the days
    assert purse_read(stage.be(CARER)) == before
    earned = purse_read(stage.be(SUPPORTER))  # other visits of theirs were confirmed by silence

    officer.open().follow("異議の申し立て").follow("R-")
    officer.must_see("別の、自治体の職員が決めます", "目標をすぎています")
    chief = stage.be(CHIEF)
    chief.follow("異議の申し立て").follow("R-").must_see("ごみ出しまでして")
    form = chief.form("この内容で決める").choose("一部をお渡しする").fill("お渡しするコイン", "15")
    form.fill("おふたりへのことば", "記録を見て、15コインにします。").press()
    news_must_say(stage.be(CARER), "そうじの確認が終わりました")
    supporter.open()
    stories.to_visit_of(supporter, "そうじ", day)
    supporter.must_see("15コイン", "記録を見て、15コインにします。")
    assert purse_read(stage.be(CARER)) == Purse(before.available + 5, before.held - 20)
    assert purse_read(supporter).available == earned.available + 15
    check = [sys.executable, "-m", "kyojo", "check"]
    subprocess.run(check, cwd=demo.ROOT, check=True, capture_output=True, timeout=60)
