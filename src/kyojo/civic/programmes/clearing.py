"""Clearing with another municipality, month by month: proposed, agreed by both, settled, paid.

Every service acts from the current municipality, writes both towns' rows together (``twins``) and
may be repeated. ``by`` is the login that acts; that it is an officer is decided where roles are
known. The coins move in ``clearing_settle`` only, in both ledgers by one linked call and in the
transaction of the rows, so one side alone, or coins without a record, cannot be.
"""

from contextlib import suppress
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import IntegrityError, transaction

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_create, twins_locked, twins_save
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import jdate_plain
from kyojo.ledger import clearing as ledger
from kyojo.ledger.clearing_domain import (
    Movement,
    Pair,
    Statement,
    month_after,
    month_before,
    month_bounds,
    month_of,
)
from kyojo.ledger.types import COIN

from . import clearing_domain as domain
from .errors import (
    ClearingFixed,
    ClearingMonthNotOver,
    ClearingMonthPassed,
    ClearingNotAgreed,
    ClearingNothing,
    ClearingNothingToPay,
    ClearingNotSettled,
    ClearingPaidDiffers,
    ClearingSidesDiffer,
    ClearingStale,
)
from .models import ClearingLine, ClearingSettlement, Programme
from .services import Login

State = ClearingSettlement.State

#: Reading both sides again, where coins moved between the first and the second look.
READS_MAX = 3


# --- proposing ------------------------------------------------------------------------------------


def clearing_propose(
    *, counterpart_id: int, month: date, currency: str = COIN
) -> ClearingSettlement:
    """Close ``month`` (its first day) with ``counterpart_id``: write its statement in both towns.

    The statement has every movement before the month's end that no earlier one has. Proposed
    before: changes nothing and returns what there is.

    Raises ``ClearingMonthNotOver``, ``ClearingNothing``, ``ClearingMonthPassed`` (a later month
    is closed), ``ClearingSidesDiffer``, ``NotFound`` (no such counterpart).
    """
    here = current()
    if counterpart_id == here or not Municipality.objects.filter(pk=counterpart_id).exists():
        raise NotFound()
    pair = Pair.of(here, counterpart_id, currency)
    before = _settlement(pair, month)
    if before is not None:
        return before
    if month_bounds(month)[1] > clock.now():
        raise ClearingMonthNotOver(month=domain.month_words(month))
    later = _last(pair)
    if later is not None and later.month > month:
        raise ClearingMonthPassed(
            month=domain.month_words(month), later=domain.month_words(later.month)
        )
    try:
        with transaction.atomic():
            return _propose(pair, month)[here]
    except (IntegrityError, ClearingNothing, ClearingSidesDiffer):
        # The other town, or the job, may have proposed it while this one was reading.
        before = _settlement(pair, month)
        if before is None:
            raise
        return before


def clearing_propose_due(*, counterpart_id: int, currency: str = COIN) -> list[ClearingSettlement]:
    """Propose every month that is over and not closed yet, the oldest first; those made now.

    Raises ``ClearingSidesDiffer``, ``NotFound``; months proposed before it stay.
    """
    pair = Pair.of(current(), counterpart_id, currency)
    until = month_before(month_of(clock.now()))
    last = _last(pair)
    open_months = [month_of(movement.at) for movement in movements_open(pair, until)]
    if not open_months:
        return []
    month = month_after(last.month) if last else min(open_months)
    made = []
    while month <= until:
        with suppress(ClearingNothing):
            made.append(
                clearing_propose(counterpart_id=counterpart_id, month=month, currency=currency)
            )
        month = month_after(month)
    return made


