"""The list of activities: what was done, and what each came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kyojo.civic.earnings import selectors
from kyojo.civic.earnings.models import Record
from kyojo.civic.programmes.rules.counting import Line
from kyojo.civic.programmes.rules.model import Document
from kyojo.civic.programmes.rules.wording import line_sentence
from kyojo.kernel import clock, text
from kyojo.kernel.wording import duration, jclock

from .. import staff_names
from ..listing import Column

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


def record_rows(ruled: selectors.Ruled, fiscal_year: int) -> list[RecordRow]:
    """All activities of a fiscal year, also what was struck out."""
    document = selectors.ruled(ruled.programme.code, fiscal_year).document
    found = selectors.records(ruled.programme, fiscal_year=fiscal_year, with_void=True)
    lines = lines_of(ruled, fiscal_year)
    names = staff_names.of({one.recorded_by_id for one in found if one.recorded_by_id})
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


def lines_of(ruled: selectors.Ruled, fiscal_year: int) -> dict[int, Line]:
    """Record → what it came to."""
    years = selectors.everybody(ruled.programme, fiscal_year)
    return {line.line: line for year in years.values() for line in year.lines}


def why(document: Document, record: Record, line: Line | None) -> str:
    if line is None:
        return f"取り消しました（{record.void_reason}）。"
    return line_sentence(document, line)


def narrowed(
    rows: Iterable[RecordRow], *, words: str, activity: str, host: str, state: str
) -> list[RecordRow]:
    """Those of ``rows`` that the filters name; every word is found in a name or number."""
    needed = text.to_katakana(text.normalised(words)).upper().split()
    return [
        row
        for row in rows
        if (not activity or row.record.activity == activity)
        and (not host or row.record.host == host)
        and (not state or row.state == state)
        and all(word in _searched(row) for word in needed)
    ]


def _searched(row: RecordRow) -> str:
    person = row.record.person
    return text.to_katakana(f"{person.name} {person.kana} {person.number}").upper()


def year_of_record(record: Record) -> int:
    return clock.fiscal_year(clock.local(record.start).date())
