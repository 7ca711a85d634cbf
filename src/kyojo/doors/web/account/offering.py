"""What a supporter offers: skills, weekly times, other days, how often to be asked.

The first time they are steps of one flow (``?first=1``): what, when, where.
"""

from datetime import time
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import skills_of, time_exceptions_of, weekly_times_of
from kyojo.civic.people.services import (
    asks_limit_set,
    rest_set,
    skill_set,
    time_exception_add,
    time_exception_remove,
    weekly_times_set,
)
from kyojo.help.matching.trust_selectors import still_needed
from kyojo.kernel import clock
from kyojo.kernel.errors import Refusal
from kyojo.kernel.wording import WEEKDAYS, jhour

from ..http import redirect_saying
from .access import members_only, person_of
from .forms import with_query
from .offer_forms import AsksForm, DayForm, RestForm, SkillsForm, WeeklyForm, time_of


def is_first(request: HttpRequest) -> bool:
    """Whether this page is a step of the first time."""
    source = request.POST if request.method == "POST" else request.GET
    return source.get("first") == "1"


def step_url(name: str, first: bool) -> str:
    return with_query(reverse(name), first="1" if first else "")


# --- what -----------------------------------------------------------------------------------------
@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def skills_page(request: HttpRequest) -> HttpResponse:
    person, first = person_of(request), is_first(request)
    skills = skills_of(person)
    if request.method != "POST":
        return _skills_page(request, SkillsForm(skills=skills), first)
    form = SkillsForm(request.POST, skills=skills)
    if form.is_valid():
        chosen = form.chosen()
        if first and not chosen:
            form.add_error(None, "できることを、1つ選んでください。あとから変えられます。")
            return _skills_page(request, form, first, status=422)
        try:
            skill_set(person=person, skills=chosen)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            if first:
                return HttpResponseRedirect(step_url("me-times", first))
            return redirect_saying(request, "me", "できることを覚えました。")
    return _skills_page(request, form, first, status=422)


def _skills_page(
    request: HttpRequest, form: SkillsForm, first: bool, status: int = 200
) -> HttpResponse:
    # At the first time nothing has been offered yet, and one thing after the other.
    lacking = [] if first else still_needed(person_of(request))
    context = {"form": form, "groups": form.groups(), "first": first, "lacking": lacking}
    return render(request, "account/skills.html", context, status=status)


# --- when -----------------------------------------------------------------------------------------
@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def times_page(request: HttpRequest) -> HttpResponse:
    """The week and the other days. POST is つぎへ of the first time."""
    person, first = person_of(request), is_first(request)
    if request.method == "POST":
        if weekly_times_of(person):
            return HttpResponseRedirect(step_url("me-home", first))
        form = WeeklyForm(request.POST)
        form.is_valid()
        form.add_error(None, "来られる時間を、1つ足してください。あとから変えられます。")
        return _times_page(request, first, weekly=form, status=422)
    return _times_page(request, first)


def _times_page(
    request: HttpRequest,
    first: bool,
    *,
    weekly: WeeklyForm | None = None,
    day: DayForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    context: dict[str, Any] = {
        "first": first,
        "weekly": weekly or WeeklyForm(),
        "day": day or DayForm(auto_id="day_%s"),
        "form": next((f for f in (weekly, day) if f is not None), None),
        "times": [
            {
                "day": WEEKDAYS[t.weekday],
                "words": f"{jhour(t.start)}〜{jhour(t.end)}",
                "key": time_key(t.weekday, t.start, t.end),
            }
            for t in weekly_times_of(person)
        ],
        "days": [
            {
                "pk": e.pk,
                "day": e.day,
                "is_free": e.is_free,
                "words": span_words(e.start, e.end),
            }
            for e in time_exceptions_of(person)
        ],
    }
    return render(request, "account/times.html", context, status=status)


def span_words(start: time | None, end: time | None) -> str:
    """``10時〜12時``, or the whole day."""
    return "1日中" if start is None or end is None else f"{jhour(start)}〜{jhour(end)}"


def time_key(weekday: int, start: time, end: time) -> str:
    """What names a weekly time on the page: saving the week gives every row a new id."""
    return f"{weekday}-{start:%H%M%S}-{end:%H%M%S}"


def _week_of(person: Person) -> list[tuple[int, time, time]]:
    return [(t.weekday, t.start, t.end) for t in weekly_times_of(person)]


@members_only
@require_POST
def time_add(request: HttpRequest) -> HttpResponse:
    person, first = person_of(request), is_first(request)
    form = WeeklyForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        start, end = time_of(given["start"]), time_of(given["end"])
        assert start is not None
        assert end is not None
        added = [(int(day), start, end) for day in given["weekdays"]]
        try:
            weekly_times_set(person=person, times=[*_week_of(person), *added])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, step_url("me-times", first), "時間を足しました。")
    return _times_page(request, first, weekly=form, status=422)


