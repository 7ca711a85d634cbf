"""手伝ってもらったお礼: the form of whoever was helped, a last look, and the own invoice as PDF."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.earnings import paid_selectors
from kyojo.civic.earnings.models import PaidHelp
from kyojo.civic.earnings.paid_words import activity_name, why
from kyojo.civic.earnings.selectors import Ruled, wallet
from kyojo.civic.earnings.services import help_record, receiver_find
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.thanks import settlement_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying, tried
from . import invoice_paper, reads, thanking_reads, words
from .thanking_forms import ThanksForm


@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def thanks_page(request: HttpRequest, code: str) -> HttpResponse:
    """The form; sent with ``step=check`` the look at it, with ``step=send`` the thanks."""
    person = person_of(request)
    ruled = reads.programme(code)
    if not paid_selectors.can_thank(ruled.document):
        raise NotFound()
    documents = thanking_reads.documents(ruled)
    if request.method != "POST":
        return _page(request, ruled, ThanksForm(documents=documents))
    form = ThanksForm(request.POST, documents=documents)
    step = request.POST.get("step", "check")
    if step == "change":
        return _page(request, ruled, form)
    if not form.is_valid():
        return _page(request, ruled, form, status=422)
    is_known = paid_selectors.is_recorded(ruled.programme, form.order)
    try:
        helper = receiver_find(
            giver=person,
            number=form.cleaned_data["helper"],
            family_name=form.cleaned_data["family_name"],
            by=request.user,  # type: ignore[arg-type]
        )

        def record() -> PaidHelp:
            return help_record(
                programme_code=code,
                helper=helper,
                helped=person,
                by=request.user,  # type: ignore[arg-type]
                **form.given,
            )

        if step != "send" and not is_known:
            return _check_page(request, ruled, form, helper, tried(record))
        one = record()
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, ruled, form, status=422)
    said = "このお礼は、前に送られています。" if is_known else _said(one, helper)
    return redirect_saying(request, reverse("me-points-one", args=[code]), said)


def _said(one: PaidHelp, helper: Person) -> str:
    if one.settlement == "cash":
        return f"{helper.name}さんの手伝いを記録しました。"
    return f"{helper.name}さんに、お礼をわたしました。"


def _page(request: HttpRequest, ruled: Ruled, form: ThanksForm, status: int = 200) -> HttpResponse:
    settlement = settlement_of(ruled.document)
    have = wallet(ruled.programme, person_of(request)).available
    context = {
        "form": form,
        "ruled": ruled,
        "document": ruled.document,
        "is_cash": settlement == "cash",
        "have": words.amount(have, ruled.document.unit),
        "wage_note": thanking_reads.wage_note(_prefecture(ruled), clock.today())
        if "chosen_yen" in form.fields
        else "",
    }
    return render(request, "points/thanks.html", context, status=status)


def _check_page(
    request: HttpRequest, ruled: Ruled, form: ThanksForm, helper: Person, one: PaidHelp
) -> HttpResponse:
    document = paid_selectors.paid(ruled.programme.code, clock.local(one.start).date()).document
    moved = f"{one.pieces:,}{document.unit}" if one.pieces else f"{one.payer_yen:,}円"
    context = {
        "form": form,
        "ruled": ruled,
        "document": document,
        "helper": helper,
        "one": one,
        "activity": activity_name(document, one.activity),
        "moved": moved,
        "why": why(document, one),
        "is_cash": one.settlement == "cash",
        "caution": thanking_reads.wage_caution(document, one, _prefecture(ruled)),
    }
    return render(request, "points/thanks_check.html", context)


def _prefecture(ruled: Ruled) -> str:
    return str(ruled.programme.municipality.prefecture)


@members_only
@require_safe
def invoice_pdf(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """The member's own invoice as a paper."""
    ruled = reads.programme(code)
    invoice = thanking_reads.invoice_of(ruled, person_of(request), uid)
    try:
        return invoice_paper.answer(invoice)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=reverse("me-points-one", args=[code]))
