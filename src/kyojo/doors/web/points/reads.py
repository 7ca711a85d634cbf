"""What a member's pages about points and stamps show. Everything of the current municipality."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q

from kyojo.civic.earnings import circulation_selectors, selectors, shop_selectors
from kyojo.civic.earnings.models import Coupon, Movement, Record, Redemption
from kyojo.civic.earnings.selectors import Ruled, Wallet
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.rules.counting import Line, Year
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.thanks import settlement_of
from kyojo.civic.programmes.rules.wording import line_sentence, year_sentences
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain

from . import words

#: A card has as many cells as can be counted by eye; further goals are a bar.
CELLS_MAX = 20
APPLICATIONS_SHOWN = 20
MOVED_SHOWN = 50
#: Activities that stand open on the page; the year's others are folded away.
LATEST_SHOWN = 10


def programme(code: str) -> Ruled:
    """Programme ``code`` by today's rules. What has not begun does not exist."""
    try:
        return selectors.ruled(code)
    except ProgrammeMissing:
        raise NotFound() from None


# --- what somebody has ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Progress:
    """How far it is to the next step, or to the year's limit."""

    done: int
    goal: int
    sentence: str

    @property
    def is_card(self) -> bool:
        return self.goal <= CELLS_MAX


def progress(document: Document, year: Year) -> Progress | None:
    """The way to what comes next in a year that runs; None where nothing lies ahead."""
    one, most, counted = document.conversion, document.earning.year_most, document.counted
    total = year.units + year.carried
    if one is not None and one.year_most is not None and year.granted >= one.year_most:
        limit = words.amount(one.year_most, document.unit)
        return Progress(one.units, one.units, f"今年度の上限の{limit}に届きました。")
    if most is not None and year.units >= most:
        limit = words.amount(most, counted)
        return Progress(most, most, f"今年度の上限の{limit}に届きました。")
    if one is None or (one.way == "linear" and total >= one.from_units):
        if one is not None or most is None:
            return None
        left = words.amount(most - year.units, counted)
        return Progress(year.units, most, f"今年度は、あと{left}まで数えます。")
    start = 0 if total < one.from_units else total // one.units * one.units
    goal = one.from_units if total < one.from_units else start + one.units
    granted = goal * one.grants // one.units
    if one.way == "steps":
        granted = goal // one.units * one.grants
    granted = min(granted, one.year_most or granted)
    following = "次の" if year.granted else ""
    gain = words.amount(granted - year.granted, document.unit)
    left = words.amount(goal - total, counted)
    return Progress(total - start, goal - start, f"あと{left}で、{following}{gain}になります。")


@dataclass(frozen=True)
class Standing:
    """A programme and what one person has of it."""

    ruled: Ruled
    #: Fiscal year → what it came to; this one always, the newest first.
    years: Mapping[int, Year]
    records: tuple[Record, ...]
    wallet: Wallet
    needs_birth_date: bool
    #: What the office lent and has not got back.
    lent_units: int = 0

    @property
    def document(self) -> Document:
        return self.ruled.document

    @property
    def year(self) -> Year:
        """The fiscal year that runs."""
        return self.years[clock.fiscal_year()]

    @property
    def is_counted(self) -> bool:
        """Whether activities are recorded; tickets and the like are bought and handed on."""
        return self.document.kind in selectors.COUNTED

    @property
    def has_purse(self) -> bool:
        """Whether there is something to have: cash goes from hand to hand."""
        settled_in_cash = settlement_of(self.document) == "cash"
        return not settled_in_cash or bool(self.wallet.available or self.wallet.held)

    @property
    def counted(self) -> str:
        return words.amount(self.year.units, self.document.counted)

    @property
    def available(self) -> str:
        return words.amount(self.wallet.available, self.document.unit)

    @property
    def available_yen(self) -> str:
        return words.yen_beside(self.document, self.wallet.available)

    @property
    def held(self) -> str:
        return words.amount(self.wallet.held, self.document.unit) if self.wallet.held else ""

    @property
    def lent(self) -> str:
        return words.amount(self.lent_units, self.document.unit) if self.lent_units else ""

    @property
    def parts(self) -> list[tuple[date | None, str]]:
        unit = self.document.unit
        return [(day, words.amount(number, unit)) for day, number in self.wallet.parts]

    @property
    def progress(self) -> Progress | None:
        return progress(self.document, self.year) if self.is_counted else None


def standing(ruled: Ruled, person: Person) -> Standing:
    """What ``person`` has of a programme."""
    records = selectors.records(ruled.programme, person=person, with_void=True)
    standing_ones = [record for record in records if record.void_at is None]
    visits = selectors.visits_of(standing_ones).get(person.pk, [])
    seen = {clock.fiscal_year(clock.local(record.start).date()): Year() for record in records}
    years = {clock.fiscal_year(): Year()} | seen | selectors.years_of(ruled.programme, visits)
    return Standing(
        ruled=ruled,
        years=dict(sorted(years.items(), reverse=True)),
        records=tuple(records),
        wallet=selectors.wallet(ruled.programme, person),
        needs_birth_date=person.birth_date is None and bool(ruled.document.who.any_of),
        lent_units=circulation_selectors.outstanding(ruled.programme, person),
    )


