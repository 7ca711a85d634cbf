"""An act that would hurt, from a browser nobody knows: asked about one's own visits."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import stepping_domain
from kyojo.civic.people.models import Act, KnownDevice, SecurityTry
from kyojo.civic.people.services import login_link_url
from kyojo.doors.web.security import questions
from kyojo.help.support.tests.cast import WEEK_BEFORE
from kyojo.kernel import clock

pytestmark = pytest.mark.django_db
HOME = "/me/home/"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1"
WINDOWS = "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen(WEEK_BEFORE):
        yield


@pytest.fixture
def visits(monkeypatch) -> list[stepping_domain.Met]:
    """The last three visits that the supporter remembers; a test may take some away."""
    found = [
        stepping_domain.Met(
            name, kind, clock.local(WEEK_BEFORE) - timedelta(days=days, hours=days), came=False
        )
        for name, kind, days in (
            ("青空", "庭の手入れ", 2), ("小春日", "買い物", 5), ("霧島", "そうじ", 9),
        )
    ]  # fmt: skip
    monkeypatch.setattr(questions, "history", lambda person: found)
    return found


@pytest.fixture
def cast(standing):
    return standing


def come_in(user, agent: str = IPHONE, client: Client | None = None) -> Client:
    client = client or Client(headers={"User-Agent": agent})
    user.refresh_from_db()
    token = parse_qs(urlsplit(login_link_url(user)).query)["sesame"][0]
    assert client.post("/login/link/", {"sesame": token}).status_code == 302
    return client


def asked_at(answer) -> str:
    assert answer.status_code == 302, answer.content.decode()[:300]
    where = answer["Location"]
    assert where.startswith("/security/step/?act="), where
    return where


def drawn(client: Client, where: str, visits) -> tuple[str, list[str]]:
    """The page, and the true answers to what it asks."""
    page = client.get(where)
    assert page.status_code == 200
    text = page.content.decode()
    true = []
    for number, met in enumerate(visits):
        legend = re.findall(r"<legend>(.*?)</legend>", text)[number]
        boxes = re.findall(
            rf'name="_answer{number}" value="(\d)"><span class="choice__text"><b>(.*?)</b>', text
        )
        wanted = (
            f"{met.other}さん" if "だれ" in legend
            else met.category if "何をしました" in legend
            else f"{'月火水木金土日'[met.at.weekday()]}曜日" if "何曜日" in legend
            else stepping_domain.DAY_PARTS[
                sum(met.at.hour >= edge for edge in stepping_domain.PART_EDGES)
            ]
        )  # fmt: skip
        values = {label: value for value, label in boxes}
        true.append(values.get(wanted, values[stepping_domain.NONE_OF_THESE]))
    return text, true


def answers(true: list[str], **other: str) -> dict[str, str]:
    return {f"_answer{number}": value for number, value in enumerate(true)} | other


def test_nothing_is_asked_where_one_always_is_and_something_on_a_new_device(cast, visits):
    user = cast.supporter.user
    phone = come_in(user)
    assert phone.get(HOME).status_code == 200
    with tenant(user.municipality_id):
        assert [one.name for one in KnownDevice.objects.all()] == ["iPhone の Safari"]
    cookie = phone.cookies["kyojo_device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    other = come_in(user, WINDOWS)
    jobs = ProcrastinateJob.objects.filter(task_name="people.security_mail")
    assert [job.args["what"] for job in jobs] == ["device_new"]
    where = asked_at(other.get(HOME))
    text, true = drawn(other, where, visits)
    assert "家の住所を変える" in text
    assert drawn(other, where, visits)[0].count("庭の手入れ") == text.count("庭の手入れ")
    done = other.post("/security/step/", answers(true, act="home_change", next=HOME))
    assert (done.status_code, done["Location"]) == (302, HOME)
    assert other.get(HOME).status_code == 200
    # The device is known from now on, whatever is done next; the first one still is.
    assert come_in(user, WINDOWS, other).get(HOME).status_code == 200
    assert phone.get(HOME).status_code == 200
    with tenant(user.municipality_id):
        assert [act.action for act in Act.objects.filter(note="home_change")] == ["step_up_passed"]


def test_the_session_and_the_page_hold_nothing_that_tells(cast, visits):
    come_in(cast.supporter.user)
    other = come_in(cast.supporter.user, WINDOWS)
    text, true = drawn(other, asked_at(other.get(HOME)), visits)
    kept = other.session["step_questions"]
    assert set(kept) == {"key", "hashes"}
    assert all(re.fullmatch("[0-9a-f]{64}", one) for one in kept["hashes"])
    assert not set(kept["hashes"]) & set(text.split('"'))
    # Of another session, before it was drawn, or sent twice: no answer is right.
    third = come_in(cast.supporter.user, "Firefox/120")
    sent = answers(true, act="home_change", next=HOME)
    assert third.post("/security/step/", sent).status_code == 422
    assert third.get(HOME).status_code == 302


def test_two_wrong_rounds_lock_and_are_told_and_the_mail_helps_for_what_can_be_undone(cast, visits):
    user = cast.supporter.user
    come_in(user)
    other = come_in(user, WINDOWS)
    where = asked_at(other.get(HOME))
    for _ in range(2):
        _, true = drawn(other, where, visits)
        wrong = [str((int(one) + 1) % 5) for one in true]
        page = other.post("/security/step/", answers(wrong, act="home_change", next=HOME))
        assert page.status_code == 422
    assert "しばらく止めています" in page.content.decode()
    told = ProcrastinateJob.objects.filter(task_name="people.security_mail")
    assert [job.args["what"] for job in told].count("tries_many") == 1
    locked = other.get(where).content.decode()
    assert "_answer0" not in locked and "メールのリンクで確かめる" in locked
    assert other.post("/security/step/", answers(true, act="home_change")).status_code == 422
    asked_at(other.get(HOME))  # the link of before the lock is none
    with clock.frozen(WEEK_BEFORE + timedelta(minutes=1)):
        later = come_in(user, WINDOWS, other)
        assert later.get(HOME).status_code == 200
        final = later.get("/security/step/?act=erasure&next=/me/").content.decode()
        assert "メールのリンクで確かめる" not in final and "電話で確かめる" in final
    with tenant(user.municipality_id):
        assert SecurityTry.objects.filter(passed=False).count() == 2


def test_with_too_little_history_a_link_that_was_just_pressed_is_enough(cast, visits, monkeypatch):
    del visits[1:]
    user = cast.supporter.user
    come_in(user)
    other = come_in(user, WINDOWS)
    assert other.get(HOME).status_code == 200
    session = other.session
    session["account_authentication_methods"][-1]["at"] -= 16 * 60
    session.save()
    page = other.get(asked_at(other.get(HOME))).content.decode()
    assert "_answer0" not in page and "メールのリンクで確かめる" in page


def test_an_answer_left_out_costs_no_try(cast, visits):
    come_in(cast.supporter.user)
    other = come_in(cast.supporter.user, WINDOWS)
    _, true = drawn(other, asked_at(other.get(HOME)), visits)
    page = other.post("/security/step/", answers(true[:2], act="home_change", next=HOME))
    assert page.status_code == 422 and "3つの質問に" in page.content.decode()
    with tenant(cast.supporter.municipality_id):
        assert not SecurityTry.objects.exists()


def test_a_form_is_carried_through_the_questions(cast, visits):
    come_in(cast.supporter.user)
    other = come_in(cast.supporter.user, WINDOWS)
    sent = {"address": "みほん町9丁目 <b>", "travel": "walk", "travel_limit_m": "1000", "near": ""}
    page = other.post(HOME, sent)
    assert page.status_code == 403
    text = page.content.decode()
    assert 'name="address" value="みほん町9丁目 &lt;b&gt;"' in text
    assert f'action="{HOME}"' in text
    with tenant(cast.supporter.municipality_id):
        cast.supporter.refresh_from_db()
        assert "9丁目" not in cast.supporter.address


def test_a_long_silence_is_unusual_on_the_own_device(cast, visits):
    user = cast.supporter.user
    phone = come_in(user)
    with clock.frozen(WEEK_BEFORE + timedelta(days=61)):
        asked_at(come_in(user, client=phone).get(HOME))
    with clock.frozen(WEEK_BEFORE + timedelta(days=63)):
        phone.get("/me/")
        assert phone.get(HOME).status_code == 200  # used again for two days


def test_devices_are_seen_and_taken_away_and_every_other_session_ends(cast, visits):
    user = cast.supporter.user
    phone, other = come_in(user), come_in(user, WINDOWS)
    page = other.get("/me/devices/").content.decode()
    assert page.index("Windows の Chrome") < page.index("iPhone の Safari")
    assert "いま使っている機械" in page
    with tenant(user.municipality_id):
        key = KnownDevice.objects.get(name="iPhone の Safari").pk
    stranger = come_in(cast.second.user)
    assert stranger.post(f"/me/devices/{key}/remove/").status_code == 404
    assert other.post(f"/me/devices/{key}/remove/").status_code == 302
    assert phone.get("/me/")["Location"].startswith("/login/")
    assert other.get("/me/").status_code == 200
    assert "iPhone" not in other.get("/me/devices/").content.decode()


def test_an_act_nobody_knows_is_no_page(cast, visits):
    phone = come_in(cast.supporter.user)
    assert phone.get("/security/step/?act=nothing").status_code == 404
    assert phone.get("/security/step/?act=erasure&next=//x.example/").status_code == 200
    assert Client().get("/security/step/?act=erasure").status_code == 302
