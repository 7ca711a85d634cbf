"""The coordinator's board: what is risky first, who could come, and the way to settle them."""

import re
from datetime import timedelta

import pytest
from lxml import html

from kyojo.civic.municipalities.models import Area
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Act
from kyojo.help.matching.models import Offer, Proposal
from kyojo.help.matching.services import request_escalate
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import (
    KITA,
    MIDORI,
    START,
    answer,
    ask_directly,
    broadcast,
    request_make,
)
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
BOARD = "/desk/board/"


def board(office, query="", user=None):
    answered = office.client(user or office.coordinator).get(BOARD + query)
    assert answered.status_code == 200
    return html.fromstring(answered.content)


def said(element) -> str:
    return re.sub(r"\s+", "", element.text_content())


def cards(page) -> list[str]:
    return [said(one) for one in page.xpath("//article")]


def numbers(page) -> list[str]:
    return re.findall(r"R-\d+", "".join(said(one) for one in page.xpath("//h3")))


def plan(office, user=None):
    return office.client(user or office.coordinator).post(f"{BOARD}plan/", follow=True)


def test_a_request_is_shown_with_its_chance_and_the_best_who_can_come(office):
    request = request_make(office.cast)
    (card,) = cards(board(office))
    assert "庭の手入れ" in card
    assert "このままでは決まりにくい" in card
    assert "声かけ0人" in card
    for who in (office.cast.supporter, office.cast.second):
        assert said(html.fromstring(f"<p>{who.name}</p>")) in card
        assert f"/desk/requests/{request.uid}/assign/{MIDORI}/{who.uid}/" in str(
            html.tostring(board(office))
        )
    for person in (office.cast.carer, office.cast.mother):
        assert person.family_name not in card


def test_opening_the_board_goes_on_record(office):
    board(office)
    with tenant(MIDORI):
        assert Act.objects.get(action="board_opened").actor == office.coordinator
    assert "手配ボードを開いた" in office.client(office.officer).get("/desk/acts/").content.decode()


def test_the_plan_is_made_by_a_press_and_its_proposal_comes_first(office):
    request = request_make(office.cast)
    assert "町全体の案は、まだありません" in said(board(office))
    answered = plan(office)
    assert "1件のうち1件に、来られそうな人を出しました" in answered.content.decode()
    page = board(office)
    with tenant(MIDORI):
        proposed = Proposal.objects.get(request_uid=request.uid).supporter_uid
        assert not Offer.objects.exists()  # nobody was asked, nothing settled
        assert not Visit.objects.exists()
    first = page.xpath("//article//li[@data-who]")[0]
    assert first.get("data-who") == f"{MIDORI}/{proposed}"
    assert "町全体の案" in said(first)
    assert len(page.xpath(f"//article//li[@data-who='{MIDORI}/{proposed}']")) == 1
    plan(office)
    with tenant(MIDORI):
        assert Proposal.objects.count() == 1


def test_a_proposal_that_holds_no_longer_is_not_shown(office):
    request_make(office.cast)
    plan(office)
    with tenant(MIDORI):
        proposed = Proposal.objects.get().supporter_uid
    who = next(one for one in (office.cast.supporter, office.cast.second) if one.uid == proposed)
    with tenant(MIDORI):
        who.resting_until = START.date()
        who.save(update_fields=["resting_until"])
    page = board(office)
    assert "町全体の案" not in "".join(cards(page))
    assert str(who.uid) not in html.tostring(page).decode()


def test_the_carers_town_sees_the_place_towns_proposal(office):
    request_make(office.cast)
    plan(office)
    page = board(office, user=office.cast.kita_officer)
    assert "町全体の案" in "".join(cards(page))
    assert "みどり浜市の人" in "".join(cards(page))


