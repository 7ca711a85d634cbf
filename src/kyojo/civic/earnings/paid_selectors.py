"""Reads of paid help (有償の手伝い) and its invoices. Everything of the current municipality."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

from django.db.models import Q

from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import Due, due, settlement_of
from kyojo.civic.programmes.rules.trying import kept
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from . import selectors
from .errors import DepositMissing
from .models import Invoice, PaidHelp, PaymentReturn
from .selectors import Ruled

State = PaidHelp.State

# --- what is due ----------------------------------------------------------------------------------


def paid(code: str, day: date | None = None) -> Ruled:
    """Programme ``code`` of paid help, with the rules that held on ``day`` (today's, if none).

    Raises ``NotFound`` for any other kind of programme, ``ProgrammeMissing`` before it began.
    """
    found = selectors.ruled_on(code, day or clock.today())
    if found.document.kind != "ticket":
        raise NotFound()
    return found


def can_thank(document: Document) -> bool:
    """Whether who was helped may write the help down: everywhere but where the office bills."""
    return settlement_of(document) not in ("", "invoice")


@dataclass(frozen=True)
class Deposit:
    """What a part of thank-you money becomes: ``units`` of a programme of hours for ``yen``."""

    ruled: Ruled
    units: int
    yen: int


@dataclass(frozen=True)
class Terms:
    """What one time of help comes to, by the rules of its day."""

    ruled: Ruled
    due: Due
    deposit: Deposit | None

    @property
    def settlement(self) -> str:
        assert self.ruled.document.ticket is not None
        return self.ruled.document.ticket.settlement


def terms(
    *,
    programme_code: str,
    activity: str,
    start: datetime,
    end: datetime,
    costs_yen: int = 0,
    chosen_yen: int | None = None,
) -> Terms:
    """What help from ``start`` to ``end`` comes to. Only whole units of hours are deposited: what
    is left over stays the helper's.

    Raises ``ThanksUnfit``, ``DepositMissing``, ``ProgrammeMissing``, ``NotFound``.
    """
    day = clock.local(start).date()
    ruled = paid(programme_code, day)
    minutes = int((end - start).total_seconds()) // 60
    found = due(
        ruled.document,
        activity=activity,
        minutes=minutes,
        costs_yen=costs_yen,
        chosen_yen=chosen_yen,
    )
    hours = deposit(ruled.document, day, found.deposited_yen)
    if hours is not None:
        rest = found.deposited_yen - hours.yen
        found = replace(found, person_yen=found.person_yen + rest, deposited_yen=hours.yen)
    return Terms(ruled, found, hours)


def deposit(document: Document, day: date, yen: int) -> Deposit | None:
    """What ``yen`` become as hours under the rules of ``day``; None where nothing is deposited.

    Raises ``DepositMissing`` where the town has no such programme, or one without a worth.
    """
    code = document.thanks.deposit_in if document.thanks else None
    if code is None:
        return None
    try:
        ruled = selectors.ruled_on(code, day)
    except (NotFound, ProgrammeMissing):
        raise DepositMissing(programme=code) from None
    worth = ruled.document.worth
    if ruled.document.kind != "time-deposit" or worth is None or not worth.yen:
        raise DepositMissing(programme=code)
    return Deposit(ruled, *kept(yen, worth))


# --- help -----------------------------------------------------------------------------------------


def helps(
    programme: Programme,
    *,
    person: Person | None = None,
    fiscal_year: int | None = None,
    month: date | None = None,
    state: str = "",
) -> list[PaidHelp]:
    """Also what was struck out, oldest first; of one person (on either side) or of all."""
    rows = PaidHelp.objects.filter(programme=programme)
    rows = rows.select_related("helper", "helped", "invoice")
    if person is not None:
        rows = rows.filter(Q(helper=person) | Q(helped=person))
    if fiscal_year is not None:
        since, until = clock.fiscal_year_bounds(fiscal_year)
        rows = rows.filter(start__gte=since, start__lt=until)
    if month is not None:
        since, until = month_bounds(month)
        rows = rows.filter(start__gte=since, start__lt=until)
    return list(rows.filter(state=state) if state else rows)


def help_by_uid(uid: UUID) -> PaidHelp:
    """Raises ``NotFound``."""
    found: PaidHelp | None = (
        PaidHelp.objects.select_related("programme", "helper", "helped", "invoice")
        .filter(uid=uid)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def is_recorded(programme: Programme, uid: UUID) -> bool:
    """Whether this order was written down in the programme."""
    return PaidHelp.objects.filter(programme=programme, uid=uid).exists()  # type: ignore[no-any-return]


def minutes_of(one: PaidHelp) -> int:
    return int((one.end - one.start).total_seconds()) // 60


def hourly_yen(document: Document, one: PaidHelp) -> Fraction:
    """What an hour of this help brought the helper, in yen: with what is deposited for them,
    without costs, which are no thanks. Pieces count what they are worth."""
    yen = one.person_yen + one.deposited_yen - one.costs_yen
    if one.pieces and document.worth:
        yen = document.worth.yen_of(one.pieces)
    return Fraction(yen * 60, minutes_of(one))


class Documents:
    """The documents of a programme by day, read once for a whole list."""

    def __init__(self, programme: Programme) -> None:
        versions = ProgrammeVersion.objects.filter(programme=programme)
        self._versions = [
            (one.effective_from, selectors.document_of(one.document))
            for one in versions.order_by("effective_from", "version")
        ]

    def on(self, moment: datetime) -> Document:
        """The document that held at ``moment``, which is one the programme had begun by."""
        day = clock.local(moment).date()
        return [document for since, document in self._versions if since <= day][-1]


def month_bounds(month: date) -> tuple[datetime, datetime]:
    """The first moment of a month and the first after it, in UTC."""
    first = month.replace(day=1)
    return clock.at(first, 0), clock.at((first + timedelta(days=32)).replace(day=1), 0)


def month_of(moment: datetime) -> date:
    return clock.local(moment).date().replace(day=1)


@dataclass
class MonthSum:
    """A month of paid help for the accounts. ``open_yen`` is still to be billed, ``billed_yen``
    to be paid; both are part of ``payer_yen``."""

    month: date
    helps: int = 0
    minutes: int = 0
    pieces: int = 0
    payer_yen: int = 0
    person_yen: int = 0
    costs_yen: int = 0
    donated_yen: int = 0
    deposited_yen: int = 0
    office_yen: int = 0
    open_yen: int = 0
    billed_yen: int = 0


_SUMMED = (
    "pieces",
    "payer_yen",
    "person_yen",
    "costs_yen",
    "donated_yen",
    "deposited_yen",
    "office_yen",
)


def month_sums(rows: Iterable[PaidHelp]) -> list[MonthSum]:
    """The months of ``rows`` in order; what was struck out does not count."""
    months: dict[date, MonthSum] = {}
    for one in rows:
        if one.state == State.VOID:
            continue
        found = months.setdefault(month_of(one.start), MonthSum(month_of(one.start)))
        found.helps += 1
        found.minutes += minutes_of(one)
        for name in _SUMMED:
            setattr(found, name, getattr(found, name) + getattr(one, name))
        found.open_yen += one.payer_yen if one.state == State.OPEN else 0
        found.billed_yen += one.payer_yen if one.state == State.BILLED else 0
    return [months[month] for month in sorted(months)]


# --- invoices -------------------------------------------------------------------------------------


@dataclass
class OpenMonth:
    """What one month has to be billed: person → (help, yen)."""

    month: date
    people: dict[int, list[PaidHelp]]

    @property
    def helps(self) -> int:
        return sum(map(len, self.people.values()))

    @property
    def yen(self) -> int:
        return sum(one.payer_yen for rows in self.people.values() for one in rows)


def is_billed(ruled: Ruled) -> bool:
    """Whether the programme has invoices: by today's rules, or by those of some help before."""
    ticket = ruled.document.ticket
    if ticket is not None and ticket.settlement == "invoice":
        return True
    rows = PaidHelp.objects.filter(programme=ruled.programme, settlement="invoice")
    return rows.exists()  # type: ignore[no-any-return]


def open_months(programme: Programme) -> list[OpenMonth]:
    """The months with help that no invoice names yet, the oldest first."""
    months: dict[date, OpenMonth] = {}
    for one in helps(programme, state=State.OPEN):
        if one.helped_id is None:
            continue
        found = months.setdefault(month_of(one.start), OpenMonth(month_of(one.start), {}))
        found.people.setdefault(one.helped_id, []).append(one)
    return [months[month] for month in sorted(months)]


def invoices(
    programme: Programme, *, person: Person | None = None, state: str = ""
) -> list[Invoice]:
    """The newest first."""
    rows = Invoice.objects.filter(programme=programme).select_related("person")
    if person is not None:
        rows = rows.filter(person=person)
    return list(rows.filter(state=state) if state else rows)


def invoice_by_uid(uid: UUID) -> Invoice:
    """Raises ``NotFound``."""
    found: Invoice | None = (
        Invoice.objects.select_related("programme__operator", "person").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def invoice_lines(invoice: Invoice) -> list[PaidHelp]:
    """What an invoice asks for, oldest first; nothing of one that was taken back."""
    return list(PaidHelp.objects.filter(invoice=invoice).select_related("helper", "helped"))


def payment_targets(invoice: Invoice) -> list[Invoice]:
    """The invoices whose payment a recorded one may have been: to the same member, of the same
    amount, issued by the day of the payment and not paid."""
    if invoice.person_id is None or invoice.paid_on is None:
        return []
    rows = Invoice.objects.filter(
        programme_id=invoice.programme_id,
        person_id=invoice.person_id,
        yen=invoice.yen,
        state=Invoice.State.ISSUED,
        issued_on__lte=invoice.paid_on,
    )
    return list(rows.exclude(pk=invoice.pk).order_by("issued_on", "number"))


def payment_returns(invoice: Invoice) -> list[PaymentReturn]:
    """What was asked for to take the invoice's payments back, the newest first."""
    return list(PaymentReturn.objects.filter(invoice=invoice).select_related("moved_to"))


def payment_return_by_uid(uid: UUID) -> PaymentReturn:
    """Raises ``NotFound``."""
    found: PaymentReturn | None = (
        PaymentReturn.objects.select_related("invoice").filter(uid=uid).first()
    )
    if found is None:
        raise NotFound()
    return found


def payment_returns_waiting() -> list[PaymentReturn]:
    """What waits for another officer, in the whole town, the oldest first."""
    rows = PaymentReturn.objects.filter(state=PaymentReturn.State.ASKED)
    return list(rows.select_related("invoice__programme").order_by("asked_at", "pk"))


def invoice_number(invoice: Invoice) -> str:
    """``2026-0007``: the seventh of fiscal year 2026."""
    return f"{invoice.fiscal_year}-{invoice.number:04d}"
