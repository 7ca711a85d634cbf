"""Which questions a programme raises under the Payment Services Act (資金決済法).

Questions, why they arise and what to do next; the answers belong to the local finance bureau
(財務局). Texts, dates and the threshold are data (``payments_law.toml``).
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from kyojo.kernel.wording import jdate_plain

from ..rules.model import Code, Document, Label, Part, Sentence
from ..rules.thanks import settlement_of
from .data import NOT_ADVICE, load, staleness
from .errors import RulesUnknown

Issuer = Literal["municipality", "other"]
QuestionCode = Literal[
    "public_issuer",
    "prepaid",
    "prepaid_unknown",
    "own_or_third_party",
    "balance",
    "over_threshold",
    "six_months",
    "refund",
    "funds_transfer",
    "points_cash",
    "deposit",
    "passbook",
    "collection",
    "start_units",
    "lending",
]

#: Kinds whose units go from person to person, so that another than the first holder may cash them.
CIRCULATING = ("coin", "ticket", "gratitude", "time", "exchange", "time-deposit")


class Text(Part):
    ask: Sentence
    why: Sentence
    next: Sentence
    source: Sentence


class Law(Part):
    """The act as we know it. ``base_dates``: [month, day] of the days on which balances count."""

    office: Label
    law: Label
    since: date
    checked_until: date
    threshold_yen: Annotated[int, Field(ge=1)]
    base_dates: list[Annotated[list[int], Field(min_length=2, max_length=2)]]
    notice_months: int
    exempt_months: int
    questions: dict[Code, Text]

    @model_validator(mode="after")
    def _whole(self) -> "Law":
        assert set(self.questions) == set(get_args(QuestionCode))
        return self


@dataclass(frozen=True, slots=True)
class Question:
    """``as_of``: the day for which the rule was looked up."""

    code: QuestionCode
    ask: str
    why: str
    next_step: str
    source: str
    as_of: date


@dataclass(frozen=True, slots=True)
class Findings:
    """The questions, in the order in which to ask them, and what else has to be said."""

    questions: tuple[Question, ...]
    notes: tuple[str, ...]

    def codes(self) -> tuple[str, ...]:
        return tuple(one.code for one in self.questions)


@cache
def law() -> Law:
    return load("payments_law.toml", Law)


def payments_questions(
    document: Document,
    as_of: date,
    *,
    issuer: Issuer | None = None,
    unused_yen: int | None = None,
) -> Findings:
    """What ``document`` is to be asked on ``as_of``.

    ``issuer``: who issues, if that is known; ``unused_yen``: the unused balance on the last base
    date. Raises ``RulesUnknown`` for a day before the act, ``ValueError`` for a negative balance.
    """
    known = law()
    if as_of < known.since:
        raise RulesUnknown(
            as_of=jdate_plain(as_of), earliest=jdate_plain(known.since), office=known.office
        )
    if unused_yen is not None and unused_yen < 0:
        raise ValueError(f"a balance of {unused_yen} yen does not exist")
    codes = _prepaid(document, issuer, unused_yen) + _cash(document, issuer)
    codes += _kept(document) + _circulation(document)
    questions = tuple(_question(code, known, as_of) for code in codes)
    return Findings(questions, tuple(_notes(questions, as_of)))


def over_threshold(unused_yen: int) -> bool:
    """Whether an unused balance on a base date exceeds the threshold; equal to it does not."""
    return unused_yen > law().threshold_yen


def next_base_date(on: date) -> date:
    """The first base date (31 March, 30 September) on or after ``on``."""
    days = [date(on.year + more, *day) for more in (0, 1) for day in law().base_dates]
    return min(day for day in days if day >= on)


def bought(document: Document) -> bool | None:
    """Whether people buy the units for money, or pay in; None: the document does not say.

    What is settled by invoice or in cash is paid after the help.
    """
    if document.ticket is not None:
        return document.ticket.bought_yen > 0 and settlement_of(document) not in ("invoice", "cash")
    if document.kind == "exchange":
        return None
    return False


def _question(code: QuestionCode, known: Law, as_of: date) -> Question:
    text = known.questions[code]
    ask, why, next_step = (
        one.format(
            threshold_yen=known.threshold_yen,
            notice_months=known.notice_months,
            exempt_months=known.exempt_months,
        )
        for one in (text.ask, text.why, text.next)
    )
    return Question(code, ask, why, next_step, text.source, as_of)


def _prepaid(
    document: Document, issuer: Issuer | None, unused_yen: int | None
) -> list[QuestionCode]:
    """Questions about units that are, or may be, bought."""
    is_bought = bought(document)
    if is_bought is False:
        return []
    codes: list[QuestionCode] = ["prepaid" if is_bought else "prepaid_unknown"]
    if issuer != "other":
        codes.insert(0, "public_issuer")
    if issuer == "municipality":
        return codes  # outside the act's duties, if the first answer holds
    over = unused_yen is not None and over_threshold(unused_yen)
    # A document counts in fiscal years, so what is bought in April lives longer than six months:
    # none can promise the exemption, and the question is always asked.
    return [*codes, "own_or_third_party", "over_threshold" if over else "balance", "six_months"]


def _cash(document: Document, issuer: Issuer | None) -> list[QuestionCode]:
    """Questions about units that become money."""
    codes: list[QuestionCode] = []
    uses = {one.use for one in document.uses}
    to_cash = "cash" in uses or document.expiry.on_leaving == "pay_out"
    if to_cash and issuer != "municipality" and bought(document) is not False:
        codes.append("refund")
    if settlement_of(document) == "invoice":
        codes.append("collection")
    elif to_cash and settlement_of(document) != "cash":  # cash never passes through the office
        codes.append("funds_transfer" if document.kind in CIRCULATING else "points_cash")
    return codes


def _kept(document: Document) -> list[QuestionCode]:
    """Questions about members' money that is kept for later."""
    codes: list[QuestionCode] = []
    is_deposited = document.thanks is not None and document.thanks.share == "part_deposited"
    if document.kind == "time-deposit" or is_deposited:
        codes.append("deposit")
    if settlement_of(document) == "passbook":
        codes.append("passbook")
    return codes


def _circulation(document: Document) -> list[QuestionCode]:
    """Questions about what members have before they helped anybody."""
    one = document.circulation
    if one is None:
        return []
    codes: list[QuestionCode] = []
    if one.start_units and "cash" in {rule.use for rule in document.uses}:
        codes.append("start_units")
    if one.lent_most:
        codes.append("lending")
    return codes


def _notes(questions: tuple[Question, ...], as_of: date) -> list[str]:
    known = law()
    notes = []
    if not questions:
        notes.append(
            f"この文書からは、{known.law}についての問いは見つかりませんでした。"
            "文書に書かれていないやり方（お金で売る、お金にかえる）を始めるときは、もう一度見てください。"
        )
    if any(one.code in ("balance", "over_threshold") for one in questions):
        notes.append(f"次の基準日は{jdate_plain(next_base_date(as_of))}です。")
    stale = staleness(as_of, known.checked_until, known.office)
    return [*notes, *([stale] if stale else []), NOT_ADVICE]
