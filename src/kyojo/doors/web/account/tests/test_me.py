"""わたし: who one is, roles, coins, news, blocks, the company. Another's things do not exist."""

import pytest

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations import services as organisations
from kyojo.civic.organisations.domain import CONSENT_TEXT
from kyojo.civic.organisations.models import Employment, SumConsent
from kyojo.civic.organisations.testing import make_company, make_company_officer, make_employee
from kyojo.civic.people import selectors, services
from kyojo.civic.people.models import Person
from kyojo.civic.people.testing import (
    FUMI,
    JUN,
    OUTSIDER,
    coins_give,
    make_care_place,
    make_carer,
    make_person,
    make_recipient,
    make_supporter,
)
from kyojo.help.support.tests import cast
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def ken(towns):
    return make_supporter(towns.midori.id)


@pytest.fixture
def minami(towns):
    return make_carer(towns.kita.id)


def again(person):
    with tenant(person.municipality_id):
        return Person.objects.get(pk=person.pk)


def refresh(row):
    with tenant(row.municipality_id):
        row.refresh_from_db()


def lost(browser, path="/me/nothing/"):
    return browser.get(path).content


# --- who ------------------------------------------------------------------------------------------
def test_visitors_log_in_first(client, towns):
    for path in ("/me/", "/me/skills/", "/me/coins/", "/me/news/1/", "/help/"):
        assert client.get(path)["Location"] == f"/login/?next={path}"


def test_the_hub_shows_who_one_is_and_what_is_missing(browser_of, minami, towns):
    page = browser_of(minami).get("/me/").content.decode()
    for said in ("青空 みなみ", "あおぞら みなみ", "M-10001", "手伝ってもらう場所"):
        assert said in page
    assert ">できること<" not in page
    fresh = make_supporter(towns.midori.id, JUN, identity=False)
    page = browser_of(fresh).get("/me/").content.decode()
    assert "本人確認が、まだです" in page
    assert "0120-000-027" in page


