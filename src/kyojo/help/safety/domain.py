"""What safety decides. Pure: no Django, no clock.

Emergencies: whom an alarm reaches next. Worries: how pressing, on what ground. Late visits: who is
asked when. Insurance: which visits are covered.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# --- emergencies ----------------------------------------------------------------------------------
#: How long one person on call has before the next is alarmed, and how often everybody is again.
STEP_AFTER = timedelta(minutes=2)
ALL_AGAIN_AFTER = timedelta(minutes=5)
#: The same for a visit that nobody ended: less presses, and somebody is at the telephone meanwhile.
LATE_STEP_AFTER = timedelta(minutes=10)
LATE_ALL_AGAIN_AFTER = timedelta(minutes=30)
#: From then on the desk's pages alone say it: nobody is mailed for ever.
ALARMS_END = timedelta(hours=24)
#: A job may be picked up a little before its hour by a machine whose clock is ahead.
STEP_SLACK = timedelta(seconds=5)
#: What came of it, when the office closes an emergency.
OUTCOMES = {
    "safe": "無事を確かめた",
    "ambulance": "救急車をよんだ",
    "police": "警察をよんだ",
    "family": "家族に引きついだ",
    "centre": "支援センターに引きついだ",
    "false_alarm": "まちがいだった",
}
#: What stands there when nobody closed it and its record went by the clock.
OUTCOME_UNCLOSED = "unclosed"
OUTCOME_LABELS = OUTCOMES | {OUTCOME_UNCLOSED: "終えられないまま、記録を消した"}


@dataclass(frozen=True)
class Duty:
    """One line of the list of who is on call. ``days``: 0 is Monday. Where ``start`` is not before
    ``end`` the duty runs over midnight and belongs to the day on which it begins; both the same:
    the whole day."""

    key: int
    days: frozenset[int]
    start: time
    end: time


def on_duty(duty: Duty, at: datetime) -> bool:
    """Whether it is theirs at ``at`` (local)."""
    now, today = at.time(), at.weekday()
    if duty.start < duty.end:
        return today in duty.days and duty.start <= now < duty.end
    if duty.start == duty.end:
        return today in duty.days
    yesterday = (today - 1) % 7
    return (today in duty.days and now >= duty.start) or (yesterday in duty.days and now < duty.end)


@dataclass(frozen=True)
class Reach:
    """Whom the next step of an alarm reaches: these lines of the list, or everybody."""

    keys: tuple[int, ...]
    is_everybody: bool

    @property
    def wait(self) -> timedelta:
        return ALL_AGAIN_AFTER if self.is_everybody else STEP_AFTER

    @property
    def late_wait(self) -> timedelta:
        return LATE_ALL_AGAIN_AFTER if self.is_everybody else LATE_STEP_AFTER


def reach_next(duties: Sequence[Duty], *, at: datetime, alarmed: Collection[int]) -> Reach:
    """The first who is on call now and was not alarmed yet; after the last, everybody. What counts
    is the list as it is now, so that a change of it takes hold at once."""
    for duty in duties:
        if duty.key not in alarmed and on_duty(duty, at):
            return Reach((duty.key,), is_everybody=False)
    return Reach(tuple(duty.key for duty in duties), is_everybody=True)


# --- keeping -------------------------------------------------------------------------------------
ALARMS_KEPT = timedelta(days=3 * 365)
WORRIES_KEPT = timedelta(days=5 * 365)
#: What nobody closed goes as long after its last entry; so long before, the desk is told.
TOLD_BEFORE = timedelta(weeks=6)


# --- worries (気になること) ---------------------------------------------------------------------
@dataclass(frozen=True)
class Sign:
    """Something a visitor noticed. ``urgency``: the key of ``URGENCIES`` that it amounts to."""

    label: str
    note: str
    urgency: str


@dataclass(frozen=True)
class Urgency:
    """How soon the centre looks, and in which words."""

    label: str
    within: timedelta
    promise: str


URGENCIES = {
    "abuse": Urgency("すぐに", timedelta(hours=4), "きょうのうちに動きはじめます"),
    "today": Urgency("きょうのうちに", timedelta(hours=8), "きょうのうちに確かめます"),
    "soon": Urgency("数日のうちに", timedelta(days=3), "3日のうちに確かめます"),
    "watch": Urgency("見守る", timedelta(days=14), "2週間のうちに確かめます"),
}
URGENCY_ORDER = tuple(URGENCIES)

SIGNS: dict[str, Sign] = {
    "low": Sign("元気がない", "話さない、笑わない、ねてばかり", "soon"),
    "eating": Sign("食べていない・飲んでいない", "やせた、冷蔵庫が空、部屋が暑い", "today"),
    "injury": Sign("けが・あざ・やけど", "ころんだあと、理由が分からない傷", "today"),
    "illness": Sign("体のぐあい・薬", "薬があまっている、息が苦しそう", "today"),
    "memory": Sign("もの忘れ", "同じ話、火の消し忘れ、道に迷う", "soon"),
    "house": Sign("部屋の片づけ", "ごみがたまった、においがする", "soon"),
    "money": Sign("お金・訪問販売", "知らない契約、督促の紙、財布がない", "soon"),
    "alone": Sign("だれとも会っていない", "電話に出ない、郵便がたまっている", "soon"),
    "carer": Sign("介護する人の疲れ", "ねむれていない、どなる声、ひとりでかかえている", "soon"),
    "young": Sign("子どもが世話をしている", "学校を休んでいる、家のことをしている", "soon"),
    "abuse": Sign("虐待かもしれない", "たたかれている、閉じこめられている、世話がない", "abuse"),
    "other": Sign("そのほか", "ことばで書いてください", "watch"),
}


def urgency_of(signs: Collection[str]) -> str:
    """The most pressing of what was noticed. Unknown signs count for nothing."""
    found = {SIGNS[one].urgency for one in signs if one in SIGNS}
    return next((one for one in URGENCY_ORDER if one in found), "watch")


@dataclass(frozen=True)
class Ground:
    """On what a worry is handed on. ``law`` with its day, since laws move."""

    label: str
    note: str
    law: str = ""
    as_of: date | None = None


GROUNDS: dict[str, Ground] = {
    "consent": Ground("ご本人がよいと言った", "伝えることを、ご本人に話しました"),
    "life": Ground(
        "命や体を守るため",
        "ご本人に聞くことがむずかしいとき、聞くと危ないとき",
        "個人情報の保護に関する法律 第27条第1項第2号",
        date(2026, 4, 1),
    ),
    "abuse": Ground(
        "虐待のおそれ（法律の通報）",
        "ご本人の同意は、いりません。確かな証拠も、いりません",
        "高齢者虐待防止法 第7条、児童虐待防止法 第6条、障害者虐待防止法 第7条",
        date(2026, 4, 1),
    ),
}


def ground_problem(signs: Collection[str], ground: str) -> str:
    """Why ``ground`` does not carry these signs: "unknown", "abuse" (the law's ground without a
    sign of it), or "" where it does. Possible abuse goes on whatever ground was named."""
    if ground not in GROUNDS:
        return "unknown"
    if ground == "abuse" and "abuse" not in signs:
        return "abuse"
    return ""


CHILD_UNDER_YEARS = 18


def centre_kind(age_years: int | None) -> str:
    """Which kind of centre looks after somebody of this age; an unknown age is an elder's."""
    return "child" if age_years is not None and age_years < CHILD_UNDER_YEARS else "elder"


