"""Suspending a member for a while, and letting them back: everything as it was before.

An officer decides, with a reason and an end. A coordinator may stop somebody at once for at most
72 hours; unless an officer confirms it, that ends by itself. Who decided never answers the
objection. Coins stay where they are, held ones included; those whose last day passed meanwhile are
given again when the suspension ends.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.programmes.errors import TreasuryShort
from kyojo.civic.programmes.selectors import programme_current
from kyojo.civic.programmes.services import coins_distribute
from kyojo.kernel import clock
from kyojo.kernel.amounts import grouped
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id
from kyojo.kernel.wording import jdate
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger.types import TransferCode

from .. import domain, sentences
from ..coin_accounts import account_ensure, vintages_of
from ..coins_domain import expires_on
from ..errors import (
    AppealMade,
    AppealOther,
    SuspensionOver,
    SuspensionOwn,
    SuspensionSecond,
    SuspensionStands,
    SuspensionUntilWrong,
    ValueMissing,
)
from ..models import Person, StaffRole, Suspension, User
from ..selectors import staff_required, staff_roles
from ..suspensions import STANDING
from .acts import act_record
from .locks import persons_lock
from .notices import notice_send

State = Suspension.State
#: How long a coordinator may stop somebody before an officer has looked.
PROVISIONAL = timedelta(hours=72)
LONGEST = timedelta(days=366)
REASON_MAX = 1000
EVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
PATH = "/me/suspension/"


def suspension_begin(
    *,
    uid: UUID,
    person: Person,
    by: User,
    reason: str,
    until: datetime | None = None,
    case_uid: UUID | None = None,
) -> Suspension:
    """Stop ``person``, of the current municipality, from now on. ``reason`` is what they read.

    An officer says ``until`` when; a coordinator's ends after 72 hours unless an officer confirms
    it. The same uid again: the suspension that there is.

    Raises ``NotFound`` for whoever is neither, ``SuspensionOwn``, ``SuspensionStands``,
    ``SuspensionUntilWrong``, ``ValueMissing``, ``TextTooLong``.
    """
    role = _decider(by)
    if person.user_id == by.pk:
        raise SuspensionOwn()
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        before = Suspension.objects.filter(uid=uid).first()
        if before is not None:
            return before  # type: ignore[no-any-return]
        now = clock.now()
        # One whose time has passed makes way, whether or not the job has come to it.
        for old in Suspension.objects.filter(person=person, state__in=STANDING):
            if old.until > now:
                raise SuspensionStands()
            _ended(old, State.OVER, None)
        is_officer = role == StaffRole.Role.OFFICER
        ends = _until_checked(until, now) if is_officer else now + PROVISIONAL
        suspension: Suspension = Suspension.objects.create(
            uid=uid,
            person=person,
            state=State.STANDING if is_officer else State.PROVISIONAL,
            reason_sealed=_words(reason, "理由", "reason"),
            case_uid=case_uid,
            by=by,
            started_at=now,
            until=ends,
            confirmed_by=by if is_officer else None,
            confirmed_at=now if is_officer else None,
        )
        _on_record(suspension, by, "suspension_begun", suspension.state)
        _tell(
            suspension,
            "begun",
            sentences.SUSPENDED,
            sentences.SUSPENDED_BODY.format(day=jdate(clock.local(ends))),
        )
    return suspension


def suspension_confirm(*, uid: UUID, by: User, until: datetime, reason: str = "") -> Suspension:
    """An officer who did not begin it confirms a provisional one, ``until`` when; or gives one that
    stands another end. Raises ``NotFound``, ``SuspensionSecond``, ``SuspensionOwn``,
    ``SuspensionOver``, ``SuspensionUntilWrong``."""
    staff_required(by, StaffRole.Role.OFFICER)
    with _held(uid, by) as suspension:
        _standing_checked(suspension)
        if suspension.by_id == by.pk and suspension.state == State.PROVISIONAL:
            raise SuspensionSecond()
        suspension.until = _until_checked(until, clock.now())
        suspension.state = State.STANDING
        suspension.confirmed_by, suspension.confirmed_at = by, clock.now()
        if reason.strip():
            suspension.reason_sealed = _words(reason, "理由", "reason")
        suspension.save()
        _on_record(suspension, by, "suspension_confirmed")
        _tell(
            suspension,
            f"confirmed:{suspension.confirmed_at.isoformat()}",
            sentences.SUSPENSION_KEPT,
            sentences.SUSPENDED_BODY.format(day=jdate(clock.local(suspension.until))),
        )
    return suspension


def suspension_lift(*, uid: UUID, by: User) -> Suspension:
    """Let the person back at once. A coordinator may end what is provisional, an officer every one.
    Lifted already: nothing changes. Raises ``NotFound``, ``SuspensionOwn``."""
    role = _decider(by)
    with _held(uid, by) as suspension:
        if suspension.state in (State.LIFTED, State.OVER):
            return suspension
        if role != StaffRole.Role.OFFICER and suspension.state != State.PROVISIONAL:
            raise NotFound()
        _lifted(suspension, by)
    return suspension


def suspension_appeal(*, person: Person, words: str) -> Suspension:
    """What the person says against it, once. Another officer answers. Raises ``SuspensionOver``,
    ``AppealMade``, ``ValueMissing``, ``TextTooLong``."""
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        suspension = Suspension.objects.filter(person=person, state__in=STANDING).first()
        if suspension is None:
            raise SuspensionOver()
        _standing_checked(suspension)
        if suspension.appealed_at is not None:
            raise AppealMade()
        suspension.appeal_sealed = _words(words, "お話", "words")
        suspension.appealed_at = clock.now()
        suspension.save(update_fields=["appeal_sealed", "appealed_at"])
        _on_record(suspension, person.user, "suspension_appealed")
    return suspension  # type: ignore[no-any-return]


def suspension_answer(*, uid: UUID, by: User, words: str, lifts: bool) -> Suspension:
    """Another officer's answer to the objection, which may end the suspension. Answered already:
    nothing changes. Raises ``NotFound``, ``AppealOther`` (for whoever decided it),
    ``SuspensionOwn``, ``ValueMissing``."""
    staff_required(by, StaffRole.Role.OFFICER)
    with _held(uid, by) as suspension:
        if suspension.appealed_at is None:
            raise NotFound()
        if suspension.answered_at is not None:
            return suspension
        if by.pk in (suspension.by_id, suspension.confirmed_by_id):
            raise AppealOther()
        suspension.answer_sealed = _words(words, "お返事", "words")
        suspension.answered_by, suspension.answered_at = by, clock.now()
        suspension.save(update_fields=["answer_sealed", "answered_by", "answered_at"])
        _on_record(suspension, by, "suspension_answered", "lifted" if lifts else "kept")
        if lifts and suspension.state in STANDING:
            _lifted(suspension, by)
        else:
            _tell(suspension, "answered", sentences.SUSPENSION_ANSWERED, "")
    return suspension


def suspensions_end_due(*, municipality_id: int) -> int:
    """End what has run out in a town, and give back coins that are still owed. Returns how many
    ended. Safe to repeat."""
    ended = 0
    with tenant(municipality_id):
        due = Suspension.objects.filter(state__in=STANDING, until__lte=clock.now())
        owed = Suspension.objects.filter(
            state__in=(State.LIFTED, State.OVER), lapsed_coins__isnull=True
        )
        uids, owing = list(due.values_list("uid", flat=True)), list(owed.values_list("uid"))
    for uid in uids:
        with tenant(municipality_id), _held(uid, None) as suspension:
            if suspension.state in STANDING and suspension.until <= clock.now():
                _ended(suspension, State.OVER, None)
                _tell(suspension, "ended", sentences.SUSPENSION_ENDED, sentences.WELCOME_BACK)
                ended += 1
    for (uid,) in owing:
        with tenant(municipality_id), _held(uid, None) as suspension:
            _coins_again(suspension)
    return ended


# --- inside ---------------------------------------------------------------------------------------
@contextmanager
def _held(uid: UUID, by: User | None) -> Iterator[Suspension]:
    """A suspension under the lock of its person; ``by`` may not be that person."""
    person_id = Suspension.objects.filter(uid=uid).values_list("person_id", flat=True).first()
    if person_id is None:
        raise NotFound()
    with transaction.atomic():
        key = (current(), person_id)
        person = persons_lock(keys=[key])[key]
        if by is not None and person.user_id == by.pk:
            raise SuspensionOwn()
        yield Suspension.objects.select_related("person").get(uid=uid)


def _decider(by: User) -> str:
    """The highest role of ``by`` that may stop somebody. Raises ``NotFound``."""
    roles = {role.role for role in staff_roles(by)}
    for role in (StaffRole.Role.OFFICER, StaffRole.Role.COORDINATOR):
        if role in roles:
            return role
    raise NotFound()


def _standing_checked(suspension: Suspension) -> None:
    if suspension.state not in STANDING or suspension.until <= clock.now():
        raise SuspensionOver()


def _until_checked(until: datetime | None, now: datetime) -> datetime:
    if until is None or not now < until <= now + LONGEST:
        raise SuspensionUntilWrong(field="until")
    return until


def _words(words: str, part: str, field: str) -> bytes:
    kept = domain.words(words, part=part, field=field, limit=REASON_MAX)
    if not kept:
        raise ValueMissing(field=field, part=part)
    return seal(kept)


def _lifted(suspension: Suspension, by: User) -> None:
    _ended(suspension, State.LIFTED, by)
    _tell(suspension, "lifted", sentences.SUSPENSION_LIFTED, sentences.WELCOME_BACK)


def _ended(suspension: Suspension, state: str, by: User | None) -> None:
    suspension.state, suspension.ended_by = state, by
    suspension.ended_at = clock.now() if state == State.LIFTED else suspension.until
    suspension.save(update_fields=["state", "ended_by", "ended_at"])
    _on_record(suspension, by, f"suspension_{state}")
    _coins_again(suspension)


def _coins_again(suspension: Suspension) -> None:
    """Give back what ended of the person's coins while they could not use them, once: as coins
    distributed today. Waits where the year's sweep or the treasury has not come so far."""
    if suspension.lapsed_coins is not None or suspension.ended_at is None:
        return
    lapsed = _coins_lapsed(suspension)
    if lapsed is None:
        return
    if lapsed:
        try:
            programme, rules = programme_current()
            vintage = rules.vintage_distributed(clock.fiscal_year())
            account = account_ensure(person_id=suspension.person_id, vintage=vintage)
            with transaction.atomic():
                coins_distribute(
                    distribution_uid=suspension.uid,
                    programme=programme,
                    entries=[(account, lapsed, derived_id(suspension.uid, "again"))],
                )
        except TreasuryShort:
            return  # the job comes back to it when there are coins
        _on_record(suspension, None, "suspension_coins", grouped(lapsed))
    suspension.lapsed_coins = lapsed
    suspension.save(update_fields=["lapsed_coins"])


