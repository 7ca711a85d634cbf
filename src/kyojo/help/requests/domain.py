"""What may be asked for: the catalogue, when and where, and the steps of a request. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kyojo.civic.programmes.domain import Limits
from kyojo.kernel.clock import age_on
from kyojo.kernel.errors import Invalid
from kyojo.kernel.wording import jday, jhour

from .errors import (
    CategoryUnknown,
    GenderWishUnknown,
    MemoTooLong,
    PlaceKindNotAllowed,
    RecipientTooYoung,
    StartHour,
    StartNotHalfHour,
    StartPast,
    StartTooFar,
)

DAYS_AHEAD_MAX = 90
EARLIEST_HOUR, LATEST_HOUR = 6, 21
MEMO_MAX = 500
GENDER_WISHES = {"": "とくにない", "female": "女性がよい", "male": "男性がよい"}
PLACE_KIND_NAMES = {"own_home": "自分の家", "other_home": "ほかの人の家", "public": "公共の場所"}


# --- the catalogue (DESIGN §6) ------------------------------------------------------------------
@dataclass(frozen=True)
class Group:
    code: str
    name: str


@dataclass(frozen=True)
class Category:
    """A kind of help. ``adults_only``: nobody under 18 is asked to do it."""

    code: str
    name: str
    note: str
    group: Group
    sort: int
    adults_only: bool = False

    @property
    def icon(self) -> str:
        return f"cat-{self.code}"


HOME = Group("home", "家のこと・買い物")
OUT = Group("out", "出かけること")
WATCH = Group("watch", "見守り・話し相手")
DESK = Group("desk", "手続き・機械")
GROUPS = (HOME, OUT, WATCH, DESK)

_ROWS: tuple[tuple[str, str, str, Group, bool], ...] = (
    ("garden", "庭の手入れ", "草取り・水やり", HOME, False),
    ("shopping", "買い物", "日用品・薬", HOME, False),
    ("clean", "そうじ", "部屋・水まわり", HOME, False),
    ("laundry", "洗たく", "干す・たたむ", HOME, False),
    ("cook", "料理", "作る・作りおき", HOME, False),
    ("heavy", "力仕事", "家具・ごみ出し", HOME, True),
    ("ride", "送り迎え", "学校・病院・駅", OUT, True),
    ("company", "つきそい", "通院・役所", OUT, True),
    ("stroll", "さんぽ", "人・ペット", OUT, False),
    ("event", "行事に参加", "学校・地域", OUT, False),
    ("child", "子どもの見守り", "留守番・宿題", WATCH, True),
    ("talk", "話し相手", "会って・電話で", WATCH, False),
    # Showing which office and which form; drafting papers for others is a profession's work.
    ("paper", "手続き", "申請書・郵便", DESK, True),
    ("tech", "スマホ・家電", "設定・使い方", DESK, False),
)
CATEGORIES: tuple[Category, ...] = tuple(
    Category(code, name, note, group, sort, adults)
    for sort, (code, name, note, group, adults) in enumerate(_ROWS)
)
_BY_CODE = {one.code: one for one in CATEGORIES}


def category(code: str) -> Category:
    """Raises ``CategoryUnknown``."""
    found = _BY_CODE.get(code)
    if found is None:
        raise CategoryUnknown(field="category")
    return found


def categories_by_group() -> list[tuple[Group, list[Category]]]:
    return [(group, [one for one in CATEGORIES if one.group is group]) for group in GROUPS]


@dataclass(frozen=True)
class Outside:
    """Something that is not asked for here, and who does it."""

    name: str
    why: str
    where: str


OUTSIDE: tuple[Outside, ...] = (
    Outside(
        "薬の注射、たんの吸引、傷の手当て",
        "医師や看護師の資格がいります",
        "かかりつけの医院、訪問看護ステーション",
    ),
    Outside(
        "入浴、食事、トイレ、着がえの介助",
        "からだにふれる介護は、訓練を受けた人がします",
        "地域包括支援センター、ケアマネジャー",
    ),
    Outside(
        "3歳より小さいお子さん、熱のあるお子さんの預かり",
        "命にかかわることがあります",
        "市の子育ての窓口、ファミリー・サポート、病児保育",
    ),
    Outside(
        "車いすごとの送迎、体を支えて乗り降りする介助",
        "許可や登録がいる運送です",
        "福祉タクシー、市の移動支援の窓口",
    ),
    Outside(
        "申請書や契約書を代わりに書くこと",
        "行政書士、司法書士などの仕事です",
        "市の窓口、法テラス、無料の専門相談",
    ),
    Outside(
        "屋根の上、電気やガスの工事、はちの巣の駆除",
        "けがのおそれがあり、資格がいります",
        "専門の事業者、市の生活環境の窓口",
    ),
    Outside(
        "お金や通帳をあずかること",
        "まちがいが起きたとき、守れません",
        "社会福祉協議会の日常生活自立支援事業",
    ),
)


# --- what a request must keep -------------------------------------------------------------------
@dataclass(frozen=True)
class Asked:
    """What a person asked for, before it is a request. Times are local (Asia/Tokyo), aware."""

    category: str
    starts_at: datetime
    minutes: int
    memo: str
    gender_wish: str
    place_kind: str
    recipient_birth_date: date | None


def asked_problems(asked: Asked, *, now: datetime, limits: Limits) -> list[Invalid]:
    """Everything that is wrong with ``asked``; ``limits`` are the place's programme's for its
    category; ``now`` is local too. An empty list: it may be asked."""
    kind = category(asked.category)
    problems = [*_when_problems(asked, kind, now, limits)]
    if limits.places and asked.place_kind not in limits.places:
        names = "か、".join(
            name for code, name in PLACE_KIND_NAMES.items() if code in limits.places
        )
        problems.append(PlaceKindNotAllowed(field="place", name=kind.name, places=names))
    born = asked.recipient_birth_date
    if limits.youngest_years is not None and born is not None:
        age = age_on(born, asked.starts_at.date())
        if age < limits.youngest_years:
            problems.append(
                RecipientTooYoung(field="place", name=kind.name, youngest=limits.youngest_years)
            )
    if len(asked.memo) > MEMO_MAX:
        problems.append(MemoTooLong(field="memo", most=MEMO_MAX, length=len(asked.memo)))
    if asked.gender_wish not in GENDER_WISHES:
        problems.append(GenderWishUnknown(field="gender_wish"))
    return problems


def _when_problems(
    asked: Asked, kind: Category, now: datetime, limits: Limits
) -> Iterable[Invalid]:
    start, end = asked.starts_at, asked.starts_at + timedelta(minutes=asked.minutes)
    if start.minute % 30 or start.second or start.microsecond:
        yield StartNotHalfHour(field="from_time")
    if start.date() < now.date():
        yield StartPast(field="day", when=jday(start))
    elif start <= now:
        yield StartPast(field="from_time", when=f"{jday(start)}{jhour(start)}")
    last = now.date() + timedelta(days=DAYS_AHEAD_MAX)
    if start.date() > last:
        yield StartTooFar(field="day", days=DAYS_AHEAD_MAX, last=jday(last))
    earliest = max(EARLIEST_HOUR, limits.earliest_hour or 0)
    # The day's last start is 21:00; a kind of help with a latest hour must be over by then.
    last_start = start.replace(hour=LATEST_HOUR, minute=0, second=0, microsecond=0)
    too_late = start > last_start
    if limits.latest_hour is not None:
        too_late = too_late or end > start.replace(
            hour=0, minute=0, second=0, microsecond=0
        ) + timedelta(hours=limits.latest_hour)
    if start.hour < earliest or too_late:
        yield StartHour(
            field="from_time",
            name=kind.name,
            earliest=earliest,
            latest=LATEST_HOUR if limits.latest_hour is None else limits.latest_hour,
        )


# --- steps --------------------------------------------------------------------------------------
#: From each state, the states that may follow. DESIGN §7: an allow-list, nothing else.
STEPS: dict[str, frozenset[str]] = {
    "draft": frozenset({"open", "cancelled"}),
    "open": frozenset({"matched", "cancelled", "unfilled"}),
    "unfilled": frozenset({"open", "matched", "cancelled"}),
    "matched": frozenset({"open", "done", "cancelled", "unfilled"}),
    "done": frozenset(),
    "cancelled": frozenset(),
}
#: Where a carer may still take the request back by themselves: nobody is coming yet.
WITHDRAWABLE = frozenset({"draft", "open", "unfilled"})


def step_allowed(before: str, after: str) -> bool:
    return after in STEPS.get(before, frozenset())
