"""The card of the house, faces, lines for the family, gifts, parts to give; and what must stand
before a first visit with a child."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pypdf import PdfReader

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Skill
from kyojo.civic.programmes.rules.presets import preset
from kyojo.help.support.models import FamilyLink, Letter
from kyojo.help.support.tests import cast as casting
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    START,
    WEEK_BEFORE,
    cast_make,
    check_in,
    check_out,
    request_make,
    state_of,
    visit_make,
)
from kyojo.help.support.warmth_selectors import word_of
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .conftest import sign_in

pytestmark = pytest.mark.django_db
GARDEN = '[categories.garden]\ntrust = ["identity"]\n'


def text(response):
    return response.content.decode()


def photo():
    written = BytesIO()
    Image.new("RGB", (800, 600), "pink").save(written, "JPEG")
    return SimpleUploadedFile("face.jpg", written.getvalue(), "image/jpeg")


def test_the_card_of_the_house(cast, browser):
    uid = visit_make(cast)
    house, supporter, desk = browser(cast.mother), browser(cast.supporter), browser(cast.officer)
    assert supporter.post("/me/face/", {}).status_code == 422
    assert house.get(f"/visits/{uid}/face.jpg").status_code == 404
    assert supporter.post("/me/face/", {"picture": photo()}).status_code == 302
    assert supporter.get("/me/face.jpg")["Content-Type"] == "image/jpeg"
    page = text(house.get(f"/visits/{uid}/card/"))
    assert "<ruby>春風" in page and "はるかぜ" in page and f"「{word_of(uid)}」" in page
    face = house.get(f"/visits/{uid}/face.jpg")
    assert face["Content-Type"] == "image/jpeg" and "no-store" in face["Cache-Control"]
    for path in ("card/", "card.pdf", "face.jpg"):
        assert browser(cast.carer).get(f"/visits/{uid}/{path}").status_code == 200
        for other in (cast.second, cast.stranger):
            assert browser(other).get(f"/visits/{uid}/{path}").status_code == 404
    assert supporter.get(f"/visits/{uid}/card/").status_code == 404
    assert word_of(uid) in text(supporter.get(f"/visits/{uid}/"))
    with clock.frozen(START - timedelta(days=1)):
        assert "青空 ふみ" in text(desk.get("/desk/safety/cards/"))
        paper = desk.get("/desk/safety/cards/?format=pdf")
        printed = "".join(one.extract_text() for one in PdfReader(BytesIO(paper.content)).pages)
        assert "春風" in printed and word_of(uid) in printed
        assert "青空" not in text(browser(cast.kita_officer).get("/desk/safety/cards/"))
        assert house.get("/desk/safety/cards/").status_code == 404


def test_a_line_for_the_family(cast, browser):
    uid = visit_make(cast)
    check_in(cast, uid)
    check_out(cast, uid)
    with clock.frozen(END):
        supporter, carer = browser(cast.supporter), browser(cast.carer)
        here, given = f"/visits/{uid}/letter/", {"order_id": str(new_id()), "words": "お元気でした"}
        assert supporter.post(here, given).status_code == 422, "not without a yes"
        assert (
            supporter.post(here, given | {"consent": "on", "picture": photo()}).status_code == 302
        )
        for other in (cast.carer, cast.mother, cast.second):
            assert browser(other).get(here).status_code == 404
        assert "お元気でした" in text(carer.get("/me/family/"))
        assert "お元気でした" not in text(browser(cast.stranger).get("/me/family/"))
        link = {"order_id": str(new_id()), "label": "弟"}
        made = text(carer.post("/me/family/", link))
        address = f"/family/{KITA}/" + made.split(f"/family/{KITA}/")[1].split("/")[0] + "/"
        assert carer.post("/me/family/", link).status_code == 302, "it is shown once"
        with tenant(KITA):
            letter, row = Letter.objects.get(), FamilyLink.objects.get()
        visitor = Client()
        opened = visitor.get(address)
        assert "お元気でした" in text(opened) and "noindex" in opened["X-Robots-Tag"]
        assert opened["Referrer-Policy"] == "no-referrer" and "no-store" in opened["Cache-Control"]
        assert "港地区" not in text(opened) and "1-2-3" not in text(opened)
        assert visitor.get(f"{address}{letter.uid}.jpg")["Content-Type"] == "image/jpeg"
        for wrong in (
            address.replace(str(KITA), str(MIDORI)),
            f"/family/{KITA}/nothing/",
            f"/family/1/{address.split('/')[3]}/",
            f"{address}{new_id()}.jpg",
            f"/me/family/{letter.uid}.jpg",
        ):
            assert visitor.get(wrong).status_code in (302, 404)
        assert browser(cast.stranger).get(f"/me/family/{letter.uid}.jpg").status_code == 404
        end = f"/me/family/links/{row.uid}/end/"
        assert browser(cast.stranger).post(end).status_code == 404
        carer.post(end)
        assert visitor.get(address).status_code == 404
        assert visitor.get(f"{address}{letter.uid}.jpg").status_code == 404
        remove = f"/me/family/{letter.uid}/remove/"
        assert browser(cast.stranger).post(remove).status_code == 404
        browser(cast.mother).post(remove)
        assert "お元気でした" not in text(carer.get("/me/family/"))

        gift = f"/visits/{uid}/gift/"
        note = {"order_id": str(new_id()), "words": "柿を3つ", "worth_yen": "900"}
        assert carer.post(gift, note).status_code == 422
        assert carer.post(gift, note | {"worth_yen": "0"}).status_code == 302
        assert "柿を3つ" in text(supporter.get(f"/visits/{uid}/"))
        assert supporter.get(gift).status_code == 404


def test_a_part_to_give(cast, browser):
    visit_make(cast)
    carer = browser(cast.carer)
    assert "/me/give/" in text(carer.get("/"))
    assert carer.post("/me/give/", {}).status_code == 422
    assert carer.post("/me/give/", {"parts": ["phone"]}).status_code == 302
    with tenant(KITA):
        assert Skill.objects.get(person=cast.carer).note == "電話で話し相手"
    assert "電話で話し相手" in text(carer.get("/me/give/"))
    assert "できることがあるかもしれません" not in text(carer.get("/"))


def test_before_a_first_visit_with_a_child(towns, monkeypatch):
    asks = preset("kyojo-coin").replace(
        GARDEN, GARDEN + "first_meeting = true\ntwo_adults = true\n"
    )
    monkeypatch.setattr(casting, "preset", lambda: asks)
    with clock.frozen(WEEK_BEFORE):
        cast = cast_make()
        carer, supporter = (
            sign_in(Client(), cast.carer.user),
            sign_in(Client(), cast.supporter.user),
        )
        desk = sign_in(Client(), cast.officer)
        asked = request_make(cast, starts_at=START + timedelta(days=7))
        assert "はじめに顔合わせをします" in text(carer.get(f"/requests/{asked.uid}/people/"))
        uid = visit_make(cast)
        here = f"/visits/{uid}/ready/"
        assert here in text(carer.get(f"/visits/{uid}/")) and here in text(
            supporter.get(f"/visits/{uid}/")
        )
        plan = {
            "day_year": "2026", "day_month": "11", "day_day": "25", "from_time": "15:00",
            "minutes": "30", "where": "public",
        }  # fmt: skip
        assert carer.post(here, plan | {"day_day": "29"}).status_code == 422
        assert carer.post(here, plan).status_code == 302
        assert "この日時でよい" in text(supporter.get(here))
        supporter.post(f"{here}agree/")
        assert "決まりました" in text(carer.get(here))
        second = {"order_id": str(new_id()), "kind": "family", "name": ""}
        assert carer.post(f"{here}second/", second).status_code == 422
        assert carer.post(f"{here}second/", second | {"name": "青空 じろう"}).status_code == 302
        for other in (cast.mother.user, cast.second.user, cast.stranger.user):
            assert sign_in(Client(), other).get(here).status_code == 404
        with clock.frozen(START):
            refused = supporter.post(f"/visits/{uid}/start/", {"code": "", "nonce": str(new_id())})
            assert state_of(uid) == "scheduled" and refused.status_code in (409, 422)
            assert "まだ始められません" in text(desk.get(f"/desk/visits/{uid}/"))
            assert desk.post(f"/desk/visits/{uid}/met/", {"basis": ""}).status_code == 422
            assert desk.post(f"/desk/visits/{uid}/met/", {"basis": "phone"}).status_code == 302
            check_in(cast, uid)
        assert state_of(uid) == "started"
