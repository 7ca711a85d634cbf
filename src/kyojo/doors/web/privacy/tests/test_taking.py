"""One's own data: all of it, nothing of others, and only for oneself."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import stepping_domain
from kyojo.civic.people.models import Act, Person
from kyojo.commons.privacy.rooms import rooms_with
from kyojo.commons.privacy.selectors import erasure_of
from kyojo.help.support.services import review_write, visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def visited(cast):
    uid = visit_make(cast)
    check_in(cast, uid, at=START)
    check_out(cast, uid, at=END)
    with clock.frozen(END), tenant(KITA):
        visit_confirm(visit_uid=uid, carer=cast.carer)
        review_write(
            order_id=new_id(), visit_uid=uid, writer=cast.carer, rating=5, message="助かりました"
        )
    with clock.frozen(END + timedelta(days=2)):
        yield cast


def taken(client) -> dict[str, list[dict]]:
    response = client.get("/me/data/mine.json")
    assert response.status_code == 200
    assert "no-store" in response["Cache-Control"]
    assert "attachment" in response["Content-Disposition"]
    found = json.loads(response.content)
    assert (found["format"], found["version"]) == ("kyojo-own-data", 1)
    for one in found["sections"]:
        keys = {column["key"] for column in one["columns"]}
        assert one["title"] and all(set(row) == keys for row in one["rows"])
    return {one["code"]: one["rows"] for one in found["sections"]}


def test_a_supporter_gets_everything_of_theirs_and_no_address_of_others(visited, browser):
    found = taken(browser(visited.supporter))
    facts = {row["name"]: row["value"] for row in found["register"]}
    assert facts["お名前"] == "春風 けん" and facts["住所"] == "見本町 9"
    assert facts["メールアドレス"] == visited.supporter.user.email
    [visit] = found["visits"]
    assert (visit["other"], visit["address"], visit["coins"]) == ("青空 ふみ", "", 40)
    positions = found["positions"]
    assert {row["moment"] for row in positions} == {"start", "end"}
    assert positions[0]["latitude"] == 34.8601
    assert [row["message"] for row in found["reviews_about"]] == ["助かりました"]
    assert [row["change"] for row in found["coins"]] == [40]
    text = json.dumps(found, ensure_ascii=False)
    theirs = (visited.carer.phone, visited.carer.user.email, "1-2-3", str(visited.carer.uid))
    assert [word for word in theirs if word in text] == []


def test_a_carer_gets_the_places_and_the_words_they_wrote(visited, browser):
    found = taken(browser(visited.carer))
    [place] = found["places"]
    assert (place["recipient"], place["born"]) == ("青空 ふみ", "1944-04-01")
    [request] = found["requests"]
    assert request["memo"].startswith("草取り")
    assert [row["message"] for row in found["reviews_written"]] == ["助かりました"]
    assert found["visits"][0]["other"] == "春風 けん"


def test_the_page_says_the_same_and_it_goes_on_record(visited, browser):
    client = browser(visited.supporter)
    page = client.get("/me/data/mine/").content.decode()
    for words in ("春風 けん", "助かりました", "34.8601", "支援のときの位置"):
        assert words in page
    taken(client)
    with tenant(MIDORI):
        acts = Act.objects.filter(action="own_data_taken", subject_id=str(visited.supporter.uid))
        assert sorted(acts.values_list("note", flat=True)) == ["json", "page"]


@pytest.mark.parametrize("path", ["/me/data/", "/me/data/mine/", "/me/data/mine.json"])
def test_nobody_else_gets_anything(cast, browser, path):
    assert "/login/" in Client().get(path)["Location"]
    assert browser(cast.officer).get(path)["Location"] == "/signup/"


def test_an_unfamiliar_browser_is_asked_who_it_is_first(cast, monkeypatch):
    monkeypatch.setattr(stepping_domain, "is_asked", lambda situation: True)
    client = Client()
    client.force_login(cast.supporter.user, backend="sesame.backends.ModelBackend")
    for path in ("/me/data/mine/", "/me/data/mine.json"):
        answer = client.get(path)
        assert answer.status_code == 302 and "mine" not in answer["Location"].partition("?")[0]
    client.post("/me/data/erase/", {"order_id": str(new_id()), "confirm": "on"})
    with tenant(MIDORI):
        assert erasure_of(cast.supporter) is None


def test_every_room_with_people_says_what_it_holds_and_forgets_it():
    """A room whose tables point to people offers both. The other way round is not asked: whoever
    keeps opaque ids only has nothing to say."""
    rooms = {
        relation.related_model._meta.app_label
        for relation in Person._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete
    } - {"privacy"}
    assert rooms - set(rooms_with("own_data")) == set()
    assert rooms - set(rooms_with("forgetting")) == set()
