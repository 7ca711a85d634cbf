"""People's coins: the purse, the record, and holding, returning and handing over coins.

With ``coin_accounts`` the only code that knows which ledger account is whose. Every service opens
the municipalities it touches by itself and may be called inside any transaction. It locks payer and
payee first (``services.persons_lock``) and then makes one call to the ledger. A transaction that
moves coins of several orders locks all their people before the first one, or passes all holds in
one call.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.ledger import selectors as ledger_selectors
from kyojo.ledger import services as ledger
from kyojo.ledger.errors import LedgerRefusal
from kyojo.ledger.types import Code, Leg, TransferCode

from . import coins_domain as domain
from .coin_accounts import account_ensure, vintages_of
from .coins_again import coins_again
from .coins_domain import CoinEntry, Hold, Purse
from .errors import CoinsGone, CoinsMoved, CoinsToSelf, OrderDiffers
from .models import CoinOrder, Person
from .services.locks import persons_lock
from .suspensions import suspended_refuse

#: A split that was stale is made again this often. With the payer locked it never is; whoever
#: moves a person's coins without the lock (a sweep of expired coins) is outlasted.
SPLITS_MAX = 3

#: What says that the coins of a hold are back with the payer.
_RETURNED = frozenset(
    {Code.OK, Code.EXISTS, Code.PENDING_ALREADY_VOIDED, Code.PENDING_ALREADY_EXPIRED}
)
_GONE = frozenset({Code.PENDING_ALREADY_VOIDED, Code.PENDING_ALREADY_EXPIRED, Code.PENDING_EXPIRED})


# --- reading --------------------------------------------------------------------------------------


def purse(person: Person) -> Purse:
    """What ``person`` can spend, what is held, and until when it can be used. Coins whose last
    day has passed are in neither; a hold whose time has come is not held any more."""
    with tenant(person.municipality_id):
        vintages = vintages_of(person.pk)
        found = ledger_selectors.balances_now(
            ledger=person.municipality_id, accounts=list(vintages.values())
        )
    today = clock.today()
    by_vintage = [
        (domain.expires_on(vintage), found[account].available)
        for vintage, account in sorted(vintages.items())
        if account in found
    ]
    spendable = tuple((day, n) for day, n in by_vintage if n > 0 and day >= today)
    return Purse(
        available=sum(n for _, n in spendable),
        held=sum(balance.held for balance in found.values()),
        by_vintage=spendable,
    )


def coins_statement(person: Person, limit: int = 50) -> list[CoinEntry]:
    """The person's coin record in words, newest first, at most ``limit`` lines."""
    with tenant(person.municipality_id):
        town = Municipality.objects.get(pk=person.municipality_id)
        accounts = list(vintages_of(person.pk).values())
        if not accounts:
            return []
        # A movement over several vintages is several entries and one line.
        entries = ledger_selectors.statement(
            ledger=person.municipality_id, accounts=accounts, limit=limit * 4
        )
    return domain.told(entries, municipality=town.name)[:limit]


def earned_between(person: Person, since: datetime, until: datetime) -> int:
    """Coins that came to ``person`` for visits from ``since`` until before ``until``."""
    with tenant(person.municipality_id):
        accounts = list(vintages_of(person.pk).values())
        if not accounts:
            return 0
        totals = ledger_selectors.totals_by_code(
            ledger=person.municipality_id,
            since=since,
            until=until,
            code=TransferCode.SUPPORT,
            credited=accounts,
        )
    found = totals.get(TransferCode.SUPPORT)
    return found.amount if found else 0


# --- moving ---------------------------------------------------------------------------------------


def coins_hold(
    *,
    order_id: UUID,
    payer_municipality_id: int,
    payer_person_id: int,
    payee_municipality_id: int,
    payee_person_id: int,
    amount: int,
    reference: UUID,
    timeout_at: datetime | None = None,
) -> list[dict[str, Any]]:
    """Hold ``amount`` coins of the payer for the payee, the oldest vintage first.

    Held until ``coins_settle`` or ``coins_release``, or until ``timeout_at``. Across two towns it
    is held in both ledgers, through their clearing accounts. The payee's part lands in the vintage
    that coins earned in this fiscal year have under the payee's own programme.

    Returns the holds (``coins_domain.Hold``, fit for a JSON column), the oldest vintage first. The
    same ``order_id`` again returns the same holds and changes nothing.

    Raises ``CoinsShort`` (``data["missing_coins"]``), ``CoinsAmountWrong``, ``CoinsToSelf``,
    ``OrderDiffers``, ``ProgrammeMissing``, ``NotFound``, ``Suspended`` (the payer is).
    """
    domain.amount_checked(amount)
    payer = (payer_municipality_id, payer_person_id)
    payee = (payee_municipality_id, payee_person_id)
    if payer == payee:
        raise CoinsToSelf()
    order = CoinOrder(
        municipality_id=payer_municipality_id,
        order_id=order_id,
        payer_id=payer_person_id,
        payee_municipality_id=payee_municipality_id,
        payee_person_id=payee_person_id,
        amount=amount,
        reference=reference,
        timeout_at=timeout_at,
    )
    with transaction.atomic():
        people = persons_lock(keys=[payer, payee])
        before = _order_before(order)
        if before is not None:
            return before
        suspended_refuse(people[payer])
        return _hold_made(order, replaced=[])


