"""気になること: telling the support centre, and what became of it."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from kyojo.help.safety import selectors, services
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from .. import http
from ..visits.access import member, person_of
from .forms import WorryForm


@member
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """For the visit's supporter: the form, and how stands what they told before."""
    person = person_of(request)
    view = visit_for(person, uid)
    if view.role != "supporter":
        raise NotFound()
    if request.method != "POST":
        return _page(request, view, WorryForm(initial={"order_id": new_id()}))
    form = WorryForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.worry_tell(
                uid=form.order,
                visit_uid=uid,
                by=person,
                signs=data["signs"],
                words=data["words"],
                ground=data["ground"],
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            here = reverse("safety-worry", args=[uid])
            return http.redirect_saying(request, here, "伝えました。ありがとうございます")
    return _page(request, view, form, status=422)


def _page(
    request: HttpRequest, view: VisitView, form: WorryForm, *, status: int = 200
) -> HttpResponse:
    context = {
        "visit": view,
        "form": form,
        "told": selectors.told_by(person_of(request), view),
        "can_tell": services.can_tell(view),
    }
    return render(request, "safety/worry.html", context, status=status)
