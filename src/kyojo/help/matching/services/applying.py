"""Applying to help once, without a profile; what the office and the applicant do with it."""

import secrets
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils.crypto import salted_hmac
from procrastinate.contrib.django import app

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record
from kyojo.civic.people.services.acts import staff_checked
from kyojo.civic.people.services.logins import email_checked
from kyojo.help.requests.errors import OrderTaken
from kyojo.kernel import clock
from kyojo.kernel.errors import Invalid, Invalids, NotFound

from .. import one_off
from ..applicants import Applicant, applicant_of, code_hash, code_of, sealed
from ..errors import (
    AnswerMissing,
    ApplicantTooYoung,
    ApplicationOver,
    AppliedTooOften,
    ConsentOld,
    ContactMissing,
    PostingFull,
    PostingOver,
    TownBusy,
)
from ..models import Application, Posting
from ..posting_selectors import is_open, may_be_applied_for, posting_of

State = Application.State
WORDS_MAX = 200
ANSWER_MAX = 300
#: The first half of the key of the lock behind which a town's applications are counted.
_QUEUE = 0x6F6E6365


# --- by whoever would like to help ----------------------------------------------------------------
def application_send(
    *,
    order_id: UUID,
    posting_uid: UUID,
    family_name: str,
    given_name: str,
    family_kana: str,
    given_kana: str,
    birth_date: date,
    phone: str = "",
    email: str = "",
    words: str = "",
    consent_version: str,
) -> tuple[Application, str]:
    """Apply for a posting of the current town; returns the application and the code that opens its
    page, which is stored nowhere in the open. The same order again: the same.

    Raises ``NotFound``, ``PostingOver``, ``PostingFull``, ``AppliedTooOften``, ``TownBusy``,
    ``OrderTaken``, ``ConsentOld``, and ``Invalids`` of the form.
    """
    who = _checked(
        family_name=family_name,
        given_name=given_name,
        family_kana=family_kana,
        given_kana=given_kana,
        birth_date=birth_date,
        phone=phone,
        email=email,
        words=words,
    )
    if consent_version != one_off.CONSENT_VERSION:
        raise ConsentOld(field="agreed")
    try:
        with transaction.atomic():
            posting = posting_of(posting_uid)
            _queue()
            before = _sent_before(order_id, posting, who)
            if before is not None:
                return before
            _room_for_one(posting, who)
            code = secrets.token_urlsafe(24)
            application = Application.objects.create(
                uid=order_id,
                posting=posting,
                code_hash=code_hash(code),
                contact_hash=_contact_hash(who.phone or who.email),
                mail_hash=_contact_hash(who.email),
                sealed=sealed(who, code),
                consent_version=consent_version,
            )
            _mail(application, "received", who)
    except IntegrityError:
        # The order's id is used in another town, which is no business of whoever sent it.
        raise OrderTaken() from None
    return application, code


def application_withdraw(*, code: str) -> Application:
    """Take it back: who it was is erased at once. Again: nothing changes.

    Raises ``NotFound``, ``ApplicationOver`` where somebody is counted on already.
    """
    with transaction.atomic():
        application = _locked(code_hash=code_hash(code))
        if application.state != State.WITHDRAWN:
            _advance(application, State.WITHDRAWN, sealed=b"")
    return application


# --- by the office --------------------------------------------------------------------------------
def application_called(*, uid: UUID, by: User) -> Application:
    """The office has spoken with them by telephone. Again: nothing changes."""
    staff_checked(by)
    with transaction.atomic():
        application = _locked(uid=uid)
        if application.state != State.CALLED:
            _advance(application, State.CALLED, called_at=clock.now())
            _on_record(application, by, "application_called")
    return application


def application_refuse(*, uid: UUID, by: User, answer: str) -> Application:
    """Say no, with a sentence that they read as it is. Again: nothing changes.

    Raises ``NotFound``, ``AnswerMissing``, ``TextTooLong``, ``ApplicationOver``.
    """
    staff_checked(by)
    kept = people.words(answer, part="お返事", field="answer", limit=ANSWER_MAX)
    if not kept:
        raise AnswerMissing(field="answer")
    with transaction.atomic():
        application = _locked(uid=uid)
        if application.state != State.REFUSED:
            _advance(application, State.REFUSED, answer=kept)
            _on_record(application, by, "application_refused")
            _mail(application, "refused", applicant_of(application))
    return application


def application_locked(*, uid: UUID) -> Application:
    """The application under its lock, for the room that makes the visit: before the request's.
    Raises ``NotFound``."""
    return _locked(uid=uid)


def application_decided_mark(
    *, application: Application, person_uid: UUID, visit_uid: UUID
) -> None:
    """They come: called by support, in the transaction that makes the visit, under the lock."""
    _advance(application, State.DECIDED, person_uid=person_uid, visit_uid=visit_uid)
    _mail(application, "decided", applicant_of(application))


# --- jobs -----------------------------------------------------------------------------------------
def applications_close_due(*, municipality_id: int) -> int:
    """Tell those whose posting is over that somebody else comes, or nobody is needed any more, each
    in a transaction of its own. Returns how many. Safe to repeat, and to run twice at once."""
    with tenant(municipality_id):
        waiting = Application.objects.filter(state__in=one_off.WAITING).select_related("posting")
        over = [one.uid for one in waiting if not is_open(one.posting)]
    closed = 0
    for uid in over:
        with tenant(municipality_id):
            application = Application.objects.select_for_update().filter(uid=uid).first()
            if application is None or application.state not in one_off.WAITING:
                continue
            _advance(application, State.CLOSED)
            _mail(application, "closed", applicant_of(application))
            closed += 1
    return closed


