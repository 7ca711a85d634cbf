"""毎回のお願い: the days of a series, for whoever usually comes; what they cannot, and leaving."""

from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from kyojo.help.matching import services
from kyojo.help.matching.selectors import series_for_supporter
from kyojo.help.requests.domain import category
from kyojo.help.requests.errors import SeriesDayUnknown
from kyojo.help.requests.repeating import end_spoken
from kyojo.help.requests.selectors import series_spoken
from kyojo.help.support.services import visit_uid_of
from kyojo.kernel.errors import NotFound, Refusal

from ..http import page_refused, redirect_saying
from ..visits.access import member, person_of


@member
def series_page(request: HttpRequest, town: int, uid: UUID) -> HttpResponse:
    series, days = series_for_supporter(
        person=person_of(request), carer_municipality_id=town, uid=uid
    )
    return render(
        request,
        "supporter/series.html",
        {
            "series": series,
            "town": town,
            "category": category(series.category),
            "said": series_spoken(series),
            "ends": end_spoken(series.rule),
            "days": [
                {
                    "day": one.day,
                    "is_away": one.is_away,
                    "offer": one.offer,
                    "visit": visit_uid_of(one.offer.uid) if one.offer is not None else None,
                }
                for one in days
            ],
        },
    )


@require_POST
@member
def away(request: HttpRequest, town: int, uid: UUID) -> HttpResponse:
    """この日は行けません."""
    back = reverse("supporter-series", args=[town, uid])
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        return page_refused(request, SeriesDayUnknown(), back=back)
    try:
        services.series_day_away(
            uid=uid, carer_municipality_id=town, supporter=person_of(request), day=day
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return page_refused(request, refusal, back=back)
    return redirect_saying(
        request, back, "行けない日を伝えました。代わりの人をさがします。評価は変わりません。"
    )


@member
def leave(request: HttpRequest, town: int, uid: UUID) -> HttpResponse:
    """Say what happens, then do it."""
    person = person_of(request)
    series, _ = series_for_supporter(person=person, carer_municipality_id=town, uid=uid)
    if request.method == "POST":
        services.series_leave(uid=uid, carer_municipality_id=town, supporter=person)
        return redirect_saying(
            request, "supporter-home", "毎回のお願いから外れました。ありがとうございました。"
        )
    return render(
        request,
        "supporter/series_leave.html",
        {
            "series": series,
            "town": town,
            "category": category(series.category),
            "said": series_spoken(series),
        },
    )
