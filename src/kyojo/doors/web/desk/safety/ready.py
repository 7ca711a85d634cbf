"""What the office notes before a visit with a child: a first meeting, another adult."""

from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from kyojo.help.support import services
from kyojo.kernel.errors import NotFound, Refusal

from ...http import page_refused, redirect_saying
from ...safety.forms import SecondForm
from ..access import DeskRequest, staff


@staff("POST")
def met(request: DeskRequest, uid: UUID) -> HttpResponse:
    """They have met: the office was there, or heard it from both."""
    here = reverse("desk-visit", args=[uid])
    try:
        services.meeting_record(
            visit_uid=uid, by=request.desk.user, basis=request.POST.get("basis", "")
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=here)
    return redirect_saying(request, here, "顔合わせを記録しました")


@staff("POST")
def second(request: DeskRequest, uid: UUID) -> HttpResponse:
    """Who the other adult of the visit is, as told by telephone."""
    here = reverse("desk-visit", args=[uid])
    form = SecondForm(request.POST)
    if not form.is_valid():
        return redirect_saying(request, here, "もう1人のおとながだれかを、選んでください")
    data = form.cleaned_data
    try:
        services.second_adult_declare(
            uid=form.order,
            visit_uid=uid,
            by=request.desk.user,
            kind=data["kind"],
            name=data["name"],
            number=data["number"],
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=here)
    return redirect_saying(request, here, "もう1人のおとなを記録しました")
