"""Taking one's own data away: as a file for machines, as a page to read, and on paper."""

import json
from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.own_data import Section
from kyojo.civic.people.services import act_record
from kyojo.civic.programmes.papers.own_data import Kind, own_data_pdf
from kyojo.commons.privacy.selectors import own_data, own_data_plain
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel import clock
from kyojo.kernel.wording import grouped_phone, jdate_plain

from ..account.access import members_only, person_of
from ..desk.words import ACTIONS
from ..http import as_file
from ..security.stepping import stepped_up

PRIVATE = "no-store, private"
FACTS, NOTHING = ["name", "value"], "—"
CATEGORY_NAMES = {category.code: category.name for category in CATEGORIES}
#: Key of a column → what its codes are called.
CODES: dict[str, dict[Any, str]] = {
    "category": CATEGORY_NAMES,
    "what": CATEGORY_NAMES,
    "action": ACTIONS,
    "moment": {"heading": "向かうとき", "start": "始め", "during": "あいだ", "end": "終わり"},
    "decision": {"settle": "すぐに精算", "ask": "たのんだ人に確認", "office": "事務局が確認"},
}


@members_only
@stepped_up("data_export")
@require_safe
def mine_page(request: HttpRequest) -> HttpResponse:
    """Everything that is held, to be read."""
    person = person_of(request)
    taken(person, by=person.user, note="page")
    context = {"sections": readable(person), "me": person, "made": clock.now()}
    return _private(render(request, "privacy/mine.html", context))


@members_only
@stepped_up("data_export")
@require_safe
def mine_file(request: HttpRequest) -> HttpResponse:
    """The same for machines (``docs/reference/privacy.md``)."""
    person = person_of(request)
    taken(person, by=person.user, note="json")
    text = json.dumps(own_data_plain(person), ensure_ascii=False, indent=2)
    content_type = "application/json; charset=utf-8"
    return as_file(text, "kyojo-my-data.json", content_type, cache=PRIVATE)


@members_only
@stepped_up("data_export")
@require_safe
def mine_paper(request: HttpRequest) -> HttpResponse:
    """The same on paper, as PDF."""
    person = person_of(request)
    taken(person, by=person.user, note="pdf")
    return as_file(paper_of(person), "kyojo-my-data.pdf", cache=PRIVATE)


def paper_of(person: Person) -> bytes:
    town = Municipality.objects.get(pk=person.municipality_id)
    kinds = []
    for one in own_data(person):
        if [key for key, _ in one.columns] == FACTS:
            records = [[(str(name), _words(value)) for name, value in one.rows]]
        else:
            records = [
                [(label, words) for label, words in _cells(one, row) if words != NOTHING]
                for row in _newest_first(one.rows)
            ]
        kinds.append(Kind(one.title, records))
    return own_data_pdf(
        kinds,
        holder=person.name,
        number=person.number,
        town=town.name,
        office=f"{town.office_name}　電話 {grouped_phone(town.office_phone)}",
        made_on=clock.today(),
    )


def _newest_first(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rooms give what has a day the oldest or the newest first; what has none stays as it is."""
    found = list(rows)

    def day(row: tuple[Any, ...]) -> date | None:
        at = next((value for value in row if isinstance(value, date)), None)
        return at.date() if isinstance(at, datetime) else at

    first, last = (day(found[0]), day(found[-1])) if found else (None, None)
    return found[::-1] if first is not None and last is not None and first < last else found


def taken(person: Person, *, by: User | None, note: str, basis: str = "") -> None:
    """Put on record that somebody's data were given out, to themselves."""
    act_record(
        actor=by,
        action="own_data_taken",
        subject_kind="person",
        subject_id=person.uid,
        basis=basis,
        note=note,
    )


def readable(person: Person) -> list[dict[str, Any]]:
    """The sections with their cells as people read them."""
    return [
        {
            "code": one.code,
            "title": one.title,
            "headings": [label for _, label in one.columns],
            "is_facts": [key for key, _ in one.columns] == FACTS,
            "rows": [_cells(one, row) for row in one.rows],
        }
        for one in own_data(person)
    ]


def _cells(kind: Section, row: tuple[Any, ...]) -> list[tuple[str, str]]:
    return [
        (label, _words(CODES.get(key, {}).get(value, value)))
        for (key, label), value in zip(kind.columns, row, strict=True)
    ]


def _words(value: Any) -> str:
    if value is None or value == "":
        return NOTHING
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, datetime):
        return f"{jdate_plain(clock.local(value).date())} {clock.local(value):%-H:%M}"
    if isinstance(value, date):
        return jdate_plain(value)
    if isinstance(value, time):
        return f"{value:%-H:%M}"
    return str(value)


def _private(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = PRIVATE
    return response
