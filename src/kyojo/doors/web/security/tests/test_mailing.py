"""Another mail address by the page: who may ask, what is shown, who is still in afterwards."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import stepping_domain, tasks
from kyojo.civic.people.models import Act, MailChange, SecurityTry, User
from kyojo.civic.people.services import user_create
from kyojo.doors.web.security import moving, questions
from kyojo.doors.web.testing import sign_in
from kyojo.help.recognition.models import Badge
from kyojo.help.support.tests.cast import MIDORI, WEEK_BEFORE, cast_make
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from .test_stepping import WINDOWS, answers, come_in, drawn

pytestmark = pytest.mark.django_db
MAIL, CODE = "/me/mail/", "/me/mail/code/"
NEW = "haru-new@example.jp"


@pytest.fixture(autouse=True)
def frozen():
    with clock.frozen(WEEK_BEFORE):
        yield


@pytest.fixture
def cast(towns):
    return cast_make()


def ask(client: Client, email: str = NEW, **other: str):
    return client.post(MAIL, {"order_id": str(new_id()), "email": email} | other)


def change() -> MailChange:
    with tenant(MIDORI):
        return MailChange.objects.get(state="waiting")


def text(answer) -> str:
    return answer.content.decode()


def test_a_member_changes_the_address_and_is_the_only_one_still_in(cast):
    user = cast.supporter.user
    phone, other = come_in(user), come_in(user, WINDOWS)
    old = user.email
    assert 'href="/me/mail/"' in text(phone.get("/accounts/2fa/webauthn/"))
    assert old in text(phone.get(MAIL))
    assert phone.get(CODE)["Location"] == MAIL
    for wrong, words in (("x@", "メールアドレス"), (old, "いまと同じアドレス")):
        refused = ask(phone, wrong)
        assert refused.status_code == 422 and words in text(refused), wrong
    assert ask(phone, " ＨＡＲＵ-new@example.jp ")["Location"] == CODE
    shown = text(phone.get(CODE))
    assert NEW in shown and change().code not in shown
    assert "数字をお送りしてあります" in text(phone.get(MAIL))
    wrong = phone.post(CODE, {"code": "abc"})
    assert wrong.status_code == 422 and "数字がちがいます" in text(wrong)
    user.refresh_from_db()
    assert user.email == old
    code = change().code
    # The numbers are worth something in this session only.
    assert other.post(CODE, {"code": code})["Location"] == MAIL
    full_width = f" {code[:3]} {code[3:]}".translate({ord("0") + n: 0xFF10 + n for n in range(10)})
    done = phone.post(CODE, {"code": full_width})
    assert done["Location"] == "/me/"
    assert "メールアドレスを変えました" in text(phone.get("/me/"))
    user.refresh_from_db()
    assert user.email == NEW and NEW in text(phone.get("/me/"))
    assert other.get("/me/")["Location"].startswith("/login/")
    assert phone.post(CODE, {"code": code})["Location"] == MAIL
    with tenant(MIDORI):
        assert not Act.objects.filter(note__contains="@").exists()


def test_a_known_address_is_answered_like_an_unknown_one(cast):
    taken = user_create(email="taken@example.jp").email
    phone = come_in(cast.supporter.user)

    def seen(email: str) -> tuple[object, ...]:
        found = ask(phone, email)
        page = text(phone.get(CODE)).replace(email, "*")
        page = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"|nonce="[^"]*"', "", page)
        page = re.sub(r'"X-CSRFToken": ?"[^"]*"', "", page)
        wrong = phone.post(CODE, {"code": "x"})
        return found.status_code, found["Location"], page, wrong.status_code

    assert seen(taken) == seen("free@example.jp")
    sent = [job.task_name for job in ProcrastinateJob.objects.filter(queueing_lock=None)]
    assert sent.count("people.mail_code_mail") == 2


def test_an_unusual_browser_is_asked_first_and_the_form_is_carried(cast, monkeypatch):
    visits = [
        stepping_domain.Met(
            name, kind, clock.local(WEEK_BEFORE) - timedelta(days=days, hours=days), came=False
        )
        for name, kind, days in (("青空", "買い物", 2), ("霧島", "そうじ", 5), ("林", "料理", 9))
    ]
    monkeypatch.setattr(questions, "history", lambda person: visits)
    come_in(cast.supporter.user)
    other = come_in(cast.supporter.user, WINDOWS)
    where = other.get(MAIL)["Location"]
    assert where.startswith("/security/step/?act=mail_change")
    page = ask(other)
    assert page.status_code == 403 and f'name="email" value="{NEW}"' in text(page)
    with tenant(MIDORI):
        assert not MailChange.objects.exists()
    _, true = drawn(other, where, visits)
    sent = {"order_id": str(new_id()), "email": NEW}
    assert other.post(MAIL, answers(true, **sent))["Location"] == CODE
    assert change().new == NEW


def test_staff_show_their_second_factor_and_others_a_link_of_just_now(cast):
    linked = come_in(cast.officer)
    assert linked.get(MAIL)["Location"].startswith("/security/set-up/")
    assert ask(linked)["Location"].startswith("/security/set-up/")
    with tenant(MIDORI):
        Authenticator.objects.create(user=cast.officer, type="totp", data={"secret": "x"})
    assert ask(linked)["Location"].startswith("/security/second/")
    with tenant(MIDORI):
        assert not MailChange.objects.exists()
    shown = sign_in(Client(), cast.officer)
    assert ask(shown)["Location"] == CODE
    assert shown.post(CODE, {"code": change().code})["Location"] == "/me/"
    assert User.objects.get(pk=cast.officer.pk).email == NEW
    plain = user_create(email="shop@example.jp", municipality_id=MIDORI)
    early = Client()
    early.force_login(plain, backend="sesame.backends.ModelBackend")
    assert ask(early, "shop2@example.jp").status_code == 403
    late = come_in(plain)
    assert ask(late, "shop2@example.jp")["Location"] == CODE
    assert late.post(CODE, {"code": change().code})["Location"] == "/me/"
    company = user_create(email="company@example.jp")
    nowhere = come_in(company)
    assert nowhere.get(MAIL).status_code == nowhere.get(CODE).status_code == 404
    assert "me/mail" not in text(nowhere.get("/accounts/2fa/webauthn/"))
    for path in (MAIL, CODE):
        assert Client().get(path)["Location"].startswith("/login/")


def test_a_badge_that_names_the_address_is_signed_anew(cast):
    with tenant(MIDORI):
        common = {"person": cast.supporter, "awarded_at": clock.now(), "token": "x", "salt": "s"}
        kept = Badge.objects.create(
            uid=new_id(), subject_uid=new_id(), achievement="visits-1", **common
        )
        mine = Badge.objects.create(
            uid=new_id(),
            subject_uid=new_id(),
            achievement="visits-10",
            has_identity=True,
            **common,
        )
    phone = come_in(cast.supporter.user)
    ask(phone)
    uid = change().uid
    phone.post(CODE, {"code": change().code})

    def signed_anew() -> None:
        with tenant(MIDORI):
            for one in (kept, mine):
                one.refresh_from_db()
        assert (kept.token, mine.token, mine.has_identity) == ("x", "", True)
        assert ProcrastinateJob.objects.filter(task_name="recognition.sign").exists()

    signed_anew()
    # Signed for the new address; the office puts the former one back.
    with tenant(MIDORI):
        Badge.objects.filter(pk=mine.pk).update(token="y", signed_at=clock.now())
    ProcrastinateJob.objects.all()._raw_delete("default")
    there = f"/desk/members/{cast.supporter.uid}/mail/"
    desk = sign_in(Client(), cast.officer)
    assert "パスキーやアプリの数字は消え" in text(desk.get(there))
    assert desk.post(there, {"change": str(uid), "basis": "phone"}).status_code == 302
    signed_anew()


def test_the_address_and_what_names_it_move_together_or_not_at_all(cast, monkeypatch):
    def broken(**_) -> int:
        raise RuntimeError

    user, phone = cast.supporter.user, come_in(cast.supporter.user)
    old = user.email
    ask(phone)
    row = change()
    real = moving.badges_mail_renew
    monkeypatch.setattr(moving, "badges_mail_renew", broken)
    with pytest.raises(RuntimeError):
        phone.post(CODE, {"code": row.code})
    user.refresh_from_db()
    assert (user.email, change().pk) == (old, row.pk)
    # A wrong number is counted all the same.
    wrong = f"{(int(row.code) + 1) % 1_000_000:06}"
    assert phone.post(CODE, {"code": wrong}).status_code == 422
    with tenant(MIDORI):
        assert SecurityTry.objects.filter(user=user, kind="mail", passed=False).count() == 1
    monkeypatch.setattr(moving, "badges_mail_renew", real)
    assert phone.post(CODE, {"code": row.code})["Location"] == "/me/"
    monkeypatch.setattr(moving, "badges_mail_renew", broken)
    given = {"change": str(row.uid), "basis": "phone"}
    with pytest.raises(RuntimeError):
        sign_in(Client(), cast.officer).post(f"/desk/members/{cast.supporter.uid}/mail/", given)
    user.refresh_from_db()
    assert user.email == NEW


def test_the_office_sees_that_it_changed_and_an_officer_puts_it_back(cast):
    user, uid = cast.supporter.user, cast.supporter.uid
    old = user.email
    phone = come_in(user)
    desk = sign_in(Client(), cast.officer)
    there = f"/desk/members/{uid}/mail/"
    assert there not in text(desk.get(f"/desk/members/{uid}/"))
    assert "変わっていません" in text(desk.get(there))
    ask(phone)
    change_uid = change().uid
    phone.post(CODE, {"code": change().code})
    assert there in text(desk.get(f"/desk/members/{uid}/"))
    page = text(desk.get(there))
    assert old in page and NEW not in page
    assert desk.post(there, {"change": str(change_uid)}).status_code == 422
    given = {"change": str(change_uid), "basis": "phone"}
    assert desk.post(there, given)["Location"] == f"/desk/members/{uid}/"
    user.refresh_from_db()
    assert user.email == old
    assert phone.get("/me/")["Location"].startswith("/login/")
    with tenant(MIDORI):
        acts = Act.objects.filter(action__in=("mail_opened", "mail_change_undone"))
        assert {act.actor for act in acts} == {cast.officer} and acts.count() >= 3
    assert sign_in(Client(), cast.kita_officer).get(there).status_code == 404
    without_login = f"/desk/members/{cast.mother.uid}/mail/"
    assert "変わっていません" in text(desk.get(without_login))
    assert desk.post(without_login, given).status_code == 422
    assert phone.get(there).status_code in (302, 404)


def test_jobs_find_nothing_to_send_for_what_is_over(cast, mailoutbox):
    phone = come_in(cast.supporter.user)
    ask(phone)
    with tenant(MIDORI):
        first = MailChange.objects.get()
    ask(phone)
    mailoutbox.clear()
    tasks.mail_code_mail(municipality_id=MIDORI, change_id=first.pk)
    tasks.mail_changed_mail(municipality_id=MIDORI, change_id=first.pk)
    assert mailoutbox == []
