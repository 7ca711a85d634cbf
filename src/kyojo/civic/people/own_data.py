"""What is held about a person: how a room says it, and what this room holds.

A room offers ``own_data.person_data(person) -> list[Section]``. Of others it holds what the person
was shown anyway: a name, never a telephone number or an address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant

from . import coins, domain, minors
from .models import (
    Act,
    Block,
    CarePlace,
    Consent,
    CounterLook,
    DistributionRow,
    IdentityMark,
    MailChange,
    Notice,
    Person,
    TimeException,
    TrustCheck,
    TrustClaim,
    User,
)
from .security_selectors import devices_of
from .selectors import weekly_times_of

#: How far back the record of coins goes.
COIN_LINES = 10_000
WEEKDAYS = "月火水木金土日"


@dataclass(frozen=True)
class Section:
    """One kind of what is held: ``code`` for machines, ``title`` for people, the columns as
    (key, heading), and a row of plain values for each key."""

    code: str
    title: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]

    def plain(self) -> list[dict[str, Any]]:
        """The rows as JSON says them: days and moments in ISO 8601."""
        keys = [key for key, _ in self.columns]
        return [dict(zip(keys, map(_plain, row), strict=True)) for row in self.rows]


def section(code: str, title: str, columns: str, rows: Iterable[Sequence[Any]]) -> Section:
    """``columns``: ``"key heading"`` each, separated by ``", "``."""
    pairs = [one.partition(" ") for one in columns.split(", ")]
    return Section(
        code,
        title,
        tuple((key, label) for key, _, label in pairs),
        tuple(tuple(row) for row in rows),
    )


def facts(code: str, title: str, rows: Iterable[tuple[str, Any]]) -> Section:
    """A list of (what, value), without those that say nothing."""
    kept = [(name, value) for name, value in rows if value not in (None, "", [], ())]
    return section(code, title, "name 項目, value 内容", kept)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bool | int | float | str) or value is None:
        return value
    return str(value)


def person_data(person: Person) -> list[Section]:
    """What the people room holds. Opens the municipality by itself."""
    with tenant(person.municipality_id):
        return [
            _register(person),
            _times(person),
            _exceptions(person),
            _checks(person),
            _claims(person),
            _looks(person),
            _places(person),
            _blocks(person),
            _coins(person),
            _distributions(person),
            _notices(person),
            _agreements(person),
            _contact(person),
            _devices(person),
            _mails(person),
            _consents(person),
            _acts(person),
        ]


def _agreements(person: Person) -> Section:
    """The adult's name is what the person was told; their telephone number is not theirs."""
    return section(
        "agreements",
        "おとなの同意",
        "kind だれの, name 名前, relation 続柄, at 同意の日, ended 終わった日",
        [
            (
                one.get_kind_display(),
                guardian.get("name", ""),
                guardian.get("relation", ""),
                one.agreed_at,
                one.ended_at,
            )
            for one in minors.agreements_of(person)
            for guardian in [minors.guardian_of(one)]
        ],
    )


def _contact(person: Person) -> Section:
    found = minors.care_contact_of(person)
    since = found.since if found else None
    wish = "先に見てもらう" if found and found.wishes_first else ""
    return facts("contact", "相談できる人", [("つけた日", since), ("たのむとき", wish)])


def _devices(person: Person) -> Section:
    rows = devices_of(person.user, key="") if person.user else []
    return section(
        "devices",
        "使っている機械",
        "name 機械, first はじめて, last さいご",
        [(one.name, one.first_at, one.last_at) for one in rows],
    )


def _mails(person: Person) -> Section:
    found = MailChange.objects.filter(user_id=person.user_id).order_by("asked_at")
    rows = [
        (one.asked_at, one.old, one.new, one.get_state_display(), one.done_at)
        for one in (found if person.user_id else ())
    ]
    columns = "at 求めた日時, old 前のアドレス, new 新しいアドレス, state 結果, done 変わった日時"
    return section("mails", "メールアドレスを変えたこと", columns, rows)


def _register(person: Person) -> Section:
    user: User | None = person.user
    town = Municipality.objects.get(pk=person.municipality_id)
    return facts(
        "register",
        "登録",
        [
            ("まち", town.name),
            ("会員番号", person.number),
            ("お名前", person.name),
            ("ふりがな", person.kana),
            ("生年月日", person.birth_date),
            ("性別", person.get_gender_display() if person.gender else ""),
            ("電話", person.phone),
            ("メールアドレス", user.email if user else ""),
            ("さいごのログイン", user.last_login if user else None),
            ("話せることば", "、".join(person.languages)),
            ("仕事など", person.occupation),
            ("紹介", person.introduction),
            ("住所", person.address),
            ("家の緯度", person.latitude),
            ("家の経度", person.longitude),
            ("圏域", person.area.name if person.area else ""),
            ("行き方", person.get_travel_display()),
            ("行ける距離（メートル）", person.travel_limit_m),
            ("声をかける回数（週）", person.asks_per_week_max),
            ("休む日まで", person.resting_until),
            ("たのむ人になった日", person.carer_since),
            ("手伝う人になった日", person.supporter_since),
            ("来てもらう人になった日", person.recipient_since),
            ("登録した日", person.joined_at),
            ("退会した日", person.left_at),
        ],
    )


