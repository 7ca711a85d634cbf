"""Writes of the requests room. Each theme has its own file; callers import from here.

Order of locks, for every room that works on a case: the series or the bundle, then the request,
then its offers, then the visit; requests and offers each in the order of the municipality codes
(``twins_locked``).
"""

from .bundles import (
    bundle_begin,
    bundle_cancelled,
    bundle_open,
    bundle_part_remove,
    bundle_part_save,
    bundle_slices_save,
)
from .requests import (
    draft_change,
    draft_save,
    request_cancel,
    request_closed,
    request_done,
    request_escalated,
    request_matched,
    request_open,
    request_reopen,
    request_unfilled,
    request_way_set,
)
from .series import (
    asking_forget,
    occurrence_open,
    series_away,
    series_change,
    series_day_skip,
    series_end,
    series_locked,
    series_save,
    series_usual_set,
)

__all__ = [
    "asking_forget",
    "bundle_begin",
    "bundle_cancelled",
    "bundle_open",
    "bundle_part_remove",
    "bundle_part_save",
    "bundle_slices_save",
    "draft_change",
    "draft_save",
    "occurrence_open",
    "request_cancel",
    "request_closed",
    "request_done",
    "request_escalated",
    "request_matched",
    "request_open",
    "request_reopen",
    "request_unfilled",
    "request_way_set",
    "series_away",
    "series_change",
    "series_day_skip",
    "series_end",
    "series_locked",
    "series_save",
    "series_usual_set",
]
