"""What may be done in the matching room. Each theme has its own file; callers import from here.

Locks: the request's twins first, then the offer's twins, then (in support) the visit's.
"""

from .answers import (
    offer_accept_mark,
    offer_chosen_mark,
    offer_decline,
    offer_withdraw,
    offer_withdraw_mark,
    offers_withdraw_others,
    request_withdraw,
)
from .asking import offer_ask, offer_office, offers_broadcast
from .lapsing import offers_lapse, request_escalate, town_lapse
from .learning import acceptance_train, asks_purge
from .tallies import rating_add, tally_add
from .waves import search_look, searches_look_due

__all__ = [
    "acceptance_train",
    "asks_purge",
    "offer_accept_mark",
    "offer_ask",
    "offer_chosen_mark",
    "offer_decline",
    "offer_office",
    "offer_withdraw",
    "offer_withdraw_mark",
    "offers_broadcast",
    "offers_lapse",
    "offers_withdraw_others",
    "rating_add",
    "request_escalate",
    "request_withdraw",
    "search_look",
    "searches_look_due",
    "tally_add",
    "town_lapse",
]
