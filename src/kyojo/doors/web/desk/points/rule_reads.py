"""Programmes with their versions, and what a document says in short."""

from dataclasses import dataclass
from datetime import date

from kyojo.civic.earnings.selectors import document_of
from kyojo.civic.programmes.models import Programme, ProgrammeVersion
from kyojo.civic.programmes.rules.model import Document, Earner
from kyojo.civic.programmes.rules.presets import preset, preset_names
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
        return KINDS[self.document.kind]


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


def presets_left() -> list[Document]:
    """The presets whose programme the town does not have yet."""
    taken = set(Programme.objects.values_list("code", flat=True))
    return [document_of(preset(code)) for code in preset_names() if code not in taken]


# --- a document in short --------------------------------------------------------------------------
def facts(document: Document) -> list[tuple[str, str]]:
    """(what, how) of a document's main rules, for a list of facts."""
    rows = [
        ("対象の人", _who(document)),
        ("活動", "、".join(document.activities.values())),
        ("受け入れ先", _hosts(document)),
        ("数え方", _earning(document)),
        ("1日・年度の上限", _limits(document)),
        ("かえ方", _conversion(document)),
        ("値打ち", _worth(document)),
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


def _who(document: Document) -> str:
    ties = "・".join(RELATIONS[one] for one in document.who.relation)
    earners = "か、".join(_earner(one) for one in document.who.any_of)
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
    per = "1回" if earning.per == "visit" else duration(earning.minutes or 0)
    text = f"{per}ごとに{earning.units:,}{document.counted}"
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
    if document.worth is None:
        return ""
    return f"{document.worth.of:,}{document.unit}は{document.worth.yen:,}円"


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
