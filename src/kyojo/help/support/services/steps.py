"""What every step of a visit has in common: who acts, the locks, the history, the refusals.

Locks are taken in the house's order: the request, its offers, the visit (each on all twins, in the
order of the municipality codes), then people, then coins.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked, twins_save
from kyojo.civic.people.domain import BASES
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.selectors import staff_required, staff_roles
from kyojo.civic.people.services import notice_send_to, persons_lock
from kyojo.civic.people.staff_selectors import appeal_officer_of
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel.errors import NotFound, Refusal

from ..domain import Role, Step, transition
from ..errors import BasisMissing, OwnMatter, StepNotAllowed
from ..models import RefusedStep, Visit, VisitStep


@dataclass
class Case:
    """A visit under lock: its rows by municipality code, and who acts on it."""

    rows: dict[int, Visit]
    role: Role
    actor_uid: UUID | None
    #: The municipality in which the step was begun.
    start: int
    #: A refusal that keeps what was written under the lock (a wrong code is counted).
    refusal: Refusal | None = None

    @property
    def mine(self) -> Visit:
        """The row of the town in which the step was begun."""
        return self.rows[self.start]

    @property
    def visit(self) -> Visit:
        """Any of the rows: for what all of them share."""
        return next(iter(self.rows.values()))

    @property
    def carers_row(self) -> Visit:
        return self.rows[self.visit.carer_municipality_id]

    @property
    def places_row(self) -> Visit:
        return self.rows[self.visit.place_municipality_id]

    @property
    def supporters_row(self) -> Visit:
        return self.rows[self.visit.supporter_municipality_id]

    def people_lock(self) -> None:
        """Lock payer and payee, as everybody does before coins move."""
        carer, supporter = self.carers_row, self.supporters_row
        persons_lock(
            keys=[
                (carer.municipality_id, int(carer.carer_id or 0)),
                (supporter.municipality_id, int(supporter.supporter_id or 0)),
            ]
        )


def roles_of(visit: Visit, person: Person) -> set[Role]:
    """The roles ``person`` (of the same municipality as the row) has in the visit."""
    found = {
        Role.CARER: visit.carer_id,
        Role.SUPPORTER: visit.supporter_id,
        Role.RECIPIENT: visit.recipient_id,
    }
    return {role for role, pk in found.items() if pk is not None and pk == person.pk}


def _role(
    visit: Visit, by: Person | User | None, allowed: set[Role], *, from_outside: bool
) -> tuple[Role, UUID | None]:
    """The role in which ``by`` acts. Raises ``NotFound`` for whoever has none of ``allowed``."""
    if by is None:
        return Role.SYSTEM, None
    if isinstance(by, User):
        is_office = bool(staff_roles(by)) or (from_outside and appeal_officer_of(by) is not None)
        if Role.OFFICE not in allowed or not is_office:
            raise NotFound()
        person = Person.objects.filter(user=by).first()
        if person is not None and roles_of(visit, person):
            raise OwnMatter()
        return Role.OFFICE, None
    mine = roles_of(visit, by) & allowed
    for role in (Role.CARER, Role.SUPPORTER, Role.RECIPIENT):
        if role in mine:
            return role, by.uid
    raise NotFound()


@contextmanager
def step_of(
    *,
    visit_uid: UUID,
    name: str,
    by: Person | User | None,
    allowed: set[Role],
    from_outside: bool = False,
) -> Iterator[Case]:
    """Hold the visit's twins (and its request's) for one step by ``by``, a person or a member of
    staff of the current municipality, or the system (None). ``from_outside``: those who decide
    appeals from elsewhere count as its office.

    A ``Refusal`` inside rolls the step back and is then stored with its code; the caller's
    transaction keeps it. Raises ``NotFound`` for outsiders, about whom nothing is stored.
    """
    start = current()
    seen = Visit.objects.filter(uid=visit_uid).first()
    if seen is None:
        raise NotFound()
    role, actor_uid = _role(seen, by, allowed, from_outside=from_outside)
    try:
        with (
            transaction.atomic(),
            twins_locked(HelpRequest, uid=seen.request_uid, start=seen.carer_municipality_id),
            twins_locked(Visit, uid=visit_uid, start=start) as rows,
        ):
            case = Case(rows, role, actor_uid, start)
            yield case
        if case.refusal is not None:
            raise case.refusal
    except NotFound:
        raise
    except Refusal as refusal:
        refused_store(
            visit_uid=visit_uid, name=name, role=role, actor_uid=actor_uid, code=refusal.code
        )
        raise


def refused_store(
    *, visit_uid: UUID, name: str, role: Role, actor_uid: UUID | None, code: str
) -> None:
    """Keep a step that was refused, in the town of whoever tried."""
    RefusedStep.objects.create(
        visit_uid=visit_uid, step=name, actor_role=role, actor_uid=actor_uid, code=code[:40]
    )


def advance(case: Case, step: Step, *, reason: str = "", **changes: Any) -> None:
    """Move every twin along the allow-list and write the history in each town.

    Raises ``StepNotAllowed``.
    """
    before = case.visit.state
    after = transition(before, step, case.role)
    if after is None:
        raise StepNotAllowed(state=str(Visit.State(before).label))
    twins_save(case.rows, state=str(after), **changes)
    history(case, before=before, after=after, reason=reason)


def history(case: Case, *, before: str, after: str, reason: str = "") -> None:
    """Add a line to the visit's history in each of its towns."""
    for code in sorted(case.rows):
        with tenant(code):
            VisitStep.objects.create(
                visit_uid=case.visit.uid,
                before=before,
                after=after,
                actor_role=case.role,
                actor_uid=case.actor_uid,
                reason=reason[:40],
            )


