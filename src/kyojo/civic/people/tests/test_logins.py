import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.people import services, tasks
from kyojo.civic.people.errors import EmailTaken, EmailWrong, LoginLinkDead, LoginLinkTooOften
from kyojo.civic.people.models import LoginLinkAsk, User
from kyojo.civic.people.testing import make_login
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db


def run_jobs():
    for job in ProcrastinateJob.objects.filter(task_name="people.login_link_mail"):
        tasks.login_link_mail(**job.args)


def token_of(message):
    (url,) = re.findall(r"http\S+", message.body)
    parts = urlsplit(url)
    assert parts.path == "/login/link/"
    return parse_qs(parts.query)["sesame"][0]


def test_a_link_lets_its_owner_in_once():
    user = make_login("minami")
    services.login_link_send(email=" Minami@Example.jp ")
    run_jobs()
    token = token_of(mail.outbox[0])
    assert services.login_link_use(token=token) == user
    with pytest.raises(LoginLinkDead):
        services.login_link_use(token=token)


@pytest.mark.parametrize("token", ["", "x", "AAAA" * 10])
def test_a_made_up_link_is_dead(token):
    with pytest.raises(LoginLinkDead):
        services.login_link_use(token=token)


def test_a_closed_login_gets_no_link_and_its_old_links_are_dead():
    user = make_login("minami")
    token = parse_qs(urlsplit(services.login_link_url(user)).query)["sesame"][0]
    services.user_deactivate(user=user)
    with pytest.raises(LoginLinkDead):
        services.login_link_use(token=token)
    services.login_link_send(email=user.email)
    run_jobs()
    assert mail.outbox == []


def test_an_unknown_address_is_answered_and_counted_like_a_known_one():
    user = make_login("minami")
    answers = {
        email: [_ask(email) for _ in range(7)] for email in (user.email, "nobody@example.jp")
    }
    assert (
        answers[user.email]
        == answers["nobody@example.jp"]
        == [None] * 5 + ["login_link_too_often"] * 2
    )
    assert ProcrastinateJob.objects.count() == 10
    run_jobs()
    assert {m.to[0] for m in mail.outbox} == {user.email}
    assert User.objects.count() == 1


def _ask(email):
    try:
        services.login_link_send(email=email)
    except LoginLinkTooOften as refusal:
        return refusal.code
    return None


def test_after_a_quarter_of_an_hour_one_may_ask_again_and_nothing_is_kept():
    now = clock.now()
    with clock.frozen(now):
        for _ in range(5):
            services.login_link_send(email="nobody@example.jp")
        assert not LoginLinkAsk.objects.filter(address_hash__contains="nobody").exists()
    with clock.frozen(now + timedelta(minutes=15)):
        services.login_link_send(email="nobody@example.jp")
        assert LoginLinkAsk.objects.count() == 1
        tasks.login_asks_purge()
        assert LoginLinkAsk.objects.count() == 1
    with clock.frozen(now + timedelta(minutes=30)):
        tasks.login_asks_purge()
        assert LoginLinkAsk.objects.count() == 0


def test_a_sign_up_makes_a_login_that_only_the_address_can_open(towns):
    for _ in range(2):
        services.login_link_send(
            email="new@example.jp", next_path="/signup/", sign_up_municipality_id=towns.kita.id
        )
    user = User.objects.get()
    assert (user.email, user.municipality_id) == ("new@example.jp", towns.kita.id)
    assert not user.has_usable_password()
    run_jobs()
    assert "next=%2Fsignup%2F" in mail.outbox[0].body
    assert services.login_link_use(token=token_of(mail.outbox[0])) == user


@pytest.mark.parametrize("email", ["", "x", "x@", "a b@example.jp", "x" * 250 + "@example.jp"])
def test_what_is_no_address_is_refused(email):
    with pytest.raises(EmailWrong):
        services.user_create(email=email)
    with pytest.raises(EmailWrong):
        services.login_link_send(email=email)
    assert User.objects.count() == LoginLinkAsk.objects.count() == 0


def test_an_address_has_one_login():
    make_login("minami")
    with pytest.raises(EmailTaken):
        services.user_create(email="MINAMI@example.jp")
    assert User.objects.count() == 1
