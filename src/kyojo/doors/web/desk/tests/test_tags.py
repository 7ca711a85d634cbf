"""Cards, buttons and beacons through the desk's forms: told once, ended, and nobody else's
business."""

import re
from datetime import timedelta

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.support import services
from kyojo.help.support.models import Tag, TagSignal, TagTally
from kyojo.help.support.services import Signal
from kyojo.help.support.signed import Said
from kyojo.help.support.tests.cast import KITA, MIDORI, START, visit_make
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


def test_a_beacon_is_given_to_a_supporter_and_taken_back(office):
    supporter, client = office.cast.supporter, office.client(office.coordinator)
    url = f"/desk/members/{supporter.uid}/tags/"
    assert url in text(client.get(f"/desk/members/{supporter.uid}/"))
    page = client.get(url)
    assert "本人にそのことを説明してください" in text(page) and "QRカード" not in text(page)
    sent = {"order_id": order(page), "kind": "beacon", "label": "カギのビーコン"}
    wrong = client.post(url, {**sent, "hardware_id": "ac:23"})
    assert wrong.status_code == 422 and "12か32か40けた" in text(wrong)
    for _ in range(2):
        made = client.post(url, {**sent, "hardware_id": "AC:23:3F:A0:00:01"}, follow=True)
        assert "登録しました" in text(made) and "カギのビーコン" in text(made)
    with tenant(MIDORI):
        tag = Tag.objects.get()
        assert (tag.carrier_uid, tag.recipient_uid) == (supporter.uid, None)
        assert tag.hardware_id == "ac233fa00001"
    assert client.post(f"{url}{tag.uid}/end/").status_code == 302
    assert "使えません" in text(client.get(url))
    # nobody else carries one
    mothers = f"/desk/members/{office.cast.mother.uid}/tags/"
    assert "ビーコン」" not in text(client.get(mothers))
    sent["order_id"] = order(client.get(mothers))
    assert client.post(mothers, {**sent, "hardware_id": "ac233fa00002"}).status_code == 422
    with tenant(MIDORI):
        assert Tag.objects.count() == 1


def test_a_reader_is_told_its_key(office):
    client = office.client(office.coordinator)
    url = f"/desk/members/{office.cast.mother.uid}/tags/"
    fields = {"kind": "reader", "label": "居間", "hardware_id": "a81758fffe0b1c2d"}
    made = text(client.post(url, {"order_id": order(client.get(url)), **fields}))
    assert re.search(r"<code>[0-9a-f]{32}</code>", made)
    assert f"kyojo/{MIDORI}/a81758fffe0b1c2d/up" in made


def test_the_desk_reads_when_a_beacon_was_last_heard(office, moment):
    cast, uid = office.cast, visit_make(office.cast)
    with tenant(MIDORI):
        for kind, whose, number in (
            ("reader", {"recipient_uid": cast.mother.uid}, "1" * 16),
            ("beacon", {"carrier_uid": cast.supporter.uid}, "ac233fa00001"),
        ):
            services.tag_enrol(
                uid=new_id(), kind=kind, label="台所", by=cast.officer, hardware_id=number, **whose
            )
    for counter in (1, 2):
        at = START + timedelta(minutes=20 * counter - 20)
        with moment(at), tenant(MIDORI):
            heard = Signal(new_id(), counter, at, pressed=False, beacons=("ac233fa00001",))
            services.button_heard(hardware_id="1" * 16, signal=heard)
    with moment(START + timedelta(hours=3)):
        services.beacons_end_due()  # too short to end by itself
        page = text(office.client(office.coordinator).get(f"/desk/visits/{uid}/"))
    assert page.count("来た人のビーコン") == 2 and "10:20" in page


def test_refused_signals_are_seen_as_many_as_they_were(office):
    client, cast = office.client(office.coordinator), office.cast
    with tenant(MIDORI):
        services.tag_enrol(
            uid=new_id(),
            kind="button",
            label="台所",
            by=cast.officer,
            recipient_uid=cast.mother.uid,
            hardware_id="1" * 16,
        )
        alive = Signal(new_id(), 5, clock.now(), pressed=False)
        services.button_heard(hardware_id="1" * 16, signal=alive)
        assert "受け付けなかった信号" not in text(client.get("/desk/buttons/"))
        said = Said(MIDORI, "1" * 16, 6, "press", "", "", "0" * 32)
        for _ in range(25):
            forged = Signal(new_id(), 6, clock.now())
            services.button_heard_signed(said=said, sign="0" * 64, signal=forged)
        services.button_heard(hardware_id="9" * 16, signal=Signal(new_id(), 1, clock.now()))
        assert TagSignal.objects.count() == 1 + 20 + 1
        assert TagTally.objects.filter(outcome="key_wrong", count=25).update(count=1254) == 1
    page = text(client.get("/desk/buttons/"))
    assert f"台所・{cast.mother.name}さんのお宅：1,254件" in page and "鍵がちがいました" in page
    assert "電池や通信を見るボタン" in text(client.get("/desk/"))
    kita = office.client(cast.kita_officer)
    assert "台所" not in text(kita.get("/desk/buttons/"))


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
