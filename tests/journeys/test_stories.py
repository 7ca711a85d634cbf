"""The main job in real Chromium: the carer's story with the phone's position, the supporter's
without JavaScript, with the spoken code."""

import pytest

from kyojo.doors.ops import demo_check_stories as stories
from kyojo.doors.ops.demo_check_people import news_must_say, purse_read
from kyojo.doors.ops.demo_check_stories import Story

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
AT_THE_HOUSE = {"latitude": 34.86005, "longitude": 138.32005, "accuracy": 15}


def begin_and_end_by_position(stage, story, supporter) -> None:
    """The day, proven by where the phone is."""
    stage.clock_to(story.visit_day, 9, 40)
    stories.to_visit_of(supporter, story.category, story.visit_day)
    supporter.press("向かいます")
    stage.clock_to(story.visit_day, 10)
    stories.to_visit_of(supporter, story.category, story.visit_day)
    supporter.press("着きました。始めます").must_see("支援中")
    news_must_say(stage.be(stories.CARER), "春風さんが着いて、庭の手入れが始まりました")
    stage.clock_to(story.visit_day, 12)
    stories.to_visit_of(supporter, story.category, story.visit_day)
    supporter.press("終わりました").must_see("確認を待っています")
    news_must_say(stage.be(stories.CARER), "庭の手入れが終わりました。確認をお願いします")


def test_the_carers_story_with_the_phones_position(site, phones) -> None:
    stage = phones(site, geolocation=AT_THE_HOUSE, permissions=["geolocation"])
    stories.town_looked_at(stage)
    stories.pending_confirmed(stage)
    day, _ = stories.days_chosen(stage.now().date())
    story = Story("", "庭の手入れ", day, stories.SUPPORTER, "", "", "")
    stories.first_story_asked(stage, story)
    stories.first_story_agreed(stage, story)
    supporter = stage.be(stories.SUPPORTER)
    begin_and_end_by_position(stage, story, supporter)
    with site.cursor() as cursor:
        kinds = cursor.execute(
            "SELECT e.kind, e.in_window, e.distance_m < 100 FROM support_evidence e"
            " JOIN support_visit v ON v.uid = e.visit_uid AND v.municipality_id = e.municipality_id"
            " WHERE v.starts_at::date = %s AND e.moment IN ('start', 'end')",
            [day],
        ).fetchall()
        assert kinds == [("position", True, True)] * 2
    stories.closed(stage, story, supporter=supporter)
    assert story.moved == story.supporter_gain == 40


@pytest.mark.slow
def test_the_supporters_story_without_javascript(site, phones) -> None:
    stage = phones(site, javascript=False)
    stories.pending_confirmed(stage)
    company_before = stories.company_sum(stage)
    _, day = stories.days_chosen(stage.now().date())
    story = Story("", "さんぽ", day, stories.NEW_NAME, "", "", "")
    new = stories.signed_up(stage)
    stories.employer_linked(stage, new)
    stories.identity_checked(stage, new)
    stories.second_story_asked(stage, story, new)
    stories.second_story_agreed(stage, story)
    assert purse_read(new).available == 0
    stories.day_of_visit(stage, story, supporter=new, hour=10, minutes=60)
    stories.closed(stage, story, supporter=new)
    assert story.moved == story.supporter_gain == 20
    company_after = stories.company_sum(stage)
    if None not in (company_before, company_after) and company_after > company_before:
        assert company_after == company_before + 20
