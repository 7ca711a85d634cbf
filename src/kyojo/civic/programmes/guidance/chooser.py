"""Which kind of local currency fits a neighbourhood, and which help to thank with money.

Both figures are of source 002; ``chooser.toml`` holds them. They are rules of thumb: the people of
the place decide.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from ..rules.model import Code, Label, Part, Sentence
from .data import load

Closeness = Literal["very_thin", "thin", "medium", "fairly_dense"]
Currency = Literal["gratitude", "time", "exchange"]  # as Kind of rules.model
Mark = Literal["◎", "○", "△"]
Weight = Literal["light", "medium", "heavy"]
Payment = Literal["paid", "either", "unpaid"]
Way = Literal["neighbours", "paid", "find_someone", "currency", "ask"]

#: What the figure's marks say.
FITS: dict[str, str] = {"◎": "いちばん合います", "○": "合います", "△": "あまり合いません"}
_PAYMENT: dict[str, str] = {
    "paid": "お礼をわたすほうが、たのみやすく、続きます",
    "either": "無償でも、お礼をわたしても合います。住民と話して決めてください",
    "unpaid": "無償の助け合いで足ります",
}


class Grade(Part):
    """How close neighbours are. ``ours``: the word is not in the source."""

    code: Closeness
    label: Label
    ours: bool


class Heaviness(Part):
    """How heavy a kind of help is; the examples are ours."""

    code: Weight
    label: Label
    examples: Sentence


class CurrencyFigure(Part):
    source: Sentence
    as_of: date
    reading: Sentence
    marks: dict[Currency, Annotated[list[Mark], Field(min_length=4, max_length=4)]]
    labels: dict[Currency, Label]


class PaidFigure(Part):
    source: Sentence
    as_of: date
    reading: Sentence
    cells: dict[Weight, Annotated[list[Payment], Field(min_length=4, max_length=4)]]


class Question(Part):
    """What is asked before a kind is chosen; "no" leads to ``no``."""

    code: Code
    ask: Sentence
    no: Literal["neighbours", "paid", "find_someone"]
    why: Sentence
    next: Sentence


class Figures(Part):
    closeness: list[Grade]
    weight: list[Heaviness]
    questions: list[Question]
    currency: CurrencyFigure
    paid: PaidFigure

    @model_validator(mode="after")
    def _whole(self) -> "Figures":
        """Every cell is there, and each closeness has a kind that fits best."""
        assert [one.code for one in self.closeness] == list(get_args(Closeness))
        assert [one.code for one in self.weight] == list(get_args(Weight))
        assert set(self.paid.cells) == set(get_args(Weight))
        assert set(self.currency.marks) == set(self.currency.labels) == set(get_args(Currency))
        columns = zip(*self.currency.marks.values(), strict=True)
        assert all(column.count("◎") == 1 for column in columns)
        return self


@dataclass(frozen=True, slots=True)
class CurrencyChoice:
    """How well each kind fits; ``best`` is the one with ◎, ``order`` has the best first."""

    closeness: Closeness
    best: Currency
    order: tuple[Currency, ...]
    marks: Mapping[Currency, Mark]
    reason: str
    source: str
    as_of: date
    reading: str


@dataclass(frozen=True, slots=True)
class PaymentChoice:
    """Whether help of this weight is thanked with money where neighbours are this close."""

    closeness: Closeness
    weight: Weight
    payment: Payment
    reason: str
    source: str
    as_of: date
    reading: str


@dataclass(frozen=True, slots=True)
class Need:
    """Where the questions lead. ``asked``: the code of the question that decided, "" if none did.

    ``currency``: a local currency is worth choosing; ``ask``: that question is still open.
    """

    way: Way
    asked: str
    reason: str
    next_step: str
    source: str


@cache
def figures() -> Figures:
    """Both figures as the source has them."""
    return load("chooser.toml", Figures)


def currency_needed(answers: Mapping[str, bool | None]) -> Need:
    """Whether a local currency is needed at all, from a yes (True) or no to each question's code.

    The first question that is answered "no", or not at all, decides. Raises ``KeyError`` for the
    code of a question that nobody asks.
    """
    known = figures()
    source = known.currency.source
    unknown = set(answers) - {one.code for one in known.questions}
    if unknown:
        raise KeyError(*sorted(unknown))
    for one in known.questions:
        answer = answers.get(one.code)
        if answer is None:
            return Need("ask", one.code, "まだ答えのない問いがあります。", one.ask, source)
        if not answer:
            return Need(one.no, one.code, one.why, one.next, source)
    return Need(
        "currency",
        "",
        "地域通貨が役に立ちそうです。",
        "ご近所のつながりの濃さを選んで、合う種類を見てください。",
        source,
    )


def currency_choose(closeness: Closeness) -> CurrencyChoice:
    """The kind of local currency that fits, and how well the others do."""
    known = figures()
    grade, column = _grade(closeness)
    marks = {kind: row[column] for kind, row in known.currency.marks.items()}
    order = tuple(sorted(marks, key=lambda kind: "◎○△".index(marks[kind])))
    labels = known.currency.labels
    fits = "、".join(f"{labels[kind]}は{FITS[marks[kind]]}" for kind in order)
    return CurrencyChoice(
        closeness=closeness,
        best=order[0],
        order=order,
        marks=marks,
        reason=f"ご近所のつながりが「{grade.label}」ところでは、{fits}。",
        source=known.currency.source,
        as_of=known.currency.as_of,
        reading=known.currency.reading,
    )


def payment_choose(closeness: Closeness, weight: Weight) -> PaymentChoice:
    """Paid or unpaid. The closer neighbours are, the more light help is done unpaid."""
    known = figures()
    grade, column = _grade(closeness)
    payment = known.paid.cells[weight][column]
    heaviness = next(one for one in known.weight if one.code == weight)
    return PaymentChoice(
        closeness=closeness,
        weight=weight,
        payment=payment,
        reason=(
            f"ご近所のつながりが「{grade.label}」ところでの{heaviness.label}"
            f"（{heaviness.examples}）は、{_PAYMENT[payment]}。"
        ),
        source=known.paid.source,
        as_of=known.paid.as_of,
        reading=known.paid.reading,
    )


def _grade(closeness: Closeness) -> tuple[Grade, int]:
    """The grade and its column in both figures."""
    column, grade = next(
        (i, one) for i, one in enumerate(figures().closeness) if one.code == closeness
    )
    return grade, column
