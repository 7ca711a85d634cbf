"""The lists of paid help and its invoices, their months, and the caution about wages."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kyojo.civic.earnings import paid_selectors
from kyojo.civic.earnings.models import Invoice, PaidHelp
from kyojo.civic.earnings.paid_words import HOW, activity_name, why
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.guidance import wages
from kyojo.civic.programmes.guidance.errors import PrefectureUnknown
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules.model import Document
from kyojo.kernel import clock, text
from kyojo.kernel.wording import duration, jclock

from ...points.thanking_reads import BADGES, INVOICE_BADGES
from .. import queues
from ..listing import Column

GONE = "退会した人"


def name_of(person: Person | None) -> str:
    return person.name if person else GONE


def kana_of(person: Person | None) -> str:
    return person.kana if person else GONE


def number_of(person: Person | None) -> str:
    return person.number if person else ""


@dataclass(frozen=True)
class HelpRow:
    """A line of the list of paid help."""

    one: PaidHelp
    activity: str
    why: str
    recorded_by: str

    @property
    def start(self) -> datetime:
        return self.one.start

    @property
    def minutes(self) -> int:
        return paid_selectors.minutes_of(self.one)

    @property
    def length(self) -> str:
        return duration(self.minutes)

    @property
    def how(self) -> str:
        return HOW[self.one.settlement]

    @property
    def state(self) -> str:
        return str(self.one.get_state_display())

    @property
    def badge(self) -> tuple[str, str]:
        return BADGES[self.one.state]

    @property
    def helped(self) -> str:
        return kana_of(self.one.helped)

    @property
    def helper(self) -> str:
        return kana_of(self.one.helper)

    @property
    def invoice(self) -> str:
        return paid_selectors.invoice_number(self.one.invoice) if self.one.invoice else ""


KANA = ("カナの五十音順", "カナの逆の順")
COLUMNS = (
    Column("start", "日時", lambda row: row.start, sortable=True, order=("古い順", "新しい順")),
    Column("end", "終わり", lambda row: jclock(row.one.end), in_page=False),
    Column("minutes", "分", lambda row: row.minutes, in_page=False, is_number=True),
    Column("helped", "手伝ってもらった人", lambda row: row.helped, sortable=True, order=KANA),
    Column("helped_name", "その名前", lambda row: name_of(row.one.helped), in_page=False),
    Column("helped_no", "その会員番号", lambda row: number_of(row.one.helped), in_page=False),
    Column("helper", "手伝った人", lambda row: row.helper, sortable=True, order=KANA),
    Column("helper_name", "その名前", lambda row: name_of(row.one.helper), in_page=False),
    Column("helper_no", "その会員番号", lambda row: number_of(row.one.helper), in_page=False),
    Column("activity", "手伝ったこと", lambda row: row.activity, sortable=True),
    Column(
        "payer",
        "払う額（円）",
        lambda row: row.one.payer_yen,
        sortable=True,
        is_number=True,
        order=("少ない順", "多い順"),
    ),
    Column("person", "手伝った人へ（円）", lambda row: row.one.person_yen, is_number=True),
    Column("pieces", "枚・個", lambda row: row.one.pieces, in_page=False, is_number=True),
    Column("costs", "うち実費（円）", lambda row: row.one.costs_yen, in_page=False, is_number=True),
    Column("office", "事務費（円）", lambda row: row.one.office_yen, in_page=False, is_number=True),
    Column("donated", "寄付（円）", lambda row: row.one.donated_yen, in_page=False, is_number=True),
    Column(
        "deposited",
        "時間預託（円）",
        lambda row: row.one.deposited_yen,
        in_page=False,
        is_number=True,
    ),
    Column("how", "わたし方", lambda row: row.how, in_page=False),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column("invoice", "請求書", lambda row: row.invoice, in_page=False),
    Column("why", "わけ", lambda row: row.why, in_page=False),
    Column("void", "取り消した理由", lambda row: row.one.void_reason, in_page=False),
    Column("by", "書いた人", lambda row: row.recorded_by, in_page=False),
)


def help_rows(programme: Programme, fiscal_year: int) -> list[HelpRow]:
    """All paid help of a fiscal year, also what was struck out."""
    found = paid_selectors.helps(programme, fiscal_year=fiscal_year)
    by_day = paid_selectors.Documents(programme)
    names = staff_selectors.names_of({one.recorded_by_id for one in found if one.recorded_by_id})
    return [
        HelpRow(
            one=one,
            activity=activity_name(by_day.on(one.start), one.activity),
            why=why(by_day.on(one.start), one),
            recorded_by=names.get(one.recorded_by_id or 0, "本人"),
        )
        for one in found
    ]


def narrowed(rows: Iterable[HelpRow], *, words: str, month: str, state: str) -> list[HelpRow]:
    """Those of ``rows`` that the filters name; every word is found in a name or number."""
    needed = text.to_katakana(text.normalised(words)).upper().split()
    return [
        row
        for row in rows
        if (not month or f"{paid_selectors.month_of(row.start):%Y-%m}" == month)
        and (not state or row.one.state == state)
        and all(word in _searched(row) for word in needed)
    ]


def _searched(row: HelpRow) -> str:
    people = [one for one in (row.one.helped, row.one.helper) if one]
    parts = [f"{one.name} {one.kana} {one.number}" for one in people]
    return text.to_katakana(" ".join(parts)).upper()


MONTHS = (
    Column(
        "month", "月", lambda row: f"{row.month:%Y-%m}", sortable=True, order=("古い順", "新しい順")
    ),
    Column("helps", "件数", lambda row: row.helps, is_number=True),
    Column("minutes", "分", lambda row: row.minutes, is_number=True, in_page=False),
    Column("pieces", "枚・個", lambda row: row.pieces, is_number=True, in_page=False),
    Column("payer", "払う額", lambda row: row.payer_yen, is_number=True),
    Column("person", "手伝った人へ", lambda row: row.person_yen, is_number=True),
    Column("costs", "うち実費", lambda row: row.costs_yen, is_number=True),
    Column("office", "事務費", lambda row: row.office_yen, is_number=True),
    Column("donated", "寄付", lambda row: row.donated_yen, is_number=True),
    Column("deposited", "時間預託", lambda row: row.deposited_yen, is_number=True),
    Column("open", "請求の前", lambda row: row.open_yen, is_number=True),
    Column("billed", "入金待ち", lambda row: row.billed_yen, is_number=True),
)


@dataclass(frozen=True)
class InvoiceRow:
    """A line of the list of invoices."""

    one: Invoice

    @property
    def number(self) -> str:
        return paid_selectors.invoice_number(self.one)

    @property
    def kana(self) -> str:
        return kana_of(self.one.person)

    @property
    def state(self) -> str:
        return str(self.one.get_state_display())

    @property
    def badge(self) -> tuple[str, str]:
        return INVOICE_BADGES[self.one.state]

    @property
    def is_late(self) -> bool:
        return self.one.state == Invoice.State.ISSUED and self.one.due_on < clock.today()


INVOICES = (
    Column("number", "番号", lambda row: row.number, sortable=True, order=("古い順", "新しい順")),
    Column("kana", "会員", lambda row: row.kana, sortable=True, order=KANA),
    Column("name", "名前", lambda row: name_of(row.one.person), in_page=False),
    Column("member", "会員番号", lambda row: number_of(row.one.person), in_page=False),
    Column("month", "手伝いの月", lambda row: f"{row.one.month:%Y-%m}", sortable=True),
    Column(
        "yen",
        "円",
        lambda row: row.one.yen,
        sortable=True,
        is_number=True,
        order=("少ない順", "多い順"),
    ),
    Column("issued", "請求日", lambda row: row.one.issued_on, in_page=False),
    Column("due", "期限", lambda row: row.one.due_on, sortable=True, order=("早い順", "遅い順")),
    Column("state", "いま", lambda row: row.state, sortable=True),
    Column("paid", "入金日", lambda row: row.one.paid_on, in_page=False),
    Column("reference", "入金の番号", lambda row: row.one.reference, in_page=False),
    Column("void", "取り消した理由", lambda row: row.one.void_reason, in_page=False),
)


def wage_caution(document: Document, one: PaidHelp) -> tuple[str, ...]:
    """What to look at where an hour of this help reaches the minimum wage."""
    hourly_yen = paid_selectors.hourly_yen(document, one)
    day = clock.local(one.start).date()
    try:
        check = wages.hourly_check(hourly_yen, queues.municipality().prefecture, day)
    except PrefectureUnknown:
        return ()
    return check.sentences if check.warns else ()
