"""Reads of what goes from hand to hand: what is sold, lent, printed, and which fees are paid.

Everything of the current municipality.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, Sum

from kyojo.civic.people.models import Person
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.consistency import YEN_SETTLEMENTS
from kyojo.civic.programmes.rules.consistency_paid import is_in_yen
from kyojo.civic.programmes.rules.model import Document, Fee
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.ids import derived_id

from .models import FeePayment, Grant, Movement, PaidHelp, PaperTicket, Record, Redemption
from .selectors import Ruled

#: Uses that are handed to another member.
HANDED = ("help", "family", "people_in_need", "gift_to_carer")
#: At most so many pieces at once, or so many yen into a passbook: a slip of the finger ends here.
MOST, MOST_YEN = 1_000, 100_000

# --- what a document lets people do ---------------------------------------------------------------


def is_sold(document: Document) -> bool:
    """Whether members buy it from the office. Who pays by invoice or in cash buys nothing."""
    if document.kind == "ticket":
        assert document.ticket is not None, "consistency.tickets_have_prices"
        return document.ticket.settlement in ("ticket", "stamp_card", "passbook")
    return document.kind == "exchange"


def is_on_paper(document: Document) -> bool:
    """Whether a unit is a piece of paper that goes from hand to hand."""
    if document.kind == "ticket":
        return document.ticket is not None and document.ticket.settlement == "ticket"
    return document.kind == "exchange"


def most_sold(document: Document) -> int:
    """How many units may be sold at once."""
    return MOST_YEN if document.unit == "円" else MOST


def sale_yen(document: Document, amount: int) -> int:
    """What ``amount`` costs: a yen in a passbook is one, a note is worth its yen."""
    if document.ticket is not None:
        if document.ticket.settlement in YEN_SETTLEMENTS:
            return amount
        return amount * document.ticket.bought_yen
    return document.worth.yen_of(amount) if document.worth else 0


def handed_uses(document: Document) -> list[str]:
    """For what members hand units to each other, as the document orders it. Yen of a passbook
    move when the help is written down, never by themselves."""
    if is_in_yen(document):
        return []
    return [rule.use for rule in document.uses if rule.use in HANDED]


# --- start units and advances ---------------------------------------------------------------------


def start_of(programme: Programme, person: Person) -> Movement | None:
    """When somebody was given what everybody begins with."""
    rows = Movement.objects.filter(programme=programme, receiver=person, kind=Movement.Kind.STARTED)
    found: Movement | None = rows.first()
    return found


def can_start(ruled: Ruled, person: Person) -> bool:
    """Whether there is something to begin with that the person has not been given."""
    circulation = ruled.document.circulation
    return bool(circulation and circulation.start_units and not start_of(ruled.programme, person))


def outstanding(programme: Programme, person: Person) -> int:
    """What a person was lent and has not returned yet."""
    lent = Movement.objects.filter(
        programme=programme, receiver=person, kind=Movement.Kind.ADVANCED
    )
    back = Movement.objects.filter(programme=programme, giver=person, kind=Movement.Kind.RETURNED)
    return _sum(lent) - _sum(back)


def lent_left(ruled: Ruled, person: Person) -> int:
    """What may still be lent to a person."""
    circulation = ruled.document.circulation
    most = circulation.lent_most if circulation else 0
    return max(most - outstanding(ruled.programme, person), 0) if most else 0


def _sum(rows) -> int:  # type: ignore[no-untyped-def]
    return int(rows.aggregate(sum=Sum("amount"))["sum"] or 0)


# --- sales ----------------------------------------------------------------------------------------


def sales(programme: Programme, fiscal_year: int) -> list[Movement]:
    """What was sold in a fiscal year, and what was taken back, the newest first."""
    since, until = clock.fiscal_year_bounds(fiscal_year)
    voids = Q(kind=Movement.Kind.LAPSED, giver__isnull=False) & ~Q(reference="")
    rows = Movement.objects.filter(
        Q(kind=Movement.Kind.BOUGHT) | voids, programme=programme, at__gte=since, at__lt=until
    )
    return list(rows.select_related("giver", "receiver"))


def void_uid(sale: Movement) -> UUID:
    """The id under which a sale is taken back, if it is."""
    return derived_id(sale.uid, "void")


def void_of(sale: Movement) -> Movement | None:
    """The movement that took a sale back."""
    found: Movement | None = Movement.objects.filter(uid=void_uid(sale)).first()
    return found


def movement_by_uid(programme: Programme, uid: UUID, kind: str) -> Movement:
    """A movement of that kind. Raises ``NotFound``."""
    found: Movement | None = (
        Movement.objects.filter(programme=programme, uid=uid, kind=kind)
        .select_related("giver", "receiver")
        .first()
    )
    if found is None:
        raise NotFound()
    return found


# --- papers ---------------------------------------------------------------------------------------


def papers(programme: Programme) -> list[PaperTicket]:
    """All that were ever printed, by number."""
    rows = PaperTicket.objects.filter(programme=programme)
    return list(rows.select_related("printed__giver", "taken_in__receiver"))


def paper_by_number(programme: Programme, number: int) -> PaperTicket:
    """Raises ``NotFound``."""
    rows = PaperTicket.objects.filter(programme=programme, number=number)
    found: PaperTicket | None = rows.select_related("printed__giver", "taken_in__receiver").first()
    if found is None:
        raise NotFound()
    return found


def papers_printed(movement: Movement) -> list[PaperTicket]:
    """The tickets of one printing, by number."""
    return list(PaperTicket.objects.filter(printed=movement))


# --- fees -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeeDue:
    """A fee and who paid it. ``fiscal_year`` 0: due once, on joining."""

    person: Person
    fee: Fee
    fiscal_year: int
    payment: FeePayment | None


def fee_year(fee: Fee, fiscal_year: int) -> int:
    """The year under which a payment stands."""
    return fiscal_year if fee.each == "year" else 0


def fees_due(ruled: Ruled, people: Iterable[Person], fiscal_year: int) -> list[FeeDue]:
    """Each fee of the document for each of ``people``, with its payment where there is one."""
    paid = {
        (row.person_id, row.name, row.fiscal_year): row
        for row in FeePayment.objects.filter(
            programme=ruled.programme, fiscal_year__in=(0, fiscal_year)
        )
    }
    return [
        FeeDue(person, fee, year, paid.get((person.pk, fee.name, year)))
        for person in people
        for fee in ruled.document.fees
        for year in (fee_year(fee, fiscal_year),)
    ]


def fee_payments(ruled: Ruled, person: Person) -> list[FeePayment]:
    """What a person paid, the newest first."""
    return list(FeePayment.objects.filter(programme=ruled.programme, person=person))


def people_active(programme: Programme) -> list[Person]:
    """Members who did, got, bought, handed, asked for or paid anything in a programme, by kana.
    Who left is not among them."""
    pairs = (
        (Record, ("person_id",)),
        (Grant, ("person_id",)),
        (Redemption, ("person_id",)),
        (FeePayment, ("person_id",)),
        (Movement, ("giver_id", "receiver_id")),
        (PaidHelp, ("helper_id", "helped_id")),
    )
    keys: set[int] = set()
    for model, names in pairs:
        for name in names:
            rows = model.objects.filter(programme=programme)  # type: ignore[attr-defined]
            keys |= set(rows.order_by().values_list(name, flat=True).distinct())
    return list(Person.objects.filter(pk__in=keys - {None}, left_at=None))