def coins_hold_firm(
    *, order_id: UUID, holds: Sequence[dict[str, Any]], reference: UUID | None = None
) -> list[dict[str, Any]]:
    """Replace provisional holds of one order by firm ones (no timeout), all in one linked call.

    Same people, same amount, and what is held keeps its vintage over 31 March. Where the
    provisional ones have run out meanwhile, the coins are held anew. ``reference`` is what they
    are held for now (the visit); None keeps it.

    Raises ``CoinsShort``, ``CoinsMoved`` (handed over already), ``OrderDiffers``, ``NotFound``.
    """
    replaced = _holds(holds)
    if not replaced:
        raise NotFound()
    with transaction.atomic():
        first = _order(replaced[0])
        order = CoinOrder(
            municipality_id=first.municipality_id,
            order_id=order_id,
            payer_id=first.payer_id,
            payee_municipality_id=first.payee_municipality_id,
            payee_person_id=first.payee_person_id,
            amount=domain.total(replaced),
            reference=reference or first.reference,
            timeout_at=None,
        )
        persons_lock(keys=_keys(order))
        before = _order_before(order)
        return before if before is not None else _hold_made(order, replaced=replaced)


def coins_release(*, order_id: UUID, holds: Sequence[dict[str, Any]]) -> None:
    """Give back everything that is held, at once and for all ledgers. Again: changes nothing.

    What comes back after its last day may be used for a time (``coins_again``).

    Holds of several orders may be given together. ``order_id`` says whose wish it is; the ids in
    the ledger derive from the holds, so that two who release the same do it once.

    Raises ``CoinsMoved`` where any of it was handed over (then nothing is given back).
    """
    given = _holds(holds)
    if not given:
        return
    with transaction.atomic():
        _people_lock(given)
        _all_returned(given)


def coins_settle(
    *, order_id: UUID, holds: Sequence[dict[str, Any]], amount: int | None = None
) -> int:
    """Hand what is held over to the payee: all of it, or ``amount``, and the rest returns.

    Returns what was handed over. ``amount`` 0 gives everything back. Again with the same amount:
    changes nothing.

    Raises ``CoinsGone`` (the holds are not there any more), ``CoinsMoved`` (another amount was
    handed over), ``CoinsAmountWrong``.
    """
    given = _holds(holds)
    moved = domain.total(given) if amount is None else amount
    parts = domain.parts_of(given, moved)
    if not given:
        return 0
    with transaction.atomic():
        _people_lock(given)
        if moved == 0:
            _all_returned(given)
            return 0
        again = coins_again(parts)
        legs = [leg for hold, part in parts for leg in domain.post_legs(hold, part)]
        try:
            ledger.legs_execute(legs=legs + [leg for one in again for leg in one.legs])
        except LedgerRefusal as refusal:
            if refusal.code in _GONE:
                raise CoinsGone() from refusal
            if refusal.code in (
                Code.PENDING_ALREADY_POSTED,
                Code.EXISTS_WITH_DIFFERENT_AMOUNT,
            ):
                raise CoinsMoved() from refusal
            raise
        for one in again:
            one.tell()
    return moved


# --- inside ---------------------------------------------------------------------------------------


def _holds(holds: Sequence[dict[str, Any]]) -> list[Hold]:
    return cast("list[Hold]", list(holds))


def _keys(order: CoinOrder) -> list[tuple[int, int]]:
    return [
        (order.municipality_id, order.payer_id),
        (order.payee_municipality_id, order.payee_person_id),
    ]


def _order(hold: Hold) -> CoinOrder:
    """Raises ``NotFound``."""
    with tenant(hold["ledger"]):
        order = CoinOrder.objects.filter(order_id=hold["order"]).first()
    if order is None:
        raise NotFound()
    return cast("CoinOrder", order)


def _people_lock(holds: Sequence[Hold]) -> None:
    first_of_orders = {hold["order"]: hold for hold in holds}.values()
    persons_lock(keys=[key for hold in first_of_orders for key in _keys(_order(hold))])


def _order_before(order: CoinOrder) -> list[dict[str, Any]] | None:
    """The holds of a replayed order. Raises ``OrderDiffers``."""
    with tenant(order.municipality_id):
        before = CoinOrder.objects.filter(order_id=order.order_id).first()
    if before is None:
        return None
    body = ("payer_id", "payee_municipality_id", "payee_person_id", "amount", "reference")
    if any(getattr(before, name) != getattr(order, name) for name in body):
        raise OrderDiffers()
    return list(before.holds)


