"""Signing up: one form, one answer, a mail that proves the address."""

import re

import pytest
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import tasks
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import mail_change_ask, mail_change_confirm
from kyojo.civic.people.testing import make_carer, make_officer
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db


def filled(**changed):
    return {
        "order_id": str(new_id()),
        "roles": ["supporter"],
        "town": "midorihama",
        "family_name": "夕凪",
        "given_name": "なお",
        "family_kana": "ゆうなぎ",
        "given_kana": "ナオ",
        "birth_date_year": "平成2",
        "birth_date_month": "11",
        "birth_date_day": "3",
        "phone": "",
        "email": "nagi@example.jp",
        "agreed": "on",
    } | changed


def people_of(town):
    with tenant(town.id):
        return list(Person.objects.all())


def mails():
    for job in ProcrastinateJob.objects.filter(task_name="people.login_link_mail"):
        tasks.login_link_mail(**job.args)
    return mail.outbox


def test_the_page_fills_in_what_the_address_says(client, towns):
    page = client.get("/signup/?role=supporter&town=midorihama").content.decode()
    assert re.search(r'value="supporter"[^>]* checked', page)
    assert re.search(r'value="midorihama" selected', page)


def test_a_sign_up_makes_a_member_and_mails_the_way_in(client, towns):
    answer = client.post("/signup/", filled())
    assert answer["Location"] == "/signup/sent/"
    (person,) = people_of(towns.midori)
    assert (person.name, person.kana) == ("夕凪 なお", "ユウナギ ナオ")
    assert str(person.birth_date) == "1990-11-03"
    assert person.supporter_since is not None
    assert person.carer_since is None
    assert "_auth_user_id" not in client.session  # the mail lets them in, not the form
    (message,) = mails()
    assert message.to == ["nagi@example.jp"]
    assert "ありがとうございます" in message.body
    path = re.search(r"http://localhost:8000(\S+)", message.body)[1]
    page = client.get(path).content.decode()
    token = re.search(r'name="sesame" value="([^"]+)"', page)[1]
    next_path = re.search(r'name="next" value="([^"]+)"', page)[1]
    pressed = client.post("/login/link/", {"sesame": token, "next": next_path})
    assert pressed["Location"] == "/me/skills/?first=1"
    assert client.get("/me/skills/?first=1").status_code == 200


def test_a_known_address_is_answered_alike_and_nothing_changes(towns):
    known = make_carer(towns.kita.id)
    answers = []
    for email in (known.user.email, "new@example.jp"):
        client = Client()
        first = client.post("/signup/", filled(email=email))
        second = client.get(first["Location"])
        answers.append((first.status_code, first["Location"], second.content))
    assert answers[0] == answers[1]
    assert people_of(towns.kita) == [known]
    assert len(people_of(towns.midori)) == 1
    with tenant(towns.midori.id):
        assert Person.objects.get().number == "M-10001"  # the trial gave its number back
    by_address = {message.to[0]: message.body for message in mails()}
    assert "もう Kyojo 共助に登録されています" in by_address[known.user.email]
    assert "もう Kyojo 共助" not in by_address["new@example.jp"]


def test_an_address_that_may_be_put_back_is_answered_alike_and_gets_no_login(towns):
    known = make_carer(towns.kita.id)
    with tenant(towns.kita.id):
        change = mail_change_ask(uid=new_id(), user=known.user, email="aozora-new@example.jp")
        mail_change_confirm(uid=change.uid, user=known.user, code=change.code)
    answers = []
    for email in ("minami-990019@example.jp", "new@example.jp"):
        first = Client().post("/signup/", filled(email=email))
        answers.append((first.status_code, first["Location"]))
    assert answers[0] == answers[1] == (302, "/signup/sent/")
    assert not User.objects.filter(email="minami-990019@example.jp").exists()
    assert len(people_of(towns.midori)) == 1
    assert [message.to for message in mails()] == [["new@example.jp"]]


def test_a_known_address_is_refused_for_the_same_reasons(towns):
    known = make_carer(towns.kita.id)
    young = {"birth_date_year": "2015"}
    pages = [
        Client().post("/signup/", filled(email=email, **young))
        for email in (known.user.email, "new@example.jp")
    ]
    assert [page.status_code for page in pages] == [422, 422]
    assert all("保護者の方か" in page.content.decode() for page in pages)
    assert ProcrastinateJob.objects.count() == 0
    assert people_of(towns.midori) == []


def test_the_same_form_twice_makes_one_member(client, towns):
    form = filled()
    for _ in range(2):
        assert client.post("/signup/", form)["Location"] == "/signup/sent/"
    assert len(people_of(towns.midori)) == User.objects.count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"roles": []}, "どのように使いますか"),
        ({"roles": ["recipient"]}, "どのように使いますか"),
        ({"town": ""}, "まちを1つ選んでください"),
        ({"town": "nowhere"}, "まちを1つ選んでください"),
        ({"family_name": ""}, "姓を入れてください"),
        ({"family_name": "夕凪1"}, "名前に使えない文字"),
        ({"family_kana": "夕凪"}, "ひらがなかカタカナだけで"),
        ({"birth_date_month": "13"}, "月"),
        ({"birth_date_year": "2030"}, "まだ来ていません"),
        ({"birth_date_year": "1890"}, "125年より前"),
        ({"phone": "12"}, "電話番号は"),
        ({"email": "nagi"}, "メールアドレスを確かめてください"),
        ({"agreed": ""}, "約束ごとを読み、同意します"),
        ({"order_id": "x"}, "ページが古くなりました"),
    ],
)
def test_bad_input_is_told_and_nothing_is_lost(client, towns, changed, said):
    answer = client.post("/signup/", filled(**changed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    kept = {"given_name": "なお", "given_kana": "ナオ", "birth_date_day": "3"}
    for value in kept.values():
        assert f'value="{value}"' in page
    assert people_of(towns.midori) == []
    assert User.objects.count() == ProcrastinateJob.objects.count() == 0


def test_too_many_tries_change_nothing(client, towns):
    for _ in range(5):
        client.post("/login/", {"email": "nagi@example.jp"})
    answer = client.post("/signup/", filled())
    assert answer.status_code == 422
    assert "短い間に何度も" in answer.content.decode()
    assert people_of(towns.midori) == []


def test_staff_become_members_with_the_login_they_have(client, towns):
    officer = make_officer(towns.kita.id)
    client.force_login(officer, backend="sesame.backends.ModelBackend")
    assert "職員のページ" in client.get("/me/").content.decode()
    assert client.get("/me/coins/")["Location"] == "/signup/"
    page = client.get("/signup/").content.decode()
    assert 'name="email"' not in page
    assert 'name="town"' not in page
    answer = client.post("/signup/", filled(roles=["carer"]))
    assert answer["Location"] == "/"
    assert [person.user_id for person in people_of(towns.kita)] == [officer.pk]
    assert client.get("/signup/")["Location"] == "/me/"


def test_the_demo_tells_where_its_mails_lie(client, towns, settings):
    pages = ("/signup/sent/", "/login/sent/")
    assert all("var/mail" not in client.get(page).content.decode() for page in pages)
    settings.DEMO = True
    assert all("var/mail" in client.get(page).content.decode() for page in pages)
