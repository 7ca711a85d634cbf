"""Lists of clearing between municipalities, as the desk shows them."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.programmes.clearing_domain import month_words
from kyojo.civic.programmes.clearing_selectors import Standing, is_over, yen
from kyojo.civic.programmes.models import ClearingSettlement
from kyojo.help.support.models import Visit
from kyojo.kernel.amounts import grouped
from kyojo.ledger.clearing_domain import Movement, Statement
from kyojo.ledger.types import TransferCode

from .listing import Column

State = ClearingSettlement.State
#: Why coins moved between towns, in words.
KINDS: dict[int, str] = {
    TransferCode.SUPPORT: "支援",
    TransferCode.GIFT: "贈り物",
    TransferCode.DONATION: "寄付",
    TransferCode.CORRECTION: "訂正",
}


def net_words(net: int, unit: str = "") -> str:
    """``net`` as this town says it: what is to be handed over, or to be received."""
    if net == 0:
        return "なし"
    return f"受ける {grouped(net)}{unit}" if net > 0 else f"渡す {grouped(-net)}{unit}"


def state_badge(one: ClearingSettlement) -> tuple[str, str, str]:
    """Where a month stands, from this town's side: word, kind of badge, icon."""
    if one.state == State.PROPOSED:
        return (
            ("こちらの合意待ち", "warn", "clock")
            if one.agreed_at is None
            else ("相手の合意待ち", "info", "clock")
        )
    if one.state == State.AGREED:
        return "精算できます", "info", "check"
    if not is_over(one):
        return "振込待ち", "info", "clock"
    return one.get_state_display(), "good", "done"


RUNNING_BADGE = ("集計中", "", "clock")


# --- towns ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TownRow:
    """A line of the list of towns."""

    standing: Standing

    @property
    def town(self) -> Municipality:
        return self.standing.counterpart

    @property
    def waiting(self) -> int:
        return len(self.standing.open_settlements)

    @property
    def last(self) -> str:
        done = self.standing.settled_last
        return month_words(done.month) if done else ""

    @property
    def net_words(self) -> str:
        return net_words(self.standing.net)


TOWN_COLUMNS = (
    Column(
        "town",
        "相手の自治体",
        lambda row: row.town.name,
        sortable=True,
        key=lambda row: row.town.name_kana,
        order=("自治体の五十音順", "自治体の五十音の逆の順"),
    ),
    Column("given", "こちらから相手へ", lambda row: row.standing.given, True, is_number=True),
    Column("received", "相手からこちらへ", lambda row: row.standing.received, True, is_number=True),
    Column("net", "差し引き", lambda row: row.standing.net, True, is_number=True),
    Column(
        "held",
        "預かり中",
        lambda row: row.standing.given_held + row.standing.received_held,
        True,
        is_number=True,
    ),
    Column("last", "精算ずみの月", lambda row: row.last),
    Column("waiting", "途中の清算", lambda row: row.waiting, True, is_number=True),
)


# --- months of a pair -----------------------------------------------------------------------------


@dataclass(frozen=True)
class MonthRow:
    """A month with a town; ``settlement`` None is the month that runs."""

    month: date
    given: int
    received: int
    settlement: ClearingSettlement | None = None

    @property
    def name(self) -> str:
        return month_words(self.month)

    @property
    def net(self) -> int:
        return self.received - self.given

    @property
    def net_words(self) -> str:
        return net_words(self.net)

    @property
    def yen(self) -> int | None:
        """None while nothing is agreed."""
        one = self.settlement
        return yen(one) if one is not None and one.state != State.PROPOSED else None

    @property
    def badge(self) -> tuple[str, str, str]:
        return state_badge(self.settlement) if self.settlement else RUNNING_BADGE


MONTH_COLUMNS = (
    Column(
        "month",
        "月",
        lambda row: row.name,
        sortable=True,
        key=lambda row: row.month,
        order=("古い順", "新しい順"),
    ),
    Column("given", "こちらから相手へ", lambda row: row.given, True, is_number=True),
    Column("received", "相手からこちらへ", lambda row: row.received, True, is_number=True),
    Column("net", "差し引き", lambda row: row.net, True, is_number=True),
    Column("yen", "円", lambda row: row.yen, True, is_number=True),
    Column("state", "いま", lambda row: row.badge[0]),
    Column(
        "paid_on",
        "振り込んだ日",
        lambda row: row.settlement.paid_on if row.settlement else None,
        in_page=False,
    ),
    Column(
        "paid_reference",
        "振込の番号",
        lambda row: row.settlement.paid_reference if row.settlement else "",
        in_page=False,
    ),
    Column(
        "hash",
        "明細の照合番号",
        lambda row: row.settlement.statement_hash if row.settlement else "",
        in_page=False,
    ),
)


def month_rows(standing: Standing, running: Statement) -> list[MonthRow]:
    """Every closed month, and the one that runs where it is not closed."""
    here = current()
    rows = [MonthRow(one.month, one.given, one.received, one) for one in standing.settlements]
    if not any(row.month == running.month for row in rows):
        other = standing.counterpart.pk
        rows.append(MonthRow(running.month, running.given(here), running.given(other)))
    return rows


# --- lines of a statement -------------------------------------------------------------------------


@dataclass(frozen=True)
class LineRow:
    """A movement; nobody is named. ``number`` is the request's, ``receipt`` the public one's,
    where there are any."""

    at: datetime
    kind: str
    direction: str
    amount: int
    is_late: bool
    visit: UUID | None
    number: str
    receipt: str


def line_rows(statement: Statement, towns: dict[int, str]) -> list[LineRow]:
    """``towns``: name by number. Lines of a visit carry its numbers."""
    references = {line.reference for line in statement.movements if line.reference}
    visits = {
        uid: (number, receipt)
        for uid, number, receipt in Visit.objects.filter(uid__in=references).values_list(
            "uid", "number", "receipt_code"
        )
    }
    return [_line(line, statement, visits, towns) for line in statement.movements]


def _line(
    line: Movement,
    statement: Statement,
    visits: dict[UUID, tuple[str, str]],
    towns: dict[int, str],
) -> LineRow:
    known = visits.get(line.reference) if line.reference else None
    number, receipt = known or ("", "")
    kind = TransferCode.CORRECTION if line.corrects else line.code
    return LineRow(
        at=line.at,
        kind=KINDS.get(kind, "そのほか"),
        direction=f"{towns[line.payer]} → {towns[line.payee]}",
        amount=line.amount,
        is_late=statement.is_late(line),
        visit=line.reference if known else None,
        number=number,
        receipt=receipt,
    )


LINE_COLUMNS = (
    Column("at", "日時", lambda row: row.at, sortable=True, order=("古い順", "新しい順")),
    Column("kind", "内容", lambda row: row.kind, sortable=True),
    Column("direction", "向き", lambda row: row.direction, sortable=True),
    Column("amount", "コイン", lambda row: row.amount, sortable=True, is_number=True),
    Column("number", "受付番号", lambda row: row.number),
    Column("receipt", "レシート番号", lambda row: row.receipt),
    Column(
        "late", "前の月のぶん", lambda row: "前の月のぶん" if row.is_late else "", in_page=False
    ),
)


def rate_words(rate: Decimal) -> str:
    """``2.5``, ``0``, ``100``: as people type it."""
    return f"{rate.normalize():f}"
