"""Reads of the privacy room. Of the current municipality."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.people.models import Person
from kyojo.civic.people.own_data import Section
from kyojo.help.support.retention import logged as positions_logged
from kyojo.kernel import clock

from .models import Erasure, PurgeLog
from .rooms import rooms_with

STANDING = (Erasure.State.PROPOSED, Erasure.State.WAITING, Erasure.State.RUNNING)


def erasure_of(person: Person) -> Erasure | None:
    """The erasure that stands for a person, or None."""
    found: Erasure | None = Erasure.objects.filter(person=person, state__in=STANDING).first()
    return found


def erasures() -> QuerySet[Erasure]:
    """All of this town, the newest first."""
    return Erasure.objects.select_related("person")


def erasures_proposed() -> list[Erasure]:
    """What waits for a second officer, the oldest first."""
    return list(Erasure.objects.filter(state=Erasure.State.PROPOSED).order_by("asked_at"))


def person_stops(person: Person) -> list[str]:
    """What has to end before a person can be erased, in words of the rooms; empty: nothing."""
    found: list[str] = []
    for room in rooms_with("forgetting").values():
        stops = getattr(room, "person_stops", None)
        found += stops(person) if stops is not None else []
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Purge:
    """What was erased at a moment: a line of the log."""

    at: datetime
    kind: str
    count: int
    due_before: datetime


def purges(*, kind: str = "") -> list[Purge]:
    """What was erased by the clock in this town, the newest first; positions as the support room
    logged them."""
    rows = PurgeLog.objects.filter(kind=kind) if kind else PurgeLog.objects.all()
    found = [Purge(one.at, one.kind, one.count, one.due_before) for one in rows]
    if kind in ("", "positions"):
        found += [
            Purge(one.at, "positions", one.erased_count, one.due_before)
            for one in positions_logged()
        ]
    return sorted(found, key=lambda one: one.at, reverse=True)


# --- one's own data -------------------------------------------------------------------------------


def own_data(person: Person) -> list[Section]:
    """Everything that is held about a person, room by room, people first; without what is empty."""
    found: list[Section] = []
    for room in reversed(rooms_with("own_data").values()):
        found += room.person_data(person)
    return [one for one in found if one.rows]


def own_data_plain(person: Person) -> dict[str, Any]:
    """The same for machines, as ``docs/reference/privacy.md`` describes it."""
    return {
        "format": "kyojo-own-data",
        "version": 1,
        "made_at": clock.now().isoformat(),
        "municipality": Municipality.objects.get(pk=person.municipality_id).code,
        "sections": [
            {
                "code": one.code,
                "title": one.title,
                "columns": [{"key": key, "label": label} for key, label in one.columns],
                "rows": one.plain(),
            }
            for one in own_data(person)
        ],
    }
