"""A former address is nobody else's while it may be put back; what stands in its way is put aside;
and putting it back takes away what somebody else made meanwhile."""

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import retention, services, tasks
from kyojo.civic.people.errors import (
    AppealOfficerInside,
    EmailTaken,
    LoginLinkDead,
    MailTaken,
)
from kyojo.civic.people.login_forgetting import login_forget
from kyojo.civic.people.models import Act, FormerMail, KnownDevice, User
from kyojo.civic.people.services.mails import UNDO_FOR
from kyojo.civic.people.testing import make_carer, make_coordinator, make_login, make_officer
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
OLD, NEW = "minami-990019@example.jp", "aozora-new@example.jp"


@pytest.fixture
def carer(towns):
    person = make_carer(towns.kita.id)
    with tenant(towns.kita.id), clock.frozen(clock.now()):
        yield person


def change_to(user, email):
    change = services.mail_change_ask(uid=new_id(), user=user, email=email)
    services.mail_change_confirm(uid=change.uid, user=user, code=change.code)
    return change


def undo(person, change):
    return services.mail_change_undo(
        uid=change.uid, person=person, by=make_officer(person.municipality_id), basis="phone"
    )


def email_of(user):
    return User.objects.values_list("email", flat=True).get(pk=user.pk)


def sent():
    given, mail.outbox[:] = [(one.to[0], one.body) for one in mail.outbox], []
    return given


def test_a_former_address_makes_no_login_while_it_may_be_put_back(carer, towns):
    change = change_to(carer.user, NEW)
    logins = User.objects.count()
    with tenant(towns.midori.id):
        with pytest.raises(EmailTaken):
            services.user_create(email=OLD.upper())
        with pytest.raises(AppealOfficerInside):
            services.appeal_officer_add(
                email=OLD,
                title="となり町",
                name="夜長 みお",
                name_kana="よなが みお",
                by=make_officer(towns.midori.id, "o"),
            )
    services.login_link_send(email=OLD, sign_up_municipality_id=towns.midori.id)
    assert not User.objects.filter(email=OLD).exists()
    assert User.objects.count() == logins + 1  # the officer of this test
    assert not FormerMail.objects.filter(address_hash__contains="minami").exists()
    undo(carer, change)
    assert email_of(carer.user) == OLD
    assert not FormerMail.objects.exists()
    services.user_create(email=NEW)  # what was taken is free


def test_after_the_days_it_is_anybodys_and_with_the_login_it_is_forgotten(carer):
    change_to(carer.user, NEW)
    with clock.frozen(clock.now() + UNDO_FOR - timedelta(seconds=1)):
        retention.purge_due()
        assert services.mail_is_known(OLD)
    with clock.frozen(clock.now() + UNDO_FOR):
        assert not services.mail_is_known(OLD)
        services.user_create(email=OLD)
        retention.purge_due()
    assert not FormerMail.objects.exists()
    other = make_login("ken", carer.municipality_id)
    change_to(other, "ken-new@example.jp")
    login_forget(user=other)
    assert not FormerMail.objects.exists()


def test_another_login_cannot_come_to_it_and_its_own_can(carer):
    change_to(carer.user, NEW)
    other = make_login("ken", carer.municipality_id)
    taken = services.mail_change_ask(uid=new_id(), user=other, email=OLD)
    tasks.mail_code_mail(municipality_id=carer.municipality_id, change_id=taken.pk)
    [(to, words)] = sent()
    assert to == OLD and taken.code not in words and "使われている" in words
    with pytest.raises(MailTaken):
        services.mail_change_confirm(uid=taken.uid, user=other, code=taken.code)
    assert email_of(other) == "ken@example.jp"
    back = services.mail_change_ask(uid=new_id(), user=carer.user, email=OLD)
    tasks.mail_code_mail(municipality_id=carer.municipality_id, change_id=back.pk)
    assert back.code in sent()[0][1]
    services.mail_change_confirm(uid=back.uid, user=carer.user, code=back.code)
    assert email_of(carer.user) == OLD