def _coins_lapsed(suspension: Suspension) -> int | None:
    """How many coins of the person ended while it stood; None while they are not swept."""
    assert suspension.ended_at is not None
    first = clock.local(suspension.started_at).date()
    last = clock.local(suspension.ended_at).date()
    accounts = [
        account
        for vintage, account in vintages_of(suspension.person_id).items()
        if first <= expires_on(vintage) < last
    ]
    if not accounts:
        return 0
    balances = ledger_selectors.balances_now(ledger=current(), accounts=accounts)
    if any(one.available > 0 for one in balances.values()):
        return None
    # These accounts were swept once, after their last day: whenever it was, it was meanwhile.
    totals = ledger_selectors.totals_by_code(
        ledger=current(),
        since=EVER[0],
        until=EVER[1],
        code=TransferCode.EXPIRY,
        debited=accounts,
    )
    found = totals.get(TransferCode.EXPIRY)
    return found.amount if found else 0


def _on_record(suspension: Suspension, by: User | None, action: str, note: str = "") -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="person",
        subject_id=suspension.person.uid,
        note=note,
    )


def _tell(suspension: Suspension, event: str, title: str, body: str) -> None:
    notice_send(
        person=suspension.person,
        kind="suspension",
        key=f"suspension:{suspension.uid}:{event}"[:100],
        title=title,
        body=body,
        path=PATH,
    )
