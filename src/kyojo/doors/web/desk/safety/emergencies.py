"""Emergencies: the list, the banner on every page, one with its numbers and what was done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from kyojo.civic.people import staff_selectors
from kyojo.civic.people.services import act_record
from kyojo.help.requests.domain import category
from kyojo.help.safety import selectors, services
from kyojo.help.safety.domain import OUTCOME_LABELS, OUTCOMES
from kyojo.help.safety.models import Emergency
from kyojo.help.support.models import Visit
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.wording import duration

from ...forms import Form
from ...http import page_refused, redirect_saying
from .. import files
from ..access import DeskRequest, page, staff
from ..forms import radio
from ..listing import Column, Filter, Listing, filter_of

State = Emergency.State
PER_PAGE = 100
ROLES = {"supporter": "来た人", "carer": "たのんだ人", "recipient": "お宅の方"}
LOOKS = {
    State.RAISED: ("bad", "alert"),
    State.ACKNOWLEDGED: ("warn", "clock"),
    State.WITHDRAWN: ("warn", "eye"),
    State.CLOSED: ("good", "done"),
}


@dataclass(frozen=True)
class Row:
    uid: UUID
    raised_at: datetime
    by: str
    what: str
    area: str
    state: str
    state_name: str
    taken: str
    outcome: str

    @property
    def badge(self) -> tuple[str, str, str]:
        return (self.state_name, *LOOKS[State(self.state)])


COLUMNS = (
    Column(
        "raised",
        "日時",
        lambda row: row.raised_at,
        sortable=True,
        order=("古い順", "新しい順"),
    ),
    Column("by", "押した人", lambda row: row.by, sortable=True),
    Column("what", "支援", lambda row: row.what, sortable=True),
    Column("area", "圏域", lambda row: row.area or None, sortable=True),
    Column("state", "いま", lambda row: row.state_name, sortable=True),
    Column("taken", "受けるまで", lambda row: row.taken or None),
    Column("outcome", "どうなったか", lambda row: row.outcome or None, sortable=True),
)


def _rows(found: list[Emergency]) -> list[Row]:
    visits = {one.uid: one for one in Visit.objects.filter(uid__in=[e.visit_uid for e in found])}
    return [_row(one, visits.get(one.visit_uid)) for one in found]


def _row(one: Emergency, visit: Visit | None) -> Row:
    taken = one.acknowledged_at
    return Row(
        uid=one.uid,
        raised_at=one.raised_at,
        by=ROLES.get(one.by_role, ""),
        what=category(visit.category).name if visit else "",
        area=visit.area_name if visit else "",
        state=one.state,
        state_name=str(State(one.state).label),
        taken=duration(taken - one.raised_at) if taken else "",
        outcome=OUTCOME_LABELS.get(one.outcome, ""),
    )


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    states: Filter = filter_of(request, "state", "いま", list(State.choices))
    found = selectors.emergencies(request.desk.user)
    if states.value:
        found = found.filter(state=states.value)
    rows = _rows(list(found[:2000]))
    listing = Listing(request.GET, COLUMNS, rows, "-raised", path=reverse("desk-safety"))
    taken = files.file_of(
        request, listing, name="emergencies", title="助けを求める知らせ", here="safety"
    )
    if taken is not None:
        return taken
    context = {
        **listing.page(PER_PAGE),
        "filters": [states],
        "duties": selectors.duties_listed(),
        "going": _going(selectors.emergencies_going(request.desk.user)),
    }
    return page(request, "safety/home.html", "safety", context)


def _going(days: dict[UUID, date]) -> list[tuple[str, datetime, date]]:
    """(address, when it was raised, on which day its record goes): the soonest first."""
    raised = dict(Emergency.objects.filter(uid__in=days).values_list("uid", "raised_at"))
    return [(_url(uid), raised[uid], day) for uid, day in days.items()]


# --- the banner -----------------------------------------------------------------------------------
def alert_context(waiting: Sequence[Emergency]) -> dict[str, Any]:
    """What the banner on top of every page of the desk shows, until somebody has taken it: also
    what is said to be a mistake, after the others. ``seen`` names it."""
    untaken = [one for one in waiting if one.acknowledged_at is None]
    shown = sorted(untaken, key=lambda one: one.state != State.RAISED)
    mark = "/".join(f"{one.uid}{one.state}" for one in shown)
    seen = sha256(mark.encode()).hexdigest()[:12] if mark else ""
    return {"alarms": shown, "alarm_seen": seen}


@staff()
def alert(request: DeskRequest) -> HttpResponse:
    """The banner by itself, asked for by every open page; 204 where nothing has changed."""
    context = alert_context(request.desk.emergencies)
    if context["alarm_seen"] == request.GET.get("seen", ""):
        return HttpResponse(status=204)
    return render(request, "desk/safety/_alert.html", context)


# --- one ------------------------------------------------------------------------------------------
class NoteForm(Form):
    words = forms.CharField(label="したこと", max_length=2000, widget=forms.Textarea)


class CloseForm(Form):
    outcome = radio(label="どうなりましたか", choices=list(OUTCOMES.items()))
    words = forms.CharField(
        label="ひとこと",
        max_length=2000,
        required=False,
        widget=forms.Textarea(),
        help_text="暗号にして残します。職員だけが読めます。",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "close_%s")
        super().__init__(*args, **kwargs)


@staff()
def one(request: DeskRequest, uid: UUID) -> HttpResponse:
    """One emergency. Opening it goes on record, since names, numbers and a place show."""
    found = selectors.emergency_for(request.desk.user, uid)
    act_record(
        actor=request.desk.user,
        action="emergency_opened",
        subject_kind="emergency",
        subject_id=found.uid,
    )
    return _one(request, found)


def _one(
    request: DeskRequest, found: Emergency, refused: Form | None = None, *, status: int = 200
) -> HttpResponse:
    visit = Visit.objects.filter(uid=found.visit_uid).first()
    position = selectors.position_of(found)
    names = staff_selectors.names_of([found.acknowledged_by_id] if found.acknowledged_by_id else [])
    context = {
        "one": found,
        "row": _row(found, visit),
        "visit": visit,
        "category": category(visit.category) if visit else None,
        "contacts": selectors.contacts_of(visit) if visit else [],
        "position": position,
        "points": _points(visit, position),
        "notes": selectors.notes_of(found),
        "alarmed": selectors.alarmed(found),
        "taken_by": names.get(found.acknowledged_by_id or 0, ""),
        "note_form": refused if isinstance(refused, NoteForm) else NoteForm(),
        "close_form": refused if isinstance(refused, CloseForm) else CloseForm(),
        "form": refused,
    }
    return page(request, "safety/emergency.html", "safety", context, status=status)


def _points(visit: Visit | None, position: tuple[float, float, int] | None) -> list[dict[str, Any]]:
    points: list[dict[str, Any]] = []
    if visit is not None and visit.latitude is not None and visit.longitude is not None:
        points.append(
            {
                "latitude": visit.latitude,
                "longitude": visit.longitude,
                "kind": "home",
                "text": "行き先",
            }
        )
    if position is not None:
        latitude, longitude, accuracy = position
        spot = {"latitude": latitude, "longitude": longitude}
        points.append({**spot, "kind": "about", "text": "", "radius_m": accuracy or 10})
        points.append({**spot, "kind": "pin", "text": "電話"})
    return points


def _url(uid: UUID) -> str:
    return reverse("desk-emergency", args=[uid])


@staff("POST")
def take(request: DeskRequest, uid: UUID) -> HttpResponse:
    """「受けます」"""
    try:
        services.emergency_acknowledge(uid=uid, by=request.desk.user)
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=_url(uid))
    return redirect_saying(request, _url(uid), "受けました。すぐに、お電話してください")


@staff("POST")
def note(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = NoteForm(request.POST)
    found = selectors.emergency_for(request.desk.user, uid)
    if form.is_valid():
        services.emergency_note(uid=uid, words=form.cleaned_data["words"], by=request.desk.user)
        return redirect_saying(request, _url(uid), "書きとめました")
    return _one(request, found, form, status=422)


@staff("POST")
def close(request: DeskRequest, uid: UUID) -> HttpResponse:
    form = CloseForm(request.POST)
    found = selectors.emergency_for(request.desk.user, uid)
    if form.is_valid():
        try:
            services.emergency_close(uid=uid, by=request.desk.user, **form.cleaned_data)
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, _url(uid), "終えました。押した人にも知らせました")
    return _one(request, found, form, status=422)
