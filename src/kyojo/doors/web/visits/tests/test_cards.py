"""A card at the door: what it opens, for whom and when; opening it changes nothing."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import nfc, services
from kyojo.help.support.models import Evidence, TagSignal, Visit
from kyojo.help.support.nfc import Touch
from kyojo.help.support.tests.cast import (
    END,
    MIDORI,
    START,
    WEEK_BEFORE,
    spoken_code,
    state_of,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
CHIP = "04de5f1eacc040"
HERE = {"latitude": "34.8601", "longitude": "138.3201", "accuracy": "18"}


def enrolled(cast, kind="qr_card", **more):
    with clock.frozen(WEEK_BEFORE), tenant(MIDORI):
        return services.tag_enrol(
            uid=new_id(),
            kind=kind,
            label="玄関のカード",
            by=cast.officer,
            recipient_uid=cast.mother.uid,
            **more,
        )


def text(response):
    return response.content.decode()


def sent(page, **more):
    """The first form of the page with a card in it, as a browser would send it."""
    form = next(
        body
        for body in re.findall(r'<form[^>]*action="/visits/.*?</form>', text(page), re.DOTALL)
        if 'name="card"' in body
    )
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
    return re.search(r'action="([^"]+)"', form)[1], fields | more


def forms_of(page, button):
    """The hidden fields of every form with this button."""
    return [
        dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form))
        for form in re.findall(r"<form.*?</form>", text(page), re.DOTALL)
        if button in form
    ]


def press(client, page, **more):
    path, fields = sent(page, **more)
    return client.post(path, fields)


def rows(uid):
    with tenant(MIDORI):
        return sorted(Evidence.objects.filter(visit_uid=uid).values_list("kind", "moment"))


def test_from_the_card_at_the_door_to_the_end(cast, browser):
    uid, url = visit_make(cast), f"/c/{MIDORI}/{enrolled(cast).code}/"
    client = browser(cast.supporter)
    with clock.frozen(START):
        page = client.get(url)
        assert "お宅のカードを読みました" in text(page)
        assert (state_of(uid), rows(uid)) == ("scheduled", [])
        assert press(client, page, **HERE).status_code == 302
    assert state_of(uid) == "started"
    with clock.frozen(END):
        page = client.get(url)
        assert "終わりました" in text(page)
        assert press(client, page, code=spoken_code(uid)).status_code == 302
    assert rows(uid) == [
        ("position", "start"),
        ("qr_card", "end"),
        ("qr_card", "start"),
        ("spoken_code", "end"),
    ]
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).decision == "settle"
    with clock.frozen(END):
        assert "予定は、いまありません" in text(client.get(url))


def test_before_the_time_the_card_says_when(cast, browser):
    visit_make(cast)
    client = browser(cast.supporter)
    with clock.frozen(START - timedelta(minutes=30)):
        page = text(client.get(f"/c/{MIDORI}/{enrolled(cast).code}/"))
    assert "9時45分から始められます" in page and 'name="card"' not in page


def test_before_the_houses_yes_the_card_says_so_and_shows_no_address(cast, browser):
    visit_make(cast, with_yes=False)
    client = browser(cast.supporter)
    with clock.frozen(START):
        page = text(client.get(f"/c/{MIDORI}/{enrolled(cast).code}/"))
    assert "お返事を待っています" in page and 'name="card"' not in page
    assert "1-2-3" not in page and "青空 ふみ" not in page


def test_who_has_no_visit_there_learns_nothing(cast, browser):
    visit_make(cast)
    url = f"/c/{MIDORI}/{enrolled(cast).code}/"
    with clock.frozen(START):
        for person in (cast.second, cast.stranger, cast.carer, cast.mother):
            page = text(browser(person).get(url))
            assert "予定は、いまありません" in page, person
            assert "みどり浜市 港地区" not in page and "R-" not in page
        visitor = Client().get(url)
    assert visitor.status_code == 302 and "/login/" in visitor.headers["Location"]


@pytest.mark.parametrize("code", ["AAAA-AAAA-AAAA-AAAA", "x", "%E3%81%82"])
def test_an_unknown_card_is_said_so(cast, browser, code):
    answer = browser(cast.supporter).get(f"/c/{MIDORI}/{code}/")
    assert answer.status_code == 409 and "読み取れませんでした" in text(answer)


def test_another_town_has_other_cards(cast, browser):
    client, code = browser(cast.supporter), enrolled(cast).code
    assert client.get(f"/c/990019/{code}/").status_code == 409
    assert client.get(f"/c/1/{code}/").status_code == 404


def test_a_card_that_was_read_long_ago_is_read_again(cast, browser, monkeypatch):
    uid, client = visit_make(cast), browser(cast.supporter)
    with clock.frozen(START):
        page = client.get(f"/c/{MIDORI}/{enrolled(cast).code}/")
        monkeypatch.setattr("kyojo.doors.web.visits.forms.CARD_FRESH", -1)
        answer = press(client, page)
    assert answer.status_code == 422 and "もう一度、カードを読んでください" in text(answer)
    assert state_of(uid) == "scheduled"


def test_an_invented_card_begins_nothing(cast, browser):
    uid, client = visit_make(cast), browser(cast.supporter)
    with clock.frozen(START):
        page = client.get(f"/c/{MIDORI}/{enrolled(cast).code}/")
        answer = press(client, page, card="invented:by:me")
    assert answer.status_code == 422 and state_of(uid) == "scheduled"


def test_an_address_of_a_chip_works_once(cast, browser):
    made = enrolled(cast, "nfc_card", hardware_id=CHIP)
    uid, client = visit_make(cast), browser(cast.supporter)
    p, m = nfc.address_values(Touch(bytes.fromhex(CHIP), 3), key=bytes.fromhex(made.key))
    url = f"/c/{MIDORI}/{made.tag.uid}/"
    with clock.frozen(START):
        page = client.get(url, {"p": p, "m": m})
        assert press(client, page).status_code == 302
        again = client.get(url, {"p": p, "m": m})
        assert again.status_code == 409 and "もう使われています" in text(again)
        assert client.get(url).status_code == 409
    assert rows(uid) == [("nfc_card", "start")]
    with tenant(MIDORI):
        assert list(TagSignal.objects.values_list("counter", "outcome")) == [(3, "proof")]


def test_a_card_stays_with_the_buttons_when_the_phone_seems_far(cast, browser):
    uid, client = visit_make(cast), browser(cast.supporter)
    far = {"latitude": "34.8800", "longitude": "138.3500", "accuracy": "20"}
    with clock.frozen(START):
        page = press(client, client.get(f"/c/{MIDORI}/{enrolled(cast).code}/"), **far)
        assert page.status_code == 409
        for button in ("着きました。始めます", "このまま始める"):
            assert forms_of(page, button)[0].get("card"), button
        fields = forms_of(page, "着きました。始めます")[0] | HERE
        assert client.post(f"/visits/{uid}/start/", fields).status_code == 302
    assert rows(uid) == [("position", "start"), ("qr_card", "start")]
