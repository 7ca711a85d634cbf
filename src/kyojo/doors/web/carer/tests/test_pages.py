"""The carer's pages through HTTP: the way from the first tile to the chosen person, what is
refused and how, and that other people's things look as if they did not exist."""

import re
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import coins
from kyojo.civic.people import services as people
from kyojo.civic.people.models import CarePlace, Person
from kyojo.help.matching import services as matching
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.tests.cast import KITA, MIDORI, NOW, cast_make, garden_draft, garden_open
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(towns: SimpleNamespace) -> Iterator[SimpleNamespace]:
    with clock.frozen(NOW):
        yield cast_make(towns)


def login(person: Person) -> Client:
    client = Client()
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def minami(cast: SimpleNamespace) -> Client:
    return login(cast.minami)


def typed(cast: SimpleNamespace, **changes: str) -> dict[str, str]:
    return {
        "order_id": str(new_id()),
        "place": str(cast.house.uid),
        "day": "other",
        "date_year": "令和8",
        "date_month": "11",
        "date_day": "28",
        "from_time": "10:00",
        "minutes": "120",
        "memo": "草取りと、枝切りを少し。",
        "gender_wish": "",
    } | changes


def body(response: HttpResponse) -> str:
    """The page as it is read: tags gone, spaces single."""
    text = re.sub(r"<(style|svg)\b.*?</\1>", "", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", re.sub(r"<wbr>|</?span[^>]*>", "", text))


def requests_count() -> int:
    with tenant(KITA):
        return HelpRequest.objects.count()


# --- the whole way ---
def test_from_the_first_tile_to_the_chosen_person(cast: SimpleNamespace, minami: Client) -> None:
    page = body(minami.get("/ask/"))
    assert "何をたのみますか" in page
    assert page.count('class="tile"') == 14
    assert "/ask/new/garden/" in page

    page = body(minami.get("/ask/new/garden/"))
    assert "母の家" in page
    assert "みどり浜市 港地区" in page
    assert "23日（月）" in page
    assert "祝日" in page

    answer = minami.post("/ask/new/garden/", typed(cast))
    assert answer.status_code == 302
    review = answer["Location"]
    page = body(minami.get(review))
    for said in ("11月28日（土）", "10時〜12時", "82歳、お母さま", "160コイン", "120コイン"):
        assert said in page

    people_url = minami.post(review)["Location"]
    page = body(minami.get(people_url))
    assert "来られる人が、3人います" in page
    assert "春風 けん" in page
    assert "港2-3-4" not in page
    ask = re.search(
        r'name="order_id" value="([^"]+)">\s*<input type="hidden" name="supporter" value="'
        + str(cast.ken.uid),
        page,
    )
    assert ask
    form = {"order_id": ask[1], "supporter": str(cast.ken.uid), "town": str(MIDORI)}
    status = minami.post(people_url, form)["Location"]
    assert minami.post(people_url, form)["Location"] == status
    with tenant(KITA):
        assert coins.purse(cast.minami).held == 40
        offer = Offer.objects.get()
    page = body(minami.get(status))
    assert "春風さんの返事を待っています" in page
    assert "11月21日（土）10時まで" in page

    answer = minami.post(f"{status}offers/{offer.uid}/withdraw/")
    assert answer.status_code == 302
    with tenant(KITA):
        assert coins.purse(cast.minami).held == 0


def test_many_are_asked_and_one_is_chosen(cast: SimpleNamespace, minami: Client) -> None:
    with tenant(KITA):
        asked = garden_open(cast)
    page = minami.get(f"/requests/{asked.uid}/send/")
    assert "港地区の生活支援コーディネーター" in body(page)
    form = {"order_id": str(new_id()), "decide": "self", "wait": "tomorrow"}
    assert minami.post(f"/requests/{asked.uid}/send/", form).status_code == 302
    with tenant(KITA):
        offers = {o.supporter_uid: o for o in Offer.objects.all()}
    with tenant(MIDORI):
        for who in (cast.ken, cast.jun):
            matching.offer_accept_mark(offer_uid=offers[who.uid].uid, supporter=who)
    waiting = minami.get(f"/requests/{asked.uid}/")
    page = body(waiting)
    assert "2人が「OK」と返事をしました" in page
    assert "声をかけた3人のようす" in page
    assert "あす正午まで待ちます" in page
    seen = re.search(r"\?seen=(\w+)", page)
    assert seen
    assert minami.get(f"/requests/{asked.uid}/?seen={seen[1]}").status_code == 204

    assert "2人が「OK」と返事をしました" in body(minami.get("/"))
    choose = f"/requests/{asked.uid}/offers/{offers[cast.ken.uid].uid}/choose/"
    answer = minami.post(choose, {"order_id": str(new_id())})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/visits/")
    again = minami.post(choose, {"order_id": str(new_id())})
    assert again["Location"] == answer["Location"]
    with tenant(KITA):
        assert coins.purse(cast.minami).held == 40
    home = body(minami.get("/"))
    assert "春風 けん" in home
    assert "合言葉" in home
    assert minami.get(f"/requests/{asked.uid}/")["Location"] == answer["Location"]
    # The waiting page that is still open moves on as a whole.
    open_page = minami.get(f"/requests/{asked.uid}/?seen={seen[1]}", headers={"HX-Request": "true"})
    assert open_page["HX-Redirect"] == answer["Location"]


# --- errors keep what was typed ---
def test_errors_are_sentences_and_nothing_typed_is_lost(
    cast: SimpleNamespace, minami: Client
) -> None:
    form = typed(cast, date_day="31")
    del form["minutes"]
    answer = minami.post("/ask/new/garden/", form)
    assert answer.status_code == 422
    page = body(answer)
    assert "2か所、直してください" in page
    assert "11月は30日までです" in page
    assert "長さを1つ選んでください。" in page
    assert "草取りと、枝切りを少し。" in page
    assert 'value="令和8"' in page
    assert "<title>エラー：" in page
    assert requests_count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"date_month": "10"}, "もう過ぎています"),
        ({"date_year": "2027", "date_month": "6"}, "90日先"),
        ({"date_month": "2", "date_day": "30", "date_year": "2027"}, "2月"),
        ({"memo": "あ" * 501}, "500字までです"),
        ({"minutes": "45"}, "長さを1つ選んでください"),
        ({"from_time": "03:00"}, "1つ選んでください"),
        ({"gender_wish": "tall"}, "1つ選んでください"),
        ({"day": ""}, "1つ選んでください"),
        ({"date_day": ""}, "日"),
    ],
)
def test_bad_input_changes_nothing(
    cast: SimpleNamespace, minami: Client, changes: dict[str, str], said: str
) -> None:
    answer = minami.post("/ask/new/garden/", typed(cast, **changes))
    assert answer.status_code == 422
    assert said in body(answer)
    assert requests_count() == 0


