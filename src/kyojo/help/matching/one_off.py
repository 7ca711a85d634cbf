"""Helping once without a profile (都度): what may be shown to everybody, and an application's
steps. Pure."""

from collections.abc import Collection
from datetime import timedelta

ADULT_YEARS = 18
#: Children and journeys are for people who are known, whatever a programme says.
NEVER = frozenset({"child", "ride"})
#: The only check that the office can make before somebody's first and only visit.
ENOUGH = frozenset({"identity"})
#: The office telephones and looks at a card before the day.
LEAD = timedelta(hours=24)
#: Names and addresses are erased so many days after the day.
KEPT_DAYS = 30
#: Whoever withdrew is counted for so long, without a name, so that the limits hold.
COUNTED = timedelta(hours=24)

WAITING_PER_POSTING_MAX = 5
PER_CONTACT_PER_DAY_MAX = 3
PER_TOWN_PER_HOUR_MAX = 60

#: Kept with each application: which text was agreed to. Change both together.
CONSENT_VERSION = "2026-11"
CONSENT = (
    "お名前、ふりがな、生年月日、連絡先は、センターがお返事、本人確認、活動の保険に使います。",
    "たのんだ人に伝わるのは、来ることが決まったときの、お名前とふりがなだけです。",
    "取り下げると、すぐに消します。そのほかのときも、支援の日から30日で消します。",
    "来ることが決まったときは、会員番号を作り、支援の記録を会員と同じに残します。",
)

STEPS: dict[str, frozenset[str]] = {
    "received": frozenset({"called", "decided", "refused", "closed", "withdrawn"}),
    "called": frozenset({"decided", "refused", "closed", "withdrawn"}),
    "decided": frozenset(),
    "refused": frozenset(),
    "closed": frozenset(),
    "withdrawn": frozenset(),
}
#: The office has not answered yet.
WAITING = ("received", "called")


def may_help_once(category: str, *, trust: Collection[str], training: str) -> bool:
    """Whether a stranger may come for ``category`` once the office has seen who they are.

    Arguments:
        trust, training: what the place's programme needs of whoever comes.
    """
    return category not in NEVER and set(trust) <= ENOUGH and not training


def step_allowed(before: str, after: str) -> bool:
    return after in STEPS.get(before, frozenset())