def standings(person: Person) -> list[Standing]:
    """What ``person`` has of each programme of the town."""
    return [standing(ruled, person) for ruled in selectors.programmes_now()]


# --- why ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Activity:
    """One activity, what it was counted as, and why."""

    start: datetime
    minutes: int
    host: str
    label: str
    units: str
    is_counted: bool
    why: str


@dataclass(frozen=True)
class YearSeen:
    """A fiscal year: its sum, what that became, and every activity in it, the newest first; also
    what was struck out."""

    number: int
    units: str
    sentences: list[str]
    latest: list[Activity]
    before: list[Activity]


def year_seen(found: Standing, number: int) -> YearSeen:
    """Fiscal year ``number``. ``NotFound`` for a year in which there is nothing to see."""
    struck = [
        record
        for record in found.records
        if record.void_at and clock.fiscal_year(clock.local(record.start).date()) == number
    ]
    if number not in found.years:
        raise NotFound()
    year = found.years[number]
    document = selectors.ruled(found.ruled.programme.code, number).document
    lines = {line.line: line for line in year.lines}
    rows = [row for row in reversed(found.records) if row.pk in lines or row in struck]
    activities = [_activity(document, row, lines.get(row.pk)) for row in rows]
    return YearSeen(
        number=number,
        units=words.amount(year.units, document.counted),
        sentences=year_sentences(document, year) if lines or year.carried else [],
        latest=activities[:LATEST_SHOWN],
        before=activities[LATEST_SHOWN:],
    )