def _propose(pair: Pair, month: date) -> dict[int, ClearingSettlement]:
    sides = _statements(pair, month)
    statement = sides[pair.low]
    if not statement.movements:
        raise ClearingNothing(month=domain.month_words(month))
    last = _last(pair)
    rows: dict[int, ClearingSettlement] = twins_create(
        ClearingSettlement,
        uid=pair.settlement_id(month),
        sides=pair.ledgers,
        common={
            "currency": pair.currency,
            "month": month,
            "debtor_id": statement.debtor,
            "amount": statement.amount,
            "line_count": len(statement.movements),
            "statement_hash": statement.hash,
            "yen_per_coin": last.yen_per_coin if last else Decimal(0),
            "proposed_at": clock.now(),
        },
        only={
            side: {
                "counterpart_id": pair.counterpart(side),
                "given": statement.given(side),
                "received": statement.given(pair.counterpart(side)),
            }
            for side in pair.ledgers
        },
    )
    for side, row in rows.items():
        with tenant(side):
            ClearingLine.objects.bulk_create(
                [
                    ClearingLine(
                        settlement=row,
                        transfer=movement.transfer,
                        at=movement.at,
                        payer_id=movement.payer,
                        payee_id=movement.payee,
                        amount=movement.amount,
                        code=movement.code,
                        reference=movement.reference,
                        corrects=movement.corrects,
                    )
                    for movement in sides[side].movements
                ],
                batch_size=1_000,
            )
    return rows


def _statements(pair: Pair, month: date) -> dict[int, Statement]:
    """The statement as each of the two ledgers has it. Raises ``ClearingSidesDiffer``."""
    for _ in range(READS_MAX):
        sides = {}
        for side in pair.ledgers:
            with tenant(side):
                sides[side] = Statement.of(pair, month, movements_open(pair, month))
        if sides[pair.low].hash == sides[pair.high].hash:
            return sides
    raise ClearingSidesDiffer()


def movements_open(pair: Pair, month: date) -> list[Movement]:
    """Movements of the current municipality's ledger until the end of ``month`` that stand on no
    statement: those of the time since the last one, and what came late to it."""
    here = current()
    _, until = month_bounds(month)
    last = _last(pair)
    if last is None:
        return ledger.movements(pair=pair, ledger=here, until=until)
    closed = month_bounds(last.month)[1]
    late: list[Movement] = []
    lines = ClearingLine.objects.filter(
        settlement__counterpart_id=pair.counterpart(here), settlement__currency=pair.currency
    )
    if ledger.movement_count(pair=pair, ledger=here, until=closed) != lines.count():
        known = set(lines.values_list("transfer", flat=True))
        late = [
            movement
            for movement in ledger.movements(pair=pair, ledger=here, until=closed)
            if movement.transfer not in known
        ]
    return late + ledger.movements(pair=pair, ledger=here, since=closed, until=until)


# --- agreeing -------------------------------------------------------------------------------------


@transaction.atomic
def clearing_agree(
    *, uid: UUID, by: Login, statement_hash: str, yen_per_coin: Decimal | int | str
) -> ClearingSettlement:
    """This town's yes to the statement, at ``yen_per_coin`` for each coin of the net.

    Agreed is what both towns said yes to at the same rate: another rate than the counterpart's
    is a new proposal, and the counterpart is asked again. The same yes again changes nothing.

    Raises ``ClearingStale`` (``statement_hash`` is of another statement), ``ClearingRateInvalid``,
    ``ClearingFixed`` (agreed to by both at another rate), ``NotFound``.
    """
    rate = domain.rate_checked(yen_per_coin)
    here = current()
    with twins_locked(ClearingSettlement, uid=uid, start=here) as rows:
        own = rows[here]
        other = rows[own.counterpart_id]
        if statement_hash != own.statement_hash:
            raise ClearingStale()
        is_new_rate = rate != own.yen_per_coin
        if own.state != State.PROPOSED:
            if is_new_rate:
                raise ClearingFixed(yen=f"{own.yen_per_coin.normalize():f}")
            return own
        if own.agreed_at is not None and not is_new_rate:
            return own
        now = clock.now()
        _row_set(own, agreed_at=now, agreed_by_id=by.pk)
        _row_set(other, counterpart_agreed_at=now)
        if is_new_rate:
            _row_set(own, counterpart_agreed_at=None)
            _row_set(other, agreed_at=None, agreed_by_id=None)
        both = own.counterpart_agreed_at is not None
        twins_save(rows, yen_per_coin=rate, state=State.AGREED if both else State.PROPOSED)
    return own


# --- settling -------------------------------------------------------------------------------------


