"""ポイントとスタンプ: the town's programmes, what this year came to, what waits."""

from typing import Any

from django.http import HttpResponse

from kyojo.civic.earnings import selectors
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
            "year_name": fiscal_year_name(clock.fiscal_year()),
            "next": next((one for one in programmes if one["asked"]), None),
            "waiting": waiting,
        },
    )


def _programme(ruled: selectors.Ruled, desk: Desk) -> dict[str, Any]:
    programme = ruled.programme
    people = selectors.everybody(programme, clock.fiscal_year())
    closed = selectors.closings(programme)
    return {
        "programme": programme,
        "document": ruled.document,
        "version": ruled.version,
        "is_counted": ruled.document.kind in selectors.COUNTED,
        "sums": selectors.sums({str(key): year for key, year in people.items()}),
        "asked": _count(programme, Redemption.State.ASKED) if desk.is_officer else 0,
        "approved": _count(programme, Redemption.State.APPROVED) if desk.is_officer else 0,
        "closed": closed if desk.is_officer else [],
        "to_close": _to_close(programme, closed) if desk.is_officer else [],
    }


def _to_close(programme: Programme, closed: list[YearClosing]) -> list[int]:
    """Years that are over, in which somebody did something, and that nobody has closed."""
    done = {one.fiscal_year for one in closed}
    over = (year for year in selectors.years_known(programme) if year < clock.fiscal_year())
    return [
        year for year in over if year not in done and selectors.records(programme, fiscal_year=year)
    ]


def _count(programme: Programme, state: str) -> int:
    return len(selectors.redemptions(programme=programme, state=state))