def test_risk_orders_the_sections(office):
    quiet, answered, taken_over = (request_make(office.cast) for _ in range(3))
    offer = broadcast(office.cast, answered)[0]
    people = {one.uid: one for one in (office.cast.supporter, office.cast.second)}
    answer(offer, people[offer.supporter_uid])
    with tenant(KITA):
        request_escalate(request_uid=taken_over.uid, carer=office.cast.carer)
    page = board(office)
    assert numbers(page) == [taken_over.number, quiet.number, answered.number]
    assert "引きつぎずみ" in cards(page)[0]
    titles = [said(one) for one in page.xpath("//main//section/h2")]
    assert titles == ["いま、手を打つ（2件）", "お返事を待つ（1件）"]
    assert "OKの返事があります" in cards(page)[2]


def test_whoever_is_being_asked_changes_the_chance(office):
    request = request_make(office.cast)
    ask_directly(office.cast, request, office.cast.supporter)
    (card,) = cards(board(office))
    assert "声かけ1人" in card
    assert "このままでは決まりにくい" in card or "五分五分" in card
    assert office.cast.second.family_name in card  # the other one is still free to be asked
    with tenant(MIDORI):
        office.cast.second.skills.all().delete()
    (card,) = cards(board(office))
    assert "ほかに行ける人は、見つかりません" in card


def test_where_nobody_can_come_it_says_why_and_what_would_help(office):
    with tenant(KITA):
        HelpRequest.objects.all().delete()
    request_make(office.cast)
    with tenant(MIDORI):
        for who in (office.cast.supporter, office.cast.second):
            who.skills.all().delete()
            who.skills.create(category="shopping", municipality_id=MIDORI)
    (card,) = cards(board(office))
    assert "いまの条件で行ける人がいません" in card
    assert "1つ変えるなら：「買い物」としてたのむと、2人が来られます" in card


def test_a_coordinator_begins_with_their_own_area(office):
    ours = request_make(office.cast)
    with tenant(MIDORI):
        other = Area.objects.create(
            kind="living_area",
            code="yama",
            name="山手",
            geometry={},
            west=0,
            south=0,
            east=1,
            north=1,
        )
        HelpRequest.objects.filter(uid=ours.uid).update(area=other)
    page = board(office)
    assert cards(page) == []
    assert "自分の圏域に、人をさがしている依頼はありません" in said(page)
    assert numbers(board(office, "?area=all")) == [ours.number]
    assert numbers(board(office, f"?area={other.pk}")) == [ours.number]
    assert numbers(board(office, f"?area={other.pk}&category=talk")) == []
    assert numbers(board(office, user=office.officer)) == [ours.number]
    assert numbers(board(office, "?area=mine", user=office.officer)) == [ours.number]


def test_who_and_request_can_be_chosen_from_lists(office):
    request = request_make(office.cast)
    client = office.client(office.coordinator)
    who = f"{MIDORI}/{office.cast.second.uid}"
    answered = client.get(f"{BOARD}put/", {"request": request.uid, "who": who})
    assert answered.url == f"/desk/requests/{request.uid}/assign/{who}/"
    assert client.get(answered.url).status_code == 200
    for wrong in (
        {"request": request.uid},
        {"request": request.uid, "who": "x/y"},
        {"request": "x", "who": who},
        {"request": request.uid, "who": f"{MIDORI}/x"},
        {"request": request.uid, "who": f"9999999/{new_id()}"},
    ):
        assert client.get(f"{BOARD}put/", wrong).status_code == 404
    with tenant(MIDORI):
        assert not Visit.objects.exists()


def test_twenty_at_a_time_the_pressing_first(office):
    soon = request_make(office.cast, starts_at=START - timedelta(days=3))
    late = [request_make(office.cast) for _ in range(20)]
    first, second = board(office), board(office, "?page=2")
    assert len(cards(first)) == 20
    assert numbers(first)[0] == soon.number
    assert numbers(second) == [late[-1].number]
    assert "2/2ページ" in said(second)


def test_another_town_plans_nothing_of_ours(office):
    request_make(office.cast)
    plan(office, user=office.cast.kita_officer)
    with tenant(MIDORI):
        assert not Proposal.objects.exists()
    with tenant(KITA):
        assert not Proposal.objects.exists()  # it has no supporters of its own
