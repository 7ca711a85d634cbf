"""The pages of badges and certificates, for their holders and for anybody."""

import io
import json
from dataclasses import replace
from datetime import date, timedelta

import pypdf
import pytest
from django.test import Client
from PIL import Image

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.papers.recognitions import badge_png
from kyojo.doors.web.recognition.picture import badge_svg
from kyojo.help.recognition import credentials, forgetting, rounds, selectors, services
from kyojo.help.recognition.domain import achievement
from kyojo.help.recognition.models import Badge, Certificate
from kyojo.help.support.services import visit_confirm
from kyojo.help.support.tests.cast import (
    END,
    KITA,
    MIDORI,
    WEEK_BEFORE,
    check_in,
    check_out,
    visit_make,
)
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
LATER = END + timedelta(hours=1)


@pytest.fixture
def cast(standing):
    made = standing
    with clock.frozen(WEEK_BEFORE):
        made.uid = visit_make(made)
    check_in(made, made.uid)
    check_out(made, made.uid)
    with clock.frozen(END), tenant(KITA):
        visit_confirm(visit_uid=made.uid, carer=made.carer)
    with clock.frozen(LATER):
        with tenant(MIDORI):
            rounds.recognise_lately()
            made.badge = Badge.objects.get()
        yield made


def browser(person=None):
    client = Client(raise_request_exception=False)
    if person is not None:
        client.force_login(person.user, backend="sesame.backends.ModelBackend")
    return client


def text(answer):
    return answer.content.decode()


def test_from_the_list_to_a_page_that_anybody_opens_and_back(cast):
    own, anybody = browser(cast.supporter), browser()
    address = f"/badges/{cast.badge.uid}/"
    here = f"/me/badges/{cast.badge.uid}/"
    assert "はじめの一歩" in text(own.get("/me/badges/"))
    assert "バッジと証明書" in text(own.get("/me/"))
    assert anybody.get(address).status_code == 404
    assert own.post(here, {"do": "page"}).status_code == 302
    page = text(anybody.get(address))
    assert "いまも有効です" in page and "はじめの一歩" in page
    for name in (cast.supporter.family_name, cast.carer.family_name, str(cast.supporter.uid)):
        assert name not in page
    assert anybody.get(
        "/badges/issuer/midorihama/achievements/visits-1/image.svg"
    ).content.startswith(b"<svg")
    assert own.post(here, {"do": "no-page"}).status_code == 302
    assert anybody.get(address).status_code == 404
    assert own.post(here, {"do": "anything"}).status_code == 404
    for other in (browser(cast.second), browser(cast.carer)):
        assert other.get(here).status_code == 404
        assert other.post(here, {"do": "page"}).status_code == 404
        assert other.get(f"{here}badge.jwt").status_code == 404
    assert anybody.get(here).status_code == 302
    with tenant(MIDORI):
        assert not Badge.objects.get().is_public


def test_a_page_closes_when_its_holder_turns_out_to_be_under_18(cast):
    browser(cast.supporter).post(f"/me/badges/{cast.badge.uid}/", {"do": "page"})
    address = f"/badges/{cast.badge.uid}/"
    assert browser().get(address).status_code == 200
    with tenant(MIDORI):
        born = clock.today() - timedelta(days=16 * 366)
        Person.objects.filter(pk=cast.supporter.pk).update(birth_date=born)
    assert browser().get(address).status_code == 404


