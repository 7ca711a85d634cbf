"""ポイントとスタンプ: the town's programmes, what this year came to, what waits."""

from typing import Any

from django.http import HttpResponse

from kyojo.civic.earnings import circulation_selectors, figures, selectors, shop_selectors
from kyojo.civic.earnings.models import Redemption, YearClosing
from kyojo.civic.programmes.models import Programme
from kyojo.kernel import clock
from kyojo.kernel.text import fiscal_year_name

from ..access import Desk, DeskRequest, page, staff


@staff()
def home(request: DeskRequest) -> HttpResponse:
    programmes = [_programme(ruled, request.desk) for ruled in selectors.programmes_now()]
    waiting = sum(one["asked"] for one in programmes)
    return page(
        request,
        "points/home.html",
        "points",
        {
            "programmes": programmes,
            "this_year": clock.fiscal_year(),
            "year_name": fiscal_year_name(clock.fiscal_year()),
            "next": next((one for one in programmes if one["asked"]), None),
            "waiting": waiting,
        },
    )


def _programme(ruled: selectors.Ruled, desk: Desk) -> dict[str, Any]:
    programme = ruled.programme
    closed = selectors.closings(programme)
    return {
        "programme": programme,
        "document": ruled.document,
        "version": ruled.version,
        "is_counted": ruled.document.kind in selectors.COUNTED,
        "is_sold": circulation_selectors.is_sold(ruled.document),
        "is_on_paper": circulation_selectors.is_on_paper(ruled.document),
        "sums": figures.figures(programme, ruled.document, clock.fiscal_year()),
        "has_coupons": shop_selectors.has_coupons(ruled.document),
        "has_items": any(rule.items for rule in ruled.document.uses),
        "asked": _count(programme, Redemption.State.ASKED) if desk.is_officer else 0,
        "approved": _count(programme, Redemption.State.APPROVED) if desk.is_officer else 0,
        "closed": closed if desk.is_officer else [],
        "to_close": _to_close(programme, closed) if desk.is_officer else [],
    }


def _to_close(programme: Programme, closed: list[YearClosing]) -> list[int]:
    """Years that are over, in which somebody did something, and that nobody has closed."""
    done = {one.fiscal_year for one in closed}
    over = (year for year in selectors.years_known(programme) if year < clock.fiscal_year())
    return [year for year in over if year not in done and figures.has_records(programme, year)]


def _count(programme: Programme, state: str) -> int:
    return int(Redemption.objects.filter(programme=programme, state=state).count())
