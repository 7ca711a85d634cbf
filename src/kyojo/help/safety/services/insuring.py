"""The insurance: rosters that were taken away, accident reports and their way to the insurer."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from hashlib import sha256
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.domain import InsuranceRule
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.support.selectors import visit_for
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id, new_id

from ..domain import ACCIDENT_FIELDS, ACCIDENT_PARTS, accident_missing
from ..errors import (
    AccidentDay,
    AccidentPartMissing,
    AccidentSent,
    AccidentStep,
    WordsTooLong,
)
from ..models import Accident, RosterCopy
from .numbering import number_next

State = Accident.State
TEXT_MAX, LONG_MAX = 120, 3000


def insurance_rule() -> InsuranceRule:
    """What the current town's programme says of its insurer."""
    try:
        return programme_current()[1].insurance
    except ProgrammeMissing:
        return InsuranceRule()


# --- rosters --------------------------------------------------------------------------------------
def roster_taken(
    *,
    kind: str,
    first: date,
    last: date,
    form: str,
    headings: Sequence[str],
    rows: Sequence[Sequence[str]],
    by: User,
) -> RosterCopy:
    """Keep what a roster said when it was taken away, encrypted, with its hash; on record."""
    staff_required(by)
    lines = [list(headings), *map(list, rows)]
    digest = sha256(repr(lines).encode()).hexdigest()
    with transaction.atomic():
        copy: RosterCopy = RosterCopy.objects.create(
            uid=new_id(),
            kind=kind,
            first=first,
            last=last,
            form=form,
            rows_count=len(rows),
            sha256=digest,
            rows_sealed=seal(lines),
            made_at=clock.now(),
            made_by=by,
        )
        act_record(
            actor=by,
            action="roster_taken",
            subject_kind="list",
            subject_id=f"roster-{kind}",
            note=f"{form} {len(rows)}",
        )
    return copy


def roster_copy_lines(*, uid: UUID, by: User) -> tuple[RosterCopy, list[list[str]]]:
    """A copy again, headings first, as it was. Opening it goes on record. Raises ``NotFound``."""
    staff_required(by)
    copy: RosterCopy | None = RosterCopy.objects.filter(uid=uid).first()
    if copy is None:
        raise NotFound()
    act_record(
        actor=by, action="roster_copy_opened", subject_kind="list", subject_id=f"roster-{copy.kind}"
    )
    lines: list[list[str]] = unseal(bytes(copy.rows_sealed))
    return copy, lines


# --- accidents ------------------------------------------------------------------------------------
def accident_uid_of(visit_uid: UUID, person_uid: UUID) -> UUID:
    """Each of a visit's people writes one report about it; its id follows from both."""
    return derived_id(visit_uid, "accident", person_uid)


def accident_start(*, visit_uid: UUID, by: Person) -> Accident:
    """A draft by the visit's carer or supporter, with what the visit knows filled in. Again: the
    same. Raises ``NotFound``."""
    view = visit_for(by, visit_uid)
    if view.role not in ("carer", "supporter"):
        raise NotFound()
    uid = accident_uid_of(visit_uid, by.uid)
    started = clock.local(view.started_at or view.starts_at)
    known = {
        "day": started.date().isoformat(),
        "hour": f"{started:%H:%M}",
        "where": view.address or view.place_label,
        "phone": by.phone,
    }
    with tenant(view.supporter_municipality_id), transaction.atomic():
        row, made = Accident.objects.get_or_create(
            uid=uid,
            defaults={
                "number": "",
                "visit_uid": visit_uid,
                "by_uid": by.uid,
                "by_municipality_id": by.municipality_id,
                "by_role": view.role,
                "started_at": clock.now(),
                "content_sealed": seal(known),
            },
        )
        if made:
            row.number = number_next("J")
            row.save(update_fields=["number"])
    return row  # type: ignore[no-any-return]


def accident_start_office(*, uid: UUID, by: User, visit_uid: UUID | None = None) -> Accident:
    """A draft at the desk, for whoever tells it by telephone. The same ``uid`` again: the same."""
    role = staff_required(by)
    with transaction.atomic():
        row, made = Accident.objects.get_or_create(
            uid=uid,
            defaults={
                "number": "",
                "visit_uid": visit_uid,
                "by_municipality_id": role.municipality_id,
                "by_role": "office",
                "by_user": by,
                "started_at": clock.now(),
                "content_sealed": seal({}),
            },
        )
        if made:
            row.number = number_next("J")
            row.save(update_fields=["number"])
            _on_record(row, by, "accident_started")
    return row  # type: ignore[no-any-return]


def accident_of(*, visit_uid: UUID, by: Person) -> Accident:
    """The person's own report about a visit. Raises ``NotFound``."""
    view = visit_for(by, visit_uid)
    with tenant(view.supporter_municipality_id):
        found = Accident.objects.filter(uid=accident_uid_of(visit_uid, by.uid)).first()
    if found is None:
        raise NotFound()
    return found  # type: ignore[no-any-return]


def answers_of(row: Accident) -> dict[str, str]:
    """What is written so far, by field; {} once it is forgotten."""
    if row.content_sealed is None:
        return {}
    found: dict[str, str] = unseal(bytes(row.content_sealed))
    return found


