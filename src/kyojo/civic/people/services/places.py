"""Places that a carer asks help for, and the people who live there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from kyojo.civic.municipalities.models import Area, Municipality
from kyojo.civic.municipalities.selectors import area_of_point, municipality_by_code
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.kernel import clock, geometry
from kyojo.kernel.errors import NotFound
from kyojo.kernel.geometry import Point

from .. import domain
from ..errors import ChoiceUnknown, OrderDiffers, PlaceTooFar, RecipientMissing, ValueMissing
from ..models import CarePlace, ConsentText, Person
from .acts import act_record
from .consenting import consent_ensure
from .members import person_register
from .minors import agreement_recheck

#: How far outside a municipality's outlines a place of it may lie: borders are drawn coarsely.
OUTSIDE_METRES = 2_000
#: The same from its middle, where no outline was imported. Only tells the other end of the country:
#: islands lie up to 300 km from their office (小笠原村, 十島村).
FAR_METRES = 500_000


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """The person at a place, as the carer knows them. ``relation`` is what the carer calls them:
    母, 父, 弟 …"""

    family_name: str
    given_name: str
    family_kana: str
    given_kana: str
    birth_date: date | None = None
    phone: str = ""
    relation: str = ""


def care_place_add(
    *,
    carer: Person,
    uid: UUID,
    kind: str,
    label: str,
    address: str,
    latitude: float,
    longitude: float,
    place_municipality_id: int | None = None,
    recipient: Recipient | None = None,
    visitor_note: str = "",
) -> CarePlace:
    """A place for ``carer``; ``uid`` is the form's order id, the same again returns the place.

    ``place_municipality_id`` None means the carer's own, and "own_home" is always there. For
    "other_home" somebody lives there: the person becomes a member (recipient) of the place's
    municipality, in the same transaction. Who is registered there already, by reading and birth
    date, is taken as the same person, unchanged; neither answer nor record tells the carer.

    Raises ``ChoiceUnknown``, ``ValueMissing``, ``TextTooLong``, ``OutsideJapan``, ``PlaceTooFar``,
    ``RecipientMissing``, the refusals of names, ``OrderDiffers``, ``UnknownMunicipality``.
    """
    if kind not in CarePlace.Kind.values:
        raise ChoiceUnknown(field="kind", part="場所")
    own_home = kind == CarePlace.Kind.OWN_HOME
    town_id = current() if own_home or place_municipality_id is None else place_municipality_id
    if kind == CarePlace.Kind.OTHER_HOME and recipient is None:
        raise RecipientMissing(field="family_name")
    point = geometry.check_in_japan(latitude, longitude)
    fields = _words(label=label, address=address, visitor_note=visitor_note)
    with transaction.atomic():
        # Two presses of one button: the second waits, and finds the place.
        Person.objects.select_for_update(no_key=True).get(pk=carer.pk)
        before = CarePlace.objects.filter(uid=uid).first()
        if before is not None:
            if before.carer_id != carer.pk or before.address != fields["address"]:
                raise OrderDiffers()
            return before  # type: ignore[no-any-return]
        _note_agreed(carer, fields["visitor_note"])
        town = municipality_by_code(town_id)
        with tenant(town_id):
            area = area_of_point(point.latitude, point.longitude)
            if area is None:
                _near_checked(town, point)
        fields |= _recipient_fields(town_id, uid, recipient, fields["address"], point)
        place: CarePlace = CarePlace.objects.create(
            uid=uid,
            carer=carer,
            kind=kind,
            place_municipality=town,
            area_name=area.name if area else "",
            latitude=point.latitude,
            longitude=point.longitude,
            created_at=clock.now(),
            **fields,
        )
        agreement_recheck(person=carer)
    return place


def care_place_update(*, carer: Person, uid: UUID, label: str, visitor_note: str = "") -> CarePlace:
    """What the carer calls the place, and what visitors should know. A place that lies elsewhere
    is another place. Raises ``NotFound``, ``ValueMissing``, ``TextTooLong``."""
    place = _own_place(carer, uid)
    fields = _words(label=label, visitor_note=visitor_note)
    with transaction.atomic():
        _note_agreed(carer, fields["visitor_note"])
        CarePlace.objects.filter(pk=place.pk).update(**fields)
    for name, value in fields.items():
        setattr(place, name, value)
    return place


def care_place_remove(*, carer: Person, uid: UUID) -> None:
    """The place is not offered any more; requests made for it keep their own copy. Again: nothing
    changes. Raises ``NotFound``."""
    place = CarePlace.objects.filter(carer=carer, uid=uid).first()
    if place is None:
        raise NotFound()
    CarePlace.objects.filter(pk=place.pk, removed_at=None).update(removed_at=clock.now())


def _note_agreed(carer: Person, note: str) -> None:
    """Whoever writes what visitors should know agrees to the text that stands beside the field."""
    if note:
        consent_ensure(person=carer, kind=ConsentText.Kind.HEALTH)


def _own_place(carer: Person, uid: UUID) -> CarePlace:
    place = CarePlace.objects.filter(carer=carer, uid=uid, removed_at=None).first()
    if place is None:
        raise NotFound()
    return place  # type: ignore[no-any-return]


def _words(**given: str) -> dict[str, Any]:
    known = {
        "label": ("呼び方", 40),
        "address": ("住所", 200),
        "visitor_note": ("来る人に伝えること", 200),
    }
    fields = {}
    for name, value in given.items():
        part, limit = known[name]
        fields[name] = domain.words(value, part=part, field=name, limit=limit)
        if not fields[name] and name != "visitor_note":
            raise ValueMissing(field=name, part=part)
    return fields


def _near_checked(town: Municipality, point: Point) -> None:
    """Raises ``PlaceTooFar``. In the tenancy of ``town``."""
    outlines = Area.objects.filter(kind__in=(Area.Kind.MUNICIPALITY, Area.Kind.LIVING_AREA))
    shapes = list(outlines.values_list("geometry", flat=True))
    if shapes:
        near = any(
            geometry.distance_to_area_metres(shape, point) <= OUTSIDE_METRES for shape in shapes
        )
    elif town.latitude is None or town.longitude is None:
        near = True
    else:
        middle = Point(town.latitude, town.longitude)
        near = geometry.distance_metres(middle, point) <= FAR_METRES
    if not near:
        raise PlaceTooFar(field="address", municipality=town.name)


def _recipient_fields(
    town_id: int,
    place_uid: UUID,
    recipient: Recipient | None,
    address: str,
    point: Point,
) -> Mapping[str, Any]:
    """The recipient's columns of the place; makes the person where there is none yet."""
    if recipient is None:
        return {}
    relation = domain.words(recipient.relation, part="あなたとの関係", field="relation", limit=20)
    with tenant(town_id):
        person = _recipient_known(recipient)
        is_new = person is None
        person = person or person_register(
            family_name=recipient.family_name,
            given_name=recipient.given_name,
            family_kana=recipient.family_kana,
            given_kana=recipient.given_kana,
            birth_date=recipient.birth_date,
            phone=recipient.phone,
            roles=[domain.RECIPIENT],
        )
        if is_new:
            Person.objects.filter(pk=person.pk).update(
                address=address,
                latitude=point.latitude,
                longitude=point.longitude,
                area=area_of_point(point.latitude, point.longitude),
            )
        Person.objects.filter(pk=person.pk, recipient_since=None).update(
            recipient_since=clock.now()
        )
        act_record(
            actor=None,
            action="recipient_named",
            subject_kind="person",
            subject_id=person.uid,
            basis="carer",
            note=f"place {place_uid}",
        )
    # What the carer said, not what the register says: that would tell them about the register.
    family = domain.name_part(recipient.family_name, part="姓", field="family_name")
    given = domain.name_part(recipient.given_name, part="名", field="given_name")
    family_kana = domain.kana_part(recipient.family_kana, part="姓のふりがな", field="family_kana")
    given_kana = domain.kana_part(recipient.given_kana, part="名のふりがな", field="given_kana")
    return {
        "recipient_uid": person.uid,
        "recipient_name": f"{family} {given}",
        "recipient_kana": f"{family_kana} {given_kana}",
        "recipient_birth_date": recipient.birth_date,
        "recipient_relation": relation,
    }


def _recipient_known(recipient: Recipient) -> Person | None:
    """Who is registered in the current municipality with this reading and birth date."""
    if recipient.birth_date is None:
        return None
    wanted = domain.kana_key(recipient.family_kana, recipient.given_kana)
    born_then = Person.objects.filter(birth_date=recipient.birth_date, left_at=None).order_by("pk")
    for person in born_then:
        if domain.kana_key(person.family_kana, person.given_kana) == wanted:
            return person  # type: ignore[no-any-return]
    return None
