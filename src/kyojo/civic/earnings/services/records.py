"""Activities are written down, struck out, and counted at once."""

from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, persons_lock
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import selectors
from ..errors import (
    ActivityUnknown,
    AlreadyUsed,
    BirthDateNeeded,
    ExcludedByOther,
    HostUnknown,
    ReasonNeeded,
    RecordDiffers,
    RecordInFuture,
    RecordOverlaps,
    RecordTimesInvalid,
    StandingInvalid,
    YearClosed,
)
from ..models import Record, Standing
from .granting import grant_sync
from .recounting import recount

LONGEST = timedelta(hours=24)


@transaction.atomic
def standing_set(
    *,
    person: Person,
    since: date,
    insured: str,
    lives: bool,
    works: bool,
    studies: bool,
    by: User | None = None,
) -> Standing:
    """Write down what programmes ask of a person from ``since`` on; the same day again: renewed.

    Moving in and away, and a change of the class of insurance in mid-year, are new rows: what was
    done before keeps the standing of its day. What the change gives or takes in years that are
    open is moved at once; what is used already is said (``recounting.recount``). Raises
    ``StandingInvalid``.
    """
    if insured not in Standing.Insured.values:
        raise StandingInvalid(field="insured")
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    fields = {
        "insured": insured,
        "lives": lives,
        "works": works,
        "studies": studies,
        "recorded_by": by,
        "recorded_at": clock.now(),
    }
    standing, _ = Standing.objects.update_or_create(person=person, since=since, defaults=fields)
    act_record(
        actor=by,
        action="standing_set",
        subject_kind="person",
        subject_id=person.uid,
        note=f"{since:%Y-%m-%d} {insured}",
    )
    recount(person=person, by=by)
    return standing


@transaction.atomic
def record_add(
    *,
    uid: UUID,
    programme_code: str,
    person_id: int,
    activity: str,
    host: str = "",
    rewarded: bool = False,
    start: datetime,
    end: datetime,
    by: User | None = None,
    basis: str = "",
) -> Record:
    """Write down an activity that is over, and move what it brings. Again: changes nothing.

    Raises ``ActivityUnknown``, ``HostUnknown``, ``RecordTimesInvalid``, ``RecordInFuture``,
    ``RecordOverlaps``, ``RecordDiffers``, ``YearClosed``, ``BirthDateNeeded``,
    ``ExcludedByOther``, ``NotFound``.
    """
    number = clock.fiscal_year(clock.local(start).date())
    ruled = selectors.ruled(programme_code, number)
    programme, document = ruled.programme, ruled.document
    if document.kind not in selectors.COUNTED:
        raise NotFound()
    if document.activities and activity not in document.activities:
        raise ActivityUnknown(field="activity")
    if document.hosts and host not in document.hosts.designated:
        raise HostUnknown(field="host")
    if not timedelta(0) < end - start <= LONGEST:
        raise RecordTimesInvalid(field="end")
    person = persons_lock(keys=[(current(), person_id)])[current(), person_id]
    body = {
        "programme_id": programme.pk,
        "person_id": person.pk,
        "activity": activity,
        "host": host,
        "rewarded": rewarded,
        "start": start,
        "end": end,
    }
    found = Record.objects.filter(uid=uid).first()
    if found is not None:
        if any(getattr(found, name) != value for name, value in body.items()):
            raise RecordDiffers()
        return found
    if end > clock.now():
        raise RecordInFuture(field="end")
    if selectors.is_closed(programme, number):
        raise YearClosed(year=number)
    if person.birth_date is None and document.who.any_of:
        raise BirthDateNeeded()
    _not_excluded(ruled, person, number)
    _no_overlap(programme.pk, person, start, end)
    try:
        with transaction.atomic():
            record = Record.objects.create(uid=uid, recorded_by=by, **body)
    except IntegrityError:  # another person's record under this id
        raise RecordDiffers() from None
    act_record(
        actor=by,
        action="activity_record",
        subject_kind="person",
        subject_id=person.uid,
        basis=basis,
        note=programme.code,
    )
    grant_sync(programme=programme, person=person)
    return record


def _not_excluded(ruled: selectors.Ruled, person: Person, number: int) -> None:
    """Two programmes that exclude each other: who has a record in the one has none in the other."""
    since, until = clock.fiscal_year_bounds(number)
    rows = Record.objects.filter(
        person=person, void_at=None, start__gte=since, start__lt=until
    ).exclude(programme=ruled.programme)
    for other in {row.programme for row in rows.select_related("programme")}:
        theirs = selectors.ruled(other.code, number).document
        if other.code in ruled.document.excludes or ruled.programme.code in theirs.excludes:
            raise ExcludedByOther(name=other.name)


def _no_overlap(programme_id: int, person: Person, start: datetime, end: datetime) -> None:
    other = Record.objects.filter(
        programme_id=programme_id, person=person, void_at=None, start__lt=end, end__gt=start
    ).first()
    if other is not None:
        raise RecordOverlaps(
            start=f"{clock.local(other.start):%-m月%-d日 %-H:%M}",
            end=f"{clock.local(other.end):%-H:%M}",
        )


@transaction.atomic
def record_void(*, uid: UUID, reason: str, by: User | None = None) -> Record:
    """Strike out a record that was wrong, and take back what it brought. Again: changes nothing.

    Raises ``ReasonNeeded``, ``YearClosed``, ``AlreadyUsed``, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonNeeded(field="reason")
    found = Record.objects.select_related("programme").filter(uid=uid).first()
    if found is None:
        raise NotFound()
    person = persons_lock(keys=[(current(), found.person_id)])[current(), found.person_id]
    found.refresh_from_db()
    if found.void_at is not None:
        return found
    number = clock.fiscal_year(clock.local(found.start).date())
    if selectors.is_closed(found.programme, number):
        raise YearClosed(year=number)
    owed = sum(selectors.owed(found.programme, person).values())
    found.void_at, found.void_by, found.void_reason = clock.now(), by, reason
    found.save(update_fields=["void_at", "void_by", "void_reason"])
    act_record(
        actor=by,
        action="activity_void",
        subject_kind="person",
        subject_id=person.uid,
        note=reason,
    )
    grant_sync(programme=found.programme, person=person)
    if sum(selectors.owed(found.programme, person).values()) > owed:
        raise AlreadyUsed()
    return found
