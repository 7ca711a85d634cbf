"""手配ボード: the requests nobody has taken, the riskiest first, and who could come.

Somebody's card is put onto a request by hand or by pressing; both open the page that asks whether
to settle them.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.services import act_record
from kyojo.help.matching.board import Standing, plan_standing, standings
from kyojo.help.matching.models import TownPlan
from kyojo.help.matching.outlook import CLOSE, SENTENCES, Outlook, pressure
from kyojo.help.matching.selectors import Candidate
from kyojo.help.matching.services import proposals_renew
from kyojo.help.requests.domain import CATEGORIES
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.selectors import requests_unanswered
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from ..http import redirect_saying, uuid_or_404
from .access import Desk, DeskRequest, page, staff
from .listing import Filter, filter_of
from .queues import targets
from .request_reads import RequestRow, request_rows

#: So many requests are looked into at once.
PER_PAGE = 20
#: Candidates on a card; the others are a press away.
SHOWN = 3
MINE, EVERY = "mine", "all"
#: Sections of the board, and whose outlook brings a request into them.
SECTIONS = (
    ("now", "いま、手を打つ", {Outlook.NOBODY, Outlook.UNLIKELY}),
    ("soon", "ようすを見ながら、声をかける", {Outlook.EVEN}),
    ("waiting", "お返事を待つ", {Outlook.LIKELY, Outlook.ANSWERED}),
)
BADGES = {
    Outlook.NOBODY: ("warn", "alert"),
    Outlook.UNLIKELY: ("warn", "alert"),
    Outlook.EVEN: ("info", "clock"),
    Outlook.LIKELY: ("good", "check"),
    Outlook.ANSWERED: ("good", "done"),
}
#: From this chance on it is worth saying that asking helps.
WORTH_ASKING = 0.6


@dataclass(frozen=True)
class Person:
    """Somebody on the board. ``who``: how an address names them."""

    who: str
    uid: Any
    town_id: int
    town: str
    name: str
    card: dict[str, Any]
    asks: int
    asks_max: int
    is_proposed: bool = False
    fits: int = 0


@dataclass(frozen=True)
class Card:
    """A request on the board. ``fits``: who can come, more than are shown, as ``Person.who``."""

    row: RequestRow
    standing: Standing
    people: list[Person]
    fits: str
    assign_url: str
    is_escalated: bool

    @property
    def outlook(self) -> tuple[str, str, str]:
        """The sentence, and its badge's colour and icon."""
        return SENTENCES[self.standing.outlook], *BADGES[self.standing.outlook]

    @property
    def hint(self) -> str:
        """What would come of asking, where that changes something."""
        told = self.standing
        if told.outlook not in (Outlook.UNLIKELY, Outlook.EVEN):
            return ""
        if not told.candidates:
            return "ほかに行ける人は、見つかりません。"
        if told.chances.asking >= WORTH_ASKING:
            return "いま声をかければ、決まりそうです。"
        return "声をかけても、決まらないかもしれません。日時を変えられるかも、聞いてみてください。"


@staff()
def home(request: DeskRequest) -> HttpResponse:
    area, kind = _filters(request)
    waiting = _waiting(request.desk, area.value, kind.value)
    shown: Page[Any] = Paginator(waiting, PER_PAGE).get_page(request.GET.get("page"))
    cards = _cards(list(shown.object_list), request.desk)
    act_record(
        actor=request.desk.user,
        action="board_opened",
        subject_kind="municipality",
        subject_id=current(),
    )
    return page(
        request,
        "board.html",
        "board",
        {
            "filters": [area, kind],
            "sections": _sections(cards),
            "cards": cards,
            "people": _people(cards),
            "total": len(waiting),
            "shown": shown,
            "previous_url": _address(request, shown.number - 1) if shown.has_previous() else "",
            "next_url": _address(request, shown.number + 1) if shown.has_next() else "",
            "is_mine": area.value == MINE,
            **_plan(plan_standing()),
        },
    )


@staff("POST")
def plan(request: DeskRequest) -> HttpResponse:
    """いま組みなおす: who is proposed, anew."""
    made = proposals_renew(by=request.desk.user)
    if not made.requests:
        sentence = "人をさがしている依頼は、いまありません"
    else:
        sentence = f"{made.requests}件のうち{made.filled}件に、来られそうな人を出しました"
    return redirect_saying(request, "desk-board", sentence)


@staff()
def put(request: DeskRequest) -> HttpResponse:
    """Somebody and a request chosen from lists: what dragging does, by pressing."""
    town, _, supporter = request.GET.get("who", "").partition("/")
    if not town.isdecimal() or len(town) > 6:
        raise NotFound()
    return redirect(
        "desk-assign",
        uid=uuid_or_404(request.GET.get("request", "")),
        town=int(town),
        supporter=uuid_or_404(supporter),
    )


