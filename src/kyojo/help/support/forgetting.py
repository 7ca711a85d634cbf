"""Forgetting a person in this room: visits stay as visits by and for nobody known."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import NOBODY_NAME, erased_as, towns_all
from kyojo.civic.people.models import CarePlace, Person, User
from kyojo.civic.people.services import notices_about_forget
from kyojo.help.requests.models import Series
from kyojo.kernel import clock

from .domain import HOLDING
from .models import (
    Dispute,
    Evidence,
    FirstMeeting,
    Photo,
    RefusedStep,
    Review,
    Ruling,
    SecondAdult,
    Tag,
    Visit,
    VisitStep,
)
from .services.fraud_devices import fraud_forget
from .services.notes import notes_forget
from .services.photos import photos_forget
from .services.warmth import warmth_forget

NOBODY_CARD = {"name": NOBODY_NAME, "kana": "", "family_name": NOBODY_NAME, "seed": 0}
#: Of a visit: where it was and what was said about it.
PLACE_EMPTY = {
    "place_label": "",
    "address": "",
    "latitude": None,
    "longitude": None,
    "memo": "",
    "spoken_code": "",
}
#: What stands where somebody's words were.
WORDS_GONE = "（消しました）"


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words. Of the current municipality."""
    if _visits_of(person.uid).filter(state__in=HOLDING).exists():
        return ["これからの支援か、精算の終わっていない支援"]
    return []


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person`` in every town: cards, places, words, positions,
    cards and buttons at home, beacons, what others were told. States, times and coins stay.
    Again: changes nothing."""
    nobody = erased_as(person)
    places = _places_of(person)
    ids = {person.uid, *_ids_around(person.uid)}
    for code in towns_all():
        with transaction.atomic(), tenant(code):
            _notices_forget(person.uid, ids)
            photos_forget(person_uid=person.uid)
            warmth_forget(person_uid=person.uid)
            fraud_forget(person_uid=person.uid)
            _visits_forget(person.uid, nobody)
            _words_forget(person.uid, nobody)
            _tags_forget(person.uid, nobody, places)
            _meetings_forget(person.uid, nobody)
            VisitStep.objects.filter(actor_uid=person.uid).update(actor_uid=None)
            RefusedStep.objects.filter(actor_uid=person.uid).update(actor_uid=None)


def _visits_of(uid: UUID) -> QuerySet[Any]:
    return Visit.objects.filter(Q(carer_uid=uid) | Q(supporter_uid=uid) | Q(recipient_uid=uid))


def _places_of(person: Person) -> list[UUID]:
    with tenant(person.municipality_id):
        return list(CarePlace.objects.filter(carer=person).values_list("uid", flat=True))


def _ids_around(uid: UUID) -> set[UUID]:
    """Of the visits, requests, questions and series in which the person is, in every town."""
    ids: set[UUID] = set()
    for code in towns_all():
        with tenant(code):
            for found in _visits_of(uid).values_list("uid", "request_uid", "offer_uid"):
                ids.update(found)
            series = Series.objects.filter(Q(carer__uid=uid) | Q(supporter_uid=uid))
            ids.update(series.values_list("uid", flat=True))
    return ids


def _notices_forget(uid: UUID, ids: set[UUID]) -> None:
    """What the other people of this town were told about them."""
    others: set[int] = set()
    for row in _visits_of(uid).values_list("carer_id", "supporter_id", "recipient_id"):
        others |= {pk for pk in row if pk is not None}
    series = Series.objects.filter(supporter_uid=uid)
    others |= set(series.values_list("carer_id", flat=True))
    notices_about_forget(person_ids=others, ids=ids)


def _visits_forget(uid: UUID, nobody: UUID) -> None:
    own = Visit.objects.filter
    at_home = own(Q(carer_uid=uid) | Q(recipient_uid=uid))
    _evidence_forget(_visits_of(uid).values_list("uid", flat=True))
    at_home.update(**PLACE_EMPTY)
    notes_forget(Q(carer_uid=uid))
    own(carer_uid=uid).update(carer_card=NOBODY_CARD, carer_uid=nobody)
    own(supporter_uid=uid).update(
        supporter_card=NOBODY_CARD, supporter_note="", supporter_uid=nobody
    )
    own(recipient_uid=uid).update(recipient_card={}, recipient_uid=nobody)


def _evidence_forget(visits: Iterable[UUID]) -> None:
    """Positions and pictures are erased at once: the visits are over, and the score stays."""
    rows = Evidence.objects.filter(visit_uid__in=list(visits), purged_at=None)
    rows.exclude(position_encrypted=None).update(position_encrypted=None, purged_at=clock.now())


def _words_forget(uid: UUID, nobody: UUID) -> None:
    """What they wrote and what was written about them."""
    visits = list(_visits_of(nobody).values_list("uid", flat=True))
    Dispute.objects.filter(visit_uid__in=visits).update(words=WORDS_GONE, office_words="")
    Ruling.objects.filter(visit_uid__in=visits).update(words="", appeal_words="")
    Review.objects.filter(Q(writer_uid=uid) | Q(about_uid=uid)).update(message="", is_public=False)
    Review.objects.filter(writer_uid=uid).update(writer_uid=nobody)
    Review.objects.filter(about_uid=uid).update(about_uid=nobody)


def _tags_forget(uid: UUID, nobody: UUID, places: list[UUID]) -> None:
    """Cards and buttons at their home and the beacons they carry count no more, and are nobody's.
    A beacon's number could still be heard on them: it goes."""
    beacons = Tag.objects.filter(carrier_uid=uid)
    beacons.update(hardware_id="")
    theirs = Tag.objects.filter(Q(recipient_uid=uid) | Q(place_uid__in=places) | Q(carrier_uid=uid))
    theirs.filter(ended_at=None).update(ended_at=clock.now())
    theirs.update(key_sealed=None, label="", code_hash="")
    Tag.objects.filter(recipient_uid=uid).update(recipient_uid=nobody)
    beacons.update(carrier_uid=nobody)


def _meetings_forget(uid: UUID, nobody: UUID) -> None:
    """Who came along, who met whom before the first time, who took a picture."""
    Photo.objects.filter(taken_by_uid=uid).update(taken_by_uid=nobody)
    at_home = Visit.objects.filter(Q(carer_uid=nobody) | Q(recipient_uid=nobody)).values("uid")
    adults = Q(adult_uid=uid) | Q(by_uid=uid) | Q(visit_uid__in=at_home)
    SecondAdult.objects.filter(adults).update(name_sealed=None)
    SecondAdult.objects.filter(adult_uid=uid).update(adult_uid=nobody)
    SecondAdult.objects.filter(by_uid=uid).update(by_uid=nobody)
    for side in ("carer_uid", "supporter_uid", "recipient_uid"):
        FirstMeeting.objects.filter(**{side: uid}).update(**{side: nobody})
