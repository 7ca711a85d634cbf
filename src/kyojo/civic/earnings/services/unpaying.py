"""A payment was recorded on the wrong invoice: one officer asks to take it back, another confirms,
and then everything that it moved moves back, or becomes the payment of another invoice."""

from uuid import UUID

from django.db import transaction

from kyojo.civic.people.models import User
from kyojo.civic.people.services import act_record, notice_send
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .. import paid_selectors
from ..errors import (
    InvoicePaidDayInvalid,
    OwnPaymentReturn,
    PaymentMoveUnfit,
    PaymentNotThere,
    PaymentReturnDecided,
    PaymentReturnWaiting,
    PaymentUsed,
    ReasonNeeded,
    RecordDiffers,
    ThanksUsed,
)
from ..models import Invoice, PaidHelp, PaymentReturn
from .billing import invoices_locked, pay
from .helping import give_back

State = PaymentReturn.State


@transaction.atomic
def payment_return_ask(
    *, uid: UUID, invoice_uid: UUID, reason: str, moved_to: UUID | None = None, by: User
) -> PaymentReturn:
    """Ask to take back the payment of an invoice; with ``moved_to`` it was the payment of that
    invoice, of the same member and amount. Nothing moves before another officer confirms.

    What stands against it now is said now. The same order again changes nothing.

    Raises ``ReasonNeeded``, ``PaymentNotThere``, ``PaymentReturnWaiting``, ``PaymentMoveUnfit``,
    ``InvoicePaidDayInvalid``, ``PaymentUsed``, ``HelpForgotten``, ``RecordDiffers``, ``NotFound``.
    """
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise ReasonNeeded(field="reason")
    locked = invoices_locked(invoice_uid, *([moved_to] if moved_to else []))
    invoice, target = locked[0][0], locked[1][0] if moved_to else None
    found: PaymentReturn | None = PaymentReturn.objects.filter(uid=uid).first()
    if found is not None:
        made = found.invoice_id, found.moved_to_id, found.reason
        if made != (invoice.pk, target.pk if target else None, reason):
            raise RecordDiffers()
        return found
    if invoice.state != Invoice.State.PAID:
        raise PaymentNotThere(state=invoice.get_state_display())
    if invoice.returns.filter(state=State.ASKED).exists():
        raise PaymentReturnWaiting()
    with transaction.atomic():  # only to hear whether it could be done
        _take_back(invoice, locked[0][1], reason, by)
        transaction.set_rollback(True)
    invoice = paid_selectors.invoice_by_uid(invoice_uid)
    if target is not None:
        _moves_there(invoice, target)
    made_now: PaymentReturn = PaymentReturn.objects.create(
        uid=uid,
        invoice=invoice,
        moved_to=target,
        reason=reason,
        paid_on=invoice.paid_on,
        reference=invoice.reference,
        asked_by=by,
    )
    _on_record(made_now, "payment_return_asked", by, reason)
    return made_now


def _moves_there(invoice: Invoice, target: Invoice) -> None:
    """Raises ``PaymentMoveUnfit``, ``InvoicePaidDayInvalid``."""
    fits = (
        target.state == Invoice.State.ISSUED
        and target.pk != invoice.pk
        and target.programme_id == invoice.programme_id
        and target.person_id is not None
        and (target.person_id, target.yen) == (invoice.person_id, invoice.yen)
    )
    if not fits:
        raise PaymentMoveUnfit(field="moved_to")
    if invoice.paid_on is None or invoice.paid_on < target.issued_on:
        raise InvoicePaidDayInvalid(field="moved_to")


@transaction.atomic
def payment_return_confirm(*, uid: UUID, by: User) -> PaymentReturn:
    """Take the payment back: the helpers' parts return, the invoice waits for its money again.

    Where help on it was struck out since, the invoice asks for too much: it is void instead, and
    the rest of its help can be billed anew. Confirming again changes nothing.

    Raises ``OwnPaymentReturn``, ``PaymentReturnDecided``, ``PaymentNotThere``,
    ``PaymentMoveUnfit``, ``PaymentUsed``, ``HelpForgotten``, ``DepositMissing``, ``NotFound``.
    """
    found, (invoice, lines), *target = _locked(uid)
    payer = invoice.person.user_id if invoice.person else None
    if by.pk in (found.asked_by_id, payer):
        raise OwnPaymentReturn()
    if found.state == State.DONE:
        return found
    if found.state != State.ASKED:
        raise PaymentReturnDecided(state=found.get_state_display())
    if invoice.state != Invoice.State.PAID:
        raise PaymentNotThere(state=invoice.get_state_display())
    if target:
        _moves_there(invoice, target[0][0])
    _take_back(invoice, lines, found.reason, by)
    _decide(found, State.DONE, by)
    if target:
        pay(*target[0], paid_on=found.paid_on, reference=found.reference, by=by)
    _tell(found, invoice, lines)
    return found


