"""Reads of clearing between municipalities: where this town stands, month by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import clearing as ledger
from kyojo.ledger.clearing_domain import Pair, Position, Statement, month_of
from kyojo.ledger.types import COIN

from .clearing import movements_open
from .clearing_domain import yen_of
from .models import ClearingSettlement

State = ClearingSettlement.State


@dataclass(frozen=True)
class Standing:
    """Where this town stands with ``counterpart``. All in whole coins, from this town's side.

    ``given`` and ``received`` are what is not settled yet, each way; ``net`` is positive where
    the counterpart owes. ``closed_net`` is the part of it that stands on statements which wait to
    be settled, ``running_net`` the rest, of the month that runs.
    """

    counterpart: Municipality
    given: int
    received: int
    given_held: int
    received_held: int
    closed_net: int
    settlements: tuple[ClearingSettlement, ...]

    @property
    def net(self) -> int:
        return self.received - self.given

    @property
    def running_net(self) -> int:
        return self.net - self.closed_net

    @property
    def open_settlements(self) -> tuple[ClearingSettlement, ...]:
        return tuple(one for one in self.settlements if not is_over(one))

    @property
    def settled_last(self) -> ClearingSettlement | None:
        """The newest month that is settled."""
        return next((one for one in self.settlements if one.settled_at is not None), None)


def yen(settlement: ClearingSettlement) -> int:
    """What the debtor's town pays by bank, in whole yen."""
    return yen_of(settlement.amount, settlement.yen_per_coin)


def is_over(settlement: ClearingSettlement) -> bool:
    """Whether nobody has anything left to do with it."""
    return settlement.state == State.PAID or (
        settlement.state == State.SETTLED and yen(settlement) == 0
    )


def standings(*, currency: str = COIN) -> list[Standing]:
    """This town's standing with every municipality it has ever cleared with, by reading."""
    towns = {town.pk: town for town in Municipality.objects.exclude(pk=current())}
    found = ledger.positions(ledger=current(), counterparts=towns, currency=currency)
    rows: dict[int, list[ClearingSettlement]] = {one.counterpart: [] for one in found}
    for row in ClearingSettlement.objects.filter(currency=currency):
        rows.setdefault(row.counterpart_id, []).append(row)
    places = list(towns)  # Municipality's own order is by reading
    return sorted(
        (_standing(towns[one.counterpart], one, rows[one.counterpart]) for one in found),
        key=lambda standing: places.index(standing.counterpart.pk),
    )


def standing_with(counterpart_id: int, *, currency: str = COIN) -> Standing:
    """Raises ``NotFound`` for a municipality this town has never cleared with."""
    town = Municipality.objects.filter(pk=counterpart_id).first()
    found = ledger.positions(ledger=current(), counterparts=[counterpart_id], currency=currency)
    if town is None or not found:
        raise NotFound()
    rows = ClearingSettlement.objects.filter(counterpart_id=counterpart_id, currency=currency)
    return _standing(town, found[0], list(rows))


def _standing(
    town: Municipality, position: Position, settlements: Sequence[ClearingSettlement]
) -> Standing:
    # A settlement brings both sums of an account up to the larger of the two it settles.
    settled = sum(max(one.given, one.received) for one in settlements if one.settled_at)
    return Standing(
        counterpart=town,
        given=position.given - settled,
        received=position.received - settled,
        given_held=position.given_held,
        received_held=position.received_held,
        closed_net=sum(one.received - one.given for one in settlements if not one.settled_at),
        settlements=tuple(settlements),
    )


def settlement_of(counterpart_id: int, month: date, *, currency: str = COIN) -> ClearingSettlement:
    """Raises ``NotFound``."""
    row = ClearingSettlement.objects.filter(
        counterpart_id=counterpart_id, month=month, currency=currency
    ).first()
    if row is None:
        raise NotFound()
    return row


def settlement_by_uid(uid: UUID) -> ClearingSettlement:
    """Raises ``NotFound``."""
    row = ClearingSettlement.objects.filter(uid=uid).first()
    if row is None:
        raise NotFound()
    return row


def statement_running(counterpart_id: int, *, currency: str = COIN) -> Statement:
    """What has moved since the last statement, up to now: the month that runs, and before it what
    is not closed yet."""
    pair = Pair.of(current(), counterpart_id, currency)
    month = month_of(clock.now())
    return Statement.of(pair, month, movements_open(pair, month))


def settlements_waiting() -> list[ClearingSettlement]:
    """What an officer of this town can do something about, the oldest month first: agree, settle,
    record the transfer that this town is to make."""
    rows = ClearingSettlement.objects.exclude(state=State.PAID).order_by("month", "counterpart_id")
    return [row for row in rows if _waits(row)]


def _waits(row: ClearingSettlement) -> bool:
    if row.state == State.PROPOSED:
        return row.agreed_at is None
    if row.state == State.AGREED:
        return True
    return row.debtor_id == row.municipality_id and yen(row) > 0