def _times(person: Person) -> Section:
    rows = [
        (f"{WEEKDAYS[one.weekday]}曜日", f"{one.start:%H:%M}〜{one.end:%H:%M}")
        for one in weekly_times_of(person)
    ]
    return section("times", "来られる時間", "day 曜日, time 時間", rows)


def _exceptions(person: Person) -> Section:
    rows = [
        (one.day, "来られる" if one.is_free else "来られない", one.start, one.end)
        for one in TimeException.objects.filter(person=person)
    ]
    columns = "day 日, free 来られるか, start はじめ, end おわり"
    return section("exceptions", "いつもとちがう日", columns, rows)


def _checks(person: Person) -> Section:
    rows = [
        (
            one.get_kind_display(),
            one.label,
            one.method,
            one.shown,
            one.issuer,
            one.checked_at,
            one.valid_until,
            one.withdrawn_at,
            one.withdrawn_reason,
        )
        for one in TrustCheck.objects.filter(person=person).order_by("checked_at")
    ]
    columns = (
        "kind 種類, label 表示, method 確かめ方, shown 見た書類, issuer 発行したところ, "
        "at 確かめた日, valid_until 有効な日まで, withdrawn 取り消した日, reason 取り消した理由"
    )
    return section("checks", "確かめたこと", columns, rows)


def _claims(person: Person) -> Section:
    rows = [
        (one.get_kind_display(), one.label, one.issuer, one.valid_until, one.said_at)
        for one in TrustClaim.objects.filter(person=person)
    ]
    columns = "kind 種類, label 名前, issuer 発行したところ, valid_until 期限, at 書いた日"
    return section("claims", "自分で書いた資格や講習", columns, rows)


def _looks(person: Person) -> Section:
    """What was seen at the counter and by the app; of a card only that a sign of it is kept."""
    rows: list[tuple[Any, ...]] = [
        (one.looked_at, "窓口", one.label, one.get_state_display(), one.decided_at, one.reason)
        for one in CounterLook.objects.filter(person=person)
    ]
    rows += [
        (one.made_at, "アプリ", "カードの符号", "残しています", None, "")
        for one in IdentityMark.objects.filter(person=person)
    ]
    columns = "at 日時, how どこで, what 何を, state 結果, decided 決まった日時, reason 理由"
    return section("looks", "書類やカードを見た記録", columns, rows)


def _places(person: Person) -> Section:
    rows = [
        (
            one.label,
            one.address,
            one.latitude,
            one.longitude,
            one.recipient_name,
            one.recipient_kana,
            one.recipient_birth_date,
            one.recipient_relation,
            one.visitor_note,
            one.created_at,
            one.removed_at,
        )
        for one in CarePlace.objects.filter(carer=person)
    ]
    columns = (
        "label 呼び方, address 住所, latitude 緯度, longitude 経度, recipient いる方, "
        "kana ふりがな, born 生年月日, relation 関係, note 来る人に伝えること, at 入れた日, "
        "removed 消した日"
    )
    return section("places", "手伝ってもらう場所（あなたが入れたもの）", columns, rows)


def _blocks(person: Person) -> Section:
    rows = [(one.at,) for one in Block.objects.filter(person=person).order_by("at")]
    return section("blocks", "会わないことにした人（日にちだけ）", "at 日にち", rows)


def _coins(person: Person) -> Section:
    lines = coins.coins_statement(person, COIN_LINES)
    rows = [(one.at, one.words, one.change, one.available) for one in lines]
    columns = "at 日時, what 内容, change 増減, available 使えるコイン"
    return section("coins", "コインの記録", columns, rows)


def _distributions(person: Person) -> Section:
    lines = DistributionRow.objects.filter(person=person).select_related("distribution")
    rows = [(one.distribution.created_at, one.amount, one.distribution.reason) for one in lines]
    return section(
        "distributions", "配布の一覧にあったあなたの行", "at 日, amount コイン, reason 理由", rows
    )


def _notices(person: Person) -> Section:
    rows = [
        (one.at, one.title, one.body, one.read_at)
        for one in Notice.objects.filter(person=person).order_by("at")
    ]
    return section("notices", "お知らせ", "at 日時, title 題, body 内容, read 読んだ日時", rows)


def _consents(person: Person) -> Section:
    found = Consent.objects.filter(person=person).select_related("text").order_by("given_at")
    rows = [
        (one.get_kind_display(), one.text.version, one.text.words, one.given_at, one.withdrawn_at)
        for one in found
    ]
    columns = "kind 種類, version 版, words 文, given 同意した日時, withdrawn やめた日時"
    return section("consents", "同意したこと", columns, rows)


def _acts(person: Person) -> Section:
    """What was done with the person's record, and by whom in which part: not the staff's names."""
    acts = Act.objects.filter(subject_kind="person", subject_id=str(person.uid)).order_by("at")
    own = person.user_id
    rows = [
        (
            one.at,
            one.action,
            "あなた" if own and one.actor_id == own else "職員" if one.actor_id else "自動",
            domain.BASES.get(one.basis, one.basis),
        )
        for one in acts
    ]
    columns = "at 日時, action したこと, by した人, basis もとにしたもの"
    return section("acts", "操作の記録（あなたについてのもの）", columns, rows)
