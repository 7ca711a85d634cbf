"""How long this room keeps what, and the erasing of what is over."""

from datetime import timedelta

from kyojo.civic.programmes.selectors import kept_days
from kyojo.kernel import clock

from .forgetting import PLACE_EMPTY
from .models import HelpRequest

PLACES_DAYS = 365
OVER = (HelpRequest.State.DONE, HelpRequest.State.CANCELLED, HelpRequest.State.UNFILLED)
#: kind → (what it is, from when and how long).
KEPT: dict[str, tuple[str, str]] = {
    "request_places": ("依頼の場所、来る人へのメモ、いる方のお名前", "依頼の日から1年"),
}


def purge_due() -> dict[str, int]:
    """Empty the places and the words of requests that are long over, in the current town; what was
    asked for, when and in which area stays for the town's figures. Safe to repeat."""
    before = clock.now() - timedelta(days=kept_days("visit_addresses", PLACES_DAYS))
    old = HelpRequest.objects.filter(state__in=OVER, ends_at__lte=before)
    return {"request_places": old.exclude(latitude=None, place_uid=None).update(**PLACE_EMPTY)}
