"""A company's public page, the ranking, and the page where a company confirms its people."""

import csv
import io
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from kyojo.civic.organisations import selectors as organisations
from kyojo.civic.organisations import services as organisations_services
from kyojo.commons.insight import selectors as insight
from kyojo.commons.insight.domain import Cell, Figures
from kyojo.help.requests.domain import category
from kyojo.kernel import clock
from kyojo.kernel.amounts import grouped, per_thousand
from kyojo.kernel.errors import NotFound, Refusal

from .. import http
from .access import company_of

RANKING_TOP = 5


def year_of(request: HttpRequest) -> int:
    """The fiscal year in ``?year=``; the running one when it is missing or not offered."""
    running = clock.fiscal_year()
    text = request.GET.get("year", "")
    year = int(text) if text.isascii() and text.isdigit() and len(text) == 4 else running
    return year if year in years_offered() else running


def years_offered() -> list[int]:
    running = clock.fiscal_year()
    return [running, running - 1]


def month_rows(year: insight.CompanyYear) -> list[dict[str, Any]]:
    """The months of the fiscal year that have begun, for the chart and its table."""
    now = {cell.key: cell for cell in year.now.months}
    last = {cell.key: cell for cell in year.last.months}
    until = clock.local(year.until)
    rows = []
    for index in range(12):
        month = (index + 3) % 12 + 1
        calendar_year = year.fiscal_year if month >= 4 else year.fiscal_year + 1
        if (calendar_year, month) > (until.year, until.month):
            break
        rows.append(
            {
                "month": month,
                "value": coins_of(now.get((calendar_year, month)), year.now),
                "last": coins_of(last.get((calendar_year - 1, month)), year.last),
                "running": year.fiscal_year == clock.fiscal_year()
                and (calendar_year, month) == (until.year, until.month),
            }
        )
    return rows


def coins_of(cell: Cell | None, figures: Figures) -> int | None:
    """A month without visits is 0, unless the whole is hidden: then a 0 would tell, too."""
    if cell is None:
        return None if figures.is_hidden else 0
    return cell.coins


def category_rows(figures: Figures) -> list[dict[str, Any]]:
    return [
        {
            "name": category(str(cell.key)).name,
            "coins": cell.coins,
            "hours": None if cell.minutes is None else cell.minutes / 60,
            "people": cell.people,
        }
        for cell in sorted(figures.categories, key=lambda cell: -(cell.coins or 0))
    ]


@require_GET
def company(request: HttpRequest, slug: str) -> HttpResponse:
    """``/company/<slug>/``: what its people did, for everyone to read."""
    shown = organisations.company_by_slug(slug)
    year = insight.company_year(shown, fiscal_year=year_of(request))
    low, high = insight.size_band(shown.employees_count)
    ranks = insight.company_ranking(fiscal_year=year.fiscal_year, size_from=low, size_to=high)
    best = ranks[0][0].per_thousand if ranks else 0
    top = ranks[:RANKING_TOP] + [row for row in ranks[RANKING_TOP:] if row[1].pk == shown.pk]
    total = year.now.total
    context = {
        "company": shown,
        "year": year,
        "years": years_offered(),
        "total": total,
        "hours": None if total.minutes is None else total.minutes / 60,
        "share": None
        if total.people is None
        else f"{100 * total.people / shown.employees_count:.1f}",
        "rate": None if total.coins is None else per_thousand(total.coins, shown.employees_count),
        "months": month_rows(year),
        "categories": category_rows(year.now),
        "ranks": [(rank, row, row.pk == shown.pk) for rank, row in top],
        "rank_count": len(ranks),
        "best": best,
        "band": (low, high),
        "running": year.fiscal_year == clock.fiscal_year(),
        "year_label": f"{year.fiscal_year}年度",
        "last_label": "" if year.last.is_hidden else f"{year.fiscal_year - 1}年度",
        "now_note": f"{clock.local(year.until).day}日までの分",
        "last_note": ""
        if year.last.total.coins is None
        else f"前年の同じ時期 {grouped(year.last.total.coins)}",
    }
    return render(request, "company/company.html", context)


@require_GET
def company_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The published figures as CSV (UTF-8 with BOM); hidden cells read 非公開 here, too."""
    shown = organisations.company_by_slug(slug)
    year = insight.company_year(shown, fiscal_year=year_of(request))
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(["年度", "区分", "項目", "コイン", "時間", "人数"])

    def write(kind: str, name: str, cell: Cell) -> None:
        hours = None if cell.minutes is None else f"{cell.minutes / 60:g}"
        values = [
            "非公開" if value is None else value for value in (cell.coins, hours, cell.people)
        ]
        rows.writerow([year.fiscal_year, kind, name, *values])

    write("合計", "", year.now.total)
    for cell in year.now.months:
        calendar_year, month = cell.key  # type: ignore[misc]
        write("月", f"{calendar_year}-{month:02d}", cell)
    for cell in year.now.categories:
        write("内容", category(str(cell.key)).name, cell)
    name = f"kyojo-{shown.slug}-{year.fiscal_year}.csv"
    return http.as_file(text.getvalue().encode("utf-8-sig"), name, "text/csv; charset=utf-8")


@require_GET
def ranking(request: HttpRequest) -> HttpResponse:
    """``/companies/``: companies by coins per 1,000 employees, by size band."""
    fiscal_year = year_of(request)
    rankings = reversed(insight.company_rankings(fiscal_year=fiscal_year))
    bands = [
        {
            "low": ranking.size_from,
            "high": ranking.size_to,
            "rows": [(rank, row, False) for rank, row in ranking.rows],
            "best": ranking.best,
        }
        for ranking in rankings
        if ranking.rows
    ]
    context = {
        "bands": bands,
        "fiscal_year": fiscal_year,
        "years": years_offered(),
    }
    return render(request, "company/ranking.html", context)


@login_required
@require_http_methods(["GET"])
def workplace(request: HttpRequest) -> HttpResponse:
    """``/workplace/``: those who say they work here and wait for a yes."""
    mine = company_of(request)
    year = insight.company_year(mine, fiscal_year=clock.fiscal_year())
    context = {
        "company": mine,
        "waiting": organisations.employments_waiting(mine),
        "year": year,
        "total": year.now.total,
        "hours": None if year.now.total.minutes is None else year.now.total.minutes / 60,
    }
    return render(request, "company/workplace.html", context)


@login_required
@require_POST
def decide(request: HttpRequest, municipality_id: int, uid: UUID) -> HttpResponse:
    """The company says whether this person works there."""
    company_of(request)
    answer = request.POST.get("answer")
    if answer not in ("yes", "no"):
        raise NotFound
    try:
        organisations_services.employment_decide(
            company_officer=request.user,
            municipality_id=municipality_id,
            uid=uid,
            confirm=answer == "yes",
        )
    except NotFound:
        raise
    except Refusal as refusal:
        return http.page_refused(request, refusal, back="/workplace/")
    sentence = (
        "確認しました。ご本人にお知らせします。"
        if answer == "yes"
        else "確認できないことを、ご本人にお知らせします。"
    )
    return http.redirect_saying(request, "workplace", sentence)
