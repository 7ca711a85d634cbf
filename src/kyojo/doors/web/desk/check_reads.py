"""Lists of checks for the desk: what is on record, until when, and who made it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kyojo.civic.people import staff_selectors, trust, trust_selectors
from kyojo.civic.people.models import CounterLook, TrustCheck
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.kernel import clock

NEAR_DAYS, SOON_DAYS = max(trust.TOLD_DAYS), min(trust.TOLD_DAYS)
VALID, SOON, NEAR, ENDED, WITHDRAWN = "valid", "soon", "near", "ended", "withdrawn"
STATES = {
    VALID: "有効",
    NEAR: f"{NEAR_DAYS}日以内に期限",
    SOON: f"{SOON_DAYS}日以内に期限",
    ENDED: "期限切れ",
    WITHDRAWN: "取り消し",
}


@dataclass(frozen=True)
class CheckRow:
    """A line of the list of checks."""

    id: int
    uid: UUID
    kana: str
    name: str
    number: str
    kind: str
    kind_name: str
    label: str
    issuer: str
    shown: str
    method: str
    checked_at: datetime
    by: str
    confirmed_by: str
    valid_until: date | None
    state: str
    reason: str

    @property
    def state_name(self) -> str:
        return STATES[self.state]

    @property
    def may_withdraw(self) -> bool:
        return self.state != WITHDRAWN


def state_of(check: TrustCheck, today: date) -> str:
    if check.withdrawn_at is not None:
        return WITHDRAWN
    if check.valid_until is None:
        return VALID
    left = (check.valid_until - today).days
    if left < 0:
        return ENDED
    return SOON if left <= SOON_DAYS else NEAR if left <= NEAR_DAYS else VALID


def check_rows(checks: Iterable[TrustCheck]) -> list[CheckRow]:
    found, today = list(checks), clock.today()
    users = {one for check in found for one in (check.checked_by_id, check.confirmed_by_id)}
    names = staff_selectors.names_of(one for one in users if one is not None)
    return [
        CheckRow(
            id=check.pk,
            uid=check.person.uid,
            kana=check.person.kana,
            name=check.person.name,
            number=check.person.number,
            kind=check.kind,
            kind_name=trust.NAMES[check.kind],
            label=check.label,
            issuer=check.issuer,
            shown=check.shown,
            method=check.method,
            checked_at=check.checked_at,
            by=names.get(check.checked_by_id, "") if check.checked_by_id else "",
            confirmed_by=names.get(check.confirmed_by_id, "") if check.confirmed_by_id else "",
            valid_until=check.valid_until,
            state=state_of(check, today),
            reason=check.withdrawn_reason,
        )
        for check in found
    ]


@dataclass(frozen=True)
class LookRow:
    """What waits for a second member of staff."""

    uid: UUID
    name: str
    kana: str
    number: str
    what: str
    document: str
    items: str
    by: str
    looked_at: datetime
    ends_at: datetime
    is_own: bool


def look_rows(looks: Iterable[CounterLook], *, user_id: int) -> list[LookRow]:
    """``is_own``: whoever asks has seen the paper themselves, so another must confirm it."""
    found = list(looks)
    names = staff_selectors.names_of(
        one.looked_by_id for one in found if one.looked_by_id is not None
    )
    return [
        LookRow(
            uid=look.uid,
            name=look.person.name,
            kana=look.person.kana,
            number=look.person.number,
            what=trust.what_of(look.kind, look.label),
            document=trust.DOCUMENTS[look.kind].get(look.document, look.document),
            items="・".join(trust.ITEMS[code] for code in look.items if code in trust.ITEMS),
            by=names.get(look.looked_by_id, "職員") if look.looked_by_id else "職員",
            looked_at=look.looked_at,
            ends_at=look.ends_at,
            is_own=look.looked_by_id == user_id,
        )
        for look in found
    ]


def courses() -> list[str]:
    """The trainings that the programme asks for, as it names them."""
    try:
        rules = programme_current()[1]
    except ProgrammeMissing:
        return []
    return sorted({rule.training for rule in rules.categories if rule.training})


def needs_two(kind: str) -> bool:
    return trust_selectors.trust_rules()[kind].two_staff
