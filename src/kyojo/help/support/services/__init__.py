"""What may be done in the support room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of whoever acts and take care of the other towns.
"""

from .buttons import Signal, button_heard, button_joined
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
from .gateways import gateway_end, gateway_known, gateway_make
from .jobs import positions_purge, visits_auto_confirm
from .one_off import application_decide
from .reservations import offer_answer, offer_choose, office_assign, visit_uid_of
from .reviews import review_write
from .series import series_answer_yes
from .tags import Enrolled, TagRead, card_read, chip_read, tag_end, tag_enrol, visits_of_tag

__all__ = [
    "CANCEL_REASONS",
    "LATE_MINUTES",
    "Enrolled",
    "Signal",
    "TagRead",
    "application_decide",
    "button_heard",
    "button_joined",
    "card_read",
    "chip_read",
    "consent_decline",
    "consent_give",
    "dispute_resolve",
    "gateway_end",
    "gateway_known",
    "gateway_make",
    "offer_answer",
    "offer_choose",
    "office_assign",
    "positions_purge",
    "review_write",
    "series_answer_yes",
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
    "visits_auto_confirm",
    "visits_of_tag",
]
