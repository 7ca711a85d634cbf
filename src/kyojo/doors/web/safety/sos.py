"""Asking for help during a visit: one press, and the numbers to call at once."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.municipalities.models import Municipality
from kyojo.help.safety import selectors, services
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from .. import http
from ..visits.access import member, person_of, pressed
from ..visits.forms import PressForm


def press_of(view: VisitView) -> dict[str, Any] | None:
    """What the part 「困ったとき」 needs for its button; None outside the visit's time."""
    if not services.can_press(view):
        return None
    return {"url": reverse("safety-sos", args=[view.uid]), "nonce": new_id()}


@member
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The numbers to call, the button, and after the press who has taken it."""
    person = person_of(request)
    view = visit_for(person, uid)
    here = reverse("safety-sos", args=[uid])
    if request.method == "POST":
        form = PressForm(request.POST)
        form.is_valid()
        try:
            services.emergency_raise(
                uid=form.press_id, visit_uid=uid, by=person, position=form.where
            )
        except NotFound:
            raise
        except Refusal as refusal:
            return http.page_refused(request, refusal, back=here)
        return HttpResponseRedirect(here)
    own = selectors.pressed_by(person, view)
    town = Municipality.objects.get(pk=view.place_municipality_id)
    is_told = own is not None and view.role != "carer"
    return render(
        request,
        "safety/sos.html",
        {
            "visit": view,
            "own": own,
            "press": press_of(view),
            "town": town,
            "municipality": town,
            # The carer's number is for whoever has asked for help.
            "carer_phone": selectors.carer_phone(view) if is_told else "",
        },
    )


@require_POST
@member
def position(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Where the phone is, after the press: 204, also where nothing was kept of it."""
    form = PressForm(request.POST)
    if not form.is_valid() or form.where is None:
        visit_for(person_of(request), uid)
        return HttpResponse(status=422)
    services.emergency_position(visit_uid=uid, by=person_of(request), position=form.where)
    return HttpResponse(status=204)


@require_POST
@member
def withdraw(request: HttpRequest, uid: UUID) -> HttpResponse:
    """「まちがえて押しました」"""
    here = reverse("safety-sos", args=[uid])
    return pressed(
        request,
        lambda: services.emergency_withdraw(visit_uid=uid, by=person_of(request)),
        back=here,
        to=here,
    )


@require_POST
@member
def fine(request: HttpRequest, uid: UUID) -> HttpResponse:
    """「だいじょうぶです」, when a visit lasts longer than it was booked."""
    here = reverse("visit", args=[uid])
    return pressed(
        request,
        lambda: services.late_answer(visit_uid=uid, by=person_of(request)),
        back=here,
        to=here,
        sentence="分かりました。終わったら「終わりました」を押してください",
    )
