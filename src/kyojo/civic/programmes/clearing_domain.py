"""Pure decisions about a month's clearing: what it costs in yen, what may be entered for it."""

from datetime import date
from decimal import ROUND_FLOOR, Decimal, InvalidOperation

from kyojo.kernel.wording import jdate_plain
from kyojo.ledger.clearing_domain import month_after

from .errors import ClearingPaidOnInvalid, ClearingRateInvalid, ClearingReferenceMissing

YEN_PER_COIN_MAX = 10_000
REFERENCE_MAX = 60


def month_words(month: date) -> str:
    return f"{month.year}年{month.month}月分"


def yen_of(amount: int, yen_per_coin: Decimal) -> int:
    """Whole yen for ``amount`` coins; a part of a yen is dropped."""
    return int((amount * yen_per_coin).to_integral_value(ROUND_FLOOR))


def rate_checked(value: Decimal | int | str) -> Decimal:
    """``value`` as yen for a coin. Raises ``ClearingRateInvalid``."""
    refused = ClearingRateInvalid(field="yen_per_coin", maximum=f"{YEN_PER_COIN_MAX:,}")
    try:
        rate = Decimal(value)
        in_bounds = rate.is_finite() and 0 <= rate <= YEN_PER_COIN_MAX
    except (InvalidOperation, TypeError, ValueError):
        raise refused from None
    if not in_bounds or rate != round(rate, 2):
        raise refused
    return round(rate, 2)


def payment_checked(*, paid_on: date, reference: str, month: date, today: date) -> tuple[date, str]:
    """When and under which number a month was paid by bank. Nobody pays for a month before it is
    over, nor in the future.

    Raises ``ClearingPaidOnInvalid``, ``ClearingReferenceMissing``.
    """
    first = month_after(month)
    if not first <= paid_on <= today:
        raise ClearingPaidOnInvalid(
            field="paid_on", first=jdate_plain(first), today=jdate_plain(today)
        )
    reference = " ".join(reference.split())
    if not 1 <= len(reference) <= REFERENCE_MAX:
        raise ClearingReferenceMissing(field="paid_reference")
    return paid_on, reference
