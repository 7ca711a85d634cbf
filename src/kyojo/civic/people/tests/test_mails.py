"""Another mail address: nothing changes before its numbers come back; the office can undo it."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import retention, services, tasks
from kyojo.civic.people.errors import (
    BasisMissing,
    CodeTooOften,
    EmailWrong,
    LoginLinkDead,
    LoginLinkTooOften,
    MailChangeGone,
    MailChangeOver,
    MailChangeTooOften,
    MailCodeWrong,
    MailSame,
    MailTaken,
    OrderDiffers,
    OwnCheck,
)
from kyojo.civic.people.login_forgetting import login_forget
from kyojo.civic.people.models import Act, MailChange, SecurityTry, User
from kyojo.civic.people.own_data import person_data
from kyojo.civic.people.services.mails import UNDO_FOR
from kyojo.civic.people.testing import make_carer, make_login, make_officer
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
OLD, NEW = "minami-990019@example.jp", "aozora-new@example.jp"
TASKS = {
    "people.mail_code_mail": tasks.mail_code_mail,
    "people.mail_asked_mail": tasks.mail_asked_mail,
    "people.mail_changed_mail": tasks.mail_changed_mail,
    "people.security_mail": tasks.security_mail,
}


@pytest.fixture
def carer(towns):
    person = make_carer(towns.kita.id)
    ProcrastinateJob.objects.all()._raw_delete("default")
    with tenant(towns.kita.id), clock.frozen(clock.now()):
        yield person


def run_jobs():
    """Send what waits; what each job was given, so that nobody's address stands in one."""
    given = []
    for job in ProcrastinateJob.objects.filter(task_name__in=TASKS).order_by("id"):
        TASKS[job.task_name](**job.args)
        given.append(str(job.args))
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert "@" not in "".join(given)
    sent, mail.outbox[:] = list(mail.outbox), []
    return {one.to[0]: one.body for one in sent}


def ask(person, email=NEW):
    return services.mail_change_ask(uid=new_id(), user=person.user, email=email)


def confirm(person, change, code=None):
    change.refresh_from_db()
    return services.mail_change_confirm(
        uid=change.uid, user=person.user, code=change.code if code is None else code
    )


def came_in(key, municipality_id=None):
    """A login whose owner pressed the link that was mailed."""
    user = make_login(key, municipality_id)
    User.objects.filter(pk=user.pk).update(last_login=clock.now())
    return user


def email_of(person):
    return User.objects.values_list("email", flat=True).get(pk=person.user_id)


def test_the_address_changes_when_the_numbers_come_back_and_not_before(carer):
    old = carer.user.email
    change = ask(carer, " Aozora-New@Example.jp ")
    sent = run_jobs()
    assert change.code in sent[NEW] and "30分" in sent[NEW]
    assert "始まりました" in sent[old] and NEW not in sent[old] and change.code not in sent[old]
    assert email_of(carer) == old
    before = carer.user.get_session_auth_hash()
    link = services.login_link_url(carer.user)
    confirm(carer, change)
    assert email_of(carer) == carer.user.email == NEW
    sent = run_jobs()
    assert set(sent) == {old} and "お電話" in sent[old] and NEW not in sent[old]
    carer.user.refresh_from_db()
    assert carer.user.get_session_auth_hash() != before, "every session ended"
    with pytest.raises(LoginLinkDead):
        services.login_link_use(token=link.partition("sesame=")[2])
    acts = Act.objects.filter(subject_kind="user", subject_id=str(carer.user_id))
    assert [act.action for act in acts.order_by("at")] == ["mail_change_asked", "mail_changed"]
    assert not [act for act in acts if "@" in act.note + act.basis]
    with pytest.raises(NotFound):
        services.mail_change_confirm(uid=new_id(), user=carer.user, code="000000")


def test_sent_twice_it_is_one_change_and_one_mail(carer):
    uid = new_id()
    for _ in range(2):
        change = services.mail_change_ask(uid=uid, user=carer.user, email=NEW)
    with pytest.raises(OrderDiffers):
        services.mail_change_ask(uid=uid, user=carer.user, email="other@example.jp")
    with pytest.raises(OrderDiffers):
        services.mail_change_ask(uid=uid, user=make_login("ken", carer.municipality_id), email=NEW)
    assert len(run_jobs()) == 2 and MailChange.objects.count() == 1
    code = change.code
    for _ in range(2):
        services.mail_change_confirm(uid=uid, user=carer.user, code=code)
    assert len(run_jobs()) == 1
    # The numbers of a change that is done open nothing, whatever holds now.
    second = ask(carer, "third@example.jp")
    services.mail_change_confirm(uid=uid, user=carer.user, code=code)
    assert email_of(carer) == NEW
    confirm(carer, second)
    assert email_of(carer) == "third@example.jp"


def test_who_asks_for_anothers_address_reads_nothing_of_it(carer):
    other = came_in("ken", carer.municipality_id)
    change = ask(carer, other.email)
    assert change.state == "waiting" and len(change.code) == 6
    sent = run_jobs()
    assert "使われている" in sent[other.email] and change.code not in sent[other.email]
    with pytest.raises(MailCodeWrong):
        confirm(carer, change, "x")
    # Taken between the numbers and their coming back: who reads it has the mailbox.
    free = ask(carer)
    came_in("aozora-new")
    with pytest.raises(MailTaken):
        confirm(carer, free)
    assert email_of(carer) == OLD