def accident_write(
    *, by: Person | User, part: int, answers: Mapping[str, str], visit_uid: UUID | None = None,
    uid: UUID | None = None,
) -> Accident:  # fmt: skip
    """Write one part (from 1) of a report: a member their own by ``visit_uid`` while it is a draft,
    the office any by ``uid`` until it was sent.

    Raises ``NotFound``, ``AccidentSent``, ``AccidentDay``, ``WordsTooLong``.
    """
    if not 1 <= part <= len(ACCIDENT_PARTS):
        raise NotFound()
    codes = [field.code for field in ACCIDENT_PARTS[part - 1].fields]
    given = {code: str(answers.get(code, "") or "").strip() for code in codes}
    for code, words in given.items():
        field = ACCIDENT_FIELDS[code]
        most = LONG_MAX if field.long else TEXT_MAX
        if len(words) > most:
            raise WordsTooLong(field=code, part=field.label, most=most)
        if field.choices and words and words not in dict(field.choices):
            given[code] = ""
    with _locked(by, visit_uid, uid) as row:
        if part == 1:
            row.happened_at = _happened(given)
            row.due_on = insurance_rule().report_until(clock.local(row.happened_at).date())
        row.content_sealed = seal(answers_of(row) | given)
        row.save(update_fields=["content_sealed", "happened_at", "due_on"])
        if isinstance(by, User):
            _on_record(row, by, "accident_written")
        return row


def _happened(given: Mapping[str, str]) -> datetime:
    try:
        day, hour = date.fromisoformat(given["day"]), time.fromisoformat(given["hour"])
    except ValueError:
        raise AccidentDay(field="day") from None
    at = clock.at(day, hour.hour, hour.minute)
    if at > clock.now():
        raise AccidentDay(field="day")
    return at


@contextmanager
def _locked(by: Person | User, visit_uid: UUID | None, uid: UUID | None) -> Iterator[Accident]:
    """The report under lock, in its town, which ``by`` may still write."""
    if isinstance(by, User):
        staff_required(by)
        assert uid is not None
        with transaction.atomic():
            row = _row(uid)
            if row.state in (State.SENT, State.SETTLED):
                raise AccidentSent()
            yield row
        return
    assert visit_uid is not None
    view = visit_for(by, visit_uid)
    with tenant(view.supporter_municipality_id):
        row = _row(accident_uid_of(visit_uid, by.uid))
        if row.state != State.DRAFT:
            raise AccidentSent()
        yield row


def accident_report(
    *, by: Person | User, visit_uid: UUID | None = None, uid: UUID | None = None
) -> Accident:
    """Hand it to the office. Reported already: nothing changes.

    Raises ``NotFound``, ``AccidentPartMissing`` (the first that is missing), ``AccidentSent``.
    """
    if isinstance(by, Person):
        assert visit_uid is not None
        own = accident_of(visit_uid=visit_uid, by=by)
        if own.state != State.DRAFT:
            return own
    with _locked(by, visit_uid, uid) as row:
        missing = accident_missing(answers_of(row))
        if missing:
            raise AccidentPartMissing(part=missing[0][1].label)
        if row.state == State.DRAFT:
            row.state, row.reported_at = State.REPORTED, clock.now()
            row.save(update_fields=["state", "reported_at"])
        return row


def accident_sent(*, uid: UUID, insurer_number: str, by: User) -> Accident:
    """The office has sent it to the insurer. Sent already: nothing changes but a number that was
    not known. Raises ``NotFound``, ``AccidentStep`` (a draft)."""
    staff_required(by)
    number = insurer_number.strip()[:40]
    with transaction.atomic():
        row = _row(uid)
        if row.state == State.DRAFT:
            raise AccidentStep()
        if row.state == State.REPORTED:
            row.state, row.sent_at = State.SENT, clock.now()
            _on_record(row, by, "accident_sent")
        row.insurer_number = number or row.insurer_number
        row.save(update_fields=["state", "sent_at", "insurer_number"])
        return row


def accident_settled(*, uid: UUID, words: str, by: User) -> Accident:
    """What the insurer decided, or why none was needed. Settled already: nothing changes.

    Raises ``NotFound``, ``AccidentStep`` (a draft), ``WordsTooLong``.
    """
    staff_required(by)
    said = words.strip()
    if len(said) > LONG_MAX:
        raise WordsTooLong(field="words", part="結果", most=LONG_MAX)
    with transaction.atomic():
        row = _row(uid)
        if row.state == State.DRAFT:
            raise AccidentStep()
        if row.state != State.SETTLED:
            row.state, row.settled_at = State.SETTLED, clock.now()
            row.settled_note_sealed = seal(said) if said else None
            row.save(update_fields=["state", "settled_at", "settled_note_sealed"])
            _on_record(row, by, "accident_settled")
        return row


def _row(uid: UUID) -> Accident:
    row: Accident | None = Accident.objects.select_for_update().filter(uid=uid).first()
    if row is None:
        raise NotFound()
    return row


def _on_record(row: Accident, by: User, action: str) -> None:
    act_record(actor=by, action=action, subject_kind="accident", subject_id=row.uid)
