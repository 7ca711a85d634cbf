"""What may be done in the support room. Each theme has its own file; callers import from here.

Services work inside ``tenancy.tenant`` of whoever acts and take care of the other towns.
"""

from .absences import visit_no_show
from .beacons import beacons_end_due
from .closing import (
    CANCEL_REASONS,
    visit_cancel,
    visit_close_due,
    visit_confirm,
    visit_dispute,
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
from .fraud_devices import device_keep, fraud_forget
from .fraud_learning import detector_learn, detectors_learn
from .fraud_review import clearance_end, clearance_make, look_watch, looks_clear, looks_refuse
from .fraud_watch import visits_look, visits_score
from .gateways import gateway_end, gateway_known, gateway_make
from .jobs import positions_purge, rulings_carry_out, visits_auto_confirm
from .one_off import application_decide
from .parting import Kept, booked_between, booked_of, person_block, person_suspend
from .photos import PHOTOS_MAX, photo_add, photos_allow, photos_forget
from .readiness import (
    meeting_agree,
    meeting_propose,
    meeting_record,
    meeting_said,
    second_adult_declare,
)
from .reservations import offer_answer, offer_choose, office_assign, visit_uid_of
from .reviews import review_write, words_checked
from .reviews_opening import review_hide, review_show, reviews_reveal_due
from .rulings import appeal_decide, dispute_resolve, ruling_accept, ruling_appeal
from .series import series_answer_yes
from .signals import Signal, button_heard, button_heard_signed, button_joined, button_silent
from .tags import (
    BEACONS_MAX,
    Enrolled,
    TagRead,
    beacon_like,
    card_read,
    chip_read,
    plain_number,
    tag_end,
    tag_enrol,
    visits_of_tag,
)
from .warmth import (
    family_link_end,
    family_link_make,
    family_link_open,
    gift_note,
    letter_remove,
    letter_send,
    letters_purge,
    parts_give,
    portrait_for,
    portrait_of,
    portrait_remove,
    portrait_set,
)

__all__ = [
    "BEACONS_MAX",
    "CANCEL_REASONS",
    "LATE_MINUTES",
    "PHOTOS_MAX",
    "Enrolled",
    "Kept",
    "Signal",
    "TagRead",
    "appeal_decide",
    "application_decide",
    "beacon_like",
    "beacons_end_due",
    "booked_between",
    "booked_of",
    "button_heard",
    "button_heard_signed",
    "button_joined",
    "button_silent",
    "card_read",
    "chip_read",
    "clearance_end",
    "clearance_make",
    "consent_decline",
    "consent_give",
    "detector_learn",
    "detectors_learn",
    "device_keep",
    "dispute_resolve",
    "family_link_end",
    "family_link_make",
    "family_link_open",
    "fraud_forget",
    "gateway_end",
    "gateway_known",
    "gateway_make",
    "gift_note",
    "letter_remove",
    "letter_send",
    "letters_purge",
    "look_watch",
    "looks_clear",
    "looks_refuse",
    "meeting_agree",
    "meeting_propose",
    "meeting_record",
    "meeting_said",
    "offer_answer",
    "offer_choose",
    "office_assign",
    "parts_give",
    "person_block",
    "person_suspend",
    "photo_add",
    "photos_allow",
    "photos_forget",
    "plain_number",
    "portrait_for",
    "portrait_of",
    "portrait_remove",
    "portrait_set",
    "positions_purge",
    "review_hide",
    "review_show",
    "review_write",
    "reviews_reveal_due",
    "ruling_accept",
    "ruling_appeal",
    "rulings_carry_out",
    "second_adult_declare",
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
    "visits_look",
    "visits_of_tag",
    "visits_score",
    "words_checked",
]
