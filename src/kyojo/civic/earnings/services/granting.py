"""The ledger is told what a person's year came to, in differences."""

from dataclasses import dataclass

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.counting import Year
from kyojo.kernel.ids import derived_id, new_id
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import ExceedsCredits
from kyojo.ledger.types import Leg, TransferCode

from .. import selectors
from ..accounts import account_ensure, balances
from ..errors import AlreadyUsed
from ..models import Grant


@dataclass(frozen=True)
class Recounted:
    """A fiscal year that came to something else: what moved, and what was used before it could be
    taken back (``owed``)."""

    programme: Programme
    fiscal_year: int
    moved: int
    owed: int


def grant_sync(*, programme: Programme, person: Person) -> list[Recounted]:
    """Move what the person's open years came to and the ledger was not told yet: what changed.

    What was used already, or waits in an application, is not taken back. It stays between what was
    granted and what the year came to (``selectors.owed``), and goes off whatever the year brings
    next. The person is locked (``persons_lock``), so two who record for one person do it in turn.
    """
    found = []
    visits = selectors.visits_of(selectors.records(programme, person=person)).get(person.pk, [])
    years = selectors.years_of(programme, visits)
    for number in sorted({*years, *_granted_years(programme, person)}):
        if selectors.is_closed(programme, number):
            continue
        year = years.get(number) or Year()
        difference = year.granted - selectors.granted_sum(programme, person, number)
        if difference:
            rule = year.rules[0] if year.rules else ""
            moved = _move(programme, person, number, difference, rule)
            found.append(Recounted(programme, number, moved, moved - difference))
    return found


def owed_take(*, programme: Programme, person: Person) -> None:
    """Take what is owed out of what has just become the person's again. The person is locked."""
    if selectors.owed(programme, person):
        grant_sync(programme=programme, person=person)


def _granted_years(programme: Programme, person: Person) -> set[int]:
    rows = Grant.objects.filter(programme=programme, person=person)
    return set(rows.values_list("fiscal_year", flat=True))


def _move(programme: Programme, person: Person, number: int, difference: int, rule: str) -> int:
    """Give ``difference``, or take what is there of it: what moved."""
    expiry = selectors.ruled(programme.code, number).document.expiry
    vintage = 0 if expiry.earned_years is None else number + expiry.earned_years
    account = account_ensure(programme=programme, person_id=person.pk, vintage=vintage)
    if difference < 0:
        _, balance = balances(programme=programme, person_id=person.pk)[vintage]
        difference = -min(-difference, max(balance.available, 0))
    if not difference:
        return 0
    grant = Grant.objects.create(
        uid=new_id(),
        programme=programme,
        person=person,
        fiscal_year=number,
        amount=difference,
        rule=rule,
    )
    issuer = programme.issuer_account
    try:
        ledger.legs_execute(
            legs=[
                Leg(
                    ledger=current(),
                    id=derived_id(grant.uid, "grant"),
                    debit=issuer if difference > 0 else account,
                    credit=account if difference > 0 else issuer,
                    amount=abs(difference),
                    code=TransferCode.EARNED if difference > 0 else TransferCode.CORRECTION,
                    reference=grant.uid,
                )
            ]
        )
    except ExceedsCredits as refused:
        raise AlreadyUsed() from refused
    return difference
