"""Help again and again: a new series, what it is at, and what a carer changes of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.help.matching import selectors as matching
from kyojo.help.matching import services as offers
from kyojo.help.matching.models import Offer
from kyojo.help.requests import selectors
from kyojo.help.requests.domain import category
from kyojo.help.requests.errors import SeriesDayUnknown
from kyojo.help.requests.models import HelpRequest, Series
from kyojo.help.requests.repeating import AHEAD, end_spoken
from kyojo.help.support.services import visit_uid_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from ..forms import Choice
from .access import carers_only, person_of
from .series_forms import RhythmForm, SeriesForm, like_request, like_series

State = HelpRequest.State
PEOPLE_SHOWN, DAYS_SHOWN = 4, 8


@carers_only
def new_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """A series like one of the carer's requests: a draft, or one that stands or is over."""
    person = person_of(request)
    like = selectors.request_for_carer(carer=person, uid=uid)
    rules, people = selectors.paying_rules(), _people(like)
    options: dict[str, Any] = {
        "rules": rules,
        "category": like.category,
        "people": [(value, label) for value, label, _ in people],
    }
    if request.method != "POST":
        form = SeriesForm(initial=_like(like), **options)
        return _form_page(request, form, like.category, _back(like))
    form = SeriesForm(request.POST, **options)
    if form.is_valid():
        try:
            made = offers.series_create(
                order_id=form.order, carer=person, **_asked(form, like, people)
            )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(
                request, reverse("carer-series", args=[made.uid]), "くり返しのお願いを始めました。"
            )
    return _form_page(request, form, like.category, _back(like), status=422)


def _back(like: HelpRequest) -> str:
    name = "carer-ask-review" if like.state == State.DRAFT else "carer-request"
    return reverse(name, args=[like.uid])


def _like(like: HelpRequest) -> dict[str, Any]:
    """From the day of a draft, or a week after one that was asked for already."""
    start = clock.local(like.starts_at)
    day = start.date() if like.state == State.DRAFT else start.date() + timedelta(weeks=1)
    while day <= clock.today():
        day += timedelta(weeks=1)
    return like_request(starts=day, at=f"{start:%H:%M}", minutes=selectors.minutes_of(like))


def _people(like: HelpRequest) -> list[tuple[str, Any, str]]:
    """(value, label, name): whoever came for it, else the best who could."""
    chosen = [
        one for one in matching.offers_of_request(like.uid) if one.state == Offer.State.CHOSEN
    ]
    if chosen:
        return [
            (
                f"{one.supporter_municipality_id}/{one.supporter_uid}",
                Choice(f"{one.card['name']} さん", "このお願いに来る人です"),
                one.card["family_name"],
            )
            for one in chosen
        ]
    found = matching.candidates(like, limit=PEOPLE_SHOWN)
    return [
        (
            f"{one.municipality_id}/{one.uid}",
            Choice(f"{one.row.name} さん", one.match.reasons[0].sentence),
            one.family_name,
        )
        for one in found
    ]


def _asked(
    form: SeriesForm, like: HelpRequest, people: list[tuple[str, Any, str]]
) -> dict[str, Any]:
    asked: dict[str, Any] = form.asked() | {
        "category": like.category,
        "place_uid": like.place_uid,
        "memo": like.memo,
        "gender_wish": like.gender_wish,
        "decide": form.cleaned_data["decide"],
    }
    usual = form.usual_person
    if usual is not None:
        names = {value: name for value, _, name in people}
        asked |= {
            "supporter_municipality_id": usual[0],
            "supporter_uid": usual[1],
            "supporter_name": names[form.cleaned_data["usual"]],
        }
    return asked


