"""Programmes with their versions, and what a document says in short."""

from dataclasses import dataclass
from datetime import date

from kyojo.civic.earnings.selectors import document_of
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules.consistency_paid import is_in_yen
from kyojo.civic.programmes.rules.model import Document, Earner, Fee, Who
from kyojo.civic.programmes.rules.presets import preset, preset_names
from kyojo.civic.programmes.rules.thanks import per_words
from kyojo.civic.programmes.rules.wording import USE
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.wording import duration

KINDS = {
    "coin": "共助コイン",
    "points": "ポイント",
    "stamps": "スタンプ",
    "ticket": "チケット",
    "gratitude": "感謝の通貨",
    "time": "時間の通貨",
    "exchange": "交換の通貨",
    "time-deposit": "時間預託",
}
RELATIONS = {"lives": "住んでいる人", "works": "働いている人", "studies": "学んでいる人"}
INSURED = {"first": "第1号被保険者", "second": "第2号被保険者", "none": "被保険者でない人"}
PROOFS = {"stamp": "スタンプ", "card": "カード", "signature": "署名", "system": "システム"}
FUNDS = {
    "care_insurance": "介護保険",
    "general_account": "一般会計",
    "members": "会費",
    "donations": "寄付",
}
SETTLEMENTS = {
    "ticket": "チケット",
    "invoice": "請求書",
    "cash": "現金",
    "passbook": "通帳",
    "stamp_card": "スタンプカード",
}
LEFTOVER = {"lapse": "年度末に消える", "carry": "次の年度に持ち越す"}
LEAVING = {"lapse": "消える", "keep": "のこる", "pay_out": "払い出す"}
DEATH = {"lapse": "消える", "heirs": "相続人へ", "donate": "寄付になる"}


@dataclass(frozen=True)
class Standing:
    """A programme with its versions, the newest first, and the one in force today."""

    programme: Programme
    versions: list[ProgrammeVersion]

    @property
    def current(self) -> ProgrammeVersion | None:
        today = clock.today()
        return next((one for one in self.versions if one.effective_from <= today), None)

    @property
    def coming(self) -> list[ProgrammeVersion]:
        """Those that are published and have not begun, the next one first."""
        return [one for one in reversed(self.versions) if one.effective_from > clock.today()]

    @property
    def shown(self) -> ProgrammeVersion:
        return self.current or self.versions[0]

    @property
    def document(self) -> Document:
        return document_of(self.shown.document)

    @property
    def kind(self) -> str:
        return kind_of(self.document)


def kind_of(document: Document) -> str:
    """The kind in words; paid help without tickets is named by how it is settled."""
    settled = document.ticket.settlement if document.ticket else "ticket"
    if document.kind != "ticket" or settled == "ticket":
        return KINDS[document.kind]
    return f"有償の助け合い（{SETTLEMENTS[settled]}）"


def standings() -> list[Standing]:
    """All programmes of the town, by name."""
    versions: dict[int, list[ProgrammeVersion]] = {}
    for one in ProgrammeVersion.objects.order_by("-effective_from", "-version"):
        versions.setdefault(one.programme_id, []).append(one)
    found = Programme.objects.select_related("operator").order_by("name")
    return [Standing(one, versions[one.pk]) for one in found if one.pk in versions]


def standing(code: str) -> Standing:
    """Raises ``NotFound``."""
    programme = Programme.objects.select_related("operator").filter(code=code).first()
    if programme is None:
        raise NotFound()
    versions = ProgrammeVersion.objects.filter(programme=programme).order_by(
        "-effective_from", "-version"
    )
    return Standing(programme, list(versions))


def presets_open() -> list[Document]:
    """The presets from which a programme can begin: all but the coins of a town that has them."""
    found = [document_of(preset(code)) for code in preset_names()]
    return [one for one in found if one.kind != "coin" or not is_taken(one.code)]


def is_taken(code: str) -> bool:
    """Whether the town has a programme of this code."""
    return Programme.objects.filter(code=code).exists()


def published(text: str, day: date) -> ProgrammeVersion | None:
    """The version that has just this text from just this day on."""
    found = ProgrammeVersion.objects.select_related("programme")
    return found.filter(document=text, effective_from=day).first()


def deposits() -> list[tuple[str, str]]:
    """(code, name) of the town's programmes of time deposits."""
    return [
        (one.programme.code, one.programme.name)
        for one in standings()
        if one.document.kind == "time-deposit"
    ]


# --- a document in short --------------------------------------------------------------------------
def facts(document: Document) -> list[tuple[str, str]]:
    """(what, how) of a document's main rules, for a list of facts."""
    rows = [
        ("対象の人", _who(document.who)),
        ("活動", "、".join(document.activities.values())),
        ("受け入れ先", _hosts(document)),
        ("数え方", _earning(document)),
        ("1日・年度の上限", _limits(document)),
        ("かえ方", _conversion(document)),
        ("値打ち", _worth(document)),
        ("お礼", _price(document)),
        ("お礼の決め方", _thanks(document)),
        ("お礼の分け方", _share(document)),
        ("会費", "、".join(map(_fee, document.fees))),
        ("はじめの分と前貸し", _circulation(document)),
        ("使える人", _who(document.spenders) if document.spenders else ""),
        ("使える期間", _expiry(document)),
        ("使いみち", "、".join(_use(document, place) for place in range(len(document.uses)))),
        ("上限に届いた人", _at_cap(document)),
        ("ほかの報酬", "受け取った活動は数えない" if _excludes(document) else "あっても数える"),
        ("いっしょに使えない制度", "、".join(document.excludes)),
        ("財源", "、".join(f"{FUNDS[one.fund]}{_ages(one)}" for one in document.funding)),
        ("転出した人・亡くなった人", _leaving(document)),
    ]
    return [(term, value) for term, value in rows if value]


