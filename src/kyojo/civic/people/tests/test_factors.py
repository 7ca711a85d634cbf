"""Keys that were lost, guesses that are counted, devices that are known."""

import base64
from datetime import date, timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from procrastinate.contrib.django.models import ProcrastinateJob

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people import services, tasks
from kyojo.civic.people.errors import (
    CodeTooOften,
    FactorResetDecided,
    FactorResetOpen,
    FactorResetOwn,
    FactorResetSamePerson,
    OrderDiffers,
    QuestionsTooOften,
)
from kyojo.civic.people.login_forgetting import login_forget
from kyojo.civic.people.models import (
    Act,
    Distribution,
    FactorReset,
    KnownDevice,
    SecurityTry,
    StaffRole,
)
from kyojo.civic.people.security_selectors import devices_of
from kyojo.civic.people.services.factors import secret_seal, secrets_counted, secrets_reseal
from kyojo.civic.people.testing import make_carer, make_coordinator, make_officer
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import new_id

pytestmark = pytest.mark.django_db
NOW = clock.at(date(2026, 11, 20), 10)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


def told() -> list[str]:
    """What login owners were told, by mail, since the last look."""
    found = []
    for job in ProcrastinateJob.objects.filter(task_name="people.security_mail").order_by("id"):
        assert "@" not in str(job.args)
        mail.outbox.clear()
        tasks.security_mail(**job.args)
        found += [(message.to[0], job.args["what"]) for message in mail.outbox]
    ProcrastinateJob.objects.all().delete()
    return found


@pytest.fixture
def lost(towns):
    """An officer with a passkey that is gone."""
    user = make_officer(towns.kita.id, "lost")
    Authenticator.objects.create(user=user, type="webauthn", data={"name": "x"})
    Authenticator.objects.create(user=user, type="recovery_codes", data={"used_mask": 0})
    return user


def test_two_colleagues_take_lost_keys_away_and_every_session_ends(towns, lost):
    coordinator, officer = make_coordinator(towns.kita.id), make_officer(towns.kita.id)
    before = lost.get_session_auth_hash()
    with clock.frozen(NOW), tenant(towns.kita.id):
        uid = new_id()
        ask = {"uid": uid, "user": lost, "checked": "badge", "by": coordinator}
        reset = services.factor_reset_ask(**ask)
        assert services.factor_reset_ask(**ask) == reset
        assert Authenticator.objects.count() == 2
        done = services.factor_reset_decide(uid=uid, done=True, by=officer)
        assert services.factor_reset_decide(uid=uid, done=True, by=officer) == done
        assert not Authenticator.objects.filter(user=lost).exists()
        acts = Act.objects.filter(subject_kind="user", subject_id=lost.pk).order_by("id")
        assert [(one.action, one.actor) for one in acts][-2:] == [
            ("factor_reset_asked", coordinator),
            ("factor_reset_done", officer),
        ]
    lost.refresh_from_db()
    assert lost.get_session_auth_hash() != before
    assert told() == [(lost.email, "reset_asked"), (lost.email, "reset_done")]


def test_who_may_not_take_keys_away(towns, lost):
    coordinator, officer = make_coordinator(towns.kita.id), make_officer(towns.kita.id)
    elsewhere, carer = make_officer(towns.midori.id), make_carer(towns.kita.id)
    uid = new_id()
    with tenant(towns.kita.id):
        for refusal, fields in (
            (NotFound, {"by": elsewhere}),
            (NotFound, {"by": carer.user}),
            (NotFound, {"user": carer.user}),
            (FactorResetOwn, {"by": lost}),
        ):
            with pytest.raises(refusal):
                services.factor_reset_ask(
                    **{"uid": uid, "user": lost, "checked": "card", "by": officer} | fields
                )
        services.factor_reset_ask(uid=uid, user=lost, checked="card", by=officer)
        with pytest.raises(FactorResetOpen):
            services.factor_reset_ask(uid=new_id(), user=lost, checked="card", by=coordinator)
        with pytest.raises(OrderDiffers):
            services.factor_reset_ask(uid=uid, user=lost, checked="badge", by=officer)
        for refusal, by in (
            (NotFound, coordinator),
            (NotFound, elsewhere),
            (FactorResetOwn, lost),
            (FactorResetSamePerson, officer),
        ):
            with pytest.raises(refusal):
                services.factor_reset_decide(uid=uid, done=True, by=by)
        assert Authenticator.objects.filter(user=lost).count() == 2
        second = make_officer(towns.kita.id, "second")
        services.factor_reset_decide(uid=uid, done=False, by=second)
        with pytest.raises(FactorResetDecided):
            services.factor_reset_decide(uid=uid, done=True, by=second)
        assert FactorReset.objects.get().state == "refused"
        assert Authenticator.objects.filter(user=lost).count() == 2
    with tenant(towns.midori.id), pytest.raises(NotFound):
        services.factor_reset_decide(uid=uid, done=True, by=elsewhere)