def test_a_replayed_form_is_one_draft_and_a_change_of_mind_changes_it(
    cast: SimpleNamespace, minami: Client
) -> None:
    form = typed(cast)
    first = minami.post("/ask/new/garden/", form)["Location"]
    assert minami.post("/ask/new/garden/", form)["Location"] == first
    assert minami.post("/ask/new/garden/", form | {"minutes": "60"})["Location"] == first
    assert requests_count() == 1
    assert "20コイン" in body(minami.get(first))
    opened = minami.post(first)["Location"]
    assert minami.post(first)["Location"] in (opened, opened.replace("people/", ""))
    assert minami.post("/ask/new/garden/", form).status_code == 422
    with tenant(KITA):
        assert HelpRequest.objects.get().state == "open"


def test_the_kind_of_a_draft_can_be_changed(cast: SimpleNamespace, minami: Client) -> None:
    with tenant(KITA):
        draft = garden_draft(cast)
    page = body(minami.get(f"/ask/?draft={draft.uid}"))
    assert f"/ask/{draft.uid}/change/?category=clean" in page
    url = f"/ask/{draft.uid}/change/?category=clean"
    assert 'value="28"' in body(minami.get(url))
    assert minami.post(url, typed(cast)).status_code == 302
    with tenant(KITA):
        draft.refresh_from_db()
        assert draft.category == "clean"


