"""One's own data: all of it, nothing of others, and only for oneself."""

import io
import json
from datetime import date, timedelta

import pypdf
import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import stepping_domain
from kyojo.civic.people.models import Act, Person
from kyojo.civic.programmes.papers.own_data import Kind, own_data_pdf
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
    assert {row["moment"] for row in positions} == {"始まり", "終わり"}
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


def paper(client) -> tuple[str, pypdf.PdfReader]:
    response = client.get("/me/data/mine.pdf")
    assert (response.status_code, response["Content-Type"]) == (200, "application/pdf")
    assert "no-store" in response["Cache-Control"]
    assert response["Content-Disposition"] == 'attachment; filename="kyojo-my-data.pdf"'
    reader = pypdf.PdfReader(io.BytesIO(response.content))
    return "\n".join(page.extract_text() for page in reader.pages), reader


def test_the_paper_says_the_same_in_large_letters_that_come_along(visited, browser):
    client = browser(visited.supporter)
    for place in ("/me/data/", "/me/data/mine/"):
        assert 'href="/me/data/mine.pdf"' in client.get(place).content.decode()
    with tenant(MIDORI):
        Person.objects.filter(pk=visited.supporter.pk).update(introduction="庭木が好き😊\n2行目")
    words, reader = paper(client)
    for said in (
        "あなたについて記録されていること", "春風 けん 様", "見本町 9", "庭の手入れ",
        "助かりました", "34.8601", "青空 ふみ", "庭木が好き〓", "2行目", "2026年11月28日",
    ):  # fmt: skip
        assert said in words, said
    theirs = (visited.carer.phone, visited.carer.user.email, str(visited.carer.uid))
    assert [word for word in theirs if word in words] == []
    fonts = [
        font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()
    ]
    assert fonts and all("NotoSansJP" in str(font["/BaseFont"]) for font in fonts)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"] and reader.metadata.title
    with tenant(MIDORI):
        acts = Act.objects.filter(action="own_data_taken", subject_id=str(visited.supporter.uid))
        assert sorted(act.note for act in acts) == ["page", "pdf"]


def test_a_long_life_is_cut_on_paper_and_the_paper_says_so():
    made = {"holder": "春風 けん", "number": "M-1", "town": "みどり浜市", "office": "センター"}
    rows = [[("日", f"{number}件目"), ("署名", "x" * 500)] for number in range(3_000, 0, -1)]
    kinds = [Kind(f"種類{number}", rows) for number in range(9)]
    content = own_data_pdf(kinds, made_on=date(2026, 11, 28), **made)
    assert len(content) < 8_000_000
    reader = pypdf.PdfReader(io.BytesIO(content))
    assert len(reader.pages) < 300
    first = "".join(page.extract_text() for page in reader.pages[:2]).replace("\n", "")
    assert "種類8（3000）" in first and "3000件目" in first and "つづきはファイル" in first
    assert "全部で3000件あります。ここには、新しいものから200件を" in first
    last = reader.pages[-1].extract_text().replace("\n", "")
    assert "種類8" in last and "ここには、のせていません" in last


@pytest.mark.parametrize("path", ["", "mine/", "mine.json", "mine.pdf"])
def test_nobody_else_gets_anything(cast, browser, path):
    path = f"/me/data/{path}"
    assert "/login/" in Client().get(path)["Location"]
    assert browser(cast.officer).get(path)["Location"] == "/signup/"


def test_an_unfamiliar_browser_is_asked_who_it_is_first(cast, monkeypatch):
    monkeypatch.setattr(stepping_domain, "is_asked", lambda situation: True)
    client = Client()
    client.force_login(cast.supporter.user, backend="sesame.backends.ModelBackend")
    for path in ("/me/data/mine/", "/me/data/mine.json", "/me/data/mine.pdf"):
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
