"""Coming in by mail: one answer for everybody, links that work once, scanners that open them."""

import re
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.people import tasks
from kyojo.civic.people.services import login_link_url
from kyojo.civic.people.testing import make_carer, make_login

pytestmark = pytest.mark.django_db
KNOWN, UNKNOWN = "minami-990019@example.jp", "nobody@example.jp"


@pytest.fixture
def carer(towns):
    return make_carer(towns.kita.id)


def token_of(url):
    return parse_qs(urlsplit(url).query)["sesame"][0]


def without_tokens(answer):
    page = answer.content.decode()
    page = re.sub(r'csrfmiddlewaretoken" value="[^"]+"', "", page)
    return re.sub(r"(minami-990019|nobody)@example\.jp", "ADDRESS", page)


def is_in(client):
    return "_auth_user_id" in client.session


@pytest.mark.parametrize("email", ["", "minami", "a@b@example.jp", "x@" + "y" * 300 + ".jp"])
def test_a_wrong_address_is_told_and_kept(client, carer, email):
    answer = client.post("/login/", {"email": email, "next": "/me/"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "メールアドレス" in page
    assert "1か所、直してください" in page
    assert 'value="/me/"' in page
    assert ProcrastinateJob.objects.count() == 0


def test_known_and_unknown_addresses_are_answered_alike(carer):
    answers = {}
    for email in (KNOWN, UNKNOWN):
        client = Client()
        first = client.post("/login/", {"email": email})
        second = client.get(first["Location"])
        answers[email] = (
            first.status_code,
            first["Location"],
            sorted(first.headers),
            second.status_code,
            without_tokens(second),
        )
    assert answers[KNOWN] == answers[UNKNOWN]
    jobs = ProcrastinateJob.objects.filter(task_name="people.login_link_mail")
    assert jobs.count() == 2
    assert all("@" not in str(job.args) for job in jobs)
    for job in jobs:
        tasks.login_link_mail(**job.args)
    assert [message.to for message in mail.outbox] == [[KNOWN]]


def test_known_and_unknown_addresses_take_about_the_same_time(carer):
    took = {KNOWN: [], UNKNOWN: []}
    for _ in range(5):
        for email, times in took.items():
            start = time.perf_counter()
            assert Client().post("/login/", {"email": email}).status_code == 302
            times.append(time.perf_counter() - start)
    fast, slow = sorted(min(times) for times in took.values())
    assert slow < fast * 2 + 0.02


def test_who_asks_too_often_is_told_alike(carer):
    for email in (KNOWN, UNKNOWN):
        client = Client()
        codes = [client.post("/login/", {"email": email}).status_code for _ in range(6)]
        assert codes == [302] * 5 + [422]
        page = client.post("/login/", {"email": email}).content.decode()
        assert "短い間に何度もお送りしました" in page
        assert email in page
    assert ProcrastinateJob.objects.count() == 10


def test_opening_a_link_uses_nothing_up_and_a_press_does(client, carer):
    url = login_link_url(carer.user, next_path="/me/")
    path = url.removeprefix("http://localhost:8000")
    for _ in range(3):
        page = Client().get(path)
        assert page.status_code == 200
        assert "ログインする" in page.content.decode()
    assert not is_in(client)
    pressed = client.post("/login/link/", {"sesame": token_of(url), "next": "/me/"})
    assert (pressed.status_code, pressed["Location"]) == (302, "/me/")
    assert is_in(client)
    again = Client()
    dead = again.post("/login/link/", {"sesame": token_of(url)})
    assert dead.status_code == 409
    assert "もう使えません" in dead.content.decode()
    assert "新しいリンクを送ってもらう" in dead.content.decode()
    assert not is_in(again)


def test_the_page_of_a_link_is_kept_from_caches_and_tells_no_other_site(client, carer):
    page = client.get("/login/link/?sesame=x")
    assert "no-store" in page["Cache-Control"]
    assert page["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("harm", ["missing", "made_up", "changed", "another"])
def test_a_link_that_is_not_right_lets_nobody_in(client, carer, harm):
    token = token_of(login_link_url(carer.user))
    flipped = ("B" if token[-3] != "B" else "C") + token[-2:]
    sesame = {
        "missing": "",
        "made_up": "AAAA" * 10,
        "changed": token[:-3] + flipped,
        "another": token[:16] + token_of(login_link_url(make_login("ken")))[16:],
    }[harm]
    answer = client.post("/login/link/", {"sesame": sesame})
    assert answer.status_code == 409
    assert not is_in(client)
    # The true one still works.
    assert client.post("/login/link/", {"sesame": token}).status_code == 302


def test_a_link_is_dead_after_a_quarter_of_an_hour(client, carer, monkeypatch):
    token = token_of(login_link_url(carer.user))
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + 15 * 60 + 2)
    assert client.post("/login/link/", {"sesame": token}).status_code == 409
    monkeypatch.setattr("time.time", lambda: now + 14 * 60)
    assert client.post("/login/link/", {"sesame": token}).status_code == 302


@pytest.mark.parametrize("path", ["https://example.com/", "//example.com/", "javascript:1", "\\x"])
def test_a_link_leads_nowhere_else(client, carer, path):
    token = token_of(login_link_url(carer.user))
    answer = client.post("/login/link/", {"sesame": token, "next": path})
    assert answer["Location"] == "/"


def test_a_press_changes_who_is_there(carer, towns):
    other = make_carer(towns.midori.id)
    client = Client()
    client.force_login(other.user, backend="sesame.backends.ModelBackend")
    client.post("/login/link/", {"sesame": token_of(login_link_url(carer.user))})
    assert client.session["_auth_user_id"] == str(carer.user.pk)


def test_going_out_takes_a_press(client, carer):
    client.force_login(carer.user, backend="sesame.backends.ModelBackend")
    assert client.get("/logout/").status_code == 200
    assert is_in(client)
    assert client.post("/logout/").status_code == 302
    assert not is_in(client)
    assert client.get("/me/")["Location"] == "/login/?next=/me/"


def test_who_is_in_is_led_on(client, carer):
    client.force_login(carer.user, backend="sesame.backends.ModelBackend")
    assert client.get("/login/?next=/help/")["Location"] == "/help/"
    assert client.get("/login/?next=https://example.com/")["Location"] == "/"