@transaction.atomic
def payment_return_cancel(*, uid: UUID, by: User) -> PaymentReturn:
    """Let the payment stand. Again: changes nothing.

    Raises ``PaymentReturnDecided``, ``NotFound``.
    """
    found, *_ = _locked(uid)
    if found.state == State.CANCELLED:
        return found
    if found.state != State.ASKED:
        raise PaymentReturnDecided(state=found.get_state_display())
    _decide(found, State.CANCELLED, by)
    return found


def _locked(uid: UUID):  # type: ignore[no-untyped-def]
    """The return, then each of its invoices with its lines, all locked."""
    found = PaymentReturn.objects.select_related("invoice", "moved_to").filter(uid=uid).first()
    if found is None:
        raise NotFound()
    uids = [found.invoice.uid] + ([found.moved_to.uid] if found.moved_to else [])
    locked = invoices_locked(*uids)
    again = PaymentReturn.objects.select_for_update(no_key=True, of=("self",)).get(pk=found.pk)
    return again, *locked


def _take_back(invoice: Invoice, lines: list[PaidHelp], reason: str, by: User) -> None:
    stand = [one for one in lines if one.state == PaidHelp.State.SETTLED]
    for one in stand:
        try:
            give_back(one, by)
        except ThanksUsed:
            raise PaymentUsed(day=f"{clock.local(one.start):%-m月%-d日}") from None
    whole = len(stand) == len(lines)
    for one in stand:
        one.state, one.settled_at = PaidHelp.State.BILLED if whole else PaidHelp.State.OPEN, None
        one.invoice = invoice if whole else None
        one.payments_returned += 1
        one.save(update_fields=["state", "settled_at", "invoice", "payments_returned"])
    invoice.state = Invoice.State.ISSUED if whole else Invoice.State.VOID
    invoice.void_reason = "" if whole else reason
    invoice.paid_on, invoice.reference, invoice.decided_by = None, "", None if whole else by
    invoice.save(update_fields=["state", "void_reason", "paid_on", "reference", "decided_by"])


def _decide(found: PaymentReturn, state: str, by: User) -> None:
    found.state, found.decided_by, found.decided_at = state, by, clock.now()
    found.save(update_fields=["state", "decided_by", "decided_at"])
    _on_record(found, f"payment_return_{state}", by, found.reason)


def _on_record(found: PaymentReturn, action: str, by: User, note: str) -> None:
    act_record(
        actor=by,
        action=action,
        subject_kind="invoice",
        subject_id=found.invoice.uid,
        note=note,
    )


def _tell(found: PaymentReturn, invoice: Invoice, lines: list[PaidHelp]) -> None:
    path = f"/me/points/{invoice.programme.code}/"
    number = paid_selectors.invoice_number(invoice)
    if invoice.person is not None:
        moved = found.moved_to
        title = (
            f"請求書（{number}）の入金の記録を、{paid_selectors.invoice_number(moved)}に移しました"
            if moved
            else f"請求書（{number}）の入金の記録を取り消しました"
        )
        body = (
            "この請求書は取り消しました。あらためて、請求書をお出しします。"
            if invoice.state == Invoice.State.VOID
            else "この請求書は、入金を待っています。"
            "お心あたりのないときは、センターにご連絡ください。"
        )
        notice_send(
            person=invoice.person,
            kind="invoice",
            key=f"payment_return:{found.uid}",
            title=title,
            body=body,
            path=path,
        )
    for one in lines:
        if one.helper is not None and one.person_yen and one.state != PaidHelp.State.VOID:
            notice_send(
                person=one.helper,
                kind="paid_help",
                key=f"payment_return:{found.uid}:{one.uid}",
                title=f"{clock.local(one.start):%-m月%-d日}の手伝いのお礼"
                f"{one.person_yen:,}円を、いったん、もどしました",
                body="入金の記録にまちがいがありました。入金を確かめると、もう一度届きます。",
                path=path,
            )
