"""What may happen to a visit. Pure: no Django, no clock. What its evidence says: ``evidence``."""

from datetime import date, datetime, timedelta
from enum import StrEnum


class State(StrEnum):
    SCHEDULED = "scheduled"
    STARTED = "started"
    ENDED = "ended"
    CONFIRMED = "confirmed"
    SETTLED = "settled"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    DISPUTED = "disputed"
    RESOLVED = "resolved"


class Step(StrEnum):
    CHECK_IN = "check_in"
    CHECK_OUT = "check_out"
    CONFIRM = "confirm"
    SETTLE = "settle"
    CANCEL = "cancel"
    NO_SHOW = "no_show"
    DISPUTE = "dispute"
    DECIDE = "decide"
    ACCEPT = "accept"
    APPEAL = "appeal"
    RELEASE = "release"
    RESOLVE = "resolve"
    ABSENT = "absent"


class Role(StrEnum):
    CARER = "carer"
    SUPPORTER = "supporter"
    RECIPIENT = "recipient"
    OFFICE = "office"
    SYSTEM = "system"
    DEVICE = "device"  # a button or a reader at the place, for a supporter without a smartphone


#: From a state, by a step, to a state: only by these roles. Everything else is refused.
TRANSITIONS: dict[tuple[State, Step], tuple[State, frozenset[Role]]] = {
    (State.SCHEDULED, Step.CHECK_IN): (
        State.STARTED,
        frozenset({Role.SUPPORTER, Role.OFFICE, Role.DEVICE}),
    ),
    (State.SCHEDULED, Step.CANCEL): (
        State.CANCELLED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.RECIPIENT, Role.OFFICE}),
    ),
    # Nobody came, it is said: the coins wait for the supporter's word.
    (State.SCHEDULED, Step.NO_SHOW): (State.DISPUTED, frozenset({Role.CARER, Role.OFFICE})),
    # Nobody opened the door (supporter), somebody was seen near (carer), or nobody said anything.
    (State.SCHEDULED, Step.DISPUTE): (
        State.DISPUTED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.SYSTEM}),
    ),
    (State.STARTED, Step.CHECK_OUT): (
        State.ENDED,
        frozenset({Role.SUPPORTER, Role.OFFICE, Role.DEVICE}),
    ),
    (State.STARTED, Step.DISPUTE): (
        State.DISPUTED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.SYSTEM}),
    ),
    (State.ENDED, Step.CONFIRM): (State.CONFIRMED, frozenset({Role.CARER, Role.SYSTEM})),
    (State.ENDED, Step.DISPUTE): (
        State.DISPUTED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.SYSTEM}),
    ),
    (State.CONFIRMED, Step.SETTLE): (State.SETTLED, frozenset({Role.SYSTEM})),
    # The carer said yes, but the check-in was far away or out of hours: the office looks first.
    (State.CONFIRMED, Step.DISPUTE): (State.DISPUTED, frozenset({Role.SYSTEM})),
    # The office looked at a visit that was held back for it, and nothing is wrong: where it was.
    (State.DISPUTED, Step.RELEASE): (State.CONFIRMED, frozenset({Role.OFFICE})),
    # What the office rules waits until whoever loses by it has agreed or their days are over;
    # another officer rules on an appeal. Carrying it out is nobody's press.
    (State.DISPUTED, Step.DECIDE): (State.DISPUTED, frozenset({Role.OFFICE})),
    (State.DISPUTED, Step.ACCEPT): (
        State.DISPUTED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.OFFICE}),
    ),
    (State.DISPUTED, Step.APPEAL): (
        State.DISPUTED,
        frozenset({Role.CARER, Role.SUPPORTER, Role.OFFICE}),
    ),
    (State.DISPUTED, Step.RESOLVE): (State.RESOLVED, frozenset({Role.SYSTEM})),
    (State.DISPUTED, Step.ABSENT): (State.NO_SHOW, frozenset({Role.SYSTEM})),
}

UPCOMING = (State.SCHEDULED, State.STARTED)
#: States in which coins are held for the visit.
HOLDING = frozenset({State.SCHEDULED, State.STARTED, State.ENDED, State.CONFIRMED, State.DISPUTED})

#: From when on a carer may say that nobody came, and a supporter that nobody opened.
NO_SHOW_AFTER = timedelta(minutes=15)
#: When of a visit something was seen.
MOMENTS = {"heading": "向かう途中", "start": "始まり", "during": "支援中", "end": "終わり"}
#: How long before the start a supporter may say that they are on their way.
HEADING_BEFORE = timedelta(hours=2)
#: A visit that nobody closed is the office's this long after its booked end.
FORGOTTEN_AFTER = timedelta(hours=24)