def test_programs_get_the_credential_and_everything_it_points_to(cast):
    browser(cast.supporter).post(f"/me/badges/{cast.badge.uid}/", {"do": "page"})
    anybody = browser()

    def fetched(url, **headers):
        answer = anybody.get(
            url.removeprefix("http://localhost:8000").split("#")[0], headers=headers
        )
        assert answer.status_code == 200, url
        return answer

    token = text(fetched(f"/badges/{cast.badge.uid}/", accept="application/vc+jwt"))
    head = json.loads(credentials.base64.urlsafe_b64decode(token.split(".")[0] + "=="))
    assert set(head) == {"alg", "typ", "kid"}
    public = fetched(head["kid"]).json()
    assert public.keys() == {"kty", "n", "e", "kid", "alg", "use"}
    claims = credentials.read(token, public=public)
    assert fetched("/badges/issuer/midorihama/jwks.json").json()["keys"] == [public]
    profile = fetched(claims["issuer"]["id"], accept="application/ld+json").json()
    assert (profile["id"], profile["type"]) == (claims["issuer"]["id"], ["Profile"])
    goal = claims["credentialSubject"]["achievement"]
    assert fetched(goal["id"], accept="application/ld+json").json()["name"] == goal["name"]
    assert fetched(goal["image"]["id"]).headers["Content-Type"] == "image/svg+xml"
    listed = text(fetched(claims["credentialStatus"]["statusListCredential"]))
    assert credentials.read(listed, public=public)["type"][1] == "BitstringStatusListCredential"
    assert text(fetched(claims["refreshService"]["id"])) == token
    assert "オープンバッジ3.0" in text(fetched(claims["issuer"]["id"], accept="text/html"))
    assert "はじめの一歩" in text(fetched(goal["id"], accept="text/html"))
    for missing in (
        "/badges/issuer/nowhere/", "/badges/issuer/midorihama/keys/nothing",
        "/badges/issuer/midorihama/status/9", "/badges/issuer/midorihama/achievements/nothing/",
        "/badges/issuer/midorihama/achievements/training-12345678/", f"/badges/{new_id()}/",
        f"/badges/{cast.badge.uid}/credential.exe", "/certificates/NONE/",
    ):  # fmt: skip
        assert anybody.get(missing).status_code == 404, missing


def test_files_to_take_along(cast):
    own = browser(cast.supporter)
    base = f"/me/badges/{cast.badge.uid}/badge"
    token = text(own.get(f"{base}.jwt"))
    assert own.get(f"{base}.json").json()["id"] == f"data:application/vc+jwt,{token}"
    assert f'verify="{token}"' in text(own.get(f"{base}.svg"))
    drawn = own.get(f"{base}.png")
    assert drawn["Content-Type"] == "image/png" and ".png" in drawn["Content-Disposition"]
    assert drawn.content.count(b"iTXtopenbadgecredential\0\0") == 1  # and not compressed
    with Image.open(io.BytesIO(drawn.content)) as picture:
        assert (picture.size, picture.text) == ((512, 512), {"openbadgecredential": token})
        assert picture.convert("RGBA").getpixel((0, 0))[3] == 0
    assert f"{base}.png" in text(own.get(f"/me/badges/{cast.badge.uid}/"))
    assert browser().get(f"/badges/{cast.badge.uid}/credential.png").status_code == 404
    own.post(f"/me/badges/{cast.badge.uid}/", {"do": "page"})
    shown = browser().get(f"/badges/{cast.badge.uid}/credential.png")
    assert shown.content == drawn.content and shown["Access-Control-Allow-Origin"] == "*"
    assert "credential.png" in text(browser().get(f"/badges/{cast.badge.uid}/"))
    read = pypdf.PdfReader(io.BytesIO(own.get(f"{base}.pdf").content))
    words = read.pages[0].extract_text()
    assert cast.supporter.family_name in words and "はじめの一歩" in words
    assert own.get(f"{base}.exe").status_code == 404
    with tenant(MIDORI):
        services.badge_identity_set(person=cast.supporter, uid=cast.badge.uid, has_identity=True)
    assert own.get(f"{base}.jwt").status_code == 409


def test_the_figure_of_a_badge_is_drawn_into_its_png():
    says = achievement("visits-10", town="みどり浜市")
    assert says is not None
    drawn = {
        figure: Image.open(
            io.BytesIO(badge_png(badge_svg(replace(says, figure=figure), town="町")))
        )
        for figure in ("10回", "50回")
    }
    for picture in drawn.values():  # dark ink on the soft ground below the cord
        below = picture.convert("RGB").crop((130, 390, 382, 450)).convert("L")
        assert sum(below.histogram()[:60]) > 300
    assert drawn["10回"].tobytes() != drawn["50回"].tobytes()