def test_a_login_that_nobody_came_in_by_makes_way_for_who_proves_the_address(carer, towns):
    shell = make_login("aozora-new", towns.midori.id)
    link = services.login_link_url(shell).partition("sesame=")[2]
    change = services.mail_change_ask(uid=new_id(), user=carer.user, email=NEW)
    tasks.mail_code_mail(municipality_id=carer.municipality_id, change_id=change.pk)
    assert change.code in sent()[0][1]
    services.mail_change_confirm(uid=change.uid, user=carer.user, code=change.code)
    assert email_of(carer.user) == NEW
    shell.refresh_from_db()
    assert (shell.email, shell.is_active) == (f"aside-{shell.pk}@invalid", False)
    with pytest.raises(LoginLinkDead):
        services.login_link_use(token=link)
    [act] = Act.objects.filter(action="login_put_aside")
    assert (act.actor, act.subject_id) == (carer.user, str(shell.pk))
    # The same where an address is put back.
    shell = User.objects.create(email=OLD, municipality_id=towns.midori.id)
    undo(carer, change)
    assert email_of(carer.user) == OLD
    assert not User.objects.get(pk=shell.pk).is_active


def test_a_login_of_an_office_keeps_its_address_though_nobody_came_in_yet(carer, towns):
    clerk = make_coordinator(towns.midori.id, "clerk")
    change = services.mail_change_ask(uid=new_id(), user=carer.user, email=clerk.email)
    tasks.mail_code_mail(municipality_id=carer.municipality_id, change_id=change.pk)
    assert change.code not in sent()[0][1]
    with pytest.raises(MailTaken):
        services.mail_change_confirm(uid=change.uid, user=carer.user, code=change.code)
    clerk.refresh_from_db()
    assert (clerk.email, clerk.is_active) == ("clerk@example.jp", True)


def test_word_of_a_change_goes_to_the_address_that_held_however_late(carer):
    town = carer.municipality_id
    first = services.mail_change_ask(uid=new_id(), user=carer.user, email="x@example.jp")
    with clock.frozen(clock.now() + timedelta(seconds=5)):
        change = change_to(carer.user, NEW)
    with clock.frozen(clock.now() + timedelta(minutes=5)):
        change_to(carer.user, "third@example.jp")
    jobs = ProcrastinateJob.objects.filter(task_name="people.mail_asked_mail").order_by("id")
    assert [job.args["change_id"] for job in jobs][:2] == [first.pk, change.pk]
    for job in jobs:
        tasks.mail_asked_mail(**job.args)
    assert [to for to, _ in sent()] == [OLD, OLD, NEW]
    undo(carer, change)
    tasks.mail_asked_mail(municipality_id=town, change_id=change.pk)
    assert [to for to, _ in sent()] == [OLD]


def test_putting_back_takes_away_keys_and_trust_of_since_then(carer):
    user, asked = carer.user, clock.now()

    def key(kind, days):
        Authenticator.objects.create(
            user=user, type=kind, data={}, created_at=asked + timedelta(days=days)
        )

    def device(name, days, trusted=None):
        with clock.frozen(asked + timedelta(days=days)):
            services.device_record(user=user, key=name, name=name, trusted=False)
        if trusted is not None:
            with clock.frozen(asked + timedelta(days=trusted)):
                services.device_record(user=user, key=name, name=name, trusted=True)

    key("totp", -3)
    key("webauthn", 1)
    key("recovery_codes", 1)
    device("own", -30, trusted=-20)
    device("lately", -2, trusted=1)
    device("theirs", 1, trusted=2)
    other = make_login("ken", carer.municipality_id)
    Authenticator.objects.create(user=other, type="totp", data={})
    change = change_to(user, NEW)
    with clock.frozen(asked + timedelta(days=10)):
        undo(carer, change)
        kinds = Authenticator.objects.order_by("id").values_list("user_id", "type")
        assert list(kinds) == [(user.pk, "totp"), (other.pk, "totp")]
        seen = {
            name: services.device_look(user=user, key=name) for name in ("own", "lately", "theirs")
        }
    assert seen["own"].is_known and not seen["theirs"].is_here
    assert KnownDevice.objects.get(name="own").trusted_at is not None
    assert KnownDevice.objects.get(name="lately").trusted_at is None


def test_recovery_codes_do_not_outlive_the_last_key(carer):
    asked = clock.now()
    for kind, days in (("recovery_codes", -1), ("webauthn", 1)):
        Authenticator.objects.create(
            user=carer.user, type=kind, data={}, created_at=asked + timedelta(days=days)
        )
    undo(carer, change_to(carer.user, NEW))
    assert not Authenticator.objects.exists()