# --- late visits ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class Running:
    """What a late look needs of a visit. ``told_late``: minutes that the supporter announced."""

    state: str
    starts_at: datetime
    ends_at: datetime
    heading_at: datetime | None
    told_late: timedelta = timedelta(0)


def overdue_from(visit: Running, late_after: timedelta) -> tuple[str, datetime] | None:
    """("end" or "arrival", the moment from which somebody asks); None where nothing is awaited."""
    if visit.state == "started":
        return "end", visit.ends_at + late_after
    if visit.state == "scheduled" and visit.heading_at is not None:
        awaited = max(visit.starts_at, visit.heading_at) + visit.told_late
        return "arrival", awaited + late_after
    return None


# --- insurance ------------------------------------------------------------------------------------
#: state → whether it happened; on the way counts as well, since the way there is insured.
DONE_STATES = ("started", "ended", "confirmed", "settled", "disputed", "resolved")


def covered_as(
    state: str, *, started_at: datetime | None, heading_at: datetime | None
) -> str | None:
    """ "done", "planned", "way" (somebody set out and no visit came of it), or None: not covered,
    because nobody set out."""
    if started_at is not None or (state in DONE_STATES and state not in ("disputed", "resolved")):
        return "done"
    if state == "scheduled":
        return "planned"
    # Disputed without a beginning: they stood before a closed door.
    if heading_at is not None or state in ("disputed", "resolved"):
        return "way"
    return None


