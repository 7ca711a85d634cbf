"""A receipt in real Chromium, from the carer's confirmation to a stranger who scans its code: the
worker logs it, the page and the files say that it is genuine."""

from datetime import timedelta

import pytest

from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import number
from kyojo.doors.ops.demo_check_proofs import receipt_proven
from kyojo.doors.ops.demo_check_stories import Story
from kyojo.doors.web.visits.tests.scanning import scanned

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


@pytest.mark.parametrize("javascript", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_a_stranger_scans_a_receipt_and_reads_that_it_is_genuine(site, phones, javascript) -> None:
    stage = phones(site, javascript=javascript, device_scale_factor=3)
    stories.pending_confirmed(stage)
    day = stage.now().date() - timedelta(days=1)
    story = Story("", "買い物", day, stories.SUPPORTER, "", "", "")
    carer = stage.be(stories.CARER)
    stories.to_visit_of(carer, story.category, day)
    carer.follow("受け取り（レシート）を見る")
    story.receipt = carer.reads(r"番号\s*([2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4})")
    story.moved = number(carer.reads(r"コイン\s*([\d,]+)\s*コイン"))
    [code] = scanned(carer.screen, carer.screen.locator(".receipt .qr"))
    assert len(receipt_proven(stage, story)) == 2
    stranger = stage.visitor("スマホで写した人").open_mailed(code.decode())
    stranger.must_see("記録と合いました", story.receipt, "そのあと、書きかえられていません")
