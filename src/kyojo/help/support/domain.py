"""What may happen to a visit. Pure: no Django, no clock. What its evidence says: ``evidence``."""

from datetime import timedelta
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
    RESOLVE = "resolve"


class Role(StrEnum):
    CARER = "carer"
    SUPPORTER = "supporter"
    RECIPIENT = "recipient"
    OFFICE = "office"
    SYSTEM = "system"
    DEVICE = "device"  # a button at the place, pressed for a supporter without a smartphone


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
    (State.SCHEDULED, Step.NO_SHOW): (State.NO_SHOW, frozenset({Role.CARER, Role.OFFICE})),
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
    (State.DISPUTED, Step.RESOLVE): (State.RESOLVED, frozenset({Role.OFFICE})),
}

#: States in which coins are held for the visit.
HOLDING = frozenset({State.SCHEDULED, State.STARTED, State.ENDED, State.CONFIRMED, State.DISPUTED})

#: From when on a carer may say that nobody came, and a supporter that nobody opened.
NO_SHOW_AFTER = timedelta(minutes=15)
#: How long before the start a supporter may say that they are on their way.
HEADING_BEFORE = timedelta(hours=2)
#: A visit that nobody closed is the office's this long after its booked end.
FORGOTTEN_AFTER = timedelta(hours=24)


def transition(state: str, step: Step, role: Role) -> State | None:
    """The state that ``step`` by ``role`` leads to, or None where it is not allowed."""
    entry = TRANSITIONS.get((State(state), step))
    if entry is None or role not in entry[1]:
        return None
    return entry[0]


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


# --- thanks ---------------------------------------------------------------------------------------
#: What a carer may say was good, by code (the codes are stored).
TAGS: dict[str, str] = {
    "careful": "ていねい",
    "on_time": "時間どおり",
    "easy_to_talk": "話しやすい",
    "family_happy": "家族がよろこんだ",
    "again": "また来てほしい",
}
TROUBLE = 1
RATINGS: dict[int, str] = {
    5: "とてもよかった",
    4: "よかった",
    3: "ふつう",
    TROUBLE: "困ったことがあった",
}
