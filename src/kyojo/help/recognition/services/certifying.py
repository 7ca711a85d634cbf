"""Certificates: papers with figures that the town vouches for."""

from datetime import date
from uuid import UUID, uuid4

from django.db import transaction

from kyojo.civic.municipalities.sealing import seal
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.organisations.models import Company
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import readable_code

from ..counting import hours_of
from ..domain import CompanyFigures
from ..errors import NothingToCertify, PeriodTooLong, PeriodWrong, ReasonMissing, TooFewPeople
from ..models import Certificate, Standing
from ..waiting import sign_soon
from .awarding import REASON_MAX
from .standings import standing_end, standing_make

#: A certificate of more years than a school lasts is asked for in parts.
YEARS_MOST = 6


def student_certificate_make(
    *, uid: UUID, person: Person, since: date, until: date, by: User | None = None
) -> Certificate:
    """A certificate of volunteer hours of ``person`` from ``since`` to ``until``: how often, how
    long, of which kinds of help; nobody who was helped. ``by``: staff who makes it for them. The
    same ``uid`` again: the same certificate.

    Raises ``PeriodWrong``, ``PeriodTooLong``, ``NothingToCertify``, ``NotFound``.
    """
    if by is not None:
        staff_required(by)
    _period_checked(since, until)
    with transaction.atomic():
        persons_lock(keys=[(current(), person.pk)])
        made = Certificate.objects.filter(uid=uid).first()
        if made is not None:
            if made.person_id != person.pk:
                raise NotFound()
            return made  # type: ignore[no-any-return]
        hours = hours_of(person, since=since, until=until)
        if not hours:
            raise NothingToCertify()
        figures = {
            "visits": sum(one.visits for one in hours),
            "minutes": sum(one.minutes for one in hours),
            "rows": [[one.category, one.visits, one.minutes] for one in hours],
        }
        return _made(
            uid,
            Certificate.Kind.STUDENT,
            name=person.name,
            since=since,
            until=until,
            figures=figures,
            person=person,
            by=by,
        )


def company_certificate_make(
    *, uid: UUID, company: Company, figures: CompanyFigures, by: User
) -> Certificate:
    """A certificate of what a company's people did, from figures whose small numbers the caller
    has hidden already (decision 0009). The same ``uid`` again: the same certificate.

    Raises ``PeriodWrong``, ``PeriodTooLong``, ``TooFewPeople``: the whole is hidden; ``NotFound``.
    """
    _period_checked(figures.since, figures.until)
    with transaction.atomic():
        made = Certificate.objects.filter(uid=uid).first()
        if made is not None:
            if made.company_id != company.pk:
                raise NotFound()
            return made  # type: ignore[no-any-return]
        if figures.people is None or figures.coins is None or figures.minutes is None:
            raise TooFewPeople()
        return _made(
            uid,
            Certificate.Kind.COMPANY,
            name=company.name,
            since=figures.since,
            until=figures.until,
            figures={
                "people": figures.people,
                "coins": figures.coins,
                "minutes": figures.minutes,
                "rows": [list(row) for row in figures.rows],
            },
            company=company,
            by=by,
        )


def certificate_revoke(*, uid: UUID, by: User, reason: str) -> Certificate:
    """The office takes a certificate back; whoever checks it reads so. Taken back already: nothing
    changes. Raises ``NotFound``, ``ReasonMissing``."""
    staff_required(by)
    words = reason.strip()
    if not words or len(words) > REASON_MAX:
        raise ReasonMissing(field="reason", most=REASON_MAX)
    with transaction.atomic():
        paper = Certificate.objects.select_for_update(of=("self",)).filter(uid=uid).first()
        if paper is None or (paper.person is not None and paper.person.user_id == by.pk):
            raise NotFound()
        if paper.revoked_at is not None:
            return paper  # type: ignore[no-any-return]
        paper.revoked_at, paper.revoked_words = clock.now(), words
        paper.save(update_fields=["revoked_at", "revoked_words"])
        standing_end(uid=uid, reason=Standing.Reason.OFFICE)
        act_record(
            actor=by,
            action="certificate_revoke",
            subject_kind="certificate",
            subject_id=uid,
            note=words,
        )
        if paper.person is not None:
            notice_send(
                person=paper.person,
                kind="certificate_revoked",
                key=f"certificate_revoked/{uid}",
                title="証明書を取り消しました",
                body=f"わけ：{words} ちがうと思うときは、センターにお電話ください。",
                path="/me/certificates/",
            )
        return paper  # type: ignore[no-any-return]


def _made(
    uid: UUID,
    kind: str,
    *,
    name: str,
    since: date,
    until: date,
    figures: dict[str, object],
    by: User | None,
    person: Person | None = None,
    company: Company | None = None,
) -> Certificate:
    code = readable_code()
    standing_make(uid=uid, kind=Standing.Kind.CERTIFICATE, code=code)
    paper: Certificate = Certificate.objects.create(
        uid=uid,
        code=code,
        kind=kind,
        person=person,
        company=company,
        name_sealed=seal(name),
        since=since,
        until=until,
        figures=figures,
        made_at=clock.now(),
        made_by=by,
        subject_uid=uuid4(),
    )
    act_record(
        actor=by if by is not None else (person.user if person else None),
        action="certificate_make",
        subject_kind="certificate",
        subject_id=uid,
        note=kind,
    )
    sign_soon()
    return paper


def _period_checked(since: date, until: date) -> None:
    if not since <= until <= clock.today():
        raise PeriodWrong(field="until")
    if until.year - since.year > YEARS_MOST:
        raise PeriodTooLong(field="since", years=YEARS_MOST)
