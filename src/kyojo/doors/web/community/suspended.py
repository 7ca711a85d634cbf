"""利用を止めているとき: what, why, until when, and how to object. The login goes on working."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kyojo.civic.people.coins import purse
from kyojo.civic.people.services import suspension_appeal
from kyojo.civic.people.suspensions import (
    answer_of,
    appeal_of,
    reason_of,
    suspension_of,
    suspensions_of,
)
from kyojo.kernel.errors import NotFound, Refusal

from ..account.access import members_only, person_of
from ..http import redirect_saying
from .forms import AppealForm


@require_http_methods(["GET", "HEAD", "POST"])
@members_only
def page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    standing = suspension_of(person)
    shown = standing or next(iter(suspensions_of(person)), None)
    if shown is None:
        raise NotFound()
    form = AppealForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            suspension_appeal(person=person, words=form.cleaned_data["words"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(
                request, reverse("me-suspension"), "受け取りました。お返事します"
            )
    return render(
        request,
        "community/suspended.html",
        {
            "one": shown,
            "stands": standing is not None,
            "reason": reason_of(shown),
            "appeal": appeal_of(shown),
            "answer": answer_of(shown),
            "purse": purse(person),
            "form": form,
        },
        status=422 if form.errors else 200,
    )