def _ages(row: object) -> str:
    low, high = getattr(row, "age_from", None), getattr(row, "age_to", None)
    text = (f"{low}歳から" if low is not None else "") + (
        f"{high}歳まで" if high is not None else ""
    )
    return f"（{text}）" if text else ""


def _who(rule: Who) -> str:
    ties = "・".join(RELATIONS[one] for one in rule.relation)
    earners = "か、".join(_earner(one) for one in rule.any_of)
    return f"この町に{ties}で、{earners}" if earners else f"この町に{ties}"


def _earner(row: Earner) -> str:
    return f"{INSURED[row.insured] if row.insured else '人'}{_ages(row)}"


def _hosts(document: Document) -> str:
    if document.hosts is None:
        return ""
    names = "、".join(document.hosts.designated.values())
    return f"{names}（{PROOFS[document.hosts.proof]}で確かめる）"


def _earning(document: Document) -> str:
    earning = document.earning
    text = f"{per_words(document)}ごとに{earning.units:,}{document.counted}"
    if is_in_yen(document):
        text = f"{per_words(document)}ごとのお礼"
    if earning.at_least_minutes:
        text += f"（{duration(earning.at_least_minutes)}から）"
    return text


def _limits(document: Document) -> str:
    earning, one = document.earning, document.conversion
    found = []
    if earning.day_most is not None:
        found.append(f"1日{earning.day_most:,}{document.counted}")
    if earning.year_most is not None:
        found.append(f"年度{earning.year_most:,}{document.counted}")
    if one is not None and one.year_most is not None:
        found.append(f"年度{one.year_most:,}{document.unit}")
    return "、".join(found)


def _conversion(document: Document) -> str:
    one = document.conversion
    if one is None:
        return ""
    text = f"{one.units:,}{document.counted}ごとに{one.grants:,}{document.unit}"
    if one.from_units:
        text += f"（{one.from_units:,}{document.counted}から）"
    return f"{text}。残りは{LEFTOVER[document.expiry.leftover]}"


def _worth(document: Document) -> str:
    if document.worth is None or is_in_yen(document):
        return ""
    return f"{document.worth.of:,}{document.unit}は{document.worth.yen:,}円"


def _price(document: Document) -> str:
    ticket = document.ticket
    if ticket is None:
        return ""
    per = per_words(document)
    if document.kind == "time-deposit":
        per = f"{document.worth.of if document.worth else 1:,}{document.unit}"
    elif not is_in_yen(document):
        per = f"1{document.unit}"
    varies = document.thanks and document.thanks.amount in ("by_kind", "payer_choice")
    text = f"{per}{'で標準' if varies else 'で'}{ticket.bought_yen:,}円"
    return f"{text}（事務費{ticket.office_yen:,}円）。{SETTLEMENTS[ticket.settlement]}で精算"


def _thanks(document: Document) -> str:
    one = document.thanks
    if one is None:
        return ""
    if one.by_activity:
        return "、".join(
            f"{document.activities.get(code, code)}{yen:,}円"
            for code, yen in one.by_activity.items()
        )
    if one.least_yen is not None and one.most_yen is not None:
        return f"手伝ってもらった人が、{one.least_yen:,}円から{one.most_yen:,}円までで決める"
    costs = f"実費（1回{one.costs_most_yen:,}円まで）" if one.costs_most_yen is not None else ""
    return f"一律と{costs}" if costs else "一律"


def _share(document: Document) -> str:
    one = document.thanks
    if one is None:
        return ""
    names = dict(deposits())
    where = names.get(one.deposit_in or "", one.deposit_in or "")
    return {
        "person": "事務費のほかは、すべて手伝った人に",
        "part_donated": f"事務費のほかの{one.share_percent}%を、事務局に寄付",
        "part_deposited": f"事務費のほかの{one.share_percent}%を、時間で「{where}」に",
        "office": "すべて事務局に",
    }[one.share]


def _fee(fee: Fee) -> str:
    return f"{fee.name}{fee.yen:,}円（{'1年度ごと' if fee.each == 'year' else '加入のとき'}）"


def _circulation(document: Document) -> str:
    one = document.circulation
    if one is None:
        return ""
    found = []
    if one.start_units:
        found.append(f"入会した人に{one.start_units:,}{document.unit}")
    if one.lent_most:
        found.append(f"前貸しは{one.lent_most:,}{document.unit}まで")
    return "、".join(found)


def _expiry(document: Document) -> str:
    years = document.expiry.earned_years
    if years is None:
        return "期限なし"
    return "その年度の終わりまで" if years == 0 else f"{years}年度あとの3月31日まで"


def _use(document: Document, place: int) -> str:
    rule = document.uses[place]
    text = USE[rule.use]
    if rule.year_most_yen is not None:
        text += f"（年度に{rule.year_most_yen:,}円まで）"
    if rule.prices:
        prices = "、".join(f"{name}{cost:,}{document.unit}" for name, cost in rule.prices.items())
        text += f"（{prices}）"
    return text


def _at_cap(document: Document) -> str:
    one = document.at_cap
    return f"かわりに{one.yen:,}円分の{USE[one.use]}を選べる" if one else ""


def _excludes(document: Document) -> bool:
    return document.earning.other_reward == "excludes"


def _leaving(document: Document) -> str:
    expiry = document.expiry
    return f"転出：{LEAVING[expiry.on_leaving]}・死亡：{DEATH[expiry.on_death]}"


def next_begin() -> date:
    """The day on which new rules of points can begin: the next 1 April."""
    return date(clock.fiscal_year() + 1, 4, 1)
