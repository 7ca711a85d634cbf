"""会社の証明書: the figures of the company's public page, on paper and signed.

Only what that page says of a whole fiscal year is certified, hidden figures hidden: two papers of
other periods could be taken from each other (docs/decisions/0009).
"""

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.selectors import municipalities_all, municipality_by_code
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.organisations.models import Company
from kyojo.commons.insight import selectors as insight
from kyojo.help.recognition import selectors, services
from kyojo.help.recognition.domain import CompanyFigures
from kyojo.help.recognition.services.signing import certificate_sums
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound, Refusal
from kyojo.kernel.text import fiscal_year_name

from ..company.access import company_of
from ..http import page_refused, redirect_saying
from . import files
from .forms import CompanyForm


def _years() -> list[tuple[str, str]]:
    running = clock.fiscal_year()
    return [
        (str(running - 1), fiscal_year_name(running - 1)),
        (str(running), f"{fiscal_year_name(running)}（きょうまで）"),
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def certificates(request: HttpRequest) -> HttpResponse:
    mine = company_of(request)
    form = CompanyForm(request.POST if request.method == "POST" else None, years=_years())
    if request.method == "POST" and form.is_valid():
        figures = figures_of(mine, int(form.cleaned_data["year"]))
        try:
            with tenant(int(form.cleaned_data["town"])):
                services.company_certificate_make(
                    uid=form.order,
                    company=mine,
                    figures=figures,
                    by=request.user,  # type: ignore[arg-type]
                )
        except NotFound:
            raise
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return redirect_saying(request, "workplace-certificates", "証明書ができました")
    context = {"company": mine, "form": form, "papers": _papers(mine)}
    status = 422 if form.errors else 200
    return render(request, "recognition/company.html", context, status=status)


def figures_of(company: Company, year: int) -> CompanyFigures:
    """What the company's public page says of the fiscal year, as it says it."""
    found = insight.company_year(company, fiscal_year=year)
    since, end = clock.fiscal_year_bounds(year)
    last = min(clock.today(), clock.local(end).date() - timedelta(days=1))
    total = found.now.total
    return CompanyFigures(
        since=clock.local(since).date(),
        until=last,
        people=total.people,
        coins=total.coins,
        minutes=total.minutes,
        rows=tuple(
            (str(cell.key), cell.coins, cell.minutes)
            for cell in sorted(found.now.categories, key=lambda cell: -(cell.coins or 0))
        ),
    )


def _papers(company: Company) -> list[dict[str, object]]:
    """Of every town, the newest first."""
    found = []
    for town in municipalities_all():
        with tenant(town.pk):
            found += [
                {"paper": one, "town": town, "sums": certificate_sums(one)}
                for one in selectors.certificates_of_company(company)
            ]
    return sorted(found, key=lambda one: one["paper"].made_at, reverse=True)  # type: ignore[attr-defined]


@login_required
@require_safe
def paper(request: HttpRequest, town: int, uid: UUID) -> HttpResponse:
    mine = company_of(request)
    municipality: Municipality = municipality_by_code(town)
    with tenant(municipality.pk):
        found = selectors.certificate_by_uid(uid)
        if found.company_id != mine.pk or found.revoked_at is not None:
            raise NotFound()
        try:
            return files.certificate_paper(found, municipality)
        except Refusal as refusal:
            return page_refused(request, refusal, back=reverse("workplace-certificates"))
