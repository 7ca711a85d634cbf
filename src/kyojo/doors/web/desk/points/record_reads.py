"""The list of activities: what was done, and what each came to."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kyojo.civic.earnings import figures, selectors
from kyojo.civic.earnings.models import Record
from kyojo.civic.people import staff_selectors
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.rules.counting import Line
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.wording import line_sentence
from kyojo.kernel import clock, text
from kyojo.kernel.wording import duration, jclock

from ..listing import Column
from .paged import KANA, by_label

STATES = (("counted", "数えた"), ("zero", "数えなかった"), ("void", "取り消し"))


@dataclass(frozen=True)
class RecordRow:
    """A line of the list. ``units`` None: struck out."""

    record: Record
    activity: str
    host: str
    units: int | None
    why: str
    recorded_by: str

    @property
    def start(self) -> datetime:
        return self.record.start

    @property
    def state(self) -> str:
        if self.units is None:
            return "void"
        return "counted" if self.units else "zero"

    @property
    def minutes(self) -> int:
        return int((self.record.end - self.record.start).total_seconds()) // 60

    @property
    def length(self) -> str:
        return duration(self.minutes)


COLUMNS = (
    Column("start", "日時", lambda row: row.start, sortable=True, order=("古い順", "新しい順")),
    Column("end", "終わり", lambda row: jclock(row.record.end), in_page=False),
    Column("minutes", "分", lambda row: row.minutes, in_page=False, is_number=True),
    Column(
        "kana",
        "会員",
        lambda row: row.record.person.kana,
        sortable=True,
        order=("カナの五十音順", "カナの逆の順"),
    ),
    Column("name", "名前", lambda row: row.record.person.name, in_page=False),
    Column("number", "会員番号", lambda row: row.record.person.number, in_page=False),
    Column("activity", "活動", lambda row: row.activity, sortable=True),
    Column("host", "受け入れ先", lambda row: row.host or None, sortable=True),
    Column(
        "units",
        "数",
        lambda row: row.units,
        sortable=True,
        is_number=True,
        order=("数の少ない順", "数の多い順"),
    ),
    Column("why", "わけ", lambda row: row.why, in_page=False),
    Column("by", "書いた人", lambda row: row.recorded_by, in_page=False),
)


def found_of(
    ruled: selectors.Ruled, fiscal_year: int, *, words: str, activity: str, host: str
) -> QuerySet[Record]:
    """The activities of a fiscal year that the filters name, also what was struck out. Every word
    is found in a name or number."""
    since, until = clock.fiscal_year_bounds(fiscal_year)
    rows = Record.objects.filter(
        programme=ruled.programme, start__gte=since, start__lt=until
    ).select_related("person")
    if activity:
        rows = rows.filter(activity=activity)
    if host:
        rows = rows.filter(host=host)
    if words:
        rows = rows.filter(person_id__in=_meant(words))
    return rows


def _meant(words: str) -> list[int]:
    """Members whose name, kana or number has every one of ``words``."""
    needed = text.to_katakana(text.normalised(words)).upper().split()
    names = ("family_name", "given_name", "family_kana", "given_kana", "number")
    return [
        key
        for key, family, given, family_kana, given_kana, number in Person.objects.order_by()
        .values_list("pk", *names)
        .iterator()
        if _has(f"{family} {given} {family_kana} {given_kana} {number}", needed)
    ]


def _has(searched: str, needed: list[str]) -> bool:
    searched = text.to_katakana(searched).upper()
    return all(word in searched for word in needed)


def rows_of(ruled: selectors.Ruled, fiscal_year: int, found: list[Record]) -> list[RecordRow]:
    """The lines of ``found``, what each came to counted anew with all that its person did."""
    document = selectors.ruled(ruled.programme.code, fiscal_year).document
    people = {one.person_id for one in found}
    years = figures.years_of_people(ruled.programme, people, fiscal_year)
    lines = {line.line: line for year in years.values() for line in year.lines}
    names = staff_selectors.names_of({one.recorded_by_id for one in found if one.recorded_by_id})
    hosts = document.hosts.designated if document.hosts else {}
    return [
        RecordRow(
            record=one,
            activity=document.activities.get(one.activity, one.activity),
            host=hosts.get(one.host, one.host),
            units=lines[one.pk].units if one.pk in lines else None,
            why=why(document, one, lines.get(one.pk)),
            recorded_by=names.get(one.recorded_by_id or 0, ""),
        )
        for one in found
    ]


def orders_of(document: Document) -> dict[str, list[Any]]:
    """Column → what the database sorts by. What something came to it does not know."""
    hosts = document.hosts.designated if document.hosts else {}
    return {
        "start": ["start"],
        "kana": [KANA],
        "activity": [by_label("activity", document.activities)],
        "host": [by_label("host", hosts)],
    }


#: The same where the database sorts: what something came to cannot be a sort's key.
PAGED_COLUMNS = tuple(
    replace(one, sortable=False) if one.code == "units" else one for one in COLUMNS
)


def why(document: Document, record: Record, line: Line | None) -> str:
    if line is None:
        return f"取り消しました（{record.void_reason}）。"
    return line_sentence(document, line)


def year_of_record(record: Record) -> int:
    return clock.fiscal_year(clock.local(record.start).date())