def applications_purge() -> int:
    """Erase, in the current town, what is needed no longer: postings 30 days after their day with
    whoever applied, and the traces of those who withdrew. Returns how many applications went."""
    long_ago = clock.now() - timedelta(days=one_off.KEPT_DAYS)
    old = Application.objects.filter(posting__ends_at__lt=long_ago)
    gone = old.count()
    old.delete()
    Posting.objects.filter(ends_at__lt=long_ago).delete()
    withdrawn = Application.objects.filter(
        state=State.WITHDRAWN, answered_at__lt=clock.now() - one_off.COUNTED
    )
    gone += withdrawn.count()
    withdrawn.delete()
    return gone


# --- inside ---------------------------------------------------------------------------------------
def _checked(*, birth_date: date, phone: str, email: str, words: str, **names: str) -> Applicant:
    refusals: list[Invalid] = []
    fields: dict[str, Any] = {}

    def tried(name: str, check: Any) -> None:
        try:
            fields[name] = check()
        except Invalid as refusal:
            refusals.append(refusal)

    for name, part in (("family_name", "姓"), ("given_name", "名")):
        tried(name, lambda n=name, p=part: people.name_part(names[n], part=p, field=n))
    for name, part in (("family_kana", "姓のふりがな"), ("given_kana", "名のふりがな")):
        tried(name, lambda n=name, p=part: people.kana_part(names[n], part=p, field=n))
    tried("birth_date", lambda: people.birth_date_checked(birth_date, today=clock.today()))
    tried("phone", lambda: people.phone(phone))
    tried("email", lambda: email_checked(email) if email.strip() else "")
    tried("words", lambda: people.words(words, part="ひとこと", field="words", limit=WORDS_MAX))
    if (
        "birth_date" in fields
        and clock.age_on(fields["birth_date"], clock.today()) < one_off.ADULT_YEARS
    ):
        refusals.append(ApplicantTooYoung(field="birth_date", years=one_off.ADULT_YEARS))
    if not phone.strip() and not email.strip():
        refusals.append(ContactMissing(field="phone"))
    if refusals:
        raise refusals[0] if len(refusals) == 1 else Invalids(list(refusals))
    return Applicant(**fields)


def _contact_hash(contact: str) -> str:
    if not contact:
        return ""
    return salted_hmac(
        f"kyojo.one_off.contact/{current()}", contact.lower(), algorithm="sha256"
    ).hexdigest()


def _queue() -> None:
    """A town's applicants queue here, so that five really are five; there are few of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_QUEUE, current()])


def _sent_before(
    order_id: UUID, posting: Posting, who: Applicant
) -> tuple[Application, str] | None:
    before = Application.objects.filter(uid=order_id).first()
    if before is None:
        return None
    if before.posting_id != posting.pk or applicant_of(before) != who:
        raise OrderTaken()
    return before, code_of(before)


def _room_for_one(posting: Posting, who: Applicant) -> None:
    if not may_be_applied_for(posting):
        raise PostingOver()
    applied = Application.objects.all()
    of_posting = applied.filter(posting=posting, state__in=one_off.WAITING)
    if of_posting.count() >= one_off.WAITING_PER_POSTING_MAX:
        raise PostingFull()
    # Each of them counts: nobody's address is written to again and again with made-up telephones.
    own = [_contact_hash(contact) for contact in (who.phone, who.email) if contact]
    today = applied.filter(
        Q(contact_hash__in=own) | Q(mail_hash__in=own),
        applied_at__gt=clock.now() - timedelta(days=1),
    )
    if today.count() >= one_off.PER_CONTACT_PER_DAY_MAX:
        raise AppliedTooOften(most=one_off.PER_CONTACT_PER_DAY_MAX)
    lately = applied.filter(applied_at__gt=clock.now() - timedelta(hours=1))
    if lately.count() >= one_off.PER_TOWN_PER_HOUR_MAX:
        raise TownBusy()


def _locked(**by: Any) -> Application:
    application: Application | None = (
        Application.objects.select_for_update(of=("self",))
        .select_related("posting")
        .filter(**by)
        .first()
    )
    if application is None:
        raise NotFound()
    return application


def _advance(application: Application, after: str, **changes: Any) -> None:
    """Raises ``ApplicationOver`` for a step that the allow-list does not know."""
    if not one_off.step_allowed(application.state, after):
        raise ApplicationOver(state=State(application.state).label)
    if after not in one_off.WAITING:
        changes["answered_at"] = clock.now()
    for name, value in {"state": after, **changes}.items():
        setattr(application, name, value)
    application.save(update_fields=["state", *changes])


def _on_record(application: Application, by: User, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="application", subject_id=application.uid)


def _mail(application: Application, event: str, who: Applicant | None) -> None:
    """Those who gave an address hear it by mail; the others by telephone, and on their page."""
    if who is not None and who.email:
        app.configure_task("matching.application_mail", queue="mail").defer(
            municipality_id=application.municipality_id,
            application_id=application.pk,
            event=event,
        )


assert {*one_off.STEPS} == {*State.values}