def test_what_no_longer_holds_says_so(cast):
    browser(cast.supporter).post(f"/me/badges/{cast.badge.uid}/", {"do": "page"})
    with tenant(MIDORI):
        services.badge_revoke(uid=cast.badge.uid, by=cast.officer, reason="ちがう人でした")
    gone = browser().get(f"/badges/{cast.badge.uid}/")
    assert gone.status_code == 410 and "取り消しました" in text(gone)
    assert "ちがう人" not in text(gone)
    assert "わけ：ちがう人でした" in text(browser(cast.supporter).get("/me/badges/"))
    assert browser().get(f"/badges/{cast.badge.uid}/credential.jwt").status_code == 404
    forgetting.person_forget(person=cast.supporter)
    gone = browser().get(f"/badges/{cast.badge.uid}/")
    assert gone.status_code == 410 and "消されました" in text(gone)


def certificate_order(client, **changes):
    page = text(client.get("/me/certificates/"))
    order = page.split('name="order_id" value="')[1].split('"')[0]
    days = {
        "since_year": "2026", "since_month": "4", "since_day": "1",
        "until_year": "2026", "until_month": "11", "until_day": "28",
    }  # fmt: skip
    return client.post("/me/certificates/", {"order_id": order, **days, **changes})


def test_a_student_s_certificate_is_made_checked_and_taken_back(cast):
    own, anybody = browser(cast.supporter), browser()
    assert certificate_order(own).status_code == 302
    with tenant(MIDORI):
        services.sign_due()
        [paper] = Certificate.objects.all()
    assert paper.figures == {"visits": 1, "minutes": 120, "rows": [["garden", 1, 120]]}
    pdf = pypdf.PdfReader(io.BytesIO(own.get(f"/me/certificates/{paper.uid}.pdf").content))
    words = pdf.pages[0].extract_text()
    for said in ("春風 けん 様", "2時間", paper.code, "みどり浜市 共助センター"):
        assert said in words.replace("\n", ""), said
    assert "青空" not in words

    page = anybody.get(f"/certificates/{paper.code}/")
    assert "2時間" in text(page) and "いまも有効です" in text(page)
    assert "春風" not in text(page) and page.headers["Cache-Control"] == "no-store"
    for name, answer in (("春風　けん", "同じ名前です"), ("春風 じゅん", "ちがう名前です")):
        assert answer in text(anybody.post(f"/certificates/{paper.code}/", {"name": name}))
    assert anybody.post(f"/certificates/{paper.code}/", {"name": ""}).status_code == 422
    with tenant(MIDORI):
        [public] = selectors.keys_public()
    token = text(anybody.get(f"/certificates/{paper.code}/credential.jwt"))
    subject = credentials.read(token, public=public)["credentialSubject"]
    assert [one["value"] for one in subject["result"]] == ["1回", "2時間", "2時間（1回）"]
    assert "春風" not in str(subject)

    assert browser(cast.second).get(f"/me/certificates/{paper.uid}.pdf").status_code == 404
    with tenant(MIDORI):
        services.certificate_revoke(uid=paper.uid, by=cast.officer, reason="重なっていました")
    assert "使えません" in text(anybody.get(f"/certificates/{paper.code.lower()}/"))
    assert own.get(f"/me/certificates/{paper.uid}.pdf").status_code == 404
    assert "わけ：重なっていました" in text(own.get("/me/certificates/"))
    assert anybody.get(f"/certificates/{paper.code}/credential.jwt").status_code == 404


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"since_year": "2027"}, "まだ来ていません"),
        ({"since_month": "11", "since_day": "28", "until_month": "4"}, "期間を確かめてください"),
        ({"until_month": "5"}, "この期間に"),
        ({"since_year": "2010"}, "6年分まで"),
    ],
)
def test_a_period_that_cannot_be_certified_is_explained(cast, changes, words):
    answer = certificate_order(browser(cast.supporter), **changes)
    assert answer.status_code == 422 and words in text(answer)
    with tenant(MIDORI):
        assert not Certificate.objects.exists()


def test_the_same_order_twice_is_one_certificate(cast):
    uid, days = new_id(), {"since": date(2026, 4, 1), "until": date(2026, 11, 28)}
    with tenant(MIDORI):
        for _ in range(2):
            services.student_certificate_make(uid=uid, person=cast.supporter, **days)
        assert Certificate.objects.count() == 1
