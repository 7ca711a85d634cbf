"""A visit as each of its people sees it, the list of visits, and the yes of the house."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.people.consent_selectors import consent_stands, text_current
from kyojo.civic.people.domain import reading
from kyojo.help.safety.selectors import late_asked
from kyojo.help.safety.services import can_tell
from kyojo.help.support import selectors, services
from kyojo.help.support.domain import HEADING_BEFORE, HOLDING, UPCOMING, Role, State
from kyojo.help.support.list_selectors import visits_of
from kyojo.help.support.readiness_selectors import readiness_of
from kyojo.help.support.selectors import VisitView
from kyojo.help.support.warmth_selectors import gift_most, gift_of_visit, word_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..safety.sos import press_of
from .access import member, person_of, pressed
from .device import device_give
from .forms import CodeForm, EndForm, LineBackForm, PhotoForm, PressForm, StartForm
from .showing import (
    carer_context,
    coming_words,
    map_points,
    moment_notes,
    near_day,
    place_title,
    row_note,
    ruling_words,
    seen_lines,
    status_of,
    trust_badges,
)

END_BY_CODE = "位置を使わずに終える：合言葉"
STEPS = {"heading": 1, "start": 2, "end": 3, "wait": 4}


@member
def visits(request: HttpRequest) -> HttpResponse:
    """予定: everything that is to come and what was, in all the person's roles."""
    person = person_of(request)
    rows = [
        {
            "is_running": row.state in HOLDING,
            "title": f"{row.category.name}・{row.with_family}さん",
            "note": row_note(row),
            "day": row.starts_at,
            "url": url_of(row.uid, row.to_do),
        }
        for row in visits_of(person)
    ]
    return render(
        request,
        "visits/list.html",
        {
            "coming": [one for one in rows if one["is_running"]],
            "past": [one for one in rows if not one["is_running"]],
            "tab": "plan",
        },
    )


def url_of(uid: UUID, to_do: str = "") -> str:
    return reverse("visit-yes" if to_do == "answer" else "visit", args=[uid])


@member
def visit(request: HttpRequest, uid: UUID) -> HttpResponse:
    view = selectors.visit_for(person_of(request), uid)
    page = render(request, f"visits/{view.role}.html", page_of(request, view))
    if view.role == Role.SUPPORTER and view.address_is_open:
        # The copy on the phone (sw.js) is read without network no longer than the page itself.
        page["X-Keep-Seconds"] = str(_seconds_left_of_day(view))
    return device_give(request, page)


def _seconds_left_of_day(view: VisitView) -> int:
    """Until the day of the visit is over; a day's, where it is over and still goes on."""
    after = clock.local(view.ends_at).date() + timedelta(days=1)
    left = (clock.at(after, 0) - clock.now()).total_seconds()
    return int(left) if left > 0 else 24 * 60 * 60


def page_of(request: HttpRequest, view: VisitView, **more: Any) -> dict[str, Any]:
    """What a visit's page needs; ``more`` holds forms that were refused."""
    now = clock.now()
    context: dict[str, Any] = {
        "visit": view,
        "now_at": now,
        "place_title": place_title(view),
        "points": map_points(view),
        "seen_lines": seen_lines(view),
        "status": status_of(view.state),
        "coming_words": coming_words(view.state),
        "near_day": near_day(view.starts_at),
        "trust": trust_badges(view),
        "ruling_words": ruling_words(view),
        "my_word_said": view.ruling is not None and view.ruling.agreed(view.role),
        "supporter_kana": reading(view.supporter["kana"]),
        "sos_press": press_of(view),
    }
    if view.started_at is not None:
        context["gift"] = gift_of_visit(view)
        context["gift_most"] = gift_most(view.place_municipality_id)
    if view.role != "recipient" and view.state in UPCOMING:
        context["ready"] = readiness_of(view)
    context["asks_photos"] = asks_photos(view)
    if context["asks_photos"]:
        # A newer text asks again.
        context["photo_text"] = text_current("photo")
        context["photos_agreed"] = view.photos_allowed and consent_stands(
            person_of(request), "photo"
        )
    if view.role == "carer":
        context |= carer_context(view)
    if view.role == "supporter":
        context |= {
            "step": _step(view),
            "start_form": StartForm(),
            "code_form": CodeForm(),
            "end_form": EndForm(),
            "end_code_form": CodeForm(label=END_BY_CODE, auto_id="endcode_%s"),
            "press_form": PressForm(),
            "line_form": LineBackForm(),
            "takes_photos": view.state == State.STARTED
            and view.photos_allowed
            and len(view.photos) < services.PHOTOS_MAX,
            "photo_form": PhotoForm(initial={"moment": "end" if view.photos else "start"}),
            "heading_from": view.starts_at - HEADING_BEFORE,
            "can_head": view.starts_at - HEADING_BEFORE <= now <= view.ends_at,
            "can_start": now >= view.opens_at,
            "is_sending": is_sending(request, view),
            "is_stopped": bool(request.session.get(_stop_key(view.uid))),
            "can_tell_worry": can_tell(view),
            "shared_word": word_of(view.uid),
            "late_ask": late_asked(view) if view.state in UPCOMING else None,
            **moment_notes(view, "あなた"),
        }
    return context | more


def asks_photos(view: VisitView) -> bool:
    """Whether this person says if photos may be taken: the house, where it is asked at all."""
    if view.state not in (State.SCHEDULED, State.STARTED):
        return False
    if view.role == "recipient":
        return view.consent == "given"
    return view.role == "carer" and view.consent == "not_needed"


def _step(view: VisitView) -> int:
    if view.state == State.SCHEDULED:
        return STEPS["start"] if view.heading_at else STEPS["heading"]
    if view.state == State.STARTED:
        return STEPS["end"]
    return STEPS["wait"]


def _stop_key(uid: UUID) -> str:
    return f"visit-{uid}-still"


def is_sending(request: HttpRequest, view: VisitView) -> bool:
    """Whether the open page sends positions: on the way or begun, inside the window, and not
    stopped by hand."""
    begun = view.state == State.STARTED or (view.state == State.SCHEDULED and view.heading_at)
    inside = clock.now() <= view.closes_at
    return bool(begun and inside and not request.session.get(_stop_key(view.uid)))


def sending_set(request: HttpRequest, uid: UUID, *, still: bool) -> None:
    request.session[_stop_key(uid)] = still


@member
def yes(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The person whose home it is says yes or no, in large letters."""
    person = person_of(request)
    view = selectors.visit_for(person, uid)
    here = reverse("visit-yes", args=[uid])
    if request.method == "POST":
        if request.POST.get("answer") == "yes":
            return pressed(
                request,
                lambda: services.consent_give(visit_uid=uid, by=person),
                back=here,
                to=here,
                sentence="お返事を伝えました。ありがとうございます",
            )
        if request.POST.get("answer") != "no":
            raise NotFound()  # a press that says neither must not call the visit off
        return pressed(
            request,
            lambda: services.consent_decline(visit_uid=uid, by=person),
            back=here,
            to=here,
            sentence="今回はやめておくと伝えました",
        )
    if view.role != "recipient":
        return render(request, f"visits/{view.role}.html", page_of(request, view))
    return render(request, "visits/yes.html", page_of(request, view))