def member_on(since: date | None, left: date | None, *, first: date, last: date) -> bool:
    """Whether a membership touches the days from ``first`` to ``last``."""
    return since is not None and since <= last and (left is None or left >= first)


# --- accidents ------------------------------------------------------------------------------------
#: Who was hurt.
HURT = {
    "none": "けがをした人はいない",
    "supporter": "来た人（サポーター）",
    "recipient": "お宅の方（ケアを受ける人）",
    "carer": "たのんだ人、その家族",
    "other": "そのほかの人",
}
YES_NO = {"yes": "はい", "no": "いいえ"}
FIRST_AID = {
    "none": "とくにしていない",
    "aid": "その場で手当てをした",
    "doctor": "病院に行った、これから行く",
    "ambulance": "救急車をよんだ",
}


@dataclass(frozen=True)
class AccidentField:
    """``when``: (field, values) of the answer that makes it needed; none: always, if ``needed``."""

    code: str
    label: str
    needed: bool = False
    when: tuple[str, tuple[str, ...]] | None = None
    choices: tuple[tuple[str, str], ...] = ()
    long: bool = False


@dataclass(frozen=True)
class AccidentPart:
    title: str
    fields: tuple[AccidentField, ...]


_HURT_SOMEBODY = ("hurt", ("supporter", "recipient", "carer", "other"))
_DAMAGED = ("damaged", ("yes",))
#: What an insurer's form asks, step by step.
ACCIDENT_PARTS: tuple[AccidentPart, ...] = (
    AccidentPart(
        "いつ、どこで、何が",
        (
            AccidentField("day", "起きた日", needed=True),
            AccidentField("hour", "起きた時刻", needed=True),
            AccidentField("where", "起きた場所", needed=True),
            AccidentField("what", "何をしていて、どうなったか", needed=True, long=True),
        ),
    ),
    AccidentPart(
        "けが",
        (
            AccidentField("hurt", "けがをした人", needed=True, choices=tuple(HURT.items())),
            AccidentField("hurt_name", "けがをした人の名前", needed=True, when=_HURT_SOMEBODY),
            AccidentField("hurt_age", "年齢"),
            AccidentField(
                "injury", "けがの場所とようす", needed=True, when=_HURT_SOMEBODY, long=True
            ),
            AccidentField(
                "first_aid",
                "手当て",
                needed=True,
                when=_HURT_SOMEBODY,
                choices=tuple(FIRST_AID.items()),
            ),
            AccidentField("doctor", "病院の名前と、行った日", long=True),
        ),
    ),
    AccidentPart(
        "こわれた物",
        (
            AccidentField(
                "damaged", "物がこわれたか、なくなりましたか", needed=True,
                choices=tuple(YES_NO.items()),
            ),
            AccidentField("damage", "何が、どうなったか", needed=True, when=_DAMAGED, long=True),
            AccidentField("owner", "持ち主の名前", needed=True, when=_DAMAGED),
            AccidentField("cost", "なおすのにかかりそうなお金（円）"),
        ),
    ),
    AccidentPart(
        "見ていた人と、連絡先",
        (
            AccidentField("witness", "見ていた人の名前"),
            AccidentField("phone", "あなたにつながる電話番号", needed=True),
            AccidentField("more", "ほかに伝えたいこと", long=True),
        ),
    ),
)  # fmt: skip
ACCIDENT_FIELDS = {field.code: field for part in ACCIDENT_PARTS for field in part.fields}


def accident_needed(field: AccidentField, answers: Mapping[str, str]) -> bool:
    """Whether ``field`` must be filled in, with the other answers as they are."""
    if not field.needed:
        return False
    return field.when is None or answers.get(field.when[0]) in field.when[1]


def accident_missing(answers: Mapping[str, str]) -> list[tuple[int, AccidentField]]:
    """(number of the part from 1, field) of all that is needed and empty, in the form's order."""
    return [
        (number, field)
        for number, part in enumerate(ACCIDENT_PARTS, start=1)
        for field in part.fields
        if accident_needed(field, answers) and not answers.get(field.code)
    ]
