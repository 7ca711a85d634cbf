"""What a new document would change: its mistakes, key by key, and over the real records."""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from kyojo.civic.earnings import selectors, trial_selectors
from kyojo.civic.earnings.trial_figures import HelpTrial
from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import DocumentUnreadable
from kyojo.civic.programmes.guidance import payments_law, wages
from kyojo.civic.programmes.guidance.errors import PrefectureUnknown
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.rules import baseline, reading, trying
from kyojo.civic.programmes.rules.counting import Year
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.places import line_of, lines_of
from kyojo.civic.programmes.rules.reading import Mistake
from kyojo.kernel import clock
from kyojo.kernel.text import fiscal_year_name

from . import rule_reads

#: What the most usual keys are called. The others stand under their own name only.
KEY_NAMES = {
    "name": "制度の名前",
    "unit": "つく数の名前",
    "counted": "数える数の名前",
    "summary": "あらまし",
    "who.relation": "町とのつながり",
    "earning.per": "数え方",
    "earning.minutes": "何分ごと",
    "earning.units": "1回に数える数",
    "earning.at_least_minutes": "いちばん短い長さ（分）",
    "earning.day_most": "1日の上限",
    "earning.year_most": "年度の上限（数える数）",
    "earning.other_reward": "ほかの報酬",
    "conversion.units": "いくつごとにかえるか",
    "conversion.grants": "1回にかわる数",
    "conversion.from_units": "いくつからかえられるか",
    "conversion.year_most": "年度の上限（つく数）",
    "worth.yen": "値打ち（円）",
    "expiry.earned_years": "使える年度の数",
    "expiry.leftover": "残りのあつかい",
    "at_cap.yen": "上限に届いた人の券（円）",
    "spenders.relation": "使える人の、町とのつながり",
    "ticket.bought_yen": "払う額（円）",
    "ticket.paid_yen": "受け取る額（円）",
    "ticket.office_yen": "事務費（円）",
    "ticket.settlement": "精算のしかた",
    "thanks.amount": "お礼の決め方",
    "thanks.costs_most_yen": "実費の上限（円）",
    "thanks.least_yen": "お礼の、いちばん低い額（円）",
    "thanks.most_yen": "お礼の、いちばん高い額（円）",
    "thanks.share": "お礼の分け方",
    "thanks.share_percent": "寄付する、またはあずける割合（%）",
    "thanks.deposit_in": "あずける時間預託",
    "fees.name": "会費の名前",
    "fees.yen": "会費（円）",
    "fees.each": "会費をおさめるとき",
    "circulation.start_units": "入会した人に渡す数",
    "circulation.lent_most": "前貸しの上限",
}
ABSENT = "（なし）"


@dataclass(frozen=True)
class Change:
    """A key that says something else."""

    key: str
    name: str
    old: str
    new: str


@dataclass(frozen=True)
class Fault:
    """A mistake with the line as it stands."""

    line: int
    key: str
    allowed: str
    text: str


@dataclass(frozen=True)
class Mine:
    """What one person's year comes to by either document, in what the programme grants."""

    person: Person
    old: int
    new: int
    old_yen: int
    new_yen: int

    @property
    def difference(self) -> int:
        return self.new - self.old

    @property
    def difference_yen(self) -> int:
        return self.new_yen - self.old_yen


@dataclass(frozen=True)
class Paid:
    """What two documents would have given for a fiscal year's real records. ``more`` and ``less``:
    people who get more or less than now. ``people``: who differs most in front."""

    year_name: str
    people: list[Mine]
    old: dict[str, int]
    new: dict[str, int]
    more: int
    less: int
    same: int
    in_yen: bool


@dataclass
class Trial:
    """What 確かめる shows. With ``faults`` the document cannot take effect."""

    faults: list[Fault] = field(default_factory=list)
    document: Document | None = None
    changes: list[Change] = field(default_factory=list)
    paid: Paid | None = None
    #: The same where help is settled between members.
    help: HelpTrial | None = None
    is_new: bool = False
    #: What somebody should look at before this is published; none of it stands in the way.
    cautions: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return self.document is not None and not self.faults


def digest(text: str, effective_from: object) -> str:
    """What was shown, in short: the text and the day."""
    return sha256(f"{effective_from}\n{text}".encode()).hexdigest()


def tried(
    text: str,
    code: str | None,
    *,
    now: Document | None,
    programme: Programme | None,
    year: int | None = None,
) -> Trial:
    """Everything that is to be said about ``text`` as the rules of programme ``code``; None: of one
    that the town does not have yet. ``year``: the fiscal year whose real records are tried; None:
    the past one, or the running one where the past has no records.

    Raises ``DocumentUnreadable`` for what is not TOML.
    """
    try:
        document, mistakes = reading.check(text)
    except RecursionError:  # tables within tables within tables
        raise DocumentUnreadable(field="document", detail="深すぎる入れ子") from None
    if document is not None:
        mistakes = [*_misnamed(text, document, code), *baseline.breaches(document, text)]
    lines = text.split("\n")
    faults = [
        Fault(one.line, one.key, one.allowed, "" if one.rule == "missing" else lines[one.line - 1])
        for one in sorted(mistakes, key=lambda one: (one.line, one.key))
    ]
    trial = Trial(faults=faults, document=document, is_new=now is None)
    if document is None or faults:
        return trial
    trial.cautions = cautions(document)
    if now is None:
        return trial
    trial.changes = changes(now, document)
    if programme is None or not trying.comparable(now, document):
        return trial
    if document.kind in trial_selectors.TRIED:
        trial.help = helped(now, document, programme, year)
    elif document.kind in selectors.COUNTED:
        trial.paid = paid(now, document, programme, year)
    return trial