def _activity(document: Document, row: Record, line: Line | None) -> Activity:
    """``line`` None: the record was struck out, and says why."""
    hosts = document.hosts.designated if document.hosts else {}
    return Activity(
        start=row.start,
        minutes=int((row.end - row.start).total_seconds() // 60),
        host=hosts.get(row.host, row.host),
        label=document.activities.get(row.activity, row.activity),
        units=words.amount(line.units, document.counted) if line else "取り消し",
        is_counted=line is not None and line.units > 0,
        why=line_sentence(document, line)
        if line
        else f"記録した人が取り消したので、数えていません。理由：{row.void_reason}",
    )


# --- what went from hand to hand ------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """Something bought, handed on, received or gone, as the member sees it."""

    at: datetime
    words: str
    note: str
    amount: str


#: What is said of movements that are always said alike.
_MOVED = {
    Movement.Kind.STARTED: (
        "はじめの分が届きました",
        "この制度をはじめたときに、1回だけ届くものです。",
    ),
    Movement.Kind.ADVANCED: (
        "事務局から前貸しを受けました",
        "あとで手伝って返します。次に届いた分から、先に返ります。",
    ),
    Movement.Kind.RETURNED: ("前貸しの分を返しました", "届いた分から、先に返りました。"),
    Movement.Kind.PRINTED: ("紙の券にしました", "券をもってきた会員の分になります。"),
}


def moved(ruled: Ruled, person: Person) -> list[Moved]:
    """The last movements of ``person``, the newest first."""
    mine = Q(giver=person) | Q(receiver=person)
    rows = Movement.objects.filter(mine, programme=ruled.programme)
    rows = rows.select_related("giver", "receiver")[:MOVED_SHOWN]
    return [_moved(ruled.document, person, row) for row in rows]


def _moved(document: Document, person: Person, row: Movement) -> Moved:
    amount = words.amount(row.amount, document.unit)
    gone = row.giver_id == person.pk
    other = row.receiver if gone else row.giver
    name = f"{other.name}さん" if other else "退会した人"
    if row.kind in _MOVED:
        said, note = _MOVED[row.kind]
    elif row.kind == Movement.Kind.BOUGHT:
        said = "通帳に入金しました" if document.unit == "円" else "買いました"
        note = f"{row.yen:,}円。受け取りの番号 {row.reference}"
    elif row.kind == Movement.Kind.TAKEN_IN:
        said, note = f"紙の券{row.reference}番が入りました", "事務局で受け取った券です。"
    elif row.kind == Movement.Kind.LAPSED and row.reference:
        said = "買った記録が取り消されました"
        note = f"事務局が、まちがいを直しました。受け取りの番号 {row.reference}"
    elif row.kind == Movement.Kind.LAPSED:
        said, note = "なくなりました", "転出などのとき、決まりのとおりに、町にもどりました。"
    elif row.kind == Movement.Kind.DEPOSITED:
        said = "預けた時間がもどりました" if gone else "お礼の一部を、時間で預けました"
        note = "手伝いの記録が取り消されました。" if gone else f"お礼のうち{row.yen:,}円分です。"
    else:
        said = f"{name}に渡しました" if gone else f"{name}から届きました"
        note = words.HANDED.get(row.use, "")
    return Moved(row.at, said, note, f"−{amount}" if gone else f"＋{amount}")


def was_handed(ruled: Ruled, person: Person, uid: UUID) -> bool:
    """Whether ``person`` has handed something on under this order."""
    return Movement.objects.filter(programme=ruled.programme, giver=person, uid=uid).exists()


# --- fees -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class FeeSeen:
    """A fee of this year, or of joining, as the member sees it."""

    name: str
    yen: str
    note: str
    is_paid: bool


def fees(ruled: Ruled, person: Person) -> list[FeeSeen]:
    """Each fee of the document, and whether it is paid."""
    due = circulation_selectors.fees_due(ruled, [person], clock.fiscal_year())
    return [
        FeeSeen(
            name=one.fee.name,
            yen=f"{one.payment.yen if one.payment else one.fee.yen:,}",
            note=f"{jdate_plain(one.payment.at)}。番号 {one.payment.reference}"
            if one.payment
            else ("はいるときに1回" if one.fee.each == "joining" else f"{one.fiscal_year}年度の分"),
            is_paid=one.payment is not None,
        )
        for one in due
    ]


# --- what was asked for ---------------------------------------------------------------------------

_BADGES = {
    Redemption.State.ASKED: ("info", "clock"),
    Redemption.State.APPROVED: ("good", "check"),
    Redemption.State.DONE: ("good", "done"),
    Redemption.State.REFUSED: ("warn", "alert"),
    Redemption.State.CANCELLED: ("", ""),
}
_DONE = {
    "cash": "口座に振り込みました。",
    "premium": "介護保険料にあてました。",
    "donation": "寄付しました。ありがとうございます。",
}
_SAID = {
    Redemption.State.ASKED: "職員が確かめています。決まると、お知らせします。",
    Redemption.State.APPROVED: "承認されました。手続きが終わると、お知らせします。",
    Redemption.State.REFUSED: "使わずにすみました。「使える」にもどっています。",
    Redemption.State.CANCELLED: "あなたが取りやめました。「使える」にもどっています。",
}


@dataclass(frozen=True)
class Application:
    """An application to use something, and how it stands."""

    uid: UUID
    title: str
    amount: str
    asked_at: datetime
    state: str
    badge: tuple[str, str]
    sentence: str
    note: str
    reference: str
    is_waiting: bool
    #: Whether the member may take it as coupons now, and what became of those there are.
    can_take: bool = False
    coupons: str = ""
    has_paper: bool = False


def applications(ruled: Ruled, person: Person) -> list[Application]:
    """The last applications of ``person``, the newest first."""
    rows = selectors.redemptions(programme=ruled.programme, person=person)[:APPLICATIONS_SHOWN]
    has_shops = bool(shop_selectors.shops(ruled.programme))
    made = shop_selectors.coupons_of(rows)
    return [_application(ruled.document, row, has_shops, made.get(row.pk, [])) for row in rows]


def _application(
    document: Document, row: Redemption, has_shops: bool, made: list[Coupon]
) -> Application:
    state = Redemption.State(row.state)
    amount = words.amount(row.amount, document.unit)
    yen = f"（{row.value_yen:,}円分）" if row.value_yen and document.unit != "円" else ""
    done = _DONE.get(row.use, "お渡ししました。")
    live = [one for one in made if one.state != Coupon.State.VOID]
    out = [one for one in live if one.state == Coupon.State.OUT and not shop_selectors.is_over(one)]
    return Application(
        uid=row.uid,
        title=f"{words.USE_DOES[row.use]}{f'：{row.detail}' if row.detail else ''}",
        amount=f"{amount}{yen}",
        asked_at=row.asked_at,
        state=state.label,
        badge=_BADGES[state],
        sentence=done if state == Redemption.State.DONE else _SAID[state],
        note=row.note,
        reference=row.reference,
        is_waiting=state == Redemption.State.ASKED,
        can_take=state == Redemption.State.APPROVED
        and row.use in shop_selectors.COUPON_USES
        and has_shops,
        coupons=_coupons(live, out),
        has_paper=bool(out),
    )


def _coupons(live: list[Coupon], out: list[Coupon]) -> str:
    """How many of an application's coupons can be used, and until when."""
    if not live:
        return ""
    used = sum(one.state == Coupon.State.IN for one in live)
    if not out:
        return "全部使いました。" if used == len(live) else "使える券は、もうありません。"
    last_day = out[0].last_day
    until = f"{jdate_plain(last_day)}まで" if last_day else "期限はありません"
    return f"使える券は{len(out)}枚です（{until}）。使った券は{used}枚です。"


def was_asked(ruled: Ruled, person: Person, uid: UUID) -> bool:
    """Whether ``person`` has an application ``uid`` in this programme."""
    rows = selectors.redemptions(programme=ruled.programme, person=person)
    return any(row.uid == uid for row in rows)
