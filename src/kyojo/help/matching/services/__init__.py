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
from .applying import (
    application_called,
    application_decided_mark,
    application_locked,
    application_refuse,
    application_send,
    application_withdraw,
    applications_close_due,
    applications_purge,
)
from .asking import offer_ask, offer_office, offers_broadcast
from .bundles import bundle_ask, bundle_cancel
from .forgetting import person_forget
from .lapsing import offers_lapse, request_escalate, town_lapse
from .learning import acceptance_train, asks_purge
from .parting import pair_part, person_pause, requests_hold
from .posting import posting_close, posting_open
from .projects import (
    project_answer,
    project_close,
    project_create,
    project_invite,
    project_propose,
    project_replace,
    projects_lapse_due,
)
from .proposing import proposals_renew
from .series import (
    occurrences_make,
    requests_locked,
    series_change,
    series_create,
    series_day_away,
    series_end,
    series_leave,
    series_make_due,
    series_offers_chosen,
    series_skip,
    series_usual,
)
from .tallies import badges_shown_set, pair_rate, rating_add, rating_prior_renew, tally_add
from .waves import search_look, searches_look_due

__all__ = [
    "acceptance_train",
    "application_called",
    "application_decided_mark",
    "application_locked",
    "application_refuse",
    "application_send",
    "application_withdraw",
    "applications_close_due",
    "applications_purge",
    "asks_purge",
    "badges_shown_set",
    "bundle_ask",
    "bundle_cancel",
    "occurrences_make",
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
    "pair_part",
    "pair_rate",
    "person_forget",
    "person_pause",
    "posting_close",
    "posting_open",
    "project_answer",
    "project_close",
    "project_create",
    "project_invite",
    "project_propose",
    "project_replace",
    "projects_lapse_due",
    "proposals_renew",
    "rating_add",
    "rating_prior_renew",
    "request_escalate",
    "request_withdraw",
    "requests_hold",
    "requests_locked",
    "search_look",
    "searches_look_due",
    "series_change",
    "series_create",
    "series_day_away",
    "series_end",
    "series_leave",
    "series_make_due",
    "series_offers_chosen",
    "series_skip",
    "series_usual",
    "tally_add",
    "town_lapse",
]
