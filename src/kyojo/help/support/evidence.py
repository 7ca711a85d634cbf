"""What the evidence of a visit says: a score, with reasons in plain words. Pure: no clock.

Times are aware datetimes, distances metres, lengths minutes, scores 0–100.

Each kind of proof has a worth: how surely it shows that the supporter was at the place at that
moment. Start and end are judged apart. Proofs of one moment add up as if they could fail apart from
each other, 1 − Π(1 − worth); the weaker moment is the score of the visit. Nothing at all accuses
nobody and proves nothing: it lies between the two thresholds of the programme, so that the carer is
asked. What contradicts (a phone surely elsewhere, a moment out of hours) lowers a moment below.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from math import prod

from kyojo.civic.programmes.domain import EvidenceRule


class Kind(StrEnum):
    """What can show that somebody was there. The values are stored."""

    POSITION = "position"
    SPOKEN_CODE = "spoken_code"
    QR_CARD = "qr_card"
    NFC_CARD = "nfc_card"
    BUTTON = "button"
    BEACON = "beacon"
    PHOTO = "photo"
    OFFICE_WORD = "office_word"


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
    """One piece of evidence as the decision sees it. ``kind`` is a ``Kind``.

    ``is_late``: it lay on a phone without network and came after the window had closed.
    """

    kind: str
    moment: str  # start, end (other moments prove nothing and accuse nobody)
    in_window: bool
    distance_m: int | None = None
    accuracy_m: int | None = None
    is_late: bool = False


@dataclass(frozen=True)
class Reason:
    """One line of what the evidence says. ``good`` lines carry, the others want a look."""

    text: str
    good: bool


@dataclass(frozen=True)
class Decision:
    verdict: Verdict
    reasons: tuple[Reason, ...]
    score: int


# --- worths ---------------------------------------------------------------------------------------
#: The office has spoken with them. A button hangs at the place and signs what it says, as does a
#: card with a chip that counts. A code can be told by telephone and a position can be invented; a
#: printed card can be photographed. A beacon is only heard at the place, but its number can be sent
#: by anybody who heard it, and it can be lent or left behind. A photo shows something, somewhere.
WORTH = {
    Kind.OFFICE_WORD: 100,
    Kind.BUTTON: 85,
    Kind.NFC_CARD: 85,
    Kind.SPOKEN_CODE: 80,
    Kind.POSITION: 80,
    Kind.QR_CARD: 60,
    Kind.BEACON: 60,
    Kind.PHOTO: 20,
}
#: Kinds that are nowhere but at the place: a phone that is surely elsewhere contradicts them.
BOUND_TO_PLACE = frozenset({Kind.QR_CARD, Kind.NFC_CARD, Kind.BUTTON, Kind.BEACON})
#: Nothing came, or only a position too vague to say anything.
NOTHING = 40
#: Start and end out of hours or surely elsewhere. An end is milder: people forget to press.
REFUTED = {"start": 10, "end": 35}
#: A code was right, but the phone surely elsewhere: the carer's word decides, never their silence.
CODE_ELSEWHERE = 40
#: What lay on the phone and came later has the phone's word alone for its hour.
LATE_SHARE = 0.9
#: A visit of half its booked length or less is never settled in silence.
SHORT = 60
#: The largest error of its own that a phone is believed: a cell in the country, not a province.
ERROR_BELIEVED_M = 5_000

#: How a proof is named, and how it says that it held, at the start and at the end.
HELD = {
    Kind.OFFICE_WORD: "センター：{}を電話で確かめました",
    Kind.BUTTON: "ボタン：{}に、お宅のボタンが押されました",
    Kind.NFC_CARD: "カード：{}に、お宅のICカードをかざしました",
    Kind.SPOKEN_CODE: "合言葉：{}に合っていました",
    Kind.POSITION: "位置：{}に、行き先のそばでした",
    Kind.QR_CARD: "カード：{}に、お宅のQRカードを読みました",
    Kind.BEACON: "ビーコン：{}に、来た人のビーコンがお宅で聞こえました",
    Kind.PHOTO: "写真：{}の写真があります",
}
#: What stands beside the proofs of a visit that nobody ended.
UNSAID = Reason("終わり：だれも伝えていません。ビーコンがさいごに聞こえた時刻です", False)


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


def far(mark: Mark, rule: EvidenceRule) -> bool:
    """Surely not at the place, as wrong as a phone may be."""
    error_m = min(mark.accuracy_m or 0, ERROR_BELIEVED_M)
    return mark.distance_m is not None and mark.distance_m - error_m > rule.near_m


def decide(
    *, marks: Iterable[Mark], booked_minutes: int, spent_minutes: int, rule: EvidenceRule
) -> Decision:
    """What the evidence of a visit that ended says, by the thresholds of ``rule``."""
    marks = list(marks)
    start, start_reasons = _moment("start", [m for m in marks if m.moment == "start"], rule)
    end, end_reasons = _moment("end", [m for m in marks if m.moment == "end"], rule)
    time, most = _time(booked_minutes, spent_minutes)
    score = min(start, end, most)
    return Decision(verdict_of(score, rule), (*start_reasons, *end_reasons, time), score)


def verdict_of(score: int, rule: EvidenceRule) -> Verdict:
    if score >= rule.settle_from:
        return Verdict.SETTLE
    return Verdict.ASK if score >= rule.ask_from else Verdict.OFFICE


def _time(booked: int, spent: int) -> tuple[Reason, int]:
    """What the length says, and the most that a visit so long can score."""
    if spent * 2 <= booked:
        return Reason("時間：たのんだ長さの半分以下でした", False), SHORT
    if abs(spent - booked) <= max(15, booked // 4):
        return Reason("時間：たのんだ長さとほぼ同じ", True), 100
    if spent < booked:
        return Reason("時間：たのんだ長さより短めでした", True), 100
    return Reason("時間：たのんだ長さより長くかかりました。コインは約束のままです", True), 100


def _moment(moment: str, marks: list[Mark], rule: EvidenceRule) -> tuple[int, list[Reason]]:
    """The score of one moment, and why."""
    name = "始まり" if moment == "start" else "終わり"
    if any(not mark.in_window for mark in marks):
        text = f"時刻：{name}の記録が、約束の時間の外でした"
        return REFUTED[moment], [Reason(text, False)]
    held = [mark for mark in marks if _holds(mark, rule)]
    kinds = {Kind(mark.kind) for mark in held}
    elsewhere = any(far(mark, rule) for mark in marks)
    if elsewhere and Kind.OFFICE_WORD not in kinds:
        if Kind.SPOKEN_CODE in kinds:
            text = f"合言葉は合っていましたが、位置：{name}が、行き先からはなれていました"
            return CODE_ELSEWHERE, [Reason(text, False)]
        text = f"位置：{name}が、行き先からはなれていました"
        if kinds & BOUND_TO_PLACE:
            text = f"お宅のカードやボタン、ビーコンの記録がありますが、{text}"
            return REFUTED["start"], [Reason(text, False)]
        return REFUTED[moment], [Reason(text, False)]
    if not kinds:
        return NOTHING, [_nothing(name, marks)]
    reasons = [Reason(HELD[kind].format(name), True) for kind in WORTH if kind in kinds]
    late = all(mark.is_late for mark in held)
    if late:
        text = f"電波：{name}の記録は、電波のとどかないところで書かれ、あとで届きました"
        reasons.append(Reason(text, True))
    proven = 100 * (1 - prod(1 - WORTH[kind] / 100 for kind in kinds))
    # A weak proof says no less than none.
    return max(NOTHING, round(proven * (LATE_SHARE if late else 1))), reasons


def _holds(mark: Mark, rule: EvidenceRule) -> bool:
    """Whether a mark of the window proves something."""
    return near(mark, rule) if mark.kind == Kind.POSITION else True


def _nothing(name: str, marks: list[Mark]) -> Reason:
    if marks:
        return Reason(f"位置：{name}の位置は、ずれが大きく、決め手になりません", False)
    return Reason(f"{name}を確かめる記録がありません", False)


def sureness(verdict: str) -> str:
    """How sure the record is, as people read it."""
    return {"settle": "高い", "ask": "ふつう"}.get(verdict, "確かめが必要")
