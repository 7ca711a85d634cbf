"""What is going on in a town, for everyone to read; nobody can be seen in it."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from kyojo.civic.municipalities.models import Place
from kyojo.civic.municipalities.selectors import municipality_by_slug, places_all, places_search
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.commons.insight import selectors as insight
from kyojo.kernel import clock

from ..http import as_file

PLACES_SHOWN = 3
PLACES_MAX = 2_000
#: Missing hours in a month from which an area is drawn in the next shade.
HEAT_FROM_HOURS = (0, 10, 20, 35)


def hours(minutes: int | None) -> int | None:
    return None if minutes is None else round(minutes / 60)


def area_rows(month: insight.TownMonth) -> list[dict[str, Any]]:
    """Areas with their hours, the most needed first; hidden ones last."""
    rows = [
        {
            "name": need.area.name,
            "geometry": need.area.geometry,
            "asked": hours(need.asked_minutes),
            "done": hours(need.done_minutes),
            "missing": hours(need.missing_minutes),
        }
        for need in month.areas
    ]
    return sorted(rows, key=lambda row: (row["missing"] is None, -(row["missing"] or 0)))


def map_areas(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "geometry": row["geometry"],
            "name": row["name"],
            "value": "" if row["missing"] is None else row["missing"],
            "heat": 0
            if row["missing"] is None
            else sum(row["missing"] >= limit for limit in HEAT_FROM_HOURS),
        }
        for row in rows
    ]


@require_GET
def towns(request: HttpRequest) -> HttpResponse:
    """``/towns/``: the municipalities that run this."""
    return render(request, "town/towns.html", {"towns": insight.towns_all()})


@require_GET
def town(request: HttpRequest, slug: str) -> HttpResponse:
    """``/town/<slug>/``: last month's help, where hands are missing, places, coins of the year."""
    municipality = municipality_by_slug(slug)
    with tenant(municipality.id):
        year, month = insight.month_closed_last()
        closed = insight.town_month(year=year, month=month)
        rows = area_rows(closed)
        shown = list(Place.objects.exclude(kind="")[:PLACES_SHOWN])
        context = {
            "municipality": municipality,
            "month": closed,
            "rows": rows,
            "areas": map_areas(rows),
            "totals": None
            if any(row["missing"] is None for row in rows)
            else {key: sum(row[key] for row in rows) for key in ("asked", "done", "missing")},
            "worst": [row["name"] for row in rows if row["missing"]][:3],
            "places": shown,
            "places_count": Place.objects.count(),
            "coins": insight.town_year(fiscal_year=clock.fiscal_year()),
            "heat": [
                (1, "0〜9"),
                (2, "10〜19"),
                (3, "20〜34"),
                (4, "35以上"),
            ],
        }
        return render(request, "town/town.html", context)


@require_GET
def places(request: HttpRequest, slug: str) -> HttpResponse:
    """``/town/<slug>/places/``: every place of the town's list, by reading; ``?q=`` searches."""
    municipality = municipality_by_slug(slug)
    query = request.GET.get("q", "").strip()[:60]
    with tenant(municipality.id):
        found = places_search(query, limit=PLACES_MAX) if query else places_all()
        context = {"municipality": municipality, "places": found, "query": query}
        return render(request, "town/places.html", context)


@require_GET
def town_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The table of the page as CSV (UTF-8 with BOM)."""
    municipality = municipality_by_slug(slug)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["年月", "地区", "たのまれた時間", "行われた時間", "足りない時間"])
    with tenant(municipality.id):
        year, month = insight.month_closed_last()
        for row in area_rows(insight.town_month(year=year, month=month)):
            values = [
                "非公開" if row[key] is None else row[key] for key in ("asked", "done", "missing")
            ]
            rows.writerow([f"{year}-{month:02d}", row["name"], *values])
    name = f"kyojo-{slug}-{year}{month:02d}.csv"
    return as_file(text.getvalue().encode("utf-8-sig"), name, "text/csv; charset=utf-8")