def test_names_are_changed_until_they_were_checked(browser_of, minami, ken):
    form = {
        "family_name": "青空",
        "given_name": "みなみこ",
        "family_kana": "あおぞら",
        "given_kana": "みなみこ",
        "birth_date_year": "1982",
        "birth_date_month": "5",
        "birth_date_day": "14",
        "languages": ["ja", "en"],
        "gender": "",
        "phone": "090-0000-0000",
    }
    assert browser_of(minami).post("/me/name/", form)["Location"] == "/me/"
    assert (again(minami).given_kana, again(minami).phone) == ("ミナミコ", "09000000000")
    assert browser_of(ken).post("/me/name/", form | {"introduction": "花も"}).status_code == 302
    assert (again(ken).name, again(ken).introduction) == ("春風 けん", "花も")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"family_kana": "青空"}, "ひらがなかカタカナだけで"),
        ({"languages": ["xx"]}, "話せることば"),
        ({"introduction": "あ" * 601}, "600文字まで"),
        ({"birth_date_year": "2031"}, "まだ来ていません"),
    ],
)
def test_a_wrong_name_changes_nothing(browser_of, minami, changed, said):
    form = {
        "family_name": "別",
        "given_name": "名",
        "family_kana": "べつ",
        "given_kana": "めい",
        "birth_date_year": "1982",
        "birth_date_month": "5",
        "birth_date_day": "14",
        "languages": ["ja"],
    } | changed
    answer = browser_of(minami).post("/me/name/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="別"' in answer.content.decode()
    assert again(minami).name == "青空 みなみ"


def test_roles_are_several_and_come_and_go(browser_of, minami):
    browser = browser_of(minami)
    both = browser.post("/me/roles/", {"roles": ["carer", "supporter"]})
    assert both["Location"] == "/me/skills/?first=1"
    person = again(minami)
    assert person.carer_since is not None
    assert person.supporter_since is not None
    assert browser.post("/me/roles/", {"roles": ["supporter"]})["Location"] == "/me/"
    assert again(minami).carer_since is None
    for wrong in ([], ["king"], ["recipient"]):
        assert browser.post("/me/roles/", {"roles": wrong}).status_code == 422
    assert again(minami).supporter_since is not None


# --- coins ----------------------------------------------------------------------------------------
def test_the_coin_record_is_in_words(browser_of, minami):
    browser = browser_of(minami)
    assert "まだ、コインは動いていません" in browser.get("/me/coins/").content.decode()
    coins_give(minami, 120)
    page = browser.get("/me/coins/").content.decode()
    assert "北ひなた市からお届けしました" in page
    assert "＋120" in page
    assert "3月31日まで" in page


# --- news -----------------------------------------------------------------------------------------
def news(person, key="k", path="/help/"):
    with tenant(person.municipality_id):
        return services.notice_send(
            person=person, kind="x", key=key, title="声がかかりました", body="どうぞ", path=path
        )


def test_opening_news_reads_it_and_leads_on(browser_of, ken):
    notice = news(ken)
    browser = browser_of(ken)
    page = browser.get("/me/news/").content.decode()
    assert "声がかかりました" in page
    assert "新しい" in page
    assert browser.get(f"/me/news/{notice.pk}/")["Location"] == "/help/"
    refresh(notice)
    assert notice.read_at is not None


@pytest.mark.parametrize("path", ["", "https://example.com/", "//example.com"])
def test_news_that_leads_nowhere_is_a_page(browser_of, ken, path):
    notice = news(ken, path=path)
    page = browser_of(ken).get(f"/me/news/{notice.pk}/")
    assert page.status_code == 200
    assert "どうぞ" in page.content.decode()


def test_all_news_is_read_at_once(browser_of, ken):
    for key in "ab":
        news(ken, key)
    browser_of(ken).post("/me/news/read/")
    with tenant(ken.municipality_id):
        assert selectors.notices_unread_count(ken.pk) == 0


def test_anothers_news_does_not_exist(browser_of, ken, minami, towns):
    mine, theirs = news(minami), news(make_supporter(towns.kita.id, JUN))
    browser = browser_of(ken)
    for notice in (mine, theirs):
        answer = browser.get(f"/me/news/{notice.pk}/")
        assert (answer.status_code, answer.content) == (404, lost(browser))
    refresh(mine)
    assert mine.read_at is None


# --- blocks ---------------------------------------------------------------------------------------
def test_blocked_people_are_named_and_freed(browser_of, ken, towns):
    jun = make_supporter(towns.midori.id, JUN)
    with tenant(ken.municipality_id):
        services.block_add(person=ken, blocked_uid=jun.uid)
        services.block_add(person=ken, blocked_uid=new_id())
    browser = browser_of(ken)
    page = browser.get("/me/blocks/").content.decode()
    assert "朝露 じゅん" in page
    assert "前に会った人" in page
    assert browser.post(f"/me/blocks/{jun.uid}/remove/")["Location"] == "/me/blocks/"
    with tenant(ken.municipality_id):
        assert len(selectors.blocks_of(ken)) == 1


def test_anothers_block_does_not_exist(browser_of, ken, minami, towns):
    jun = make_supporter(towns.midori.id, JUN)
    with tenant(jun.municipality_id):
        services.block_add(person=jun, blocked_uid=minami.uid)
    browser = browser_of(ken)
    answer = browser.post(f"/me/blocks/{minami.uid}/remove/")
    assert (answer.status_code, answer.content) == (404, lost(browser))
    with tenant(jun.municipality_id):
        assert len(selectors.blocks_of(jun)) == 1


def test_somebody_met_is_blocked_and_a_stranger_cannot_be_tried(browser_of, towns):
    with clock.frozen(cast.WEEK_BEFORE):
        people = cast.cast_make()
        cast.visit_make(people)
        browser = browser_of(people.supporter)
        page = browser.get("/me/blocks/").content.decode()
        assert "青空 みなみ" in page
        assert "朝露" not in page
        assert browser.post(f"/me/blocks/{people.carer.uid}/add/").status_code == 200
        for _ in range(2):
            keeps = {"asked": "1", "cancels": "keep"}
            answer = browser.post(f"/me/blocks/{people.carer.uid}/add/", keeps)
            assert answer["Location"] == "/me/blocks/"
        assert "加えました" in browser.get("/me/blocks/").content.decode()
        for stranger in (people.second.uid, people.stranger.uid, people.supporter.uid, new_id()):
            answer = browser.post(f"/me/blocks/{stranger}/add/")
            assert (answer.status_code, answer.content) == (404, lost(browser))
        with tenant(people.supporter.municipality_id):
            blocks = selectors.blocks_of(people.supporter)
    assert [block.blocked_uid for block in blocks] == [people.carer.uid]


# --- places ---------------------------------------------------------------------------------------
def test_places_are_named_and_removed(browser_of, minami, towns):
    place = make_care_place(minami, towns.midori.id)
    browser = browser_of(minami)
    page = browser.get("/me/places/").content.decode()
    assert "母の家" in page
    assert "青空 ふみ" in page
    changed = browser.post(
        f"/me/places/{place.uid}/", {"label": "実家", "visitor_note": "右の玄関"}
    )
    assert changed["Location"] == "/me/places/"
    refresh(place)
    assert (place.label, place.visitor_note) == ("実家", "右の玄関")
    for _ in range(2):  # a second press changes nothing
        assert browser.post(f"/me/places/{place.uid}/remove/").status_code == 302
    with tenant(minami.municipality_id):
        assert selectors.care_places(minami) == []


@pytest.mark.parametrize("form", [{"label": ""}, {"label": "あ" * 41}])
def test_a_wrong_place_changes_nothing(browser_of, minami, towns, form):
    place = make_care_place(minami, towns.midori.id)
    answer = browser_of(minami).post(
        f"/me/places/{place.uid}/", form | {"visitor_note": "犬がいます"}
    )
    assert answer.status_code == 422
    assert "犬がいます" in answer.content.decode()
    refresh(place)
    assert (place.label, place.visitor_note) == ("母の家", "")


def test_anothers_place_does_not_exist(browser_of, minami, towns):
    place = make_care_place(minami, towns.midori.id)
    neighbour = make_carer(towns.kita.id, OUTSIDER)
    abroad = make_carer(towns.midori.id, OUTSIDER)
    for person in (neighbour, abroad):
        browser = browser_of(person)
        for path, call in (
            (f"/me/places/{place.uid}/", browser.get),
            (f"/me/places/{place.uid}/", browser.post),
            (f"/me/places/{place.uid}/remove/", browser.post),
        ):
            answer = call(path, {"label": "x"})
            assert (answer.status_code, answer.content) == (404, lost(browser))
    refresh(place)
    assert (place.label, place.removed_at) == ("母の家", None)


# --- company --------------------------------------------------------------------------------------
def employment_of(person):
    with tenant(person.municipality_id):
        return Employment.objects.filter(person=person).first()


def test_the_way_of_an_employment(browser_of, ken):
    company = make_company()
    browser = browser_of(ken)
    form = {"order_id": str(new_id()), "company": company.slug, "employee_number": "E-7"}
    for _ in range(2):  # a replay asks once
        assert browser.post("/me/company/", form)["Location"] == "/me/company/"
    employment = employment_of(ken)
    page = browser.get("/me/company/").content.decode()
    assert "会社の確認待ち" in page
    assert CONSENT_TEXT in page
    path = f"/me/company/{employment.uid}/consent/"
    assert browser.post(path, {"answer": "yes"}).status_code == 302
    organisations.employment_decide(
        company_officer=make_company_officer(company),
        municipality_id=ken.municipality_id,
        uid=employment.uid,
        confirm=True,
    )
    page = browser.get("/me/company/").content.decode()
    assert "会社が確認ずみ" in page
    assert "同意をやめる" in page
    assert browser.post(path, {"answer": "no"}).status_code == 302
    with tenant(ken.municipality_id):
        assert not SumConsent.objects.filter(withdrawn_at=None).exists()
    assert browser.post(path, {"answer": "maybe"}).status_code == 404
    ended = {"ended_on_year": "2000", "ended_on_month": "1", "ended_on_day": "1"}
    assert browser.post(f"/me/company/{employment.uid}/end/", ended).status_code == 422
    assert employment_of(ken).state == "confirmed"


def test_a_refused_employment_may_be_asked_again(browser_of, ken):
    company = make_company()
    browser = browser_of(ken)
    form = {"order_id": str(new_id()), "company": company.slug}
    browser.post("/me/company/", form)
    organisations.employment_decide(
        company_officer=make_company_officer(company),
        municipality_id=ken.municipality_id,
        uid=employment_of(ken).uid,
        confirm=False,
    )
    page = browser.get("/me/company/").content.decode()
    assert "会社が確認できませんでした" in page
    assert browser.post("/me/company/", form | {"order_id": str(new_id())}).status_code == 302


@pytest.mark.parametrize(
    "changed", [{"company": ""}, {"company": "nowhere"}, {"order_id": "x"}, {"order_id": ""}]
)
def test_a_wrong_employment_changes_nothing(browser_of, ken, changed):
    company = make_company()
    form = {"order_id": str(new_id()), "company": company.slug, "employee_number": "E-7"} | changed
    answer = browser_of(ken).post("/me/company/", form)
    assert answer.status_code == 422
    assert 'value="E-7"' in answer.content.decode()
    assert employment_of(ken) is None


def test_anothers_employment_does_not_exist(browser_of, ken, towns):
    employment = make_employee(make_supporter(towns.midori.id, JUN), make_company())
    browser = browser_of(ken)
    for path, call in (
        (f"/me/company/{employment.uid}/consent/", browser.post),
        (f"/me/company/{employment.uid}/end/", browser.get),
        (f"/me/company/{employment.uid}/end/", browser.post),
    ):
        answer = call(path, {"answer": "no"})
        assert (answer.status_code, answer.content) == (404, lost(browser))
    with tenant(towns.midori.id):
        assert SumConsent.objects.filter(withdrawn_at=None).count() == 1
        assert Employment.objects.get(uid=employment.uid).state == "confirmed"


def test_the_one_cared_for_has_a_page_too(browser_of, towns):
    mother = make_recipient(towns.midori.id, FUMI, login=True)
    assert browser_of(mother).get("/me/").status_code == 200
    nobody = make_person(towns.midori.id, OUTSIDER, roles=["recipient"])
    assert "近くの人を" in browser_of(nobody).get("/help/").content.decode()
