"""Before the first visit with a child: the first meeting, and the other adult."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.help.support import services
from kyojo.help.support.readiness_selectors import readiness_of
from kyojo.help.support.selectors import VisitView, visit_for
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.ids import new_id

from .. import http
from ..visits.access import member, person_of, pressed
from .forms import MeetingForm, SecondForm

ROLES = ("carer", "supporter")


def _mine(request: HttpRequest, uid: UUID) -> VisitView:
    view = visit_for(person_of(request), uid)
    if view.role not in ROLES:
        raise NotFound()
    return view


def _url(uid: UUID) -> str:
    return reverse("safety-ready", args=[uid])


@member
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """What is still to be done; POST proposes a day to meet."""
    view = _mine(request, uid)
    if request.method != "POST":
        return _page(request, view)
    form = MeetingForm(request.POST)
    if form.is_valid():
        try:
            services.meeting_propose(
                visit_uid=uid,
                by=person_of(request),
                at=form.at,
                where=form.cleaned_data["where"],
                minutes=form.cleaned_data["minutes"],
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(request, _url(uid), "顔合わせの日時を、相手に伝えました")
    return _page(request, view, meeting_form=form, form=form, status=422)


def _page(request: HttpRequest, view: VisitView, *, status: int = 200, **more: Any) -> HttpResponse:
    ready = readiness_of(view)
    if ready is None:
        raise NotFound()
    other = view.supporter if view.role == "carer" else view.carer
    meeting = ready.meeting
    context = {
        "visit": view,
        "ready": ready,
        "other": other,
        "meeting": meeting,
        "can_agree": meeting is not None
        and meeting.state == "proposed"
        and meeting.at is not None
        and meeting.proposed_by != view.role,
        "can_say": meeting is None
        or (meeting.state != "held" and (meeting.at is None or meeting.at <= clock.now())),
        "i_said": meeting is not None and view.role in meeting.said,
        "other_said": meeting is not None and bool(meeting.said - {view.role}),
        "meeting_form": MeetingForm(initial={"minutes": 30}),
        "second_form": SecondForm(initial={"order_id": new_id()}),
    }
    return render(request, "safety/ready.html", context | more, status=status)


@require_POST
@member
def agree(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _press(request, uid, services.meeting_agree, "日時を決めて、相手に伝えました")


@require_POST
@member
def met(request: HttpRequest, uid: UUID) -> HttpResponse:
    return _press(request, uid, services.meeting_said, "会ったことを記録しました")


def _press(request: HttpRequest, uid: UUID, act: Any, sentence: str) -> HttpResponse:
    _mine(request, uid)
    return pressed(
        request,
        lambda: act(visit_uid=uid, by=person_of(request)),
        back=_url(uid),
        to=_url(uid),
        sentence=sentence,
    )


@require_POST
@member
def second(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Who the other adult of the visit is."""
    view = _mine(request, uid)
    form = SecondForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.second_adult_declare(
                uid=form.order,
                visit_uid=uid,
                by=person_of(request),
                kind=data["kind"],
                name=data["name"],
                number=data["number"],
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(request, _url(uid), "もう1人のおとなを記録しました")
    return _page(request, view, second_form=form, form=form, status=422)
