"""What may be done in the earnings room, inside ``tenancy.tenant``. Callers import from here."""

from .billing import invoice_paid, invoice_void, invoices_issue
from .circulating import receiver_find, sale_void, units_buy, units_hand
from .closing import Closed, year_closable, year_close, year_close_order
from .coupons import (
    coupon_checked,
    coupon_take_in,
    coupon_untake,
    coupon_void,
    coupons_make,
)
from .ending import ending_tell
from .fees import fee_pay
from .granting import Recounted
from .helping import help_record, help_void
from .leaving import (
    Outcome,
    leaving_plan,
    leaving_settle,
    left_to_settle,
    membership_end,
    papers_taken_by,
    settled_of,
)
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
from .recounting import birth_date_correct, member_update
from .redeeming import (
    redemption_approve,
    redemption_ask,
    redemption_cancel,
    redemption_refuse,
)
from .shops import shop_account_set, shop_end, shop_payee, shop_register, shops_paid
from .stocking import stock_set
from .unpaying import payment_return_ask, payment_return_cancel, payment_return_confirm

__all__ = [
    "Closed",
    "Outcome",
    "Payee",
    "Recounted",
    "birth_date_correct",
    "circulation_start",
    "coupon_checked",
    "coupon_take_in",
    "coupon_untake",
    "coupon_void",
    "coupons_make",
    "ending_tell",
    "fee_pay",
    "help_record",
    "help_void",
    "invoice_paid",
    "invoice_void",
    "invoices_issue",
    "leaving_plan",
    "leaving_settle",
    "left_to_settle",
    "member_update",
    "membership_end",
    "office_account_of",
    "office_account_set",
    "paper_take_in",
    "paper_void",
    "papers_print",
    "papers_taken_by",
    "payee_of",
    "payment_return_ask",
    "payment_return_cancel",
    "payment_return_confirm",
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
    "shop_account_set",
    "shop_end",
    "shop_payee",
    "shop_register",
    "shops_paid",
    "standing_set",
    "stock_set",
    "units_buy",
    "units_hand",
    "year_closable",
    "year_close",
    "year_close_order",
]
