"""Having everything about oneself erased: told before what goes and what stays, then asked for;
until its day it can be taken back."""

from datetime import timedelta

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.earnings.services import leaving_plan
from kyojo.commons.privacy.selectors import erasure_of, person_stops
from kyojo.commons.privacy.services import erasure_ask, erasure_withdraw
from kyojo.commons.privacy.services.erasures import wait_days
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..forms import OrderForm
from ..http import page_refused, redirect_saying
from ..security.stepping import stepped_up


class EraseForm(OrderForm):
    """The one tick before it is asked for."""

    confirm = forms.BooleanField(label="消えるものと、残るものを読みました")


@members_only
@stepped_up("erasure", "POST")
@require_http_methods(["GET", "HEAD", "POST"])
def erase_page(request: HttpRequest) -> HttpResponse:
    """What is erased and what stays, and the form that asks for it; once asked for, its day."""
    if request.method != "POST":
        return _page(request, EraseForm())
    form = EraseForm(request.POST)
    if form.is_valid():
        try:
            erasure = erasure_ask(uid=form.order, person=person_of(request))
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            day = clock.local(erasure.due_at) if erasure.due_at else clock.local()
            said = f"消去を受け付けました。{day:%-m月%-d日}まで、取り下げられます。"
            return redirect_saying(request, "me-data-erase", said)
    return _page(request, form, 422)


def _page(request: HttpRequest, form: EraseForm, status: int = 200) -> HttpResponse:
    person = person_of(request)
    erasure = erasure_of(person)
    plan = [] if erasure else leaving_plan(person=person, event="quitting")
    days = wait_days()
    context = {
        "form": form,
        "erasure": erasure,
        "stops": [] if erasure else person_stops(person),
        "lapses": any(one.way in ("lapse", "keep") and one.amount for one in plan),
        "days": days,
        "day": clock.now() + timedelta(days=days),
    }
    return render(request, "privacy/erase.html", context, status=status)


@members_only
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Take it back. Pressed twice: it is taken back."""
    person = person_of(request)
    erasure = erasure_of(person)
    if erasure is not None:
        try:
            erasure_withdraw(uid=erasure.uid, person=person)
        except Refusal as refusal:
            return page_refused(request, refusal, back="/me/data/erase/")
    return redirect_saying(request, "me-data", "消去を取り下げました。登録はそのままです。")
