"""What a member holds on paper, as PDF: the stamp card as it stands, the passbook. For the office,
and for the member."""

from collections.abc import Iterable
from datetime import date

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors
from kyojo.civic.earnings.selectors import Ruled
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.papers.cards import (
    CELLS_MAX,
    Entry,
    Passbook,
    StampCard,
    passbook_pdf,
    stamp_cards_pdf,
)
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import settlement_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import fiscal_year_name
from kyojo.kernel.wording import jdate_plain
from kyojo.ledger import types as ledger
from kyojo.ledger.types import TransferCode

from ..http import as_file

#: A card of paid help is bought and filled by the ten.
PAID_CELLS = 10

#: Why units moved, in words: when they came, when they went.
WHY: dict[int, tuple[str, str]] = {
    TransferCode.EARNED: ("活動", "活動"),
    TransferCode.ISSUE: ("購入", "購入"),
    TransferCode.DISTRIBUTE: ("はじめの分・前貸し", "前貸しの返し"),
    TransferCode.GIFT: ("受け取り", "手渡し"),
    TransferCode.SUPPORT: ("手伝いのお礼", "手伝いのお礼"),
    TransferCode.DONATION: ("寄付", "寄付"),
    TransferCode.REDEMPTION: ("利用の取り消し", "利用"),
    TransferCode.EXPIRY: ("期限切れ", "期限切れ"),
    TransferCode.CORRECTION: ("訂正", "訂正"),
}


def answer(content: bytes, name: str) -> HttpResponse:
    """A paper to take away, which nobody keeps a copy of on the way."""
    return as_file(content, name, cache="no-store")


# --- stamp cards ----------------------------------------------------------------------------------


def card_title(document: Document) -> str:
    """What the card of a programme is called; "" where it has none: time is kept in a passbook."""
    if settlement_of(document) == "stamp_card":
        return "スタンプカード"
    is_time = document.kind == "time-deposit" or document.counted == "分"
    if document.kind in selectors.COUNTED and document.earning.units <= CELLS_MAX and not is_time:
        return f"{document.counted}カード"
    return ""


def stamp_card(ruled: Ruled, person: Person) -> bytes:
    """As many cards as the stamps need; what is left of the last one is empty.

    Raises ``NotFound`` where the programme has no cards, ``GlyphsMissing``.
    """
    if not card_title(ruled.document):
        raise NotFound()
    is_paid = settlement_of(ruled.document) == "stamp_card"
    cards = _paid_cards(ruled, person) if is_paid else _counted_cards(ruled, person)
    return stamp_cards_pdf(cards, made_on=clock.today())


def _counted_cards(ruled: Ruled, person: Person) -> list[StampCard]:
    """This year's activities."""
    number, document = clock.fiscal_year(), ruled.document
    year = selectors.year_of(ruled.programme, person, number)
    rows = selectors.records(ruled.programme, person=person, fiscal_year=number)
    days = {row.pk: clock.local(row.start).date() for row in rows}
    stamps = [days[line.line] for line in year.lines for _ in range(line.units)]
    step = document.conversion.units if document.conversion else 0
    return _cards(
        ruled,
        person,
        stamps,
        cells=CELLS_MAX,
        year=fiscal_year_name(number),
        note=f"{step}{document.counted}ごとに、かえられます。" if step else "",
    )


def _paid_cards(ruled: Ruled, person: Person) -> list[StampCard]:
    """The stamps that the member can hand on or cash now, each with the day it came."""
    document, ticket = ruled.document, ruled.document.ticket
    assert ticket is not None, "consistency.tickets_have_prices"
    available = selectors.wallet(ruled.programme, person).available
    came = days_left(selectors.statement(ruled.programme, person))
    unit = document.unit
    return _cards(
        ruled,
        person,
        came[len(came) - available :] if available else [],
        cells=PAID_CELLS,
        year=f"{jdate_plain(clock.today())}現在",
        note=f"手伝ってもらうと、手伝った人のカードに移ります。"
        f"お金にかえると、1{unit}{ticket.paid_yen:,}円です。",
        heading=card_title(document),
        had="いまのスタンプ",
    )


def days_left(entries: Iterable[ledger.Entry]) -> list[date]:
    """The days on which the units came that are still there, oldest first: what came first went
    first. ``entries``: newest first."""
    days: list[date] = []
    for one in reversed(list(entries)):
        if one.change > 0:
            days += [clock.local(one.at).date()] * one.change
        elif one.change < 0:
            del days[: -one.change]
    return days


def _cards(
    ruled: Ruled, person: Person, stamps: list[date], *, cells: int, year: str, **words: str
) -> list[StampCard]:
    sheets = [stamps[n : n + cells] for n in range(0, len(stamps) + 1, cells)]
    return [
        StampCard(
            programme=ruled.document.name,
            year=year,
            holder=person.name,
            number=person.number,
            counted=ruled.document.counted,
            cells=cells,
            stamps=tuple(sheet),
            # For staff only, and without a name: whoever else follows it finds nothing.
            qr=settings.BASE_URL + reverse("desk-points-member", kwargs={"uid": person.uid}),
            office=ruled.programme.operator.name,
            **words,
        )
        for sheet in sheets
    ]


# --- passbooks ------------------------------------------------------------------------------------


def passbook(ruled: Ruled, person: Person) -> bytes:
    """All that came and went, oldest first, with what there was after each line.

    Raises ``GlyphsMissing``.
    """
    lines = [
        Entry(
            on=clock.local(one.at).date(),
            what=WHY.get(one.code, ("動き", "動き"))[one.change < 0],
            got=max(one.change, 0),
            gave=max(-one.change, 0),
        )
        for one in reversed(selectors.statement(ruled.programme, person))
        if one.change
    ]
    book = Passbook(
        programme=ruled.document.name,
        holder=person.name,
        number=person.number,
        unit=ruled.document.unit,
        entries=tuple(lines),
        office=ruled.programme.operator.name,
    )
    return passbook_pdf(book, made_on=clock.today())
