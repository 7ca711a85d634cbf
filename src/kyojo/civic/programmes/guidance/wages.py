"""Thank-you money beside the minimum wage of the prefecture, on a day.

Whoever helps for thank-you money is no employee, so no law compares the two. But where the thanks
reach the minimum wage, they begin to look like a wage, and somebody will ask. So we warn. Without a
figure, or with one that has run out, we warn as well: only ``below`` is quiet.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from math import floor
from typing import Annotated, Literal

from pydantic import Field

from kyojo.kernel.wording import jdate_plain

from ..rules.consistency_paid import is_in_yen
from ..rules.model import Document, Label, Part, Sentence
from ..rules.thanks import hourly_most_yen
from .data import load
from .errors import PrefectureUnknown

OFFICE = "都道府県の労働局"

Status = Literal[
    "below",  # the only one without a warning
    "equal",
    "above",
    "out_of_date",  # the day lies after the table's end
    "before_table",  # the day lies before the prefecture's first figure
    "no_hourly_figure",  # the document does not say what an hour earns
    "no_money",  # what is earned is never worth yen; said, not passed over
]


class Figure(Part):
    yen: Annotated[int, Field(ge=500, le=5000)]
    since: date


class Year(Part):
    fiscal_year: int
    source: Sentence
    prefectures: dict[Label, Figure]


class Table(Part):
    """All figures. ``ends_on``: the last day on which they are surely the ones in force."""

    ends_on: date
    checked_on: date
    source: Sentence
    years: Annotated[list[Year], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Wage:
    """What an hour must earn at least: ``yen`` from ``since`` on."""

    prefecture: str
    yen: int
    since: date
    source: str


@dataclass(frozen=True, slots=True)
class WageCheck:
    """What came of comparing. ``hourly_yen`` is exact; ``sentences`` say it, the warning first."""

    status: Status
    prefecture: str
    on: date
    hourly_yen: Fraction | None
    wage: Wage | None
    sentences: tuple[str, ...]

    @property
    def warns(self) -> bool:
        """Whether somebody has to look. True for everything but a sure "below" and "no money"."""
        return self.status not in ("below", "no_money")


@cache
def table() -> Table:
    return load("minimum_wage.toml", Table)


def prefectures() -> tuple[str, ...]:
    """All 47, from north to south, as their names are written (東京都, 北海道)."""
    return tuple(table().years[0].prefectures)


def minimum_wage(prefecture: str, on: date) -> Wage | None:
    """The newest figure that had taken effect by ``on``; None: the table begins later.

    After ``table().ends_on`` it is the last one we know, and may no longer be the one in force.
    Raises ``PrefectureUnknown``.
    """
    if prefecture not in prefectures():
        raise PrefectureUnknown(prefecture=prefecture)
    known = [
        Wage(prefecture, figure.yen, figure.since, year.source)
        for year in table().years
        if (figure := year.prefectures.get(prefecture)) and figure.since <= on
    ]
    return max(known, key=lambda one: one.since, default=None)


def hourly_check(hourly_yen: int | Fraction, prefecture: str, on: date) -> WageCheck:
    """Whether thank-you money of ``hourly_yen`` an hour reaches the minimum wage.

    Raises ``PrefectureUnknown``, and ``ValueError`` for less than nothing.
    """
    if hourly_yen < 0:
        raise ValueError(f"an hour cannot earn {hourly_yen} yen")
    hourly = Fraction(hourly_yen)
    wage = minimum_wage(prefecture, on)
    status: Status
    if wage is None:
        status = "before_table"
    elif on > table().ends_on:
        status = "out_of_date"
    elif hourly > wage.yen:
        status = "above"
    else:
        status = "equal" if hourly == wage.yen else "below"
    return WageCheck(status, prefecture, on, hourly, wage, _said(status, hourly, wage, on))


def document_check(document: Document, prefecture: str, on: date) -> WageCheck:
    """The same for what an hour of help earns under ``document``. Raises ``PrefectureUnknown``."""
    hourly = document_hourly_yen(document)
    if hourly is not None:
        return hourly_check(hourly, prefecture, on)
    wage = minimum_wage(prefecture, on)
    status: Status = "no_hourly_figure" if _is_worth_money(document) else "no_money"
    return WageCheck(status, prefecture, on, None, wage, _said(status, None, wage, on))


def document_hourly_yen(document: Document) -> Fraction | None:
    """The most that an hour of help can bring, in yen; None: the document does not say.

    Limits of a day and a year are left out: one hour may be all that somebody helps. A voucher that
    may be taken instead at the year's limit counts with its higher worth. Of paid help in yen it is
    what the dearest activity or choice leaves the helper, with what is deposited for them and
    without costs, which are no thanks.
    """
    if is_in_yen(document):
        return hourly_most_yen(document)
    earning, worth, conversion = document.earning, document.worth, document.conversion
    if worth is None or not worth.yen:
        return None
    step_minutes = earning.minutes if earning.per == "minutes" else earning.at_least_minutes
    if not step_minutes:
        return None  # a visit of any length: no figure by the hour
    units = Fraction(60 * earning.units, step_minutes)
    granted = units * conversion.grants / conversion.units if conversion else units
    hourly = granted * worth.yen / worth.of
    if document.at_cap and conversion and conversion.year_most:
        year_yen = Fraction(conversion.year_most * worth.yen, worth.of)
        hourly *= max(Fraction(1), document.at_cap.yen / year_yen)
    return hourly


def _is_worth_money(document: Document) -> bool:
    """Whether what is earned becomes money or goods in some way."""
    valued = document.worth is not None and document.worth.yen > 0
    uses = {"cash", "premium", "goods", "voucher", "shop"} & {one.use for one in document.uses}
    return valued or bool(uses) or document.ticket is not None or document.at_cap is not None


def _said(status: Status, hourly: Fraction | None, wage: Wage | None, on: date) -> tuple[str, ...]:
    """The warning, if there is one, then what was compared."""
    earned = f"1時間あたり{floor(hourly):,}円" if hourly is not None else ""
    ask = f"{OFFICE}に、賃金とみなされないかを確かめてください。"
    ends = jdate_plain(table().ends_on)
    first: dict[Status, str] = {
        "below": f"お礼は{earned}で、最低賃金より低い額です。",
        "equal": f"お礼は{earned}で、最低賃金と同じ額です。{ask}",
        "above": f"お礼は{earned}で、最低賃金をこえています。額を下げるか、{ask}",
        "out_of_date": (
            f"最低賃金の表は{ends}で終わっています。"
            f"{jdate_plain(on)}の額を{OFFICE}のページで確かめてください。"
        ),
        "before_table": (
            f"最低賃金の表に、{jdate_plain(on)}の額がありません。"
            f"その日の額を{OFFICE}に確かめてください。"
        ),
        "no_hourly_figure": (
            "この制度の文書からは、1時間あたりのお礼の額がわかりません。"
            "いちばん短い手伝いでいくらになるかを計算し、最低賃金とくらべてください。"
        ),
        "no_money": "この制度のお礼は、お金や品物にかわらないので、最低賃金とはくらべません。",
    }
    sentences = [first[status]]
    if status == "out_of_date" and hourly is not None and wage:
        than = "より低い" if hourly < wage.yen else "と同じ" if hourly == wage.yen else "をこえる"
        sentences.append(f"お礼は{earned}で、表の最後の額{than}額です。")
    if wage and status != "no_money":
        what = "最低賃金の、表の最後の額" if on > table().ends_on else "最低賃金"
        since = jdate_plain(wage.since)
        sentences.append(
            f"{wage.prefecture}の{what}は{wage.yen:,}円です（{since}から。{wage.source}）。"
        )
    return tuple(sentences)