# --- which requests -------------------------------------------------------------------------------
def _filters(request: DeskRequest) -> tuple[Filter, Filter]:
    """A coordinator's own area comes first; everybody else begins with the whole town."""
    areas = [(str(area.pk), area.name) for area in Area.objects.filter(kind=Area.Kind.LIVING_AREA)]
    own = [(MINE, "自分の圏域")] if request.desk.area_ids else []
    area = filter_of(request, "area", "圏域", [*own, (EVERY, "すべて"), *areas])
    value = area.value or (MINE if own else EVERY)
    kinds = [(one.code, one.name) for one in CATEGORIES]
    return (
        Filter("area", "圏域", area.choices, value, has_all=False),
        filter_of(request, "category", "種類", kinds),
    )


def _waiting(desk: Desk, area: str, kind: str) -> list[HelpRequest]:
    """What is shown, the most pressing first."""
    found = requests_unanswered(category=kind)
    if area == MINE:
        found = found.filter(area_id__in=desk.area_ids, place_municipality_id=current())
    elif area != EVERY:
        found = found.filter(area_id=int(area))
    requests = list(found)
    rows = {row.uid: row for row in _rows(requests, desk)}
    return sorted(requests, key=lambda one: (_pressure(one, rows[one.uid]), one.number))


def _rows(requests: Sequence[HelpRequest], desk: Desk) -> list[RequestRow]:
    return request_rows(requests, target_hours=targets().request_hours, area_ids=desk.area_ids)


def _pressure(one: HelpRequest, row: RequestRow) -> timedelta:
    return pressure(
        left=row.starts_at - clock.now(),
        is_answered=row.accepted > 0,
        is_escalated=one.escalated_at is not None,
        is_searched=one.mode == HelpRequest.Mode.BROADCAST,
    )


def _address(request: DeskRequest, number: int) -> str:
    query = request.GET.copy()
    query["page"] = str(number)
    return f"{request.path}?{query.urlencode()}"


# --- the cards ------------------------------------------------------------------------------------
def _cards(requests: list[HelpRequest], desk: Desk) -> list[Card]:
    """The riskiest first; what begins soon, or was taken over, before the rest."""
    rows = {row.uid: row for row in _rows(requests, desk)}
    towns = dict(Municipality.objects.values_list("id", "name"))
    cards = [_card(one, rows[one.request.uid], towns) for one in standings(requests)]
    return sorted(cards, key=_risk)


def _risk(card: Card) -> tuple[bool, float, Any]:
    is_close = card.row.starts_at - clock.now() <= CLOSE
    return not (is_close or card.is_escalated), card.standing.chances.waiting, card.row.starts_at


def _card(standing: Standing, row: RequestRow, towns: dict[int, str]) -> Card:
    proposal = standing.proposal
    others = [one for one in standing.candidates if proposal is None or one.uid != proposal.uid]
    people = [_person(one, towns) for one in others[: SHOWN - (proposal is not None)]]
    if proposal is not None:
        people.insert(0, _person(proposal, towns, is_proposed=True))
    able = [*standing.candidates, *([] if proposal is None else [proposal])]
    return Card(
        row=row,
        standing=standing,
        people=people,
        fits=" ".join(sorted({_who(one) for one in able})),
        assign_url=reverse("desk-request", kwargs={"uid": row.uid}) + "assign/",
        is_escalated=standing.request.escalated_at is not None,
    )


def _who(one: Candidate) -> str:
    return f"{one.municipality_id}/{one.uid}"


def _person(one: Candidate, towns: dict[int, str], *, is_proposed: bool = False) -> Person:
    helper = one.match.helper
    return Person(
        who=_who(one),
        uid=one.uid,
        town_id=one.municipality_id,
        town="" if one.municipality_id == current() else towns[one.municipality_id],
        name=one.row.name,
        card=one.card(),
        asks=helper.asks_this_week,
        asks_max=helper.asks_per_week_max,
        is_proposed=is_proposed,
    )


def _sections(cards: Sequence[Card]) -> list[dict[str, Any]]:
    sections = []
    for code, title, outlooks in SECTIONS:
        of_section = [card for card in cards if card.standing.outlook in outlooks]
        if of_section:
            sections.append({"code": code, "title": title, "cards": of_section})
    return sections


def _people(cards: Sequence[Card]) -> list[Person]:
    """Everybody shown, once, by reading, with for how many of these requests they could come."""
    able = Counter(who for card in cards for who in card.fits.split())
    people = {one.who: one for card in cards for one in card.people}
    counted = [
        Person(**{**vars(one), "fits": able[who], "is_proposed": False})
        for who, one in people.items()
    ]
    return sorted(counted, key=lambda one: (one.card["kana"], one.who))


def _plan(made: TownPlan | None) -> dict[str, Any]:
    return {"plan": made, "left_open": made.requests - made.filled if made else 0}
