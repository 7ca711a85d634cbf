"""What may be done in the earnings room, inside ``tenancy.tenant``. Callers import from here."""

from .circulating import units_buy, units_hand
from .closing import Closed, year_closable, year_close, year_close_order
from .leaving import Outcome, leaving_settle
from .records import record_add, record_void, standing_set
from .redeeming import (
    Payee,
    payee_of,
    redemption_approve,
    redemption_ask,
    redemption_cancel,
    redemption_done,
    redemption_refuse,
)

__all__ = [
    "Closed",
    "Outcome",
    "Payee",
    "leaving_settle",
    "payee_of",
    "record_add",
    "record_void",
    "redemption_approve",
    "redemption_ask",
    "redemption_cancel",
    "redemption_done",
    "redemption_refuse",
    "standing_set",
    "units_buy",
    "units_hand",
    "year_closable",
    "year_close",
    "year_close_order",
]