# --- a new place on the way ---
def test_another_place_is_added_and_what_was_typed_is_still_there(
    cast: SimpleNamespace, minami: Client
) -> None:
    answer = minami.post("/ask/new/garden/", typed(cast, place="other"))
    assert answer["Location"] == "/ask/place/"
    assert "どんな場所ですか" in body(minami.get("/ask/place/"))
    unsaid = minami.get("/ask/place/", {"town": str(MIDORI)})
    assert unsaid.status_code == 422
    assert "1つ選んでください" in body(unsaid)
    page = body(minami.get("/ask/place/", {"kind": "other_home", "town": str(MIDORI)}))
    near = re.search(r'value="(area-\d+)">港地区', page)
    assert near
    place: dict[str, Any] = {
        "order_id": str(new_id()),
        "kind": "other_home",
        "town": str(MIDORI),
        "label": "おばの家",
        "address": "みどり浜市港5-6",
        "near": near[1],
        "position": "東京",
        "family_name": "青空",
        "given_name": "はる",
        "family_kana": "あおぞら",
        "given_kana": "はる",
        "relation": "おば",
    }
    refused = minami.post("/ask/place/", place)
    assert refused.status_code == 422
    assert "2つの数字で入れてください" in body(refused)
    done = minami.post("/ask/place/", place | {"position": "34.861, 138.321"})
    assert done.status_code == 302
    with tenant(KITA):
        made = CarePlace.objects.get(label="おばの家")
    assert made.recipient_name == "青空 はる"
    page = body(minami.get(done["Location"]))
    assert "草取りと、枝切りを少し。" in page
    assert re.search(rf'value="{made.uid}"[^>]*checked', page)


# --- others' things ---
def test_what_belongs_to_others_looks_as_if_it_did_not_exist(
    cast: SimpleNamespace, minami: Client
) -> None:
    with tenant(KITA):
        draft = garden_draft(cast)
        asked = garden_open(cast)
        offer = matching.offer_ask(
            order_id=new_id(),
            request_uid=asked.uid,
            carer=cast.minami,
            supporter_uid=cast.ken.uid,
            supporter_municipality_id=MIDORI,
        )
    with tenant(MIDORI):
        people.role_add(person=cast.jun, role="carer")
    unknown = new_id()
    paths = [
        "/ask/{draft}/",
        "/ask/{draft}/change/",
        "/ask/?draft={draft}",
        "/ask/new/garden/?like={asked}",
        "/requests/{asked}/",
        "/requests/{asked}/people/",
        "/requests/{asked}/people/990027/" + f"{cast.ken.uid}/",
        "/requests/{asked}/send/",
        "/requests/{asked}/cancel/",
    ]
    posts = [
        "/requests/{asked}/handover/",
        "/requests/{asked}/cancel/",
        "/requests/{asked}/people/",
        "/requests/{asked}/send/",
        "/requests/{asked}/offers/{offer}/withdraw/",
        "/requests/{asked}/offers/{offer}/choose/",
        "/ask/{draft}/",
        "/ask/{draft}/change/",
    ]
    for outsider in (login(cast.makoto), login(cast.jun)):
        for method, path in [("get", p) for p in paths] + [("post", p) for p in posts]:
            theirs = path.format(draft=draft.uid, asked=asked.uid, offer=offer.uid)
            nobodys = path.format(draft=unknown, asked=unknown, offer=unknown)
            seen, absent = getattr(outsider, method)(theirs), getattr(outsider, method)(nobodys)
            assert (seen.status_code, absent.status_code) == (404, 404), path
            assert seen.content == absent.content, path
    with tenant(KITA):
        asked.refresh_from_db()
        assert asked.state == "open"
        assert asked.escalated_at is None
        assert Offer.objects.get(uid=offer.uid).state == "notified"
        assert coins.purse(cast.minami).held == 40


def test_another_persons_place_is_not_a_choice(cast: SimpleNamespace) -> None:
    answer = login(cast.makoto).post("/ask/new/garden/", typed(cast))
    assert answer.status_code == 422
    assert requests_count() == 0


# --- refusals on the pages ---
def test_a_second_question_and_short_coins_are_said(cast: SimpleNamespace, minami: Client) -> None:
    with tenant(KITA):
        asked = garden_open(cast)
    url = f"/requests/{asked.uid}/people/"
    form = {"order_id": str(new_id()), "supporter": str(cast.ken.uid), "town": str(MIDORI)}
    minami.post(url, form)
    refused = minami.post(url, form | {"order_id": str(new_id()), "supporter": str(cast.jun.uid)})
    assert refused.status_code == 409
    assert "そのお願いを取り下げてから" in body(refused)
    with tenant(KITA):
        assert Offer.objects.count() == 1
        two = garden_open(cast, minutes=180, starts_at=clock.at(NOW.date() + timedelta(9), 9))
        three = garden_open(cast, minutes=180, starts_at=clock.at(NOW.date() + timedelta(10), 9))
    for request, code in ((two, 302), (three, 302)):
        answer = minami.post(
            f"/requests/{request.uid}/people/",
            {"order_id": str(new_id()), "supporter": str(cast.jun.uid), "town": str(MIDORI)},
        )
        assert answer.status_code == code
        code = 409
    with tenant(KITA):
        four = garden_draft(cast)
    page = body(minami.get(f"/ask/{four.uid}/"))
    assert "いまは、コインが足りません" in page
    assert "あと40コインいります" in page