@members_only
@require_POST
def time_remove(request: HttpRequest) -> HttpResponse:
    """Take a weekly time out; one that is out already stays out."""
    person, first = person_of(request), is_first(request)
    key = request.POST.get("key", "")
    weekly_times_set(person=person, times=[t for t in _week_of(person) if time_key(*t) != key])
    return redirect_saying(request, step_url("me-times", first), "時間を消しました。")


@members_only
@require_POST
def day_add(request: HttpRequest) -> HttpResponse:
    person, first = person_of(request), is_first(request)
    form = DayForm(request.POST, auto_id="day_%s")
    if form.is_valid():
        given = form.cleaned_data
        try:
            time_exception_add(
                person=person,
                day=given["day"],
                is_free=given["is_free"] == "yes",
                start=time_of(given["from_time"]),
                end=time_of(given["to_time"]),
            )
        except Refusal as refusal:
            refusal.field = {"start": "from_time", "end": "to_time"}.get(
                refusal.field, refusal.field
            )
            form.refuse(refusal)
        else:
            return redirect_saying(request, step_url("me-times", first), "日を足しました。")
    return _times_page(request, first, day=form, status=422)


@members_only
@require_POST
def day_remove(request: HttpRequest, pk: int) -> HttpResponse:
    time_exception_remove(person=person_of(request), exception_id=pk)
    url = step_url("me-times", is_first(request))
    return redirect_saying(request, url, "日を消しました。")


# --- how often ------------------------------------------------------------------------------------
@members_only
@require_http_methods(["GET", "HEAD", "POST"])
def asks_page(request: HttpRequest) -> HttpResponse:
    person = person_of(request)
    if request.method != "POST":
        return _asks_page(request)
    form = AsksForm(request.POST, asks=person.asks_per_week_max)
    if form.is_valid():
        try:
            asks_limit_set(person=person, asks_per_week_max=form.cleaned_data["asks_per_week_max"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-asks", "回数を変えました。")
    return _asks_page(request, asks=form, status=422)


@members_only
@require_POST
def rest_page(request: HttpRequest) -> HttpResponse:
    """Rest until a day, or (``again``) be asked again."""
    person = person_of(request)
    if "again" in request.POST:
        rest_set(person=person, until=None)
        return redirect_saying(request, "me-asks", "おかえりなさい。また声をかけます。")
    form = RestForm(request.POST)
    if form.is_valid():
        try:
            rest_set(person=person, until=form.cleaned_data["resting_until"])
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "me-asks", "わかりました。その日まで、声をかけません。")
    return _asks_page(request, rest=form, status=422)


def _asks_page(
    request: HttpRequest,
    *,
    asks: AsksForm | None = None,
    rest: RestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    person = person_of(request)
    resting = person.resting_until
    limit = person.asks_per_week_max
    context = {
        "form": asks or rest,
        "asks": asks or AsksForm(asks=limit, initial={"asks_per_week_max": limit}),
        "rest": rest or RestForm(),
        "resting_until": resting if resting and resting >= clock.today() else None,
    }
    return render(request, "account/asks.html", context, status=status)
