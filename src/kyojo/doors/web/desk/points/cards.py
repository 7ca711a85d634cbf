"""What the office hands to a member on paper: the stamp card as it stands, the passbook."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.urls import reverse

from kyojo.civic.earnings import selectors
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import person_by_uid
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.papers.cards import (
    CELLS_MAX,
    Entry,
    Passbook,
    StampCard,
    passbook_pdf,
    stamp_cards_pdf,
)
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import fiscal_year_name
from kyojo.ledger.types import TransferCode

from ..access import DeskRequest, staff

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


@staff()
def stamp_card(request: DeskRequest, code: str, uid: UUID) -> HttpResponse:
    """This year's stamps on as many cards as they need; what is left of the last one is empty."""
    ruled, person = _ruled(code), person_by_uid(uid)
    document = ruled.document
    if document.kind not in selectors.COUNTED or document.earning.units > CELLS_MAX:
        raise NotFound()
    number = clock.fiscal_year()
    year = selectors.year_of(ruled.programme, person, number)
    days = {row.pk: clock.local(row.start).date() for row in _records(ruled, person)}
    stamps = [days[line.line] for line in year.lines for _ in range(line.units)]
    sheets = [stamps[n : n + CELLS_MAX] for n in range(0, len(stamps) + 1, CELLS_MAX)]
    step = document.conversion.units if document.conversion else 0
    cards = [
        StampCard(
            programme=document.name,
            year=fiscal_year_name(number),
            holder=person.name,
            number=person.number,
            counted=document.counted,
            cells=CELLS_MAX,
            stamps=tuple(sheet),
            # For staff only, and without a name: whoever else follows it finds nothing.
            qr=settings.BASE_URL + reverse("desk-points-member", kwargs={"uid": uid}),
            office=ruled.programme.operator.name,
            note=f"{step}{document.counted}ごとに、かえられます。" if step else "",
        )
        for sheet in sheets
    ]
    content = stamp_cards_pdf(cards, made_on=clock.today())
    return _given(request, person, content, f"{code}-card-{person.number}.pdf")


@staff()
def passbook(request: DeskRequest, code: str, uid: UUID) -> HttpResponse:
    """All that came and went, oldest first, with what there was after each line."""
    ruled, person = _ruled(code), person_by_uid(uid)
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
    content = passbook_pdf(book, made_on=clock.today())
    return _given(request, person, content, f"{code}-book-{person.number}.pdf")


def _ruled(code: str) -> selectors.Ruled:
    try:
        return selectors.ruled(code)
    except ProgrammeMissing:
        raise NotFound() from None


def _records(ruled: selectors.Ruled, person: Person):  # type: ignore[no-untyped-def]
    return selectors.records(ruled.programme, person=person, fiscal_year=clock.fiscal_year())


def _given(request: DeskRequest, person: Person, content: bytes, name: str) -> HttpResponse:
    act_record(
        actor=request.desk.user,
        action="paper_printed",
        subject_kind="person",
        subject_id=person.uid,
        note=name,
    )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response
