"""Consents as documents: what was read, taking it back, a new version that asks again."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.models import SumConsent
from kyojo.civic.organisations.services import (
    company_register,
    consent_give,
    employment_request,
)
from kyojo.civic.people.consent_selectors import (
    consent_of,
    consent_required,
    consent_stands,
    text_current,
)
from kyojo.civic.people.errors import ConsentMissing
from kyojo.civic.people.models import CarePlace, Consent, ConsentText, TrustCheck, User
from kyojo.help.requests.models import HelpRequest
from kyojo.help.support.models import Visit
from kyojo.help.support.tests.cast import KITA, MIDORI, WEEK_BEFORE, visit_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
PAGE = "/me/data/consents/"
NEW = {
    "words": "写真を1枚だけとることに同意します。",
    "purpose": "支援を確かめるため。",
    "recipients": "事務局だけ。",
    "kept": "10日。",
    "follows": "写真を消します。",
}


def said(client, kind: str, answer: str, version: int = 1):
    return client.post(f"{PAGE}{kind}/", {"answer": answer, "version": str(version)})


def published(client, kind: str = "photo", *, day=None, asks_again: str = "on", **changes):
    day = day or clock.today()
    data = {**NEW, **changes, "asks_again": asks_again}
    data |= {f"effective_from_{part}": str(getattr(day, part)) for part in ("year", "month", "day")}
    return client.post(f"/desk/consents/{kind}/", data)


def test_somebody_agrees_and_takes_it_back_and_both_stay_on_record(cast, browser):
    client = browser(cast.supporter)
    page = client.get(PAGE).content.decode()
    for words in ("写真", "だれに伝わるか", "やめると", "これまでの写真を、すぐに消します"):
        assert words in page
    assert "会社の合計に足すこと" not in page
    with tenant(MIDORI), pytest.raises(ConsentMissing):
        consent_required(cast.supporter, "photo")
    for _ in range(2):
        assert said(client, "photo", "yes").status_code == 302
    with tenant(MIDORI):
        consent_required(cast.supporter, "photo")
        consent = consent_of(cast.supporter, "photo")
        assert (consent.text.version, consent.given_by_id) == (1, cast.supporter.user_id)
    with clock.frozen(WEEK_BEFORE + timedelta(days=1)):
        for _ in range(2):
            assert said(client, "photo", "no").status_code == 302
        assert "前にやめた同意" in client.get(PAGE).content.decode()
    with tenant(MIDORI):
        assert not consent_stands(cast.supporter, "photo")
        [kept] = Consent.objects.filter(person=cast.supporter)
        assert kept.withdrawn_at == WEEK_BEFORE + timedelta(days=1)


def test_a_new_version_asks_again_unless_only_the_wording_changed(cast, browser):
    client, officer = browser(cast.supporter), browser(cast.officer)
    said(client, "photo", "yes")
    later = clock.today() + timedelta(days=3)
    assert published(officer, asks_again="", follows="言いかえ。").status_code == 302
    assert published(officer, day=later).status_code == 302
    with tenant(MIDORI):
        assert text_current("photo").version == 2
        assert consent_stands(cast.supporter, "photo")
    with clock.frozen(clock.at(later, 0)):
        with tenant(MIDORI):
            assert text_current("photo").version == 3
            assert not consent_stands(cast.supporter, "photo")
        assert "文が新しくなりました" in client.get(PAGE).content.decode()
        assert said(client, "photo", "yes", version=2).status_code == 409
        assert said(client, "photo", "yes", version=3).status_code == 302
        with tenant(MIDORI):
            assert consent_of(cast.supporter, "photo").text.words == NEW["words"]
    with tenant(KITA):
        assert text_current("photo").version == 1


def test_what_was_agreed_to_is_never_changed(cast, browser):
    said(browser(cast.supporter), "photo", "yes")
    with tenant(MIDORI):
        for change in (
            lambda: ConsentText.objects.update(words="別の文"),
            lambda: ConsentText.objects.filter(kind="photo")._raw_delete("default"),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                change()


def test_publishing_is_an_officers_and_says_what_is_missing(cast, browser):
    officer = browser(cast.officer)
    assert published(officer, words=" ").status_code == 422
    yesterday = clock.today() - timedelta(days=1)
    assert published(officer, day=yesterday).status_code == 422
    assert published(officer, "nothing").status_code == 404
    assert browser(cast.supporter).get("/desk/consents/").status_code == 404
    assert published(browser(cast.supporter)).status_code == 404
    assert "新しい版を書く" in officer.get("/desk/consents/").content.decode()
    with tenant(MIDORI):
        assert not ConsentText.objects.filter(version=2).exists()


def test_the_company_s_sum_follows_the_consent_both_ways(cast, browser):
    company_register(slug="aozora", name="青空園", name_kana="アオゾラエン", employees_count=20)
    with tenant(MIDORI):
        job = employment_request(uid=new_id(), person=cast.supporter, company_slug="aozora")
        consent_give(employment=job)
        assert consent_stands(cast.supporter, "company_sum")
    client = browser(cast.supporter)
    assert said(client, "company_sum", "no").status_code == 302
    with tenant(MIDORI):
        assert not SumConsent.objects.filter(withdrawn_at=None).exists()
    assert said(client, "company_sum", "yes").status_code == 302
    with tenant(MIDORI):
        assert SumConsent.objects.filter(withdrawn_at=None).count() == 1
    answer = {"answer": "no"}
    assert client.post(f"/me/company/{job.uid}/consent/", answer).status_code == 302
    with tenant(MIDORI):
        assert not consent_stands(cast.supporter, "company_sum")


def test_who_takes_back_the_consent_about_health_has_the_words_erased(cast, browser):
    client = browser(cast.carer)
    said(client, "health", "yes")
    said(client, "health", "no")
    with tenant(KITA):
        assert CarePlace.objects.get(carer=cast.carer).visitor_note == ""


def test_taking_back_health_empties_every_town_s_copy_of_the_words(cast, browser):
    uid = visit_make(cast)
    with tenant(MIDORI):
        assert Visit.objects.get(uid=uid).recipient_card["note"]
    client = browser(cast.carer)
    said(client, "health", "yes")
    said(client, "health", "no")
    for town in (KITA, MIDORI):
        with tenant(town):
            assert Visit.objects.get(uid=uid).recipient_card["note"] == ""
            assert HelpRequest.objects.get().visitor_note == ""


def test_words_about_health_from_before_the_consent_wait_for_it(cast, browser):
    uid = visit_make(cast)
    with tenant(KITA):
        Consent.objects.filter(person=cast.carer).delete()
        request = HelpRequest.objects.get().uid
    place = f"/me/places/{cast.place.uid}/"
    pages = (
        (browser(cast.supporter), f"/visits/{uid}/"),
        (browser(cast.kita_officer), f"/desk/requests/{request}/"),
    )
    carer = browser(cast.carer)
    assert not any("耳が少し遠い" in reader.get(page).content.decode() for reader, page in pages)
    assert "いま来る人に見えません" in carer.get(place).content.decode()
    with tenant(KITA):
        note = CarePlace.objects.get(carer=cast.carer).visitor_note
    assert carer.post(place, {"label": "母の家", "visitor_note": note}).status_code == 302
    assert all("耳が少し遠い" in reader.get(page).content.decode() for reader, page in pages)
    assert "いま来る人に見えません" not in carer.get(place).content.decode()


def test_no_photo_without_the_house_s_consent(cast, browser):
    uid = visit_make(cast)
    mother = browser(cast.mother)
    path = f"/visits/{uid}/photos/"
    assert "同意の文を読む" in mother.get(f"/visits/{uid}/").content.decode()
    old = mother.post(f"{path}allow/", {"answer": "yes", "version": "9"})
    assert old.status_code == 409
    assert mother.post(f"{path}allow/", {"answer": "yes", "version": "1"}).status_code == 302
    with tenant(MIDORI):
        assert consent_stands(cast.mother, "photo")
        assert Visit.objects.get(uid=uid).photos_allowed
    assert said(mother, "photo", "no").status_code == 302
    for town in (KITA, MIDORI):
        with tenant(town):
            assert not Visit.objects.get(uid=uid).photos_allowed
    assert "同意の文を読む" in mother.get(f"/visits/{uid}/").content.decode()


def test_taking_back_identity_ends_the_check(cast, browser):
    client = browser(cast.supporter)
    said(client, "identity", "yes")
    said(client, "identity", "no")
    with tenant(cast.supporter.municipality_id):
        check = TrustCheck.objects.get(person=cast.supporter, kind="identity")
        assert check.withdrawn_reason == "ご本人が同意をやめたため"


def test_registering_is_a_consent_that_ends_by_leaving(cast, browser, towns):
    client = browser(cast.officer)
    client.post(
        "/desk/members/new/",
        {
            "order_id": str(new_id()), "family_name": "紙", "given_name": "さん",
            "family_kana": "カミ", "given_kana": "サン", "birth_date_year": "1950",
            "birth_date_month": "1", "birth_date_day": "2", "roles": ["supporter"],
            "basis": "paper",
        },
    )  # fmt: skip
    with tenant(MIDORI):
        [made] = Consent.objects.filter(kind="registration")
        assert (made.basis, made.given_by_id) == ("paper", cast.officer.pk)
        assert made.person.family_name == "紙"
    assert said(browser(cast.supporter), "registration", "no").status_code == 409
    assert User.objects.filter(pk=cast.supporter.user_id, is_active=True).exists()


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("photo", {}),
        ("photo", {"answer": "yes"}),
        ("photo", {"answer": "maybe", "version": "1"}),
        ("company_sum", {"answer": "yes", "version": "1"}),
        ("unknown", {"answer": "yes", "version": "1"}),
    ],
)
def test_a_broken_answer_agrees_to_nothing(cast, browser, kind, data):
    assert browser(cast.supporter).post(f"{PAGE}{kind}/", data).status_code == 404
    with tenant(MIDORI):
        assert not Consent.objects.exists()
