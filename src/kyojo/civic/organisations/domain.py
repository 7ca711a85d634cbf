"""Pure decisions about employment and consent."""

import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from kyojo.kernel import clock, text

from .errors import EmployeesCountWrong, EmploymentStepWrong, SlugWrong

REQUESTED, CONFIRMED, REFUSED, ENDED = "requested", "confirmed", "refused", "ended"
LABELS = {
    REQUESTED: "会社の確認待ち",
    CONFIRMED: "会社が確認ずみ",
    REFUSED: "会社が確認できず",
    ENDED: "退職",
}

#: Which state may follow which. Everything else is refused.
STEPS: Mapping[str, frozenset[str]] = {
    REQUESTED: frozenset({CONFIRMED, REFUSED, ENDED}),
    CONFIRMED: frozenset({ENDED}),
    REFUSED: frozenset(),
    ENDED: frozenset(),
}
#: States of which a person has one at most.
RUNNING = frozenset({REQUESTED, CONFIRMED})

#: The words that a person agrees to when they let their coins be counted. A change of meaning is
#: a new version; who agreed to an older one is asked again by the page, not counted by surprise.
CONSENT_VERSION = "2026-11"
CONSENT_TEXT = (
    "わたしが支援で受け取ったコインと時間を、会社の合計に足すことに同意します。"
    "会社に伝わるのは合計だけで、だれが何をしたかは伝わりません。"
    "同意はいつでもやめられます。やめると、それまでの分も会社の合計から外します。"
)

_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])")


def step_checked(before: str, after: str) -> None:
    """Raises ``EmploymentStepWrong``."""
    if after not in STEPS[before]:
        raise EmploymentStepWrong(before=before, after=after, label=LABELS[before])


def slug_checked(typed: str) -> str:
    """Raises ``SlugWrong``."""
    slug = text.normalised(typed).lower()
    if not _SLUG.fullmatch(slug):
        raise SlugWrong(field="slug")
    return slug


def employees_count_checked(count: int) -> int:
    """Raises ``EmployeesCountWrong``."""
    if not 1 <= count <= 10_000_000:
        raise EmployeesCountWrong(field="employees_count")
    return count


def counted_period(
    *,
    state: str,
    decided_at: datetime | None,
    ended_on: date | None,
    consent_given_at: datetime,
) -> tuple[datetime, datetime | None] | None:
    """From when until before when visits count for the company; None: no visit does.

    A visit counts when it starts in the period: after both the company's yes and the consent that
    stands now, and no later than the last day of work. Visits before the consent never count,
    because the person agreed to the counting of what comes. Who has left still counts for what
    they did until then, as long as they leave the consent standing.
    """
    if state not in (CONFIRMED, ENDED) or decided_at is None:
        return None
    start = max(decided_at, consent_given_at)
    if state == CONFIRMED:
        return start, None
    if ended_on is None:
        return None
    end = clock.at(ended_on + timedelta(days=1), 0)
    return (start, end) if start < end else None


def periods_by_person(
    periods: Iterable[tuple[int, tuple[datetime, datetime | None] | None]],
) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """Periods grouped by person id, earliest first; without the empty ones."""
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for person_id, period in periods:
        if period is not None:
            found.setdefault(person_id, []).append(period)
    for spans in found.values():
        spans.sort(key=lambda span: span[0])
    return found
