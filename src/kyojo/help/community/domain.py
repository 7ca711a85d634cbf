"""Pure decisions of the community room: reasons, deadlines, what may be written. No Django."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kyojo.kernel import contacts
from kyojo.kernel.ids import derived_id

# --- reports --------------------------------------------------------------------------------------
URGENT, SOON, USUAL = "urgent", "soon", "usual"


@dataclass(frozen=True)
class Reason:
    """Why somebody reports. ``calls``: keys of ``NUMBERS`` to call first."""

    name: str
    urgency: str
    calls: tuple[str, ...] = ()
    note: str = ""


REASONS: dict[str, Reason] = {
    "danger": Reason(
        "けがや暴力、いますぐ危ないことがある", URGENT, ("110", "119"), "まず110番か119番へ"
    ),
    "abuse": Reason(
        "お年寄りや障害のある人が、ひどい扱いを受けているようだ",
        URGENT,
        ("110", "centre"),
        "虐待かもしれない、と思ったとき",
    ),
    "child": Reason(
        "子どもが、ひどい扱いを受けているようだ", URGENT, ("189", "110"), "189（児童相談所）へ"
    ),
    "money": Reason("お金や物を求められた、なくなった", SOON),
    "body": Reason("さわる、つきまとうなど、いやなことをされた", SOON, ("110",)),
    "rude": Reason("ことばや態度がひどかった", USUAL),
    "privacy": Reason("家や家族のことを、ほかの人に話された", USUAL),
    "fake": Reason("うその記録や、別の人が来た", SOON),
    "other": Reason("そのほか", USUAL),
}
#: Whom to call at once: (telephone, name). "centre" is the town's own number.
NUMBERS: dict[str, tuple[str, str]] = {
    "110": ("110", "警察"),
    "119": ("119", "救急・火事"),
    "189": ("189", "児童相談所（24時間）"),
    "centre": ("", "地域包括支援センター・共助センター"),
}
WORDS_MAX = 2000


def urgency_of(reasons: list[str]) -> str:
    """The most pressing of the reasons."""
    found = {REASONS[code].urgency for code in reasons}
    return next((one for one in (URGENT, SOON) if one in found), USUAL)


def calls_of(reasons: list[str]) -> list[str]:
    """Whom the reasons say to call, each once."""
    return list(dict.fromkeys(call for code in reasons for call in REASONS[code].calls))


# --- cases ----------------------------------------------------------------------------------------
#: What the office may have done.
STEPS = {
    "called": "電話で話した",
    "met": "会って話した",
    "visited": "お宅をたずねた",
    "reminded": "注意を伝えた",
    "consulted": "ほかの機関に相談した",
    "read_messages": "やりとりを読んだ",
    "suspended": "利用を止めた",
    "other": "そのほかのこと",
}

# --- messages -------------------------------------------------------------------------------------
MESSAGE_MAX = 600
#: How often one author may write in one thread.
MANY_WITHIN, MANY = timedelta(minutes=10), 20
DAY, DAY_MANY = timedelta(days=1), 100
#: Ready-made messages: code → (who sends it, words).
PHRASES: dict[str, tuple[str, str]] = {
    "late": ("supporter", "少しおくれます。"),
    "on_way": ("supporter", "これから向かいます。"),
    "arrived": ("supporter", "着きました。"),
    "bring": ("supporter", "持っていく物はありますか。"),
    "thanks": ("", "ありがとうございます。"),
    "seen": ("", "わかりました。"),
    "welcome": ("carer", "お待ちしています。"),
    "nothing": ("carer", "持ち物はいりません。"),
    "call": ("carer", "あとで電話します。"),
}


@dataclass(frozen=True)
class Part:
    """Somebody who takes part in a thread. ``name`` is shown and not kept."""

    uid: UUID
    municipality_id: int
    role: str
    name: str = ""

    @property
    def side(self) -> tuple[int, UUID]:
        return self.municipality_id, self.uid

    @property
    def called(self) -> str:
        """「春風さん」; 「たのんだ方」 for who is not named yet; 「センター」 for the office."""
        if not self.name:
            return "センター"
        return self.name if self.name.endswith("方") else f"{self.name.split(' ')[0]}さん"


@dataclass(frozen=True)
class Talk:
    """A thread as whoever knows the request and the visit hands it in.

    ``about_uid``: the question that was answered with OK. ``is_firm``: the visit is booked.
    ``opens``: whether it may be written at all; until ``closes_at``. ``path`` is its page.
    """

    about_uid: UUID
    parts: tuple[Part, ...]
    is_firm: bool
    opens: bool
    closes_at: datetime
    purge_at: datetime
    path: str
    title: str = ""

    @property
    def uid(self) -> UUID:
        return derived_id(self.about_uid, "thread")

    @property
    def sides(self) -> list[tuple[int, UUID]]:
        return [part.side for part in self.parts]

    def part_of(self, uid: UUID) -> Part | None:
        return next((part for part in self.parts if part.uid == uid), None)

    def others(self, uid: UUID | None) -> list[Part]:
        return [part for part in self.parts if part.uid != uid]


def is_open(talk: Talk, now: datetime) -> bool:
    return talk.opens and now < talk.closes_at


def phrases_for(role: str) -> dict[str, str]:
    """The ready-made messages that whoever has ``role`` may send."""
    return {code: words for code, (whose, words) in PHRASES.items() if whose in ("", role)}


def contacts_words(words: str) -> str:
    """What in ``words`` leads around the town's pages, named: 「電話番号」; "" for none."""
    kinds = dict.fromkeys(one.kind for one in contacts.contacts_in(words))
    return "".join(f"「{contacts.NAMES[kind]}」" for kind in kinds)


# --- groups ---------------------------------------------------------------------------------------
GROUP_NAME_MAX = 40
GROUP_ABOUT_MAX = 300
POST_MAX = 1000
#: How many groups somebody may found and lead, and how many posts a day each may write.
LEADS_MANY = 5
POSTS_A_DAY = 10
#: For so many days a notice is kept, and the board of a closed group is read by who was in it.
POSTS_DAYS = 365
