"""What may be done in the support room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of whoever acts and take care of the other towns.
"""

from .buttons import BATTERY_LOW_PERCENT, SILENT_AFTER, Signal, button_heard
from .closing import (
    CANCEL_REASONS,
    dispute_resolve,
    visit_cancel,
    visit_close_due,
    visit_confirm,
    visit_dispute,
    visit_no_show,
)
from .consents import consent_decline, consent_give
from .day import (
    LATE_MINUTES,
    visit_check_by_office,
    visit_check_in,
    visit_check_out,
    visit_heading,
    visit_late_tell,
    visit_position,
)
from .jobs import positions_purge, visits_auto_confirm
from .one_off import application_decide
from .reservations import offer_answer, offer_choose, office_assign, visit_uid_of
from .reviews import review_write
from .tags import Enrolled, TagRead, card_read, chip_read, tag_end, tag_enrol, visits_at

__all__ = [
    "BATTERY_LOW_PERCENT",
    "CANCEL_REASONS",
    "LATE_MINUTES",
    "SILENT_AFTER",
    "Enrolled",
    "Signal",
    "TagRead",
    "application_decide",
    "button_heard",
    "card_read",
    "chip_read",
    "consent_decline",
    "consent_give",
    "dispute_resolve",
    "offer_answer",
    "offer_choose",
    "office_assign",
    "positions_purge",
    "review_write",
    "tag_end",
    "tag_enrol",
    "visit_cancel",
    "visit_check_by_office",
    "visit_check_in",
    "visit_check_out",
    "visit_close_due",
    "visit_confirm",
    "visit_dispute",
    "visit_heading",
    "visit_late_tell",
    "visit_no_show",
    "visit_position",
    "visit_uid_of",
    "visits_at",
    "visits_auto_confirm",
]