def as_system(case: Case) -> Case:
    """The same case, for what follows by itself."""
    return Case(case.rows, Role.SYSTEM, None, case.start)


def place_rules(visit: Visit) -> CoinRules:
    """The rules that say what proves a visit: those of the place's municipality."""
    with tenant(visit.place_municipality_id):
        return programme_current()[1]


def office_phone(municipality_id: int) -> str:
    """The number that people of this municipality call."""
    return Municipality.objects.values_list("office_phone", flat=True).get(pk=municipality_id)


def tell(case: Case, role: Role, *, kind: str, title: str, body: str = "", path: str = "") -> None:
    """News about the visit to one of its people, once per kind. ``path`` defaults to its page."""
    visit = case.visit
    whom = {
        Role.CARER: (visit.carer_municipality_id, visit.carer_uid),
        Role.SUPPORTER: (visit.supporter_municipality_id, visit.supporter_uid),
        Role.RECIPIENT: (visit.place_municipality_id, visit.recipient_uid),
    }
    municipality_id, person_uid = whom[role]
    if person_uid is None or (role is Role.RECIPIENT and person_uid == visit.carer_uid):
        return
    notice_send_to(
        municipality_id=municipality_id,
        person_uid=person_uid,
        kind=kind,
        key=f"{kind}/{visit.uid}/{role}",
        title=title,
        body=body,
        path=path or f"/visits/{visit.uid}/",
    )


def staff_checked(by: User) -> None:
    """Raises ``NotFound`` for a login without a desk in this municipality."""
    staff_required(by)


def house_office_checked(case: Case) -> None:
    """Raises ``NotFound`` for staff of a town from which only the supporter comes: what the carer
    or the house says is noted in their own towns."""
    visit = case.visit
    sides = (visit.carer_municipality_id, visit.place_municipality_id)
    if case.role is Role.OFFICE and case.start not in sides:
        raise NotFound()


def basis_checked(basis: str) -> None:
    """Raises ``BasisMissing`` for what is no code of ``people.domain.BASES``."""
    if basis not in BASES:
        raise BasisMissing(field="basis")


def minutes_between(start: datetime, end: datetime) -> int:
    """Whole minutes, rounded; 0 where ``end`` comes first."""
    return max(0, round((end - start).total_seconds() / 60))
