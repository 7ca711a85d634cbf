"""Asking to use what was granted: the form, a last look before it is sent, and taking it back."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.earnings.models import Redemption
from kyojo.civic.earnings.selectors import Ruled, wallet
from kyojo.civic.earnings.services import redemption_ask, redemption_cancel
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import page_refused, redirect_saying
from ..security.stepping import step_up_required
from . import reads, words
from .forms import PAYEE, UseForm
from .ways import Way, way

SENT_BEFORE = "この申請は、前に送られています。「申請」をごらんください。"
KINDS = {"1": "普通", "2": "当座"}


@sensitive_post_parameters(*PAYEE)
@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def use_page(request: HttpRequest, code: str, use: str) -> HttpResponse:
    """The form; sent with ``step=check`` the look at it, with ``step=send`` the application."""
    person = person_of(request)
    ruled = reads.programme(code)
    one = way(ruled, person, wallet(ruled.programme, person), use)
    asked = step_up_required(request, "payout_account") if one.use == "cash" else None
    if asked is not None:
        return asked
    if request.method != "POST":
        return _page(request, ruled, one, UseForm(document=ruled.document, way=one))
    form = UseForm(request.POST, document=ruled.document, way=one)
    step = request.POST.get("step", "check")
    if step == "change":
        return _page(request, ruled, one, form)
    is_valid = form.is_valid()
    is_known = "order_id" in form.cleaned_data and reads.was_asked(ruled, person, form.order)
    back = reverse("me-points-one", args=[code])
    if not is_valid and is_known:  # the last one went to this very application
        return redirect_saying(request, back, SENT_BEFORE)
    if not is_valid:
        return _page(request, ruled, one, form, status=422)
    try:
        if step == "send" or is_known:
            _ask(request, ruled, one, form)
            return redirect_saying(
                request,
                back,
                SENT_BEFORE if is_known else "申請を受けつけました。決まると、お知らせします。",
            )
        redemption = _ask(request, ruled, one, form, dry_run=True)
    except NotFound:
        raise
    except Refusal as refusal:
        form.refuse(refusal)
        return _page(request, ruled, one, form, status=422)
    return _check_page(request, ruled, one, form, redemption)


def _ask(
    request: HttpRequest, ruled: Ruled, one: Way, form: UseForm, *, dry_run: bool = False
) -> Redemption:
    return redemption_ask(
        uid=form.order,
        programme_code=ruled.programme.code,
        person=person_of(request),
        use=one.use,
        amount=form.cleaned_data["amount"],
        detail=form.cleaned_data.get("detail", ""),
        payee=form.payee(),
        by=request.user,  # type: ignore[arg-type]
        dry_run=dry_run,
    )


def _page(
    request: HttpRequest, ruled: Ruled, one: Way, form: UseForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "ruled": ruled,
        "document": ruled.document,
        "way": one,
        "is_cash": one.use == "cash",
        "most": words.amount(one.most, ruled.document.unit),
    }
    return render(request, "points/use.html", context, status=status)


def _check_page(
    request: HttpRequest, ruled: Ruled, one: Way, form: UseForm, redemption: Redemption
) -> HttpResponse:
    document = ruled.document
    given = form.cleaned_data
    is_worth = bool(redemption.value_yen) and document.unit != "円"
    context = {
        "form": form,
        "ruled": ruled,
        "document": document,
        "way": one,
        "amount": words.amount(redemption.amount, document.unit),
        "pieces": redemption.quantity,
        "yen": f"{redemption.value_yen:,}円" if is_worth else "",
        "detail": redemption.detail,
        "detail_label": form.fields["detail"].label if one.choices else "",
        "payee": form.payee(),
        "kind": KINDS[given["kind"]] if "kind" in given else "",
    }
    return render(request, "points/check.html", context)


@members_only
@require_POST
def cancel(request: HttpRequest, code: str, uid: UUID) -> HttpResponse:
    """Take back an application that waits."""
    person = person_of(request)
    ruled = reads.programme(code)
    if not reads.was_asked(ruled, person, uid):
        raise NotFound()
    back = reverse("me-points-one", args=[code])
    try:
        redemption_cancel(uid=uid, person=person)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    return redirect_saying(request, back, "申請を取りやめました。「使える」にもどりました。")