def test_nobody_can_come_and_the_coordinator_takes_over(
    cast: SimpleNamespace, minami: Client
) -> None:
    with tenant(KITA):
        asked = garden_open(cast, starts_at=clock.at(NOW.date(), 20), minutes=60)
    page = body(minami.get(f"/requests/{asked.uid}/people/"))
    assert "いま来られる人が、見つかりませんでした" in page
    assert "日や時間を変えると" in page
    minami.post(f"/requests/{asked.uid}/handover/")
    page = body(minami.get(f"/requests/{asked.uid}/"))
    assert "星野 なぎさんが、来られる人をさがして" in page


def test_cancelling_says_what_happens_and_does_it(cast: SimpleNamespace, minami: Client) -> None:
    with tenant(KITA):
        asked = garden_open(cast)
    minami.post(
        f"/requests/{asked.uid}/people/",
        {"order_id": str(new_id()), "supporter": str(cast.ken.uid), "town": str(MIDORI)},
    )
    page = body(minami.get(f"/requests/{asked.uid}/cancel/"))
    assert "お預かりしている40コインは、すぐ「使える」にもどります" in page
    assert minami.post(f"/requests/{asked.uid}/cancel/")["Location"] == "/"
    with tenant(KITA):
        assert coins.purse(cast.minami).available == 160
    assert "取り消した依頼です" in body(minami.get(f"/requests/{asked.uid}/"))
    assert minami.post(f"/requests/{asked.uid}/cancel/").status_code == 302


# --- the front door ---
def test_everybody_finds_their_home(cast: SimpleNamespace, minami: Client) -> None:
    assert "青空さん、おつかれさまです" in body(minami.get("/"))
    assert login(cast.ken).get("/")["Location"] == "/help/"
    page = body(Client().get("/"))
    assert "たのみたい" in page
    assert "みどり浜市" in page
    with tenant(MIDORI):
        user = people.user_create(email="fumi@example.jp", municipality_id=MIDORI)
        Person.objects.filter(pk=cast.fumi.pk).update(user=user)
    fumi = Client()
    fumi.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    assert fumi.get("/")["Location"] == "/visits/"
    company = people.user_create(email="officer@company.example.jp")
    officer = Client()
    officer.force_login(company, backend="django.contrib.auth.backends.ModelBackend")
    assert officer.get("/")["Location"] == "/workplace/"


def test_visitors_log_in_and_supporters_are_told_how_to_ask(cast: SimpleNamespace) -> None:
    assert Client().get("/ask/")["Location"].startswith("/login/?next=")
    ken = login(cast.ken)
    page = body(ken.get("/ask/"))
    assert "手伝うほうは、そのまま続けられます" in page
    assert ken.get("/ask/new/garden/").status_code == 409  # nothing of a form before that
    ken.post("/me/roles/", {"roles": ["carer", "supporter"]})
    assert "何をたのみますか" in body(ken.get("/ask/"))


def test_what_is_outside_is_said_with_where_to_go(minami: Client) -> None:
    page = body(minami.get("/ask/outside/"))
    assert "地域包括支援センター" in page


def test_the_introduction_shows_good_points_and_no_words(
    cast: SimpleNamespace, minami: Client
) -> None:
    with tenant(MIDORI):
        people.person_update(person=cast.ken, introduction="庭のことなら、何でも聞いてください。")
    with tenant(KITA):
        asked = garden_open(cast)
    url = f"/requests/{asked.uid}/people/{MIDORI}/{cast.ken.uid}/"
    page = body(minami.get(url))
    assert "庭のことなら、何でも聞いてください。" in page
    assert "この人にお願いする" in page
    assert minami.get(f"/requests/{asked.uid}/people/{MIDORI}/{new_id()}/").status_code == 404
    assert minami.get(f"/requests/{asked.uid}/people/1/{cast.ken.uid}/").status_code == 404
    with tenant(MIDORI):
        people.rest_set(person=cast.ken, until=clock.today() + timedelta(days=60))
    gone = minami.get(url)
    assert gone.status_code == 409
    assert "いまお休みしています" in body(gone)
