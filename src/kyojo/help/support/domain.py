"""What may happen to a visit, and what its evidence says. Pure: no Django, no clock.

Times are aware datetimes, distances metres, lengths minutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from kyojo.civic.programmes.domain import EvidenceRule


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


#: From a state, by a step, to a state: only by these roles. Everything else is refused.
TRANSITIONS: dict[tuple[State, Step], tuple[State, frozenset[Role]]] = {
    (State.SCHEDULED, Step.CHECK_IN): (State.STARTED, frozenset({Role.SUPPORTER, Role.OFFICE})),
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
    (State.STARTED, Step.CHECK_OUT): (State.ENDED, frozenset({Role.SUPPORTER, Role.OFFICE})),
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


# --- evidence -------------------------------------------------------------------------------------
class Verdict(StrEnum):
    SETTLE = "settle"  # strong: the carer's yes settles, and so does their silence
    ASK = "ask"  # the carer's yes settles, their silence goes to the office
    OFFICE = "office"  # the office looks first, whatever the carer says


@dataclass(frozen=True)
class Position:
    """Where a phone said it was, in degrees, and how far it may be wrong, in metres."""

    latitude: float
    longitude: float
    accuracy_m: int


@dataclass(frozen=True)
class Mark:
    """One piece of evidence as the decision sees it. ``kind`` as in ``Evidence.Kind``."""

    kind: str
    moment: str  # start, end (other moments prove nothing and accuse nobody)
    in_window: bool
    distance_m: int | None = None
    accuracy_m: int | None = None


@dataclass(frozen=True)
class Reason:
    """One line of what the evidence says. ``good`` lines carry, the others want a look."""

    text: str
    good: bool


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    reasons: tuple[Reason, ...]


def window(starts_at: datetime, ends_at: datetime, rule: EvidenceRule) -> tuple[datetime, datetime]:
    """When a position may be taken and proves something: the booked time and a little around."""
    return starts_at - rule.window_before, ends_at + rule.window_after


def near(mark: Mark, rule: EvidenceRule) -> bool:
    """Surely at the place: near it, the phone's own error taken off, which must be small."""
    return (
        mark.distance_m is not None
        and mark.accuracy_m is not None
        and mark.accuracy_m <= rule.accuracy_max_m
        and mark.distance_m - mark.accuracy_m <= rule.near_m
    )


#: The largest error of its own that a phone is believed: a cell in the country, not a province.
ERROR_BELIEVED_M = 5_000


def far(mark: Mark, rule: EvidenceRule) -> bool:
    """Surely not at the place, as wrong as a phone may be."""
    error_m = min(mark.accuracy_m or 0, ERROR_BELIEVED_M)
    return mark.distance_m is not None and mark.distance_m - error_m > rule.near_m


def decide(
    *, marks: Iterable[Mark], booked_minutes: int, spent_minutes: int, rule: EvidenceRule
) -> Decision:
    """What the evidence of a visit that ended says.

    Strong (``settle``): start and end each proven inside the window, by a position at the place
    or by the spoken code (or the office's word), and more than half of the booked time spent.
    A check-in surely far away or out of hours is the office's. All else asks the carer.
    """
    marks = list(marks)
    reasons: list[Reason] = []
    verdict = Verdict.SETTLE
    for moment in ("start", "end"):
        found, reason = _moment(moment, [m for m in marks if m.moment == moment], rule)
        reasons.append(reason)
        verdict = max(verdict, found, key=_weight)
    if spent_minutes * 2 <= booked_minutes:
        reasons.append(Reason("時間：たのんだ長さの半分以下でした", False))
        verdict = max(verdict, Verdict.ASK, key=_weight)
    elif abs(spent_minutes - booked_minutes) <= max(15, booked_minutes // 4):
        reasons.append(Reason("時間：たのんだ長さとほぼ同じ", True))
    elif spent_minutes < booked_minutes:
        reasons.append(Reason("時間：たのんだ長さより短めでした", True))
    else:
        reasons.append(
            Reason("時間：たのんだ長さより長くかかりました。コインは約束のままです", True)
        )
    return Decision(verdict, tuple(reasons))


def _weight(verdict: Verdict) -> int:
    return (Verdict.SETTLE, Verdict.ASK, Verdict.OFFICE).index(verdict)


def _moment(moment: str, marks: list[Mark], rule: EvidenceRule) -> tuple[Verdict, Reason]:
    """What the marks of one moment say. A check-out is milder: people forget to press."""
    name = "始まり" if moment == "start" else "終わり"
    heavy = Verdict.OFFICE if moment == "start" else Verdict.ASK
    if any(not mark.in_window for mark in marks):
        return heavy, Reason(f"時刻：{name}の記録が、約束の時間の外でした", False)
    if any(mark.kind == "spoken_code" for mark in marks):
        if any(far(mark, rule) for mark in marks):
            # A code can be told by telephone: the carer's word decides, never their silence.
            reason = f"合言葉は合っていましたが、位置：{name}が、行き先からはなれていました"
            return Verdict.ASK, Reason(reason, False)
        return Verdict.SETTLE, Reason(f"合言葉：{name}に合っていました", True)
    if any(mark.kind == "office_word" for mark in marks):
        return Verdict.SETTLE, Reason(f"センター：{name}を電話で確かめました", True)
    if any(far(mark, rule) for mark in marks):
        return heavy, Reason(f"位置：{name}が、行き先からはなれていました", False)
    if any(near(mark, rule) for mark in marks):
        return Verdict.SETTLE, Reason(f"位置：{name}に、行き先のそばでした", True)
    if marks:
        return Verdict.ASK, Reason(f"位置：{name}の位置は、ずれが大きく、決め手になりません", False)
    return Verdict.ASK, Reason(f"{name}を確かめる記録がありません", False)


def sureness(verdict: str) -> str:
    """How sure the record is, as people read it."""
    return {"settle": "高い", "ask": "ふつう"}.get(verdict, "確かめが必要")


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
