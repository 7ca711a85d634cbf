"""What may be done in the earnings room, inside ``tenancy.tenant``. Callers import from here."""

from .closing import Closed, year_closable, year_close, year_close_order
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
    "Payee",
    "payee_of",
    "record_add",
    "record_void",
    "redemption_approve",
    "redemption_ask",
    "redemption_cancel",
    "redemption_done",
    "redemption_refuse",
    "standing_set",
    "year_closable",
    "year_close",
    "year_close_order",
]
