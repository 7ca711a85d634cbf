"""Invoices (請求書): a month of paid help for each person who was helped; paid, or taken back."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max

from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record, notice_send, persons_lock
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id
from kyojo.ledger import services as ledger

from .. import paid_selectors
from ..errors import (
    InvoiceDueInvalid,
    InvoiceNotWaiting,
    InvoicePaidDayInvalid,
    PaidReferenceMissing,
    ReasonNeeded,
    RecordDiffers,
)
from ..models import Invoice, PaidHelp
from .helping import deposit_legs, earned_legs, settling_uid

State = Invoice.State


@transaction.atomic
def invoices_issue(
    *,
    programme_code: str,
    month: date,
    due_on: date,
    person: Person | None = None,
    by: User,
) -> list[Invoice]:
    """An invoice for everybody who was helped in ``month`` and has not been billed for it, or for
    ``person`` alone, who leaves and does not wait for the month's end.

    Numbers follow each other within the programme and the fiscal year of issuing. Issuing again
    makes invoices only for help that was written down since. Raises ``InvoiceDueInvalid``,
    ``NotFound``.
    """
    programme = paid_selectors.paid(programme_code).programme
    if due_on < clock.today():
        raise InvoiceDueInvalid(field="due_on")
    since, until = paid_selectors.month_bounds(month)
    waiting = PaidHelp.objects.filter(
        programme=programme,
        state=PaidHelp.State.OPEN,
        helped__isnull=False,
        start__gte=since,
        start__lt=until,
    )
    if person is not None:
        waiting = waiting.filter(helped=person)
    ids = set(waiting.order_by().values_list("helped_id", flat=True))
    people = persons_lock(keys=[(current(), person_id) for person_id in ids])
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    lines: dict[int, list[PaidHelp]] = {}
    for one in waiting.filter(helped_id__in=ids).select_for_update(no_key=True):
        lines.setdefault(one.helped_id, []).append(one)
    number = _last_number(programme)
    made = []
    for person in sorted((people[current(), key] for key in lines), key=lambda p: (p.kana, p.pk)):
        number += 1
        invoice = Invoice.objects.create(
            uid=new_id(),
            programme=programme,
            number=number,
            fiscal_year=clock.fiscal_year(),
            person=person,
            month=month.replace(day=1),
            yen=sum(one.payer_yen for one in lines[person.pk]),
            issued_on=clock.today(),
            due_on=due_on,
            issued_by=by,
        )
        PaidHelp.objects.filter(pk__in=[one.pk for one in lines[person.pk]]).update(
            state=PaidHelp.State.BILLED, invoice=invoice
        )
        notice_send(
            person=person,
            kind="invoice",
            key=f"invoice:{invoice.uid}",
            title=f"{month.month}月の手伝いの請求書（{invoice.yen:,}円）ができました",
            path=f"/me/points/{programme.code}/",
        )
        made.append(invoice)
    if made:
        act_record(
            actor=by,
            action="invoices_issued",
            subject_kind="programme",
            subject_id=programme.code,
            note=f"{month:%Y-%m} {len(made)}通 {made[0].number}〜{made[-1].number}",
        )
    return made


def _last_number(programme: Programme) -> int:
    rows = Invoice.objects.filter(programme=programme, fiscal_year=clock.fiscal_year())
    return int(rows.aggregate(last=Max("number"))["last"] or 0)


def invoices_locked(*uids: UUID) -> list[tuple[Invoice, list[PaidHelp]]]:
    """The invoices with their lines, everybody on them locked first. Raises ``NotFound``."""
    keys, ids = set(), []
    for uid in uids:
        found = paid_selectors.invoice_by_uid(uid)
        lines = paid_selectors.invoice_lines(found)
        keys |= {found.person_id, *(one.helper_id for one in lines)} - {None}
        ids.append(found.pk)
    persons_lock(keys=[(current(), key) for key in keys])
    list(Invoice.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk"))
    again = [paid_selectors.invoice_by_uid(uid) for uid in uids]
    return [(one, paid_selectors.invoice_lines(one)) for one in again]


@transaction.atomic
def invoice_paid(*, uid: UUID, paid_on: date, reference: str, by: User) -> Invoice:
    """The money for an invoice came in: the helpers are given their part. Again: changes nothing.

    Raises ``PaidReferenceMissing``, ``InvoicePaidDayInvalid``, ``InvoiceNotWaiting``,
    ``DepositMissing``, ``RecordDiffers``, ``NotFound``.
    """
    reference = reference.strip()
    if not reference or len(reference) > 60:
        raise PaidReferenceMissing(field="reference")
    [(invoice, lines)] = invoices_locked(uid)
    if invoice.state == State.PAID:
        if (invoice.paid_on, invoice.reference) != (paid_on, reference):
            raise RecordDiffers()
        return invoice
    pay(invoice, lines, paid_on=paid_on, reference=reference, by=by)
    return invoice


def pay(
    invoice: Invoice, lines: list[PaidHelp], *, paid_on: date, reference: str, by: User
) -> None:
    """Everything that the payment of an invoice changes; who stands on it is locked.

    Raises ``InvoicePaidDayInvalid``, ``InvoiceNotWaiting``, ``DepositMissing``.
    """
    if invoice.state != State.ISSUED:
        raise InvoiceNotWaiting(state=invoice.get_state_display())
    if not invoice.issued_on <= paid_on <= clock.today():
        raise InvoicePaidDayInvalid(field="paid_on")
    legs = []
    for one in lines:
        if one.helper is None:  # who is forgotten has no account: the office keeps it
            continue
        day = clock.local(one.start).date()
        ruled = paid_selectors.paid(invoice.programme.code, day)
        deposit = paid_selectors.deposit(ruled.document, day, one.deposited_yen)
        legs += earned_legs(one, ruled, one.helper) + deposit_legs(one, deposit, one.helper)
    if legs:
        ledger.legs_execute(legs=legs)
    PaidHelp.objects.filter(pk__in=[one.pk for one in lines]).update(
        state=PaidHelp.State.SETTLED, settled_at=clock.now()
    )
    invoice.state, invoice.paid_on, invoice.reference = State.PAID, paid_on, reference
    invoice.decided_by = by
    invoice.save(update_fields=["state", "paid_on", "reference", "decided_by"])
    act_record(
        actor=by,
        action="invoice_paid",
        subject_kind="invoice",
        subject_id=invoice.uid,
        note=reference,
    )
    for one in lines:
        if one.helper is not None and one.person_yen:
            notice_send(
                person=one.helper,
                kind="paid_help",
                key=f"paid_help_settled:{settling_uid(one)}",
                title=f"{clock.local(one.start):%-m月%-d日}の手伝いのお礼"
                f"{one.person_yen:,}円が届きました",
                path=f"/me/points/{invoice.programme.code}/",
            )


@transaction.atomic
def invoice_void(*, uid: UUID, reason: str, by: User) -> Invoice:
    """Take back an invoice that nobody has paid: its help can be billed anew, its number is not
    given again. Again: changes nothing.

    Raises ``ReasonNeeded``, ``InvoiceNotWaiting``, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonNeeded(field="reason")
    [(invoice, lines)] = invoices_locked(uid)
    if invoice.state == State.VOID:
        return invoice
    if invoice.state != State.ISSUED:
        raise InvoiceNotWaiting(state=invoice.get_state_display())
    PaidHelp.objects.filter(pk__in=[one.pk for one in lines]).update(
        state=PaidHelp.State.OPEN, invoice=None
    )
    invoice.state, invoice.void_reason, invoice.decided_by = State.VOID, reason, by
    invoice.save(update_fields=["state", "void_reason", "decided_by"])
    act_record(
        actor=by,
        action="invoice_void",
        subject_kind="invoice",
        subject_id=uid,
        note=reason,
    )
    if invoice.person is not None:
        number = paid_selectors.invoice_number(invoice)
        notice_send(
            person=invoice.person,
            kind="invoice",
            key=f"invoice_void:{uid}",
            title=f"請求書（{number}）は取り消されました。お支払いはいりません",
            body=reason,
            path=f"/me/points/{invoice.programme.code}/",
        )
    return invoice
