"""What is known of a person was wrong: it is put right, and open years are counted anew."""

from datetime import date
from typing import Any

from django.db import transaction

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, person_update, persons_lock
from kyojo.kernel.ids import new_id

from .. import selectors
from ..models import Record
from .granting import Recounted, grant_sync


@transaction.atomic
def birth_date_correct(
    *, person: Person, birth_date: date | None, by: User | None = None, basis: str = ""
) -> list[Recounted]:
    """Put a member's birth date right, and move at once what that gives or takes in the fiscal
    years that are open. The same date again changes nothing.

    ``by``: staff, with ``basis``; None is the person's own act. Raises what ``person_update`` does.
    """
    locked = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    if birth_date is not None and birth_date == locked.birth_date:
        return []
    return member_update(person=person, birth_date=birth_date, by=by, basis=basis)


@transaction.atomic
def member_update(
    *, person: Person, by: User | None = None, basis: str = "", **fields: Any
) -> list[Recounted]:
    """``people.services.person_update``, and what another birth date gives or takes in the years
    that are open. Doors change members by this one."""
    locked = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    person_update(person=person, by=by, basis=basis, **fields)
    if "birth_date" not in fields or fields["birth_date"] == locked.birth_date:
        return []
    return recount(person=person, by=by or person.user)


@transaction.atomic
def recount(*, person: Person, by: User | None = None) -> list[Recounted]:
    """Count a person's open years anew in every programme, after something about them changed.

    What changes goes on record, and the person is told. What was used already cannot be taken
    back and is said as such; it goes off what the year brings next.
    """
    person = persons_lock(keys=[(current(), person.pk)])[current(), person.pk]
    found = []
    for ruled in selectors.programmes_now():
        if not Record.objects.filter(programme=ruled.programme, person=person).exists():
            continue
        for one in grant_sync(programme=ruled.programme, person=person):
            found.append(one)
            owed = f" もどせない{one.owed}" if one.owed else ""
            act_record(
                actor=by,
                action="grants_recounted",
                subject_kind="person",
                subject_id=person.uid,
                note=f"{ruled.programme.code} {one.fiscal_year}年度 {one.moved:+}{owed}",
            )
            if one.moved:
                _tell(person, one, ruled.document.name, ruled.document.unit)
    return found


def _tell(person: Person, one: Recounted, name: str, unit: str) -> None:
    became = f"{abs(one.moved):,}{unit}{'ふえ' if one.moved > 0 else 'へり'}ました"
    notice_send(
        person=person,
        kind="grants_recounted",
        key=f"grants_recounted:{new_id()}",
        title=f"{name}の{one.fiscal_year}年度の分が、{became}",
        body="生年月日や保険の区分、町とのつながりが変わったので、数えなおしました。",
        path=f"/me/points/{one.programme.code}/",
    )
