"""What a member's page about a programme of paid help shows: help on both sides, invoices."""

from dataclasses import dataclass
from datetime import date, datetime
from math import floor
from uuid import UUID

from kyojo.civic.earnings import paid_selectors
from kyojo.civic.earnings.models import Invoice, PaidHelp
from kyojo.civic.earnings.paid_words import activity_name, why
from kyojo.civic.earnings.selectors import Ruled
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.guidance import wages
from kyojo.civic.programmes.guidance.errors import PrefectureUnknown
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import settlement_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain

SHOWN = 50
BADGES = {
    PaidHelp.State.OPEN: ("info", "clock"),
    PaidHelp.State.BILLED: ("info", "file"),
    PaidHelp.State.SETTLED: ("good", "done"),
    PaidHelp.State.VOID: ("", "x"),
}
INVOICE_BADGES = {
    Invoice.State.ISSUED: ("info", "clock"),
    Invoice.State.PAID: ("good", "done"),
    Invoice.State.VOID: ("", "x"),
}


def documents(ruled: Ruled) -> list[Document]:
    """The rules that hold for help that may still be written down: today's and last year's."""
    found = [ruled.document]
    first_of_april = clock.local(clock.fiscal_year_bounds(clock.fiscal_year())[0]).date()
    try:
        before = paid_selectors.paid(
            ruled.programme.code, first_of_april.replace(year=first_of_april.year - 1)
        ).document
    except (NotFound, ProgrammeMissing):
        return found
    return found if before == ruled.document else [*found, before]


@dataclass(frozen=True)
class Help:
    """One time of help, as one of the two sees it."""

    start: datetime
    end: datetime
    what: str
    who: str
    amount: str
    why: str
    state: str
    badge: tuple[str, str]


@dataclass(frozen=True)
class Bill:
    """An invoice for this member."""

    uid: UUID
    number: str
    one: Invoice
    badge: tuple[str, str]

    @property
    def state(self) -> str:
        return str(self.one.get_state_display())

    @property
    def is_open(self) -> bool:
        return self.one.state == Invoice.State.ISSUED


@dataclass(frozen=True)
class Paid:
    """The part of the page about paid help."""

    can_thank: bool
    helps: list[Help]
    bills: list[Bill]
    shown_most: int = SHOWN


def paid(ruled: Ruled, person: Person) -> Paid | None:
    """None for a programme of another kind."""
    if not settlement_of(ruled.document):
        return None
    rows = paid_selectors.helps(ruled.programme, person=person)
    by_day = paid_selectors.Documents(ruled.programme)
    return Paid(
        can_thank=paid_selectors.can_thank(ruled.document),
        helps=[_help(by_day.on(one.start), person, one) for one in rows[: -SHOWN - 1 : -1]],
        bills=[
            Bill(one.uid, paid_selectors.invoice_number(one), one, INVOICE_BADGES[one.state])
            for one in paid_selectors.invoices(ruled.programme, person=person)
        ],
    )


def _help(document: Document, person: Person, one: PaidHelp) -> Help:
    helped = one.helped_id == person.pk
    other = one.helper if helped else one.helped
    name = f"{other.name}さん" if other else "退会した人"
    return Help(
        start=one.start,
        end=one.end,
        what=activity_name(document, one.activity),
        who=f"{name}に手伝ってもらいました" if helped else f"{name}を手伝いました",
        amount=_amount(document, one, helped=helped),
        why=f"取り消しました（{one.void_reason}）。"
        if one.state == PaidHelp.State.VOID
        else why(document, one),
        state=_state(one, helped=helped),
        badge=BADGES[PaidHelp.State(one.state)],
    )


def _amount(document: Document, one: PaidHelp, *, helped: bool) -> str:
    if one.pieces:
        number, unit = one.pieces, document.unit
    else:
        number, unit = one.payer_yen if helped else one.person_yen, "円"
    return f"{'−' if helped else '＋'}{number:,}{unit}"


def _state(one: PaidHelp, *, helped: bool) -> str:
    if one.state == PaidHelp.State.VOID:
        return "取り消し"
    if one.settlement == "cash":
        return "現金"
    if one.state == PaidHelp.State.OPEN:
        return "請求書がまだ" if helped else "請求の前"
    if one.state == PaidHelp.State.BILLED:
        return "請求書が出ました" if helped else "入金を待っています"
    return "すみました" if helped else "届きました"


# --- beside the minimum wage ----------------------------------------------------------------------


def wage_note(prefecture: str, day: date) -> str:
    """What whoever sets the thanks may compare them with; "" where there is no figure."""
    try:
        wage = wages.minimum_wage(prefecture, day)
    except PrefectureUnknown:
        return ""
    if wage is None:
        return ""
    ends_on = wages.table().ends_on
    until = f"（{jdate_plain(ends_on)}までの額）" if day > ends_on else ""
    return (
        f"{wage.prefecture}の最低賃金は、1時間{wage.yen:,}円です{until}。"
        "お礼は賃金ではないので、これより低い額をめやすにしてください。"
    )


def wage_caution(document: Document, one: PaidHelp, prefecture: str) -> str:
    """What a member hears where an hour of this help reaches the minimum wage; "" where it does
    not, or nobody can say. The office hears more (``guidance.wages``)."""
    hourly_yen = paid_selectors.hourly_yen(document, one)
    day = clock.local(one.start).date()
    try:
        wage = wages.minimum_wage(prefecture, day)
    except PrefectureUnknown:
        return ""
    if wage is None or hourly_yen < wage.yen:
        return ""
    than = "と同じです" if hourly_yen == wage.yen else "をこえています"
    ends_on = wages.table().ends_on
    last = f"、{jdate_plain(ends_on)}までの額" if day > ends_on else ""
    can_lower = document.thanks is not None and document.thanks.amount == "payer_choice"
    todo = "前にもどって額を下げるか、" if can_lower else "気になるときは、"
    return (
        f"お礼は1時間あたり{floor(hourly_yen):,}円で、"
        f"{wage.prefecture}の最低賃金（{wage.yen:,}円{last}）{than}。"
        f"助け合いのお礼は、賃金ではありません。{todo}事務局に聞いてください。"
    )


def invoice_of(ruled: Ruled, person: Person, uid: UUID) -> Invoice:
    """An invoice for ``person``. ``NotFound`` for somebody else's, and one that was taken back."""
    found = paid_selectors.invoice_by_uid(uid)
    if (found.programme_id, found.person_id) != (ruled.programme.pk, person.pk):
        raise NotFound()
    if found.state == Invoice.State.VOID:
        raise NotFound()
    return found
