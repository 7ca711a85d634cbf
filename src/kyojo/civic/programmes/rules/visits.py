"""The log of visits that ``programme simulate`` reads: one visit a row, CSV as offices save it.

Columns: ``person, born, insured, lives, works, studies, activity, host, rewarded, start, end``.
``born`` is an ISO date, ``insured`` first, second or none, ``start`` and ``end`` ISO dates with the
local time, the others 1 or 0, or a code. In ``activity`` and ``host`` the word ``any`` matches
every list of every programme.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any, NamedTuple

from kyojo.kernel.files import read_text

from ..errors import VisitLogInvalid
from .model import Relation

COLUMNS = (
    "person",
    "born",
    "insured",
    "lives",
    "works",
    "studies",
    "activity",
    "host",
    "rewarded",
    "start",
    "end",
)
ANY = "any"
#: Rows between two calls of ``progress``.
STEP = 20_000
#: Typed wrongly outside these; a vintage counts on from its year.
FIRST_YEAR, LAST_YEAR = 1900, 2200


class Visit(NamedTuple):
    """One visit of the log. ``line`` is its line in the file, whose heading is line 1."""

    line: int
    person: str
    born: date
    insured: str
    relations: frozenset[Relation]
    activity: str
    host: str
    rewarded: bool
    start: datetime
    end: datetime


def read(
    data: bytes, progress: Callable[[int, int], None] = lambda done, total: None
) -> list[Visit]:
    """The visits of a log, in the order of its rows.

    Raises ``FileUnreadable`` for what is no text, ``VisitLogInvalid`` for the first row that is
    wrong, by line and column.
    """
    text = read_text(data).text
    total = text.count("\n")
    rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    heading = [name.strip().lower() for name in next(rows, [])]
    missing = [name for name in COLUMNS if name not in heading]
    if missing or len(set(heading)) < len(heading):
        raise VisitLogInvalid(
            line=1, column=(missing or ["見出し"])[0], allowed="見出しの行に " + "、".join(COLUMNS)
        )
    at = [heading.index(name) for name in COLUMNS]
    visits = []
    try:
        for visit in _visits(rows, at, len(heading)):
            visits.append(visit)
            if len(visits) % STEP == 0:
                progress(min(visit.line, total), total)
    except csv.Error as error:
        raise VisitLogInvalid(
            line=rows.line_num, column="行全体", allowed=f"CSVの1行（{error}）"
        ) from None
    if not visits:
        raise VisitLogInvalid(line=2, column="行全体", allowed="1つ以上の支援の記録")
    return visits


def _visits(rows: Any, at: list[int], width: int) -> Iterator[Visit]:
    days: dict[str, date] = {}
    ties: dict[tuple[str, str, str], frozenset[Relation]] = {}
    for row in rows:
        if not row or not any(row):
            continue
        line = rows.line_num
        if len(row) != width:
            raise VisitLogInvalid(line=line, column="行全体", allowed=f"{width}個の列")
        person, birth, insured, lives, works, studies, activity, host, rewarded, begin, finish = (
            row[i].strip() for i in at
        )
        if not person:
            raise VisitLogInvalid(line=line, column="person", allowed="人をあらわす番号や記号")
        born = days.get(birth)
        if born is None:
            born = days[birth] = _day(line, "born", birth)
        if insured not in ("first", "second", "none"):
            raise VisitLogInvalid(
                line=line, column="insured", allowed="first、second、none のどれか"
            )
        tied = ties.get((lives, works, studies))
        if tied is None:
            tied = ties[lives, works, studies] = frozenset(
                name
                for name, value in (("lives", lives), ("works", works), ("studies", studies))
                if _flag(line, name, value)
            )
        for column, code in (("activity", activity), ("host", host)):
            if not code:
                raise VisitLogInvalid(line=line, column=column, allowed="コードか any")
        start, end = _moment(line, "start", begin), _moment(line, "end", finish)
        if end <= start:
            raise VisitLogInvalid(line=line, column="end", allowed="start（始まり）より後の時刻")
        if born > start.date():
            raise VisitLogInvalid(line=line, column="born", allowed="支援の日より前の日付")
        yield Visit(
            line,
            person,
            born,
            insured,
            tied,
            activity,
            host,
            _flag(line, "rewarded", rewarded),
            start,
            end,
        )


def _day(line: int, column: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise VisitLogInvalid(
            line=line, column=column, allowed="日付（1955-04-01 のように）"
        ) from None


def _moment(line: int, column: str, text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is not None or len(text) < len("2026-04-01T09"):
        raise VisitLogInvalid(
            line=line, column=column, allowed="その土地の日時（2026-04-01T09:30 のように）"
        )
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise VisitLogInvalid(
            line=line, column=column, allowed=f"{FIRST_YEAR}年から{LAST_YEAR}年までの日時"
        )
    return moment


def _flag(line: int, column: str, text: str) -> bool:
    if text not in ("0", "1"):
        raise VisitLogInvalid(line=line, column=column, allowed="1（はい）か 0（いいえ）")
    return text == "1"
