"""Cases of the office: opened by a report, by another room, by staff; worked on; closed.

Everything here runs in the current municipality, whose case it is. What is noted is sealed and
never changed; every act is on record.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people import domain as people
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_roles
from kyojo.civic.people.services import act_record, notice_send
from kyojo.civic.programmes.domain import CaseHours
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.ids import derived_id, new_id

from .. import domain, sentences
from ..errors import (
    CaseNotOver,
    CaseOver,
    DayWrong,
    OutcomeMissing,
    OwnerUnknown,
    StepUnknown,
    WordsMissing,
)
from ..models import Case, CaseNote
from ..selectors import case_for, is_party

State = Case.State
#: How long a case may wait for somebody's answer.
WAITS_MOST = timedelta(days=30)


def case_open(
    *,
    kind: str,
    urgency: str,
    subject_kind: str,
    subject_uid: UUID | None,
    about: Iterable[UUID],
    words: str,
    opened_by_uid: UUID | None = None,
    uid: UUID | None = None,
    reasons: Iterable[str] = (),
    sides: Iterable[int] = (),
    opened_in: int | None = None,
    tells: bool = False,
) -> Case:
    """A case for the office of the current municipality, due by the programme's
    ``targets.case_hours``.

    Arguments:
        kind, urgency: of ``Case.Kind`` and ``Case.Urgency``.
        subject_kind, subject_uid: what it is about: a code and an id (``visit``, …).
        about: uids of the people it is about; whoever of the staff is one of them never sees it.
        words: what was said, as it stands; sealed.
        opened_by_uid: the member who opened it, None for the system or staff.
        uid: makes it one: the same again returns the case that there is.
        sides: the towns that have a case with this uid, where more than this one do.
        tells: whether the member who opened it hears that it arrived.
    """
    uid = uid or new_id()
    if kind not in Case.Kind.values or urgency not in Case.Urgency.values:
        raise ValueError(f"no such case: {kind} {urgency}")
    now = clock.now()
    try:
        with transaction.atomic():
            before: Case | None = Case.objects.filter(uid=uid).first()
            if before is not None:
                return before
            case: Case = Case.objects.create(
                uid=uid,
                sides=sorted({*sides, current()}),
                number=_number_next(),
                kind=kind,
                urgency=urgency,
                subject_kind=subject_kind,
                subject_uid=subject_uid,
                about=sorted({str(one) for one in about}),
                opened_by_uid=opened_by_uid,
                opened_in=opened_in or current(),
                reasons=list(reasons),
                words_sealed=seal(words.strip()[: domain.WORDS_MAX]),
                opened_at=now,
                due_at=now + due_after(urgency),
            )
            act_record(
                actor=None,
                action="case_opened",
                subject_kind="case",
                subject_id=uid,
                note=kind,
            )
            if tells:
                _opener_tell(
                    case, "received", sentences.CASE_RECEIVED, sentences.CASE_RECEIVED_BODY
                )
    except IntegrityError:
        # Made a moment ago by a second press.
        before = Case.objects.filter(uid=uid).first()
        if before is None:
            raise
        return before
    return case


def due_after(urgency: str) -> timedelta:
    """How long the office has, by the programme in force."""
    try:
        hours = programme_current()[1].targets.case_hours
    except ProgrammeMissing:
        hours = CaseHours()
    return timedelta(hours=getattr(hours, urgency))


def _number_next() -> str:
    """The next number of this town's cases: ``S-1001``; whoever asks next waits for us."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO community_casecounter AS c (municipality_id, last) VALUES (%s, 1001)"
            " ON CONFLICT ON CONSTRAINT case_counter_once DO UPDATE SET last = c.last + 1"
            " RETURNING last",
            [current()],
        )
        row = cursor.fetchone()
    assert row is not None
    return f"S-{row[0]}"


# --- working on it --------------------------------------------------------------------------------
def case_read(*, uid: UUID, by: User) -> Case:
    """The case, that somebody opened it put on record. Raises ``NotFound``, also for whoever of
    the staff it is about or who opened it as a member."""
    case = case_for(user=by, uid=uid)
    act_record(actor=by, action="case_read", subject_kind="case", subject_id=uid)
    return case


def case_take(*, uid: UUID, by: User, owner: User) -> Case:
    """``owner`` looks after it from now on. Again: nothing changes. Raises ``NotFound``,
    ``OwnerUnknown`` (no staff here, or a party), ``CaseOver``."""
    with transaction.atomic():
        case = _locked(uid, by)
        if case.owner_id == owner.pk:
            return case
        _not_over(case)
        if not staff_roles(owner) or is_party(case, owner):
            raise OwnerUnknown(field="owner")
        case.owner = owner
        case.save(update_fields=["owner"])
        _noted(case, by, kind=CaseNote.Kind.STATE, code="owner")
    return case


def staff_left(*, user: User) -> int:
    """Somebody who works here no more looks after no case: those that are open have nobody. Returns
    how many. Again: nothing changes."""
    with transaction.atomic():
        open_ones = Case.objects.filter(owner=user).exclude(state=Case.State.CLOSED)
        cases = list(open_ones.select_for_update(of=("self",)))
        for case in cases:
            case.owner = None
            case.save(update_fields=["owner"])
            _noted(case, None, kind=CaseNote.Kind.STATE, code="owner")
    return len(cases)