def _form_page(
    request: HttpRequest, form: RhythmForm, code: str, back: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    return render(
        request,
        "carer/series_form.html",
        {"form": form, "category": category(code), "back": back} | more,
        status=status,
    )


# --- how it stands --------------------------------------------------------------------------------
@carers_only
def series_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    series = selectors.series_for_carer(carer=person, uid=uid)
    days = _days(series)
    return render(
        request,
        "carer/series.html",
        {
            "series": series,
            "category": category(series.category),
            "said": selectors.series_spoken(series),
            "ends": end_spoken(series.rule),
            "days": days,
            "others": _others(series),
            "price": selectors.paying_rules().coins_for(series.minutes),
            "tab": "plan",
        },
    )


def _days(series: Series) -> list[dict[str, Any]]:
    """The next days: what was asked for, and what is still to be."""
    made = selectors.occurrences_of(series, since=clock.today())
    asked = matching.offers_by_request(one.uid for one in made)
    by_day: dict[date, dict[str, Any]] = {}
    for one in made:
        if one.state != State.CANCELLED:
            day = clock.local(one.starts_at).date()
            by_day[day] = _made(one, asked.get(one.uid, []))
    if series.state == Series.State.ACTIVE:
        far = clock.today() + AHEAD * 4
        for day in selectors.series_days(series, last=far):
            by_day.setdefault(day, {"said": "", "can_skip": True, "url": ""})
    return [{"day": day} | by_day[day] for day in sorted(by_day)][:DAYS_SHOWN]


def _made(one: HelpRequest, asked: list[Offer]) -> dict[str, Any]:
    chosen = next((offer for offer in asked if offer.state == Offer.State.CHOSEN), None)
    direct = next((o for o in asked if o.is_direct and o.state in matching.STANDING_STATES), None)
    url, said = reverse("carer-request", args=[one.uid]), State(one.state).label
    if chosen is not None and one.state in (State.MATCHED, State.DONE):
        url = f"/visits/{visit_uid_of(chosen.uid)}/"
        said = f"{chosen.card['family_name']}さんが来ます"
    elif direct is not None:
        said = f"{direct.card['family_name']}さんの返事を待っています"
    elif one.state == State.OPEN:
        said = "代わりの人をさがしています" if asked else "来られる人をさがしています"
    return {"said": said, "can_skip": one.state in (State.OPEN, State.UNFILLED), "url": url}


def _others(series: Series) -> list[dict[str, Any]]:
    """Who came or comes for it, beside the usual person."""
    found = {}
    for one in offers.series_offers_chosen(series):
        key = (one.supporter_municipality_id, one.supporter_uid)
        if key != (series.supporter_municipality_id, series.supporter_uid):
            found.setdefault(key, {"town": key[0], "uid": key[1], "card": one.card})
    return list(found.values())


# --- changes --------------------------------------------------------------------------------------
@carers_only
def change_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    person = person_of(request)
    series = selectors.series_for_carer(carer=person, uid=uid)
    back = reverse("carer-series", args=[uid])
    options: dict[str, Any] = {"rules": selectors.paying_rules(), "category": series.category}
    if request.method != "POST":
        starts = max(series.starts_on, clock.today() + timedelta(days=1))
        form = RhythmForm(initial=like_series(series, starts=starts), **options)
        return _form_page(request, form, series.category, back, series=series)
    form = RhythmForm(request.POST, **options)
    if form.is_valid():
        try:
            offers.series_change(uid=uid, carer=person, **form.asked())
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return http.redirect_saying(request, back, "これからの分を変えました。")
    return _form_page(request, form, series.category, back, status=422, series=series)


@require_POST
@carers_only
def skip(request: HttpRequest, uid: UUID) -> HttpResponse:
    """この日は休む."""
    back = reverse("carer-series", args=[uid])
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return http.page_refused(request, SeriesDayUnknown(), back=back)
    try:
        offers.series_skip(uid=uid, carer=person_of(request), day=day)
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=back)
    return http.redirect_saying(request, back, "その日は、お休みにしました。")


@require_POST
@carers_only
def usual(request: HttpRequest, uid: UUID) -> HttpResponse:
    """この人に、毎回来てもらう."""
    back = reverse("carer-series", args=[uid])
    town = request.POST.get("town", "")
    try:
        offers.series_usual(
            uid=uid,
            carer=person_of(request),
            supporter_uid=http.uuid_or_404(request.POST.get("supporter")),
            supporter_municipality_id=int(town) if town.isdecimal() and len(town) <= 10 else 0,
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back=back)
    return http.redirect_saying(request, back, "これからは、この人に先にお願いします。")


@carers_only
def end_page(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Say what happens, then do it."""
    person = person_of(request)
    series = selectors.series_for_carer(carer=person, uid=uid)
    back = reverse("carer-series", args=[uid])
    if series.state == Series.State.ENDED:
        return redirect(back)
    if request.method == "POST":
        offers.series_end(uid=uid, carer=person)
        return http.redirect_saying(request, back, "くり返しのお願いを終わりにしました。")
    return render(
        request,
        "carer/series_end.html",
        {
            "series": series,
            "category": category(series.category),
            "said": selectors.series_spoken(series),
            "coming": [one for one in _days(series) if one["url"].startswith("/visits/")],
        },
    )
