"""Cards and buttons through the desk's forms: told once, ended, and nobody else's business."""

import re
from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import Tag
from kyojo.help.support.services import Signal
from kyojo.help.support.tests.cast import KITA, MIDORI
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def order(page):
    return page.context["form"]["order_id"].value()


def test_a_card_is_made_shown_once_and_ended(office):
    mother, client = office.cast.mother, office.client(office.coordinator)
    url = f"/desk/members/{mother.uid}/tags/"
    assert url in text(client.get(f"/desk/members/{mother.uid}/"))
    page = client.get(url)
    assert "まだ、ありません" in text(page)
    sent = {"order_id": order(page), "kind": "qr_card", "label": "玄関のカード"}
    made = client.post(url, sent)
    code = made.context["code"]
    assert made.context["address"].endswith(f"/c/{MIDORI}/{code}/")
    assert made["Cache-Control"] == "private, no-store"
    with tenant(MIDORI):
        assert services.card_read(code=code).tag_uid == Tag.objects.get().uid
    again = client.post(url, sent)
    assert again.status_code == 302 and code not in text(client.get(url))
    with tenant(MIDORI):
        tag = Tag.objects.get()
    assert client.post(f"{url}{tag.uid}/end/").status_code == 302
    assert "使えません" in text(client.get(url))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"kind": "qr_card", "label": ""}, "置く場所の名前"),
        ({"kind": "button", "label": "台所", "hardware_id": "12"}, "16けた"),
        ({"kind": "door", "label": "台所"}, "どれを置きますか"),
    ],
)
def test_mistakes_stand_beside_their_field(office, fields, words):
    client = office.client(office.coordinator)
    url = f"/desk/members/{office.cast.mother.uid}/tags/"
    answer = client.post(url, {"order_id": order(client.get(url)), **fields})
    assert answer.status_code == 422 and words in text(answer)
    with tenant(MIDORI):
        assert not Tag.objects.exists()


def test_a_key_is_shown_with_what_to_write_where(office):
    client = office.client(office.coordinator)
    url = f"/desk/members/{office.cast.mother.uid}/tags/"
    fields = {"kind": "nfc_card", "label": "玄関", "hardware_id": "04:DE:5F:1E:AC:C0:40"}
    made = text(client.post(url, {"order_id": order(client.get(url)), **fields}))
    assert re.search(r"<code>[0-9a-f]{32}</code>", made) and "04de5f1eacc040" in made


def test_others_find_nothing(office):
    mother = office.cast.mother
    for user in (office.cast.carer.user, office.cast.supporter.user, office.cast.kita_officer):
        client = office.client(user)
        assert client.get(f"/desk/members/{mother.uid}/tags/").status_code == 404
    with tenant(KITA):
        assert not Tag.objects.exists()


def test_a_tag_of_somebody_else_is_not_ended_here(office):
    client = office.client(office.coordinator)
    url = f"/desk/members/{office.cast.mother.uid}/tags/"
    client.post(url, {"order_id": order(client.get(url)), "kind": "qr_card", "label": "玄関"})
    with tenant(MIDORI):
        tag = Tag.objects.get()
    other = f"/desk/members/{office.cast.supporter.uid}/tags/{tag.uid}/end/"
    assert client.post(other).status_code == 404
    with tenant(MIDORI):
        assert Tag.objects.get().ended_at is None


def test_silent_and_weak_buttons_wait_on_the_desk(office):
    client, now = office.client(office.coordinator), clock.now()
    with tenant(MIDORI):
        for digit in "123":
            services.tag_enrol(
                uid=new_id(),
                kind="button",
                label=f"ボタン{digit}",
                by=office.cast.officer,
                recipient_uid=office.cast.mother.uid,
                hardware_id=digit * 16,
            )
    assert "電池や通信を見るボタン" not in text(client.get("/desk/"))
    assert "/desk/buttons/" in text(client.get("/desk/members/"))
    with clock.frozen(now + timedelta(days=4)), tenant(MIDORI):
        for digit, battery in (("1", 90), ("2", 20)):
            alive = Signal(new_id(), 1, clock.now(), pressed=False, battery_percent=battery)
            services.button_heard(hardware_id=digit * 16, signal=alive)
    with clock.frozen(now + timedelta(days=4)):
        assert "電池や通信を見るボタン" in text(client.get("/desk/"))
        page = text(client.get("/desk/buttons/"))
    assert ("ボタン1" in page, "ボタン2" in page, "ボタン3" in page) == (False, True, True)
    assert "電池 20%" in page and office.cast.mother.name in page


def test_an_officer_makes_a_gateway_and_reads_its_token_once(office):
    client = office.client(office.cast.officer)
    sent = {"order_id": order(client.get("/desk/buttons/")), "label": "屋上の基地局"}
    made = text(client.post("/desk/buttons/", sent))
    token = re.search(r"Bearer ([\w-]{40,})", made)[1]
    with tenant(MIDORI):
        assert services.gateway_known(token)
    assert "Bearer" not in text(client.post("/desk/buttons/", sent))
    page = text(client.get("/desk/buttons/"))
    path = re.search(r"/desk/buttons/[0-9a-f-]{36}/end/", page)[0]
    assert office.client(office.coordinator).post(path).status_code == 404
    assert client.post(path).status_code == 302
    with tenant(MIDORI):
        assert not services.gateway_known(token)


def test_a_coordinator_sees_buttons_and_makes_no_gateway(office):
    client = office.client(office.coordinator)
    assert "基地局" not in text(client.get("/desk/buttons/"))
    answer = client.post("/desk/buttons/", {"order_id": str(new_id()), "label": "屋上"})
    assert answer.status_code == 404
