"""Tomorrow's cards, to print and bring round."""

from datetime import date, timedelta

from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.people.services import act_record
from kyojo.help.support import warmth_selectors
from kyojo.kernel import clock

from ...safety.warmth import cards_given
from .. import files
from ..access import DeskRequest, page, staff
from ..listing import Column, Listing

DAYS_AHEAD = 7
COLUMNS = (
    Column("starts", "時刻", lambda row: row.starts_at, sortable=True, order=("早い順", "遅い順")),
    Column("house", "お宅", lambda row: row.house, sortable=True),
    Column("who", "来る人", lambda row: " ".join(row.names), sortable=True),
    Column("what", "内容", lambda row: row.category, sortable=True),
    Column("word", "あいことば", lambda row: row.word),
    Column("face", "写真", lambda row: "あり" if row.face else "なし", sortable=True),
)


def _day(text: str) -> date:
    """The day that the address names, within the week; tomorrow where it is none."""
    today = clock.today()
    days = {str(number): today + timedelta(days=number) for number in range(DAYS_AHEAD + 1)}
    return days.get(text, today + timedelta(days=1))


@staff()
def listed(request: DeskRequest) -> HttpResponse:
    day = _day(request.GET.get("day", ""))
    cards = warmth_selectors.cards_on(day)
    listing = Listing(request.GET, COLUMNS, cards, "starts", path=reverse("desk-cards"))
    act_record(
        actor=request.desk.user, action="cards_opened", subject_kind="list", subject_id="cards"
    )
    if request.GET.get("format") == "pdf" and cards:
        return cards_given(cards)
    taken = files.file_of(request, listing, name="cards", title="来る人のカード", here="safety")
    if taken is not None:
        return taken
    context = {
        "listing": listing,
        "rows": listing.rows,
        "day": day,
        "pdf_url": listing.address(format="pdf"),
        "days": [
            (str(number), clock.today() + timedelta(days=number))
            for number in range(DAYS_AHEAD + 1)
        ],
    }
    return page(request, "safety/cards.html", "safety", context)