#: So many signals of one device, day and outcome are kept one by one: enough to see what it was.
SIGNALS_KEPT_A_DAY = 20
#: A beacon that was not heard for so long has gone. Readers report every few minutes and miss some
#: reports; so long a gap is left by going, and it is over before anybody is asked for a late end.
BEACON_SILENT_AFTER = timedelta(minutes=20)
#: What stands in the history of a visit that ended so.
BEACON_SILENT = "beacon_silent"


def left_unsaid(
    *,
    last_heard: datetime,
    started_at: datetime,
    booked: timedelta,
    closes: datetime,
    now: datetime,
) -> bool:
    """Whether a running visit ended when the beacon of whoever came was last heard.

    Not before the window has closed: until then they may come back (from shopping, a walk), or
    somebody may press. Not where that would be half of the booked length or less: they may have
    gone out together, or the beacon is empty, and somebody asks.
    """
    is_silent = now >= max(last_heard + BEACON_SILENT_AFTER, closes)
    return is_silent and (last_heard - started_at) * 2 > booked


def transition(state: str, step: Step, role: Role) -> State | None:
    """The state that ``step`` by ``role`` leads to, or None where it is not allowed."""
    entry = TRANSITIONS.get((State(state), step))
    if entry is None or role not in entry[1]:
        return None
    return entry[0]


# --- where it is ----------------------------------------------------------------------------------
#: From how many days before the visit on whoever comes sees the whole address.
ADDRESS_DAYS_BEFORE = 1


def address_opens_on(starts_on: date) -> date:
    """The first day on which whoever comes sees the whole address and the point."""
    return starts_on - timedelta(days=ADDRESS_DAYS_BEFORE)


def address_is_open(state: str, *, starts_on: date, ends_on: date, today: date) -> bool:
    """Whether whoever comes sees the whole address: from the day before until the end of the day,
    and for as long as they are there. Days are local; who called it off sees it no more."""
    if state == State.STARTED:
        return True
    if state in (State.CANCELLED, State.NO_SHOW):
        return False
    return address_opens_on(starts_on) <= today <= ends_on


# --- resolution -----------------------------------------------------------------------------------
class Resolution(StrEnum):
    PAY = "pay"
    PAY_PART = "pay_part"
    RETURN = "return"


def paid(resolution: Resolution, *, held: int, part: int | None) -> int | None:
    """How many of the held coins go to the supporter; None where ``part`` is no part of them."""
    if resolution is Resolution.PAY:
        return held
    if resolution is Resolution.RETURN:
        return 0
    return part if part is not None and 0 < part < held else None


def losers(resolution: Resolution, *, carer_confirmed: bool) -> frozenset[Role]:
    """Who gets less by a ruling than they held to be right: a carer who had confirmed the visit
    loses by nothing that is paid, a supporter by everything that is not."""
    found = set()
    if resolution is not Resolution.RETURN and not carer_confirmed:
        found.add(Role.CARER)
    if resolution is not Resolution.PAY:
        found.add(Role.SUPPORTER)
    return frozenset(found)


#: When the two may say how it was.
THANKABLE = frozenset({State.ENDED, State.CONFIRMED, State.SETTLED, State.DISPUTED, State.RESOLVED})


# --- thanks ---------------------------------------------------------------------------------------
#: What a carer may say was good, by code (the codes are stored).
TAGS: dict[str, str] = {
    "careful": "ていねい",
    "on_time": "時間どおり",
    "easy_to_talk": "話しやすい",
    "family_happy": "家族がよろこんだ",
    "again": "また来てほしい",
}
#: What a supporter may say was good.
TAGS_BACK: dict[str, str] = {
    "as_told": "聞いていたとおり",
    "ready": "準備がしてあった",
    "easy_to_talk": "話しやすい",
    "welcomed": "あたたかくむかえてくれた",
    "again": "また行きたい",
}
TROUBLE = 1
RATINGS: dict[int, str] = {
    5: "とてもよかった",
    4: "よかった",
    3: "ふつう",
    TROUBLE: "困ったことがあった",
}


def tags_of(role: str) -> dict[str, str]:
    """What ``role`` may say was good, by code."""
    return {Role.CARER: TAGS, Role.SUPPORTER: TAGS_BACK}.get(Role(role), {})


def review_shown(
    *, is_trouble: bool, is_hidden: bool, is_revealed: bool, reveals_at: datetime, now: datetime
) -> bool:
    """Whether the other side may read a review: never trouble, never what the office hid; else
    once both have written, or when its time has come."""
    return not is_trouble and not is_hidden and (is_revealed or now >= reveals_at)