def _hold_made(order: CoinOrder, *, replaced: list[Hold]) -> list[dict[str, Any]]:
    """Hold the order's coins in one ledger call that also ends the ``replaced`` holds."""
    payee_account = _payee_account(order)
    for attempt in range(1, SPLITS_MAX + 1):
        holds, due = _holds_split(order, replaced)
        legs = [domain.expiry_leg(order.municipality_id, hold.id, hold.code) for hold in due]
        legs += [leg for hold in replaced for leg in domain.void_legs(hold)]
        for hold in holds:
            accounts = _accounts(order, hold, payee_account)
            legs += domain.hold_legs(hold, accounts, timeout_at=order.timeout_at)
        try:
            ledger.legs_execute(legs=legs)
            break
        except LedgerRefusal as refusal:
            if refusal.code == Code.PENDING_ALREADY_POSTED:
                raise CoinsMoved() from refusal
            if replaced and refusal.code in _GONE | {Code.EXCEEDS_CREDITS}:
                # The old holds ended before (a void that was made already is a success, so what
                # tells then is that their coins are not there): hold the coins anew.
                _expired_returned(replaced)
                replaced = []
            elif refusal.code != Code.EXCEEDS_CREDITS or attempt == SPLITS_MAX:
                raise
    else:
        raise CoinsGone()
    order.holds = holds
    with tenant(order.municipality_id):
        order.save(force_insert=True)
    return [dict(hold) for hold in holds]


def _holds_split(
    order: CoinOrder, replaced: Sequence[Hold]
) -> tuple[list[Hold], list[ledger_selectors.DueHold]]:
    """The holds to make, and those of the payer whose time has come: their coins are counted, so
    the same call has to end them."""
    with tenant(order.municipality_id):
        vintages = vintages_of(order.payer_id)
        balances = ledger_selectors.balances(
            ledger=order.municipality_id, accounts=list(vintages.values())
        )
        ended = {domain.hold_leg_id(hold, order.municipality_id) for hold in replaced}
        due = [
            hold
            for hold in ledger_selectors.holds_due(
                ledger=order.municipality_id, balances=balances.values()
            )
            if hold.debit in balances and hold.id not in ended
        ]
    available = {
        vintage: balances[account].available
        + sum(hold.amount for hold in due if hold.debit == account)
        for vintage, account in vintages.items()
        if account in balances
    }
    kept: dict[int, int] = {}
    for hold in replaced:
        kept[hold["vintage"]] = kept.get(hold["vintage"], 0) + hold["amount"]
        available[hold["vintage"]] = available.get(hold["vintage"], 0) + hold["amount"]
    split = domain.split(available, order.amount, today=clock.today(), kept=kept)
    return [
        Hold(
            id=str(domain.hold_id(order.order_id, vintage)),
            order=str(order.order_id),
            ledger=order.municipality_id,
            payee_ledger=order.payee_municipality_id,
            amount=part,
            vintage=vintage,
            reference=str(order.reference),
        )
        for vintage, part in split
    ], due


def _payee_account(order: CoinOrder) -> UUID:
    with tenant(order.payee_municipality_id):
        _, rules = programme_current()
        account = account_ensure(
            person_id=order.payee_person_id,
            vintage=rules.vintage_earned(clock.fiscal_year()),
        )
    if order.payee_municipality_id != order.municipality_id:
        ledger.clearing_open(ledger=order.municipality_id, counterpart=order.payee_municipality_id)
    return account


def _accounts(order: CoinOrder, hold: Hold, payee_account: UUID) -> dict[int, tuple[UUID, UUID]]:
    """(debit, credit) in each ledger."""
    here, there = order.municipality_id, order.payee_municipality_id
    with tenant(here):
        payer_account = account_ensure(person_id=order.payer_id, vintage=hold["vintage"])
    if here == there:
        return {here: (payer_account, payee_account)}
    return {
        here: (payer_account, ledger.clearing_account_id(here, there)),
        there: (ledger.clearing_account_id(there, here), payee_account),
    }


def _all_returned(holds: Sequence[Hold]) -> None:
    again = coins_again([(hold, 0) for hold in holds])
    legs = [leg for hold in holds for leg in domain.void_legs(hold)]
    _returned(holds, legs + [leg for one in again for leg in one.legs])
    for one in again:
        one.tell()


def _returned(holds: Sequence[Hold], legs: list[Leg]) -> None:
    results = ledger.legs_execute(legs=legs, linked=False)
    codes = {result.code for result in results}
    if codes & {Code.PENDING_ALREADY_POSTED}:
        raise CoinsMoved()
    if Code.PENDING_EXPIRED in codes:
        _expired_returned(holds)
    strange = codes - _RETURNED - {Code.PENDING_EXPIRED}
    if strange:
        raise CoinsGone(codes=",".join(sorted(strange)))


def _expired_returned(holds: Sequence[Hold]) -> None:
    """End holds whose time has come and that the ledger's sweep has not met yet."""
    legs = [leg for hold in holds for leg in domain.expire_legs(hold)]
    ledger.legs_execute(legs=legs, linked=False)
