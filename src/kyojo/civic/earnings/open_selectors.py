"""What still stands open for a member: read before they are settled with, and before they leave.

Everything of the current municipality.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from kyojo.civic.people.coins import purse
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.ledger.types import COIN

from . import circulation_selectors, paid_selectors, selectors
from .models import (
    FeePayment,
    Grant,
    Invoice,
    Movement,
    PaidHelp,
    PaperTicket,
    PaymentReturn,
    Record,
    Redemption,
)

Kind = Literal[
    "asked",
    "unbilled",
    "invoice",
    "returning",
    "approved",
    "awaited",
    "held",
    "lent",
    "paper",
    "fee",
]
#: What has to be done before a programme is settled: who owes is not paid out meanwhile.
STOPS_SETTLING = ("asked", "unbilled", "invoice", "returning")
#: What has to be done before a membership ends; the rest is settled, or asks for nothing.
STOPS_LEAVING = (*STOPS_SETTLING, "approved", "awaited", "held")
NAMES: dict[str, str] = {
    "asked": "確認待ちの申請",
    "unbilled": "請求書を出していない手伝い",
    "invoice": "入金を待っている請求書",
    "returning": "承認を待っている入金の取り消し",
    "approved": "払い終わっていない申請",
    "awaited": "これから届く手伝いのお礼",
    "held": "支援のために預かっているコイン",
    "lent": "前貸しの残り",
    "paper": "出ている紙の券",
    "fee": "受け取っていない会費",
}


@dataclass(frozen=True)
class OpenItem:
    """One thing that stands open in a programme. ``amount`` counts units, ``yen`` money."""

    programme: Programme
    kind: Kind
    amount: int = 0
    yen: int = 0
    helps: int = 0
    #: The application, invoice or return that it is, where it is one.
    uid: UUID | None = None
    month: date | None = None
    #: Paper: the ticket's number; otherwise the invoice's number, or the fee's name.
    number: int = 0
    name: str = ""

    @property
    def stops_settling(self) -> bool:
        return self.kind in STOPS_SETTLING

    @property
    def stops_leaving(self) -> bool:
        return self.kind in STOPS_LEAVING


def open_items(person: Person) -> list[OpenItem]:
    """Everything that stands open, programme by programme, what stops settling in front."""
    found = []
    for ruled in selectors.programmes_now((*selectors.KINDS, "coin")):
        programme = ruled.programme
        if ruled.document.kind == "coin":
            if programme.currency == COIN and (held := purse(person).held):
                found.append(OpenItem(programme, "held", held))
            continue
        found += _applications(programme, person)
        if ruled.document.kind == "ticket":
            found += _paid_help(programme, person)
        if lent := circulation_selectors.outstanding(programme, person):
            found.append(OpenItem(programme, "lent", lent))
        found += [
            OpenItem(programme, "paper", 1, number=paper.number)
            for paper in papers_out(programme, person)
        ]
        found += _fees(ruled, person)
    return sorted(found, key=lambda one: (not one.stops_settling, not one.stops_leaving))


def stops_leaving(person: Person) -> list[OpenItem]:
    """What has to be done before the person's membership may end."""
    return [one for one in open_items(person) if one.stops_leaving]


def papers_out(programme: Programme, person: Person) -> list[PaperTicket]:
    """Tickets that were printed for a person, are with somebody and still count."""
    rows = PaperTicket.objects.filter(
        programme=programme, printed__giver=person, state=PaperTicket.State.OUT
    )
    return [one for one in rows if one.vintage == 0 or one.vintage >= clock.fiscal_year()]


def _applications(programme: Programme, person: Person) -> Iterator[OpenItem]:
    states = {Redemption.State.ASKED: "asked", Redemption.State.APPROVED: "approved"}
    rows = Redemption.objects.filter(programme=programme, person=person, state__in=states)
    for one in rows.order_by("asked_at", "pk"):
        kind: Kind = "asked" if one.state == Redemption.State.ASKED else "approved"
        yield OpenItem(programme, kind, one.amount, one.value_yen, uid=one.uid)


def _paid_help(programme: Programme, person: Person) -> Iterator[OpenItem]:
    months: dict[date, list[PaidHelp]] = {}
    awaited: list[PaidHelp] = []
    for one in paid_selectors.helps(programme, person=person):
        if one.state not in (PaidHelp.State.OPEN, PaidHelp.State.BILLED):
            continue
        if one.helped_id == person.pk:
            if one.state == PaidHelp.State.OPEN:
                months.setdefault(paid_selectors.month_of(one.start), []).append(one)
        elif one.person_yen or one.deposited_yen:
            awaited.append(one)
    for month, rows in months.items():
        yen = sum(one.payer_yen for one in rows)
        yield OpenItem(programme, "unbilled", yen=yen, helps=len(rows), month=month)
    for invoice in paid_selectors.invoices(programme, person=person, state=Invoice.State.ISSUED):
        number = paid_selectors.invoice_number(invoice)
        yield OpenItem(programme, "invoice", yen=invoice.yen, uid=invoice.uid, name=number)
    yield from _returning(programme, person)
    if awaited:
        yen = sum(one.person_yen + one.deposited_yen for one in awaited)
        yield OpenItem(programme, "awaited", yen=yen, helps=len(awaited))


def _returning(programme: Programme, person: Person) -> Iterator[OpenItem]:
    """Payments that may be taken back: of the person, or of what they were given for helping."""
    rows = PaymentReturn.objects.filter(
        invoice__programme=programme, state=PaymentReturn.State.ASKED
    ).select_related("invoice")
    for found in rows:
        if found.invoice.person_id == person.pk:
            yen = found.invoice.yen
        else:
            mine = PaidHelp.objects.filter(
                invoice=found.invoice, helper=person, state=PaidHelp.State.SETTLED
            )
            yen = sum(one.person_yen + one.deposited_yen for one in mine)
        if yen:
            number = paid_selectors.invoice_number(found.invoice)
            yield OpenItem(programme, "returning", yen=yen, uid=found.invoice.uid, name=number)


def _fees(ruled: selectors.Ruled, person: Person) -> Iterator[OpenItem]:
    if not ruled.document.fees or not _is_active(ruled.programme, person):
        return
    for due in circulation_selectors.fees_due(ruled, [person], clock.fiscal_year()):
        if due.payment is None:
            yield OpenItem(ruled.programme, "fee", yen=due.fee.yen, name=due.fee.name)


def _is_active(programme: Programme, person: Person) -> bool:
    """Whether a person did, got or paid anything in a programme."""
    of_person = (Record, Grant, Redemption, FeePayment)
    pairs = [(model, "person") for model in of_person]
    pairs += [
        (Movement, "giver"),
        (Movement, "receiver"),
        (PaidHelp, "helper"),
        (PaidHelp, "helped"),
    ]
    return any(
        model.objects.filter(programme=programme, **{name: person}).exists()  # type: ignore[attr-defined]
        for model, name in pairs
    )