@transaction.atomic
def clearing_settle(*, uid: UUID, by: Login) -> ClearingSettlement:
    """Settle the coins of an agreed month in both ledgers. Settled before: changes nothing.

    The debtor's clearing account is emptied by the net into its issuer, the creditor's issuer
    backs what its people received (``ledger.clearing_domain.settlement_legs``).

    Raises ``ClearingNotAgreed``, ``ClearingSidesDiffer`` (a statement on record is not the one
    agreed to), ``LedgerRefusal``, ``NotFound``. Then nothing has moved in either ledger.
    """
    here = current()
    with twins_locked(ClearingSettlement, uid=uid, start=here) as rows:
        own = rows[here]
        if own.state in (State.SETTLED, State.PAID):
            return own
        if own.state != State.AGREED:
            raise ClearingNotAgreed()
        pair = Pair.of(here, own.counterpart_id, own.currency)
        accounts = {}
        for side in pair.ledgers:
            with tenant(side):
                statement = statement_of(rows[side])
                _same_checked(rows[side], statement)
                accounts[side] = Programme.objects.get(currency=own.currency).issuer_account
        if own.debtor_id is not None:
            ledger.settle(
                pair=pair,
                month=own.month,
                debtor=own.debtor_id,
                amount=own.amount,
                accounts=accounts,
            )
        twins_save(rows, state=State.SETTLED, settled_at=clock.now())
    return own


def statement_of(settlement: ClearingSettlement) -> Statement:
    """The statement as it stands on record in the current municipality."""
    pair = Pair.of(settlement.municipality_id, settlement.counterpart_id, settlement.currency)
    return Statement.of(
        pair,
        settlement.month,
        (
            Movement(
                transfer=line.transfer,
                at=line.at,
                payer=line.payer_id,
                payee=line.payee_id,
                amount=line.amount,
                code=line.code,
                reference=line.reference,
                corrects=line.corrects,
            )
            for line in settlement.lines.all()
        ),
    )


def _same_checked(settlement: ClearingSettlement, statement: Statement) -> None:
    """Raises ``ClearingSidesDiffer`` unless row and lines say the same."""
    row = (settlement.statement_hash, settlement.debtor_id, settlement.amount)
    if row != (statement.hash, statement.debtor, statement.amount):
        raise ClearingSidesDiffer()


# --- paying ---------------------------------------------------------------------------------------


@transaction.atomic
def clearing_pay(*, uid: UUID, by: Login, paid_on: date, reference: str) -> ClearingSettlement:
    """Record the bank transfer that paid a settled month, as either town has it on paper.

    The same again changes nothing. Raises ``ClearingNotSettled``, ``ClearingNothingToPay``,
    ``ClearingPaidDiffers``, ``ClearingPaidOnInvalid``, ``ClearingReferenceMissing``, ``NotFound``.
    """
    here = current()
    with twins_locked(ClearingSettlement, uid=uid, start=here) as rows:
        own = rows[here]
        if own.state not in (State.SETTLED, State.PAID):
            raise ClearingNotSettled()
        if domain.yen_of(own.amount, own.yen_per_coin) == 0:
            raise ClearingNothingToPay()
        paid_on, reference = domain.payment_checked(
            paid_on=paid_on, reference=reference, month=own.month, today=clock.today()
        )
        if own.state == State.PAID:
            if (own.paid_on, own.paid_reference) != (paid_on, reference):
                raise ClearingPaidDiffers(
                    paid_on=jdate_plain(own.paid_on), reference=own.paid_reference
                )
            return own
        twins_save(
            rows,
            state=State.PAID,
            paid_on=paid_on,
            paid_reference=reference,
            paid_recorded_at=clock.now(),
        )
    return own


# --- inside ---------------------------------------------------------------------------------------


def _settlement(pair: Pair, month: date) -> ClearingSettlement | None:
    return ClearingSettlement.objects.filter(uid=pair.settlement_id(month)).first()


def _last(pair: Pair) -> ClearingSettlement | None:
    """The newest month that is closed with the counterpart, from the current municipality."""
    return (
        ClearingSettlement.objects.filter(
            counterpart_id=pair.counterpart(current()), currency=pair.currency
        )
        .order_by("-month")
        .first()
    )


def _row_set(row: ClearingSettlement, **changes: object) -> None:
    """Change one town's own fields of a locked twin and save them."""
    for name, value in changes.items():
        setattr(row, name, value)
    with tenant(row.municipality_id):
        row.save(update_fields=[*changes])
