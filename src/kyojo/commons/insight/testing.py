"""Settled visits for tests of figures: the rows that the support room leaves behind."""

from datetime import datetime, timedelta
from typing import Any

from kyojo.civic.municipalities.twins import sides_of, twins_create
from kyojo.civic.people.models import Person
from kyojo.help.support.models import Visit
from kyojo.kernel.ids import new_id


def settled_visit(
    supporter: Person,
    *,
    carer: Person,
    starts_at: datetime,
    minutes: int = 60,
    coins: int = 20,
    category: str = "garden",
    **fields: Any,
) -> None:
    """A visit in the supporter's town for a carer of any town, settled for ``coins``."""
    ends_at = starts_at + timedelta(minutes=minutes)
    here, there = supporter.municipality_id, carer.municipality_id
    only: dict[int, dict[str, Any]] = {here: {}, there: {}}
    only[here]["supporter"] = supporter
    only[there]["carer"] = carer
    twins_create(
        Visit,
        uid=new_id(),
        sides=sides_of(here, there),
        common={
            "number": "R-1",
            "request_uid": new_id(),
            "offer_uid": new_id(),
            "carer_uid": carer.uid,
            "supporter_uid": supporter.uid,
            "carer_municipality_id": there,
            "place_municipality_id": here,
            "supporter_municipality_id": here,
            "carer_card": {},
            "supporter_card": {},
            "category": category,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "during": (starts_at, ends_at),
            "amount_coins": coins,
            "state": Visit.State.SETTLED,
            "consent": Visit.Consent.GIVEN,
            "settled_at": ends_at,
            "settled_coins": coins,
        }
        | fields,
        only=only,
    )
