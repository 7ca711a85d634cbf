"""What may be done in the earnings room, inside ``tenancy.tenant``. Callers import from here."""

from .billing import invoice_paid, invoice_void, invoices_issue
from .circulating import receiver_find, sale_void, units_buy, units_hand
from .closing import Closed, year_closable, year_close, year_close_order
from .ending import ending_tell
from .fees import fee_pay
from .helping import help_record, help_void
from .leaving import Outcome, leaving_plan, leaving_settle, settled_of
from .lending import circulation_start
from .papers import paper_take_in, paper_void, papers_print
from .paying import (
    Payee,
    office_account_of,
    office_account_set,
    payee_of,
    redemption_done,
    redemptions_done,
)
from .records import record_add, record_void, standing_set
from .redeeming import (
    redemption_approve,
    redemption_ask,
    redemption_cancel,
    redemption_refuse,
)
from .stocking import stock_set

__all__ = [
    "Closed",
    "Outcome",
    "Payee",
    "circulation_start",
    "ending_tell",
    "fee_pay",
    "help_record",
    "help_void",
    "invoice_paid",
    "invoice_void",
    "invoices_issue",
    "leaving_plan",
    "leaving_settle",
    "office_account_of",
    "office_account_set",
    "paper_take_in",
    "paper_void",
    "papers_print",
    "payee_of",
    "receiver_find",
    "record_add",
    "record_void",
    "redemption_approve",
    "redemption_ask",
    "redemption_cancel",
    "redemption_done",
    "redemption_refuse",
    "redemptions_done",
    "sale_void",
    "settled_of",
    "standing_set",
    "stock_set",
    "units_buy",
    "units_hand",
    "year_closable",
    "year_close",
    "year_close_order",
]
