"""What may be done in the support room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of whoever acts and take care of the other towns.
"""

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
from .reservations import offer_answer, offer_choose, office_assign, visit_uid_of
from .reviews import review_write

__all__ = [
    "CANCEL_REASONS",
    "LATE_MINUTES",
    "consent_decline",
    "consent_give",
    "dispute_resolve",
    "offer_answer",
    "offer_choose",
    "office_assign",
    "positions_purge",
    "review_write",
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
    "visits_auto_confirm",
]
