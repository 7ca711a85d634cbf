"""登録のない人にも知らせる: the carer's own yes to showing a request to everybody."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.help.matching.posting_selectors import posting_standing
from kyojo.help.matching.services import posting_close, posting_open
from kyojo.help.matching.services.posting import may_be_posted
from kyojo.help.requests.domain import category
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.selectors import request_for_carer
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import carers_only, person_of


@require_http_methods(["GET", "HEAD", "POST"])
@carers_only
def once_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what is shown to whom, then do it."""
    person = person_of(request)
    asked = request_for_carer(carer=person, uid=uid)
    there = reverse("carer-request", args=[uid])
    if asked.state != HelpRequest.State.OPEN:
        return redirect(there)
    if request.method == "POST":
        closes = "close" in request.POST
        try:
            (posting_close if closes else posting_open)(request_uid=uid, carer=person)
        except NotFound:
            raise
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=there)
        said = "募集をやめました" if closes else "登録のない人にも知らせています"
        return http.redirect_saying(request, reverse("carer-request-once", args=[uid]), said)
    with tenant(asked.place_municipality_id):
        may = may_be_posted(asked)
    return render(
        request,
        "carer/once.html",
        {
            "asked": asked,
            "category": category(asked.category),
            "posting": posting_standing(asked),
            "may": may,
            "town": Municipality.objects.get(pk=asked.place_municipality_id),
        },
    )
