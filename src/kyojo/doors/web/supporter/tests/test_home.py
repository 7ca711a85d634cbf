"""The supporter's home: what fits, what is decided, what has added up."""

from datetime import date, timedelta

import pytest
from django.test import Client

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.testing import make_company, make_employee
from kyojo.civic.people.models import Person
from kyojo.civic.people.services import rest_set
from kyojo.civic.people.testing import NAGI, make_person
from kyojo.help.matching.models import Offer
from kyojo.help.matching.services import offers_broadcast
from kyojo.help.requests.services import draft_save, request_open
from kyojo.help.support import services as support
from kyojo.help.support.tests import cast as c
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(standing):
    return standing


def home(person):
    client = Client(raise_request_exception=False)
    client.force_login(person.user, backend="sesame.backends.ModelBackend")
    return client, client.get("/help/").content.decode()


def test_nobody_asked_yet(cast):
    _, page = home(cast.supporter)
    assert "春風さん、<wbr>こんにちは" in page
    assert "いま、声はかかっていません" in page
    assert "はじめての支援が終わると" in page
    assert "週に<b>2回まで</b>" in page


def test_the_question_says_what_why_and_until_when(cast):
    c.ask_directly(cast, c.request_make(cast), cast.supporter)
    client, page = home(cast.supporter)
    for said in (
        "庭の手入れ",
        "2時間",
        "11月28日（土）",
        "10時〜12時",
        "港地区・家から",
        "土曜の午前は空いている、と登録しています",
        "庭の手入れに「草取り」と書いています",
        "断っても、評価は変わりません。",
    ):
        assert said in page
    # Who and where are told when it is decided.
    assert "青空" not in page
    assert "見本町 1-2-3" not in page
    with tenant(c.MIDORI):
        offer = Offer.objects.get()
    path = f"/offers/{offer.uid}/answer/"
    assert f'action="{path}"' in page
    client.post(path, {"answer": "no"})
    assert "いま、声はかかっていません" in client.get("/help/").content.decode()


def test_ok_leads_to_a_decided_visit(cast):
    c.ask_directly(cast, c.request_make(cast), cast.supporter)
    client, _ = home(cast.supporter)
    with tenant(c.MIDORI):
        offer = Offer.objects.get()
    client.post(f"/offers/{offer.uid}/answer/", {"answer": "yes"})
    page = client.get("/help/").content.decode()
    assert "決まっている支援" in page
    assert "10時から・港地区" in page


def test_who_is_asked_by_name_comes_first_and_the_others_are_rows(cast):
    with tenant(c.KITA):
        draft = draft_save(
            order_id=new_id(),
            carer=cast.carer,
            category="talk",
            place_uid=cast.place.uid,
            starts_at=clock.at(date(2026, 11, 25), 13),
            minutes=60,
            memo="",
        )
        asked = request_open(uid=draft.uid, carer=cast.carer)
        offers_broadcast(
            order_id=new_id(),
            request_uid=asked.uid,
            carer=cast.carer,
            decide="self",
            wait_until=clock.now() + timedelta(hours=24),
        )
    c.ask_directly(cast, c.request_make(cast), cast.supporter)
    client, page = home(cast.supporter)
    best, others = page.split("ほかに合いそうな依頼")
    assert "庭の手入れ" in best
    assert "話し相手 1時間" in others
    with tenant(c.MIDORI):
        talk = Offer.objects.get(category="talk", supporter=cast.supporter)
    client.post(f"/offers/{talk.uid}/answer/", {"answer": "yes"})
    page = client.get("/help/").content.decode()
    assert "OKの返事をしたもの" in page
    assert "ほかに合いそうな依頼" not in page


def test_what_was_done_adds_up(cast):
    uid = c.visit_make(cast)
    c.check_in(cast, uid)
    c.check_out(cast, uid)
    with clock.frozen(c.END + timedelta(hours=1)):
        with tenant(c.KITA):
            support.visit_confirm(visit_uid=uid, carer=cast.carer)
            support.review_write(
                order_id=new_id(),
                visit_uid=uid,
                writer=cast.carer,
                rating=5,
                tags=["easy_to_talk", "careful"],
            )
        with tenant(c.MIDORI):
            support.review_write(order_id=new_id(), visit_uid=uid, writer=cast.supporter, rating=5)
        _, page = home(cast.supporter)
    assert "11月のコイン" in page
    assert "2時間・1回" in page
    assert "40コイン・2時間" in page
    assert "1つ" in page
    assert "「話しやすい」が1つ" in page or "「ていねい」が1つ" in page
    with clock.frozen(clock.at(date(2026, 12, 1), 9)):
        _, page = home(cast.supporter)
    assert "12月のコイン" in page
    assert "0分・0回" in page
    assert "40コイン・2時間" in page


def test_a_companys_sum_of_few_people_is_not_shown(cast):
    make_employee(cast.supporter, make_company())
    _, page = home(cast.supporter)
    assert "みほん電機のみなさん" in page
    assert "5人以上になると" in page
    assert "同意しています" in page


def test_who_rests_is_left_alone(cast):
    with tenant(c.MIDORI):
        rest_set(person=cast.supporter, until=date(2026, 11, 30))
    _, page = home(cast.supporter)
    assert "11月30日（月）まで" in page
    assert "ゆっくりなさってください" in page


def test_carers_are_invited_and_become_supporters_by_one_press(cast):
    client, page = home(cast.carer)
    assert "少し手伝いませんか" in page
    answer = client.post("/me/roles/", {"roles": ["carer", "supporter"]})
    assert answer["Location"] == "/me/skills/?first=1"
    with tenant(c.KITA):
        person = Person.objects.get(pk=cast.carer.pk)
        assert person.carer_since is not None
        assert person.supporter_since is not None


def test_a_fresh_supporter_is_led_to_what_is_missing(cast):
    nagi = make_person(c.MIDORI, NAGI, roles=["supporter"], home=False)
    _, page = home(nagi)
    assert "つづきを入れる" in page
    assert "/me/skills/?first=1" in page


def test_staff_who_are_no_members_are_led_to_the_sign_up(cast):
    client = Client()
    client.force_login(cast.officer, backend="sesame.backends.ModelBackend")
    assert client.get("/help/")["Location"] == "/signup/?role=supporter"
