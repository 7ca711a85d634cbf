"""請求書: months that wait for them, issuing after a look, one invoice, its paper, paid or void."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import paid_selectors, services
from kyojo.civic.earnings.models import Invoice, PaymentReturn
from kyojo.civic.earnings.paid_selectors import OpenMonth
from kyojo.civic.earnings.paid_words import activity_name
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ...forms import Choice, Form
from ...http import page_refused, redirect_saying
from ...points import invoice_paper
from ...points.thanking_reads import INVOICE_BADGES
from .. import files
from ..access import DeskRequest, page
from ..listing import Listing, filter_of
from .paid_forms import InvoicePaidForm, InvoiceVoidForm, IssueForm, PaymentReturnForm
from .paid_help import frame_context, of_paid_help
from .paid_reads import INVOICES, InvoiceRow, kana_of
from .shared import PER_PAGE, Frame, decided, same_programme

DUE_AFTER_DAYS = 30
CHANGED = (
    "開いていた画面のあとで、手伝いの記録が変わりました。下の表を確かめて、もう一度押してください。"
)


@of_paid_help()
def listed(request: DeskRequest, frame: Frame) -> HttpResponse:
    filters = [filter_of(request, "state", "いま", Invoice.State.choices)]
    every = [InvoiceRow(one) for one in paid_selectors.invoices(frame.ruled.programme)]
    rows = [row for row in every if filters[0].value in ("", row.one.state)]
    path = reverse("desk-points-invoices", kwargs={"code": frame.code})
    listing = Listing(request.GET, INVOICES, rows, "-number", path=path)
    title = f"請求書 {frame.code}"
    taken = files.file_of(request, listing, name="invoices", title=title, here="points")
    if taken is not None:
        return taken
    waiting = [row.one.yen for row in every if row.one.state == Invoice.State.ISSUED]
    return page(
        request,
        "points/invoices.html",
        "points",
        {
            **frame_context(frame),
            **listing.page(PER_PAGE),
            "filters": filters,
            "months": paid_selectors.open_months(frame.ruled.programme),
            "returns": [
                {"one": one, "number": paid_selectors.invoice_number(one.invoice)}
                for one in paid_selectors.payment_returns_waiting()
                if one.invoice.programme_id == frame.ruled.programme.pk
            ],
            "waiting_yen": sum(waiting),
        },
    )


# --- issuing --------------------------------------------------------------------------------------


@of_paid_help("GET", "POST")
def issue(request: DeskRequest, frame: Frame, year: int, month: int) -> HttpResponse:
    """Who would get an invoice for a month, and over how much; pressed, they get it."""
    day = _month(year, month)
    open_month = next(
        (one for one in paid_selectors.open_months(frame.ruled.programme) if one.month == day),
        None,
    )
    back = reverse("desk-points-invoices", kwargs={"code": frame.code})
    if open_month is None:
        if request.method == "POST":
            return redirect_saying(request, back, "この月の請求書は、もう出してあります")
        raise NotFound()
    if request.method != "POST":
        due_on = clock.today() + timedelta(days=DUE_AFTER_DAYS)
        form = IssueForm(initial={"shown": _shown(open_month), "due_on": due_on})
        return _issue(request, frame, open_month, form)
    form = IssueForm(request.POST)
    if form.is_valid() and form.cleaned_data["shown"] != _shown(open_month):
        form = IssueForm({**request.POST.dict(), "shown": _shown(open_month)})
        form.add_error(None, CHANGED)
    if form.is_valid():
        try:
            made = services.invoices_issue(
                programme_code=frame.code,
                month=day,
                due_on=form.cleaned_data["due_on"],
                by=request.desk.user,
            )
        except NotFound:
            raise
        except Refusal as refused:
            form.refuse(refused)
        else:
            said = f"{len(made)}通の請求書を出しました。それぞれの人にお知らせしました"
            return redirect_saying(request, back, said)
    return _issue(request, frame, open_month, form, status=422)


def _month(year: int, month: int) -> date:
    try:
        return date(year, month, 1)
    except (ValueError, OverflowError):
        raise NotFound() from None


def _shown(found: OpenMonth) -> str:
    return f"{len(found.people)}/{found.helps}/{found.yen}"


def _issue(
    request: DeskRequest, frame: Frame, found: OpenMonth, form: IssueForm, status: int = 200
) -> HttpResponse:
    people = [
        {
            "person": rows[0].helped,
            "helps": len(rows),
            "yen": sum(one.payer_yen for one in rows),
        }
        for rows in found.people.values()
    ]
    context = {
        **frame_context(frame),
        "found": found,
        "people": sorted(people, key=lambda row: kana_of(row["person"])),
        "is_over": clock.at((found.month + timedelta(days=32)).replace(day=1), 0) <= clock.now(),
        "form": form,
    }
    return page(request, "points/invoices_issue.html", "points", context, status=status)


# --- one ------------------------------------------------------------------------------------------


@of_paid_help()
def one(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """One invoice. Opening it goes on record."""
    invoice = _mine(frame, uid)
    act_record(
        actor=request.desk.user,
        action="invoice_opened",
        subject_kind="invoice",
        subject_id=uid,
    )
    return _one(request, frame, invoice)


@of_paid_help()
def paper(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    invoice = _mine(frame, uid)
    if invoice.state == Invoice.State.VOID:
        raise NotFound()
    try:
        answer = invoice_paper.answer(invoice)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=_path(frame, uid))
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="invoice",
        subject_id=uid,
        note=f"{frame.code} {paid_selectors.invoice_number(invoice)}",
    )
    return answer


@of_paid_help("POST")
def paid(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    return _decided(
        request,
        frame,
        uid,
        InvoicePaidForm(request.POST),
        lambda data: services.invoice_paid(
            uid=uid, paid_on=data["paid_on"], reference=data["reference"], by=request.desk.user
        ),
        "入金を記録しました。手伝った人にお礼が届きました",
    )


@of_paid_help("POST")
def void(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    return _decided(
        request,
        frame,
        uid,
        InvoiceVoidForm(request.POST),
        lambda data: services.invoice_void(uid=uid, reason=data["reason"], by=request.desk.user),
        "請求書を取り消しました。手伝いは、もう一度請求できます",
    )


# --- a payment is taken back ----------------------------------------------------------------------


@of_paid_help("POST")
def return_ask(request: DeskRequest, frame: Frame, uid: UUID) -> HttpResponse:
    """Ask another officer to take the payment back; nothing moves yet."""
    form = _return_form(_mine(frame, uid), request.POST)
    return _decided(
        request,
        frame,
        uid,
        form,
        lambda data: services.payment_return_ask(
            uid=form.order,
            invoice_uid=uid,
            reason=data["reason"],
            moved_to=form.target,
            by=request.desk.user,
        ),
        "入金の取り消しを出しました。ほかの職員の承認を待っています",
    )


@of_paid_help("POST")
def return_confirm(request: DeskRequest, frame: Frame, uid: UUID, order: UUID) -> HttpResponse:
    return _return_decided(
        request,
        frame,
        uid,
        order,
        services.payment_return_confirm,
        "入金を取り消しました。払った人と手伝った人に、お知らせしました",
    )


@of_paid_help("POST")
def return_cancel(request: DeskRequest, frame: Frame, uid: UUID, order: UUID) -> HttpResponse:
    return _return_decided(
        request,
        frame,
        uid,
        order,
        services.payment_return_cancel,
        "入金の取り消しを、取りやめました。入金は、そのままです",
    )


def _return_decided(
    request: DeskRequest,
    frame: Frame,
    uid: UUID,
    order: UUID,
    act: Callable[..., PaymentReturn],
    said: str,
) -> HttpResponse:
    invoice = _mine(frame, uid)
    if paid_selectors.payment_return_by_uid(order).invoice_id != invoice.pk:
        raise NotFound()
    try:
        act(uid=order, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refused:
        return page_refused(request, refused, back=_path(frame, uid))
    return redirect_saying(request, _path(frame, uid), said)


def _return_form(invoice: Invoice, data: Any = None) -> PaymentReturnForm:
    targets = [
        (
            str(one.uid),
            Choice(
                f"{paid_selectors.invoice_number(one)}の入金として記録しなおす",
                f"{one.month.year}年{one.month.month}月分・{one.yen:,}円",
            ),
        )
        for one in paid_selectors.payment_targets(invoice)
    ]
    return PaymentReturnForm(data, targets=targets)


def _returns(request: DeskRequest, invoice: Invoice) -> dict[str, Any]:
    """What the page of an invoice says of its payments that were taken back, or may be."""
    found = paid_selectors.payment_returns(invoice)
    names = staff_selectors.names_of(
        {key for one in found for key in (one.asked_by_id, one.decided_by_id)} - {None}
    )
    rows = [
        {
            "one": one,
            "moved_to": paid_selectors.invoice_number(one.moved_to) if one.moved_to else "",
            "asked_by": names.get(one.asked_by_id or 0, ""),
            "decided_by": names.get(one.decided_by_id or 0, ""),
        }
        for one in found
    ]
    user = request.desk.user
    return {
        "returning": next((row for row in rows if row["one"].state == "asked"), None),
        "returned": [row for row in rows if row["one"].state == "done"],
        "is_own_return": any(one.asked_by_id == user.pk for one in found if one.state == "asked")
        or (invoice.person is not None and invoice.person.user_id == user.pk),
        "return_form": _return_form(invoice),
    }


def _decided(
    request: DeskRequest,
    frame: Frame,
    uid: UUID,
    form: InvoicePaidForm | InvoiceVoidForm | PaymentReturnForm,
    act: Callable[[dict[str, Any]], object],
    said: str,
) -> HttpResponse:
    """What a form decides, or the page again with what is to be mended."""
    invoice = _mine(frame, uid)
    return decided(
        request,
        form,
        act,
        said=said,
        path=_path(frame, uid),
        again=lambda: _one(
            request, frame, invoice, status=422, **{form.context: form, "form": form}
        ),
    )


def _path(frame: Frame, uid: UUID) -> str:
    return reverse("desk-points-invoice", kwargs={"code": frame.code, "uid": uid})


def _mine(frame: Frame, uid: UUID) -> Invoice:
    found = paid_selectors.invoice_by_uid(uid)
    same_programme(found, frame)
    return found


def _one(
    request: DeskRequest, frame: Frame, invoice: Invoice, *, status: int = 200, **given: Form
) -> HttpResponse:
    by_day = paid_selectors.Documents(invoice.programme)
    names = staff_selectors.names_of({invoice.issued_by_id or 0, invoice.decided_by_id or 0})
    context: dict[str, Any] = {
        **frame_context(frame),
        "one": invoice,
        "number": paid_selectors.invoice_number(invoice),
        "badge": INVOICE_BADGES[invoice.state],
        "member": invoice.person,
        "lines": [
            {"one": line, "activity": activity_name(by_day.on(line.start), line.activity)}
            for line in paid_selectors.invoice_lines(invoice)
        ],
        "issued_by": names.get(invoice.issued_by_id or 0, ""),
        "decided_by": names.get(invoice.decided_by_id or 0, ""),
        "paid_form": InvoicePaidForm(),
        "void_form": InvoiceVoidForm(),
        **_returns(request, invoice),
        **given,
    }
    return page(request, "points/invoice.html", "points", context, status=status)
