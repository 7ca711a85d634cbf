"""Taking one's own data away: as a file for machines, and as a page to read and print."""

import json
from datetime import date, datetime, time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import act_record
from kyojo.commons.privacy.selectors import own_data, own_data_plain
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel import clock
from kyojo.kernel.wording import jdate_plain

from ..account.access import members_only, person_of
from ..desk.words import ACTIONS
from ..security.stepping import stepped_up

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
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="kyojo-my-data.json"'
    return _private(response)


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
            "is_facts": [key for key, _ in one.columns] == ["name", "value"],
            "rows": [
                [
                    (label, _words(CODES.get(key, {}).get(value, value)))
                    for (key, label), value in zip(one.columns, row, strict=True)
                ]
                for row in one.rows
            ],
        }
        for one in own_data(person)
    ]


def _words(value: Any) -> str:
    if value is None or value == "":
        return "—"
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
    response["Cache-Control"] = "no-store, private"
    return response
