"""The ledger is told what a person's year came to, in differences."""

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.counting import Year
from kyojo.kernel.ids import derived_id, new_id
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import ExceedsCredits
from kyojo.ledger.types import Leg, TransferCode

from .. import selectors
from ..accounts import account_ensure
from ..errors import AlreadyUsed
from ..models import Grant


def grant_sync(*, programme: Programme, person: Person) -> dict[int, Year]:
    """Move what the person's open years came to and the ledger was not told yet. The years.

    The person is locked (``persons_lock``), so two who record for one person do it in turn.
    Raises ``AlreadyUsed`` where less came out than was used already.
    """
    visits = selectors.visits_of(selectors.records(programme, person=person)).get(person.pk, [])
    years = selectors.years_of(programme, visits)
    for number in sorted({*years, *_granted_years(programme, person)}):
        if selectors.is_closed(programme, number):
            continue
        year = years.get(number) or Year()
        difference = year.granted - selectors.granted_sum(programme, person, number)
        if difference:
            _move(programme, person, number, difference, year.rules[0] if year.rules else "")
    return years


def _granted_years(programme: Programme, person: Person) -> set[int]:
    rows = Grant.objects.filter(programme=programme, person=person)
    return set(rows.values_list("fiscal_year", flat=True))


def _move(programme: Programme, person: Person, number: int, difference: int, rule: str) -> None:
    expiry = selectors.ruled(programme.code, number).document.expiry
    vintage = 0 if expiry.earned_years is None else number + expiry.earned_years
    account = account_ensure(programme=programme, person_id=person.pk, vintage=vintage)
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