def test_what_is_no_new_address_is_refused(carer):
    for email in ("", "x@", "a b@example.jp"):
        with pytest.raises(EmailWrong):
            ask(carer, email)
    with pytest.raises(MailSame):
        ask(carer, carer.user.email.upper())
    assert not MailChange.objects.exists() and not ProcrastinateJob.objects.exists()


def test_numbers_end_after_half_an_hour_and_with_the_next_ask(carer):
    first = ask(carer)
    code = first.code
    second = ask(carer)
    with pytest.raises(MailChangeOver):
        confirm(carer, first, code)
    with clock.frozen(clock.now() + timedelta(minutes=30)), pytest.raises(MailChangeOver):
        confirm(carer, second)
    assert email_of(carer) == OLD
    sent = run_jobs()[NEW]
    assert second.code in sent and code not in sent.replace(second.code, "")


def test_five_wrong_numbers_and_none_is_looked_at(carer):
    change = ask(carer)
    wrong = "000000" if change.code != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(MailCodeWrong):
            confirm(carer, change, wrong)
    with pytest.raises(CodeTooOften):
        confirm(carer, change)
    assert SecurityTry.objects.filter(kind="mail", passed=False).count() == 5
    assert email_of(carer) == OLD
    told = ProcrastinateJob.objects.filter(args__what="tries_many")
    assert told.count() == 1


def test_asking_is_slow_for_a_login_and_for_an_address(carer, towns):
    for number in range(5):
        ask(carer, f"new-{number}@example.jp")
    with pytest.raises(MailChangeTooOften):
        ask(carer)
    with clock.frozen(clock.now() + timedelta(days=1, seconds=1)):
        ask(carer)
    for _ in range(5):
        services.login_link_send(email="often@example.jp")
    other = make_login("ken", towns.kita.id)
    with pytest.raises(LoginLinkTooOften):
        services.mail_change_ask(uid=new_id(), user=other, email="often@example.jp")


def test_another_login_and_another_town_cannot_use_the_numbers(carer, towns):
    change = ask(carer)
    with pytest.raises(NotFound):
        services.mail_change_confirm(
            uid=change.uid, user=make_login("ken", towns.kita.id), code=change.code
        )
    with tenant(towns.midori.id), pytest.raises(NotFound):
        services.mail_change_confirm(
            uid=change.uid, user=make_login("jun", towns.midori.id), code=change.code
        )
    assert email_of(carer) == OLD


def test_an_officer_puts_back_what_was_before_and_later_changes_fall_with_it(carer, towns):
    officer = make_officer(towns.kita.id)
    first = ask(carer)
    confirm(carer, first)
    later = ask(carer, "third@example.jp")
    confirm(carer, later)
    open_one = ask(carer, "fourth@example.jp")
    run_jobs()
    carer.user.refresh_from_db()
    before = carer.user.get_session_auth_hash()

    def undo(by, basis="phone", change=first, person=carer):
        return services.mail_change_undo(uid=change.uid, person=person, by=by, basis=basis)

    with pytest.raises(NotFound):
        undo(carer.user)
    with pytest.raises(NotFound):
        undo(make_officer(towns.midori.id))
    with pytest.raises(BasisMissing):
        undo(officer, basis="")
    with pytest.raises(NotFound):
        undo(officer, change=open_one)
    assert email_of(carer) == "third@example.jp"
    for _ in range(2):
        undo(officer)
    assert email_of(carer) == OLD
    states = MailChange.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == ["undone", "undone", "over"]
    assert User.objects.get(pk=carer.user_id).get_session_auth_hash() != before
    assert "戻しました" in run_jobs()[OLD]
    [act] = Act.objects.filter(action="mail_change_undone")
    assert (act.actor, act.basis) == (officer, "phone")


def test_it_is_not_put_back_where_it_cannot_be(carer, towns):
    officer = make_officer(towns.kita.id)
    change = ask(carer)
    confirm(carer, change)

    def undo(by=officer):
        return services.mail_change_undo(uid=change.uid, person=carer, by=by, basis="counter")

    # By hand: no page makes a login of an address that may be put back.
    User.objects.create(email=OLD, last_login=clock.now())
    with pytest.raises(MailTaken):
        undo()
    User.objects.filter(email=OLD).delete()
    with clock.frozen(clock.now() + UNDO_FOR), pytest.raises(MailChangeGone):
        undo()
    services.staff_role_add(
        user=carer.user,
        number=f"S-{carer.user.pk}",
        role="officer",
        title="福祉課",
        name="青空",
        name_kana="あおぞら",
    )
    with pytest.raises(OwnCheck):
        undo(by=carer.user)
    assert email_of(carer) == NEW


def test_what_was_is_kept_a_month_sealed_said_to_the_person_and_gone_with_the_login(carer):
    change = ask(carer)
    confirm(carer, change)
    ask(carer, "third@example.jp")
    with connection.cursor() as cursor:
        cursor.execute("SELECT old || new FROM people_mailchange WHERE id = %s", [change.pk])
        assert b"example" not in bytes(cursor.fetchone()[0])
    [said] = [one for one in person_data(carer) if one.code == "mails"]
    assert [row[1:4] for row in said.rows] == [
        (OLD, NEW, "変わりました"),
        ("", "third@example.jp", "数字を待っています"),
    ]
    for days, left in ((1, 2), (2, 1), (29, 1), (30, 0)):
        with clock.frozen(clock.now() + timedelta(days=days)):
            retention.purge_due()
        assert MailChange.objects.count() == left, days
    last = ask(carer, "fifth@example.jp")
    person_user = carer.user
    carer.user = None
    carer.save()
    login_forget(user=person_user)
    assert not MailChange.objects.filter(pk=last.pk).exists()
