"""A visit's rows: the same in every town, with each town's own people and the others' cards."""

from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import sides_of, twins_create
from kyojo.civic.people.models import Person
from kyojo.civic.people.selectors import trust_checks_of
from kyojo.help.matching.models import Offer
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock
from kyojo.kernel.ids import spoken_code

from ..models import Visit


def visit_create(
    uid: UUID,
    requests: dict[int, HelpRequest],
    offer: Offer,
    supporter: Person,
    holds: list[dict[str, Any]],
) -> dict[int, Visit]:
    """The visit in each town, every row with its own people and the cards of the others."""
    asked = requests[offer.carer_municipality_id]
    place = requests.get(asked.place_municipality_id, asked)
    carer_town = asked.carer_municipality_id
    place_town = asked.place_municipality_id
    supporter_town = offer.supporter_municipality_id
    with tenant(carer_town):
        carer = Person.objects.get(pk=asked.carer_id)
    recipient = None
    if asked.recipient_uid is not None:
        with tenant(place_town):
            recipient = Person.objects.filter(uid=asked.recipient_uid).first()
    needs_yes = asked.place_kind == "other_home" and asked.recipient_uid != asked.carer_uid
    code = spoken_code()
    only: dict[int, dict[str, Any]] = {
        town: {} for town in sides_of(carer_town, place_town, supporter_town)
    }
    only[carer_town] |= {"carer": carer, "holds": holds, "spoken_code": code}
    only[place_town] |= {"recipient": recipient, "spoken_code": code}
    only[supporter_town] |= {"supporter": supporter}
    return twins_create(
        Visit,
        uid=uid,
        sides=[*only],
        common={
            "number": asked.number,
            "request_uid": asked.uid,
            "offer_uid": offer.uid,
            "carer_uid": asked.carer_uid,
            "supporter_uid": offer.supporter_uid,
            "recipient_uid": asked.recipient_uid,
            "carer_municipality_id": carer_town,
            "place_municipality_id": place_town,
            "supporter_municipality_id": supporter_town,
            "carer_card": _carer_card(carer, asked),
            "supporter_card": _supporter_card(supporter, supporter_town),
            "recipient_card": _recipient_card(asked),
            "category": asked.category,
            "starts_at": asked.starts_at,
            "ends_at": asked.ends_at,
            "during": (asked.starts_at, asked.ends_at),
            "area_name": asked.area_name,
            "area_code": _area_code(place, place_town),
            "place_label": asked.place_label,
            "address": asked.address,
            "latitude": asked.latitude,
            "longitude": asked.longitude,
            "memo": asked.memo,
            "amount_coins": offer.price_coins,
            "consent": Visit.Consent.ASKED if needs_yes else Visit.Consent.NOT_NEEDED,
            "reserved_at": clock.now(),
        },
        only=only,
    )


def _area_code(place: HelpRequest, place_town: int) -> str:
    if place.area_id is None:
        return ""
    with tenant(place_town):
        return str(place.area.code) if place.area else ""


def _town_name(municipality_id: int) -> str:
    return Municipality.objects.values_list("name", flat=True).get(pk=municipality_id)


def _carer_card(carer: Person, asked: HelpRequest) -> dict[str, Any]:
    return {
        "name": carer.name,
        "kana": carer.kana,
        "family_name": carer.family_name,
        "town": _town_name(asked.carer_municipality_id),
        "relation": asked.recipient_relation,
        "seed": carer.pk,
    }


def _supporter_card(supporter: Person, town: int) -> dict[str, Any]:
    with tenant(town):
        labels = [check.label for check in trust_checks_of(supporter)]
    return {
        "name": supporter.name,
        "kana": supporter.kana,
        "family_name": supporter.family_name,
        "town": _town_name(town),
        "trust": labels,
        "seed": supporter.pk,
    }


def _recipient_card(asked: HelpRequest) -> dict[str, Any]:
    if not asked.recipient_name:
        return {}
    born = asked.recipient_birth_date
    return {
        "name": asked.recipient_name,
        "birth_date": born.isoformat() if born else None,
        "relation": asked.recipient_relation,
        "note": asked.visitor_note,
    }