def cautions(document: Document) -> list[str]:
    """Figures that the source may have wrong, thanks that reach the minimum wage, and what the law
    on payments asks. Guidance, which the office weighs."""
    today, found = clock.today(), [flag.says for flag in document.flagged]
    town = Municipality.objects.get(pk=current())
    try:
        wage = wages.document_check(document, town.prefecture, today)
    except PrefectureUnknown:
        wage = None
    if wage is not None and wage.warns:
        found += wage.sentences
    found += _deposit_missing(document)
    asked = payments_law.payments_questions(document, today, issuer="municipality")
    return found + [f"{one.ask}{one.next_step}" for one in asked.questions]


def _deposit_missing(document: Document) -> list[str]:
    """Hours can only be deposited in a programme that the town has."""
    code = document.thanks.deposit_in if document.thanks else None
    if code is None or code in dict(rule_reads.deposits()):
        return []
    return [
        f"お礼の一部をあずける時間預託の制度「{code}」が、この町にまだありません。"
        "先に、その制度を始めてください。"
    ]


def _misnamed(text: str, document: Document, code: str | None) -> list[Mistake]:
    """A code or a currency that belongs to another programme of the town."""
    lines = lines_of(text)
    found = []
    if code is None:
        if Programme.objects.filter(code=document.code).exists():
            may = "この町にまだない制度のコード"
            found.append(Mistake(line_of(lines, ("code",)), "code", "code", may))
    elif document.code != code:
        may = f"{code}（制度のコードは変えられません）"
        found.append(Mistake(line_of(lines, ("code",)), "code", "code", may))
    others = Programme.objects.filter(currency=document.currency).exclude(code=document.code)
    if others.exists():
        may = "この町のほかの制度が使っていない名前"
        found.append(Mistake(line_of(lines, ("currency",)), "currency", "currency", may))
    return found


def changes(old: Document, new: Document) -> list[Change]:
    """Key by key, in the order of the schema."""
    before, after = flat(old.model_dump(by_alias=True)), flat(new.model_dump(by_alias=True))
    activities = old.activities | new.activities
    return [
        Change(key, named(key, activities), before.get(key, ABSENT), after.get(key, ABSENT))
        for key in dict.fromkeys([*before, *after])
        if before.get(key, ABSENT) != after.get(key, ABSENT)
    ]


def named(key: str, activities: dict[str, str]) -> str:
    """What a key is called: rows by their table's name, amounts and prices by what they are of."""
    table, _, last = key.rpartition(".")
    if table == "thanks.by_activity":
        return f"お礼（円）：{activities.get(last, last)}"
    if table.endswith(".prices"):
        return f"値段：{last}"
    return KEY_NAMES.get(re.sub(r"\[\d+\]", "", key), "")


def flat(value: Any, key: str = "") -> dict[str, str]:
    """``{"earning.units": "200"}``; rows of tables are counted from 1, as in mistakes."""
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for name, inner in value.items():
            found |= flat(inner, f"{key}.{name}" if key else str(name))
        return found
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        found = {}
        for place, inner in enumerate(value, start=1):
            found |= flat(inner, f"{key}[{place}]")
        return found
    if value is None or value == []:
        return {}
    return {key: _said(value)}


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(value)


def _years(year: int | None) -> tuple[int, ...]:
    return (clock.fiscal_year() - 1, clock.fiscal_year()) if year is None else (year,)


def paid(
    old: Document, new: Document, programme: Programme, year: int | None = None
) -> Paid | None:
    """What was counted in ``year``, by either document; None: nothing was."""
    for number in _years(year):
        before = selectors.would_pay(old, programme, number)[number]
        if before:
            after = selectors.would_pay(new, programme, number)[number]
            return _compared(number, before, after, in_yen=_in_yen(old, new))
    return None


def helped(
    old: Document, new: Document, programme: Programme, year: int | None = None
) -> HelpTrial | None:
    """What was settled between members in ``year``, by either document; None: nothing was."""
    for number in _years(year):
        found = trial_selectors.help_trial(old, new, programme, number)
        if not found.is_empty:
            return found
    return None


def _in_yen(old: Document, new: Document) -> bool:
    return old.worth is not None and new.worth is not None


def _compared(
    number: int, before: dict[str, Year], after: dict[str, Year], *, in_yen: bool
) -> Paid:
    known = Person.objects.in_bulk([int(key) for key in before])
    people = [
        Mine(
            person=known[int(key)],
            old=one.granted,
            new=after[key].granted,
            old_yen=one.value_yen,
            new_yen=after[key].value_yen,
        )
        for key, one in before.items()
    ]
    gains = [one.difference_yen if in_yen else one.difference for one in people]
    people.sort(key=lambda one: (-abs(one.difference), -abs(one.difference_yen), one.person.kana))
    return Paid(
        year_name=fiscal_year_name(number),
        people=people,
        old=_sums(before),
        new=_sums(after),
        more=sum(gain > 0 for gain in gains),
        less=sum(gain < 0 for gain in gains),
        same=sum(gain == 0 for gain in gains),
        in_yen=in_yen,
    )


def _sums(years: dict[str, Year]) -> dict[str, int]:
    """``people`` are those who got something."""
    return selectors.sums(years) | {"people": sum(year.granted > 0 for year in years.values())}