def case_note_add(
    *, order_id: UUID, uid: UUID, by: User, words: str, step: str = "", basis: str = ""
) -> CaseNote:
    """A note, or a step that was taken (a code of ``domain.STEPS``) with words. The same order
    again: the note that there is. Raises ``NotFound``, ``WordsMissing``, ``StepUnknown``,
    ``CaseOver``."""
    with transaction.atomic():
        case = _locked(uid, by)
        before = CaseNote.objects.filter(uid=order_id).first()
        if before is not None:
            return before  # type: ignore[no-any-return]
        _not_over(case)
        if step and step not in domain.STEPS:
            raise StepUnknown(field="step")
        kept = people.words(words, part="メモ", field="words", limit=domain.WORDS_MAX)
        if not kept:
            raise WordsMissing(field="words")
        kind = CaseNote.Kind.STEP if step else CaseNote.Kind.NOTE
        return _noted(case, by, kind=kind, code=step, words=kept, uid=order_id, basis=basis)


def case_wait(*, uid: UUID, by: User, until: datetime, words: str = "") -> Case:
    """It waits for somebody's answer until then; until then it is not late. Raises ``NotFound``,
    ``CaseOver``, ``DayWrong``."""
    with transaction.atomic():
        case = _locked(uid, by)
        _not_over(case)
        if not clock.now() < until <= clock.now() + WAITS_MOST:
            raise DayWrong(field="until")
        if (case.state, case.due_at) == (State.WAITING, until):
            return case
        case.state, case.due_at = State.WAITING, until
        case.save(update_fields=["state", "due_at"])
        _noted(case, by, kind=CaseNote.Kind.STATE, code=State.WAITING, words=words)
    return case


def case_close(*, uid: UUID, by: User, outcome: str, words: str) -> Case:
    """It is over; whoever opened it is told that, and nothing about anybody else. Closed already
    the same way: nothing changes. Raises ``NotFound``, ``OutcomeMissing``, ``WordsMissing``,
    ``CaseOver``."""
    with transaction.atomic():
        case = _locked(uid, by)
        if case.state == State.CLOSED and case.outcome == outcome:
            return case
        _not_over(case)
        if outcome not in Case.Outcome.values:
            raise OutcomeMissing(field="outcome")
        if not words.strip():
            raise WordsMissing(field="words")
        case.state, case.outcome, case.closed_at = State.CLOSED, outcome, clock.now()
        case.owner = case.owner or by
        case.save(update_fields=["state", "outcome", "closed_at", "owner"])
        _noted(case, by, kind=CaseNote.Kind.STATE, code=State.CLOSED, words=words)
        _opener_tell(case, "closed", sentences.CASE_CLOSED, sentences.CASE_CLOSED_BODY)
    return case


def case_reopen(*, uid: UUID, by: User, words: str) -> Case:
    """It goes on, with a new deadline. Raises ``NotFound``, ``CaseNotOver``, ``WordsMissing``."""
    with transaction.atomic():
        case = _locked(uid, by)
        if case.state != State.CLOSED:
            raise CaseNotOver()
        if not words.strip():
            raise WordsMissing(field="words")
        case.state, case.outcome, case.closed_at = State.OPEN, "", None
        case.due_at = clock.now() + due_after(case.urgency)
        case.save(update_fields=["state", "outcome", "closed_at", "due_at"])
        _noted(case, by, kind=CaseNote.Kind.STATE, code="reopened", words=words)
        _opener_tell(case, "reopened", sentences.CASE_REOPENED, "")
    return case


def case_step_note(
    *, order_id: UUID, uid: UUID, by: User | None, step: str, words: str = ""
) -> None:
    """What another service did about a case of this town (a suspension), if there is one. The same
    order again: nothing changes."""
    with transaction.atomic():
        case = Case.objects.select_for_update().filter(uid=uid).first()
        if case is not None and not CaseNote.objects.filter(uid=order_id).exists():
            _noted(case, by, kind=CaseNote.Kind.STEP, code=step, words=words, uid=order_id)


def _locked(uid: UUID, by: User) -> Case:
    return case_for(user=by, uid=uid, lock=True)


def _not_over(case: Case) -> None:
    if case.state == State.CLOSED:
        raise CaseOver()


def _noted(
    case: Case,
    by: User | None,
    *,
    kind: str,
    code: str = "",
    words: str = "",
    uid: UUID | None = None,
    basis: str = "",
) -> CaseNote:
    note: CaseNote = CaseNote.objects.create(
        uid=uid or new_id(),
        case=case,
        kind=kind,
        code=code,
        words_sealed=seal(words.strip()[: domain.WORDS_MAX]),
        by=by,
        at=clock.now(),
    )
    act_record(
        actor=by,
        action=f"case_{kind}",
        subject_kind="case",
        subject_id=case.uid,
        basis=basis,
        note=code,
    )
    return note


def _opener_tell(case: Case, event: str, title: str, body: str) -> None:
    person = _opener(case)
    if person is None:
        return
    notice_send(
        person=person,
        kind=f"case_{event}",
        # Closed twice, told twice.
        key=f"case:{derived_id(case.uid, event, case.notes.count())}",
        title=title,
        body=body,
        path=f"/reports/{case.uid}/",
    )


def _opener(case: Case) -> Any:
    if case.opened_by_uid is None:
        return None
    return Person.objects.filter(uid=case.opened_by_uid, left_at=None).first()
