"""A visit to somebody without a phone, in real Chromium: the card at the door and the word she says
begin it, a press of her button ends it, and nobody has to do anything more."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from kyojo.doors.devices.tests.air import Air, message
from kyojo.doors.ops import demo
from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import Purse, news_must_say, purse_read
from kyojo.doors.ops.demo_check_stories import Story
from kyojo.doors.ops.demo_town_now import SATURDAY, day_after
from kyojo.doors.web.visits.tests.scanning import scanned
from kyojo.help.support.tests.test_photos import picture

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]
BUTTON, MIDORI = "a81758fffe0b1c2d", 990027


@contextmanager
def listening(air: Air) -> Iterator[None]:
    """``./kyojo devices mqtt`` beside the site, on this broker."""
    environment = {**os.environ, "KYOJO_MQTT_URL": f"mqtt://127.0.0.1:{air.port}"}
    command = [sys.executable, "-m", "kyojo", "devices", "mqtt"]
    process = subprocess.Popen(command, cwd=demo.ROOT, env=environment)
    try:
        yield
        process.terminate()
        assert process.wait(timeout=20) == 0
    finally:
        process.kill()


def test_a_card_a_spoken_word_and_a_button_settle_it(site, phones) -> None:
    stage = phones(site)
    stories.pending_confirmed(stage)  # or it is confirmed by itself while the clock moves
    before, earned = purse_read(stage.be(stories.CARER)), purse_read(stage.be(stories.SUPPORTER))
    day = day_after(stage.now().date(), SATURDAY, 2)
    desk = stage.be(stories.OFFICER)

    def enrol(kind: str, label: str, number: str = ""):
        desk.open().follow("会員・本人確認").follow("アオゾラ フミ").follow("お宅のカードとボタン")
        form = desk.form("登録する").choose(kind).fill("置く場所の名前", label)
        form.fill("カードか機器の番号", number).press()

    enrol("QRカード", "玄関のカード")
    [card] = scanned(desk.screen, desk.screen.locator(".qr"))
    enrol("ボタン", "台所のボタン", BUTTON)
    key = bytes.fromhex(desk.reads(r"16進\)\s*([0-9a-f]{32})"))

    stage.clock_to(day, 10)
    recipient = stage.be(stories.RECIPIENT)
    stories.to_visit_of(recipient, "庭の手入れ", day)
    if recipient.links("来てもよいか、答える"):
        recipient.follow("来てもよいか、答える").press("はい、来てください")
    recipient.press("とってもよい")  # photos of the work
    code = stories.code_heard(stage, Story("", "庭の手入れ", day, "", "", "", ""))
    supporter = stage.be(stories.SUPPORTER).open_mailed(card.decode())
    supporter.must_see("お宅のカードを読みました")
    supporter.form("カードと合言葉で始める").fill("合言葉", code).press()
    supporter.must_see("支援中", "写真をそえる")
    taken = {"name": "IMG_1.jpg", "mimeType": "image/jpeg", "buffer": picture()}
    supporter.screen.locator("input[type=file]").set_input_files(taken)
    supporter.form("写真を送る").choose("始まり").press()
    supporter.must_see("そえられた写真", "始まりの様子")

    stage.clock_to(day, 12)
    air = Air()
    try:
        with listening(air):
            press = message(key, MIDORI, BUTTON, 1, battery=80)
            assert air.press(MIDORI, BUTTON, press) == "ended"
            assert air.press(MIDORI, BUTTON, press) == "ended"  # sent again: the same
            forged = message(bytes(16), MIDORI, BUTTON, 2)
            assert air.press(MIDORI, BUTTON, forged) == "key_wrong"
    finally:
        air.close()
    carer = stage.be(stories.CARER)
    stories.to_visit_of(carer, "庭の手入れ", day)
    carer.must_see("そえられた写真")
    shown = carer.screen.locator(".photos img")
    assert shown.evaluate("one => one.decode().then(() => one.naturalWidth)") == 60
    carer.must_see("お宅のQRカードを読みました", "お宅のボタンが押されました", "高い")

    stage.clock_to(day + timedelta(days=3), 13)  # silence is enough where the records are sure
    news_must_say(stage.be(stories.SUPPORTER), "40コインが届きました")
    assert purse_read(stage.be(stories.SUPPORTER)).available == earned.available + 40
    assert purse_read(stage.be(stories.CARER)) == Purse(before.available, before.held - 40)