def test_wrong_codes_are_counted_and_forgiven_after_a_while(towns):
    user, code = make_officer(towns.kita.id), SecurityTry.Kind.CODE
    with tenant(towns.kita.id):
        for number in range(20):
            with clock.frozen(NOW + number // 5 * 20 * MINUTE):
                services.try_checked(user=user, kind=code)
                services.try_record(user=user, kind=code, passed=False)
        with clock.frozen(NOW + 4 * MINUTE), pytest.raises(CodeTooOften):
            services.try_checked(user=user, kind=code)
        with clock.frozen(NOW + 12 * 60 * MINUTE), pytest.raises(CodeTooOften):
            services.try_checked(user=user, kind=code)  # twenty in a day
        with clock.frozen(NOW + 26 * 60 * MINUTE):
            services.try_checked(user=user, kind=code)
        services.try_checked(user=make_officer(towns.kita.id, "b"), kind=code)
    assert told() == [(user.email, "tries_many")] * 4
    with clock.frozen(NOW + 3 * DAY):
        tasks.tries_purge()
    with tenant(towns.kita.id):
        assert not SecurityTry.objects.exists()


def test_two_failed_rounds_of_questions_lock_them_for_a_day(towns):
    user, kind = make_carer(towns.kita.id).user, SecurityTry.Kind.QUESTION
    with tenant(towns.kita.id):
        for minutes in (0, 600):
            with clock.frozen(NOW + minutes * MINUTE):
                services.try_checked(user=user, kind=kind)
                services.try_record(user=user, kind=kind, passed=False)
        with clock.frozen(NOW + 23 * 60 * MINUTE), pytest.raises(QuestionsTooOften):
            services.try_checked(user=user, kind=kind)
        with clock.frozen(NOW + 25 * 60 * MINUTE):
            services.try_checked(user=user, kind=kind)
        services.try_checked(user=user, kind=SecurityTry.Kind.CODE)


def test_a_device_is_known_by_a_proof_or_after_a_week_and_unknown_once_removed(towns):
    user, other = make_carer(towns.kita.id).user, make_officer(towns.kita.id)

    def seen(key: str):
        return services.device_look(user=user, key=key)

    def used(key: str, trusted: bool = False):
        return services.device_record(user=user, key=key, name="iPhone", trusted=trusted)

    with tenant(towns.kita.id):
        with clock.frozen(NOW):
            assert seen("a" * 32).is_first and not seen("a" * 32).is_known
            used("a" * 32, trusted=True)
            assert seen("a" * 32).is_known and not seen("").is_known
            new = used("b" * 32)
            assert seen("b" * 32).is_here and not seen("b" * 32).is_known
        with clock.frozen(NOW + 7 * DAY):
            assert seen("b" * 32).is_known
            assert seen("a" * 32).silent_for == 7 * DAY
            with pytest.raises(NotFound):
                services.device_remove(user=other, device_id=new.pk)
            services.device_remove(user=user, device_id=new.pk)
            with pytest.raises(NotFound):
                services.device_remove(user=user, device_id=new.pk)
            assert not seen("b" * 32).is_here
            assert [row.is_this for row in devices_of(user, key="a" * 32)] == [True]
            assert not used("b" * 32).trusted_at
            assert not seen("b" * 32).is_known
        with clock.frozen(NOW + 200 * DAY):
            assert not seen("a" * 32).is_here
        services.device_record(user=other, key="a" * 32, name="iPhone", trusted=False)
        hashes = set(KnownDevice.objects.values_list("key_hash", flat=True))
        assert len(hashes) == 3  # a shared device ties nobody together
        assert not any("a" * 32 in one for one in hashes)


def test_a_secret_that_no_key_opens_is_counted_and_stops_nothing(towns, settings):
    gone, old, new = (base64.urlsafe_b64encode(bytes([one]) * 32).decode() for one in (1, 2, 3))
    for number, key in enumerate((gone, old)):
        settings.FIELD_KEYS = [key]
        Authenticator.objects.create(
            user=make_officer(towns.kita.id, f"o{number}"),
            type="totp",
            data={"secret": secret_seal("ABC")},
        )
    settings.FIELD_KEYS = [new, old]
    before = secrets_counted()
    assert (before.total(), before[""]) == (2, 1)
    assert (secrets_reseal(), secrets_reseal()) == (1, 0)
    settings.FIELD_KEYS = [new]
    assert secrets_counted()[""] == 1 and len(secrets_counted()) == 2


def test_a_login_that_made_a_list_of_coins_leaves_no_key_and_no_device(towns):
    user = make_officer(towns.kita.id, "maker")
    Authenticator.objects.create(user=user, type="totp", data={"secret": secret_seal("ABC")})
    with tenant(towns.kita.id):
        services.device_record(user=user, key="k" * 30, name="iPhone", trusted=True)
        Distribution.objects.create(
            uid=new_id(), state="cancelled", fiscal_year=2026, total=0, created_by=user
        )
        StaffRole.objects.filter(user=user).delete()
    assert login_forget(user=user)
    user.refresh_from_db()
    assert not user.is_active and user.email == f"gone-{user.pk}@invalid"
    assert not Authenticator.objects.filter(user=user).exists()
    with tenant(towns.kita.id):
        assert not KnownDevice.objects.filter(user=user).exists()
