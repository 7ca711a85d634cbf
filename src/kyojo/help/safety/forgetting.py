"""Forgetting a person in this room: that there was an alarm, a worry or an accident stays. Whom it
was about, what was said and where a phone was does not."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.sealing import seal, unseal
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.forgetting import NOBODY_NAME, erased_as, towns_all
from kyojo.civic.people.models import Person, User
from kyojo.help.support.models import Visit

from .models import Accident, Emergency, EmergencyNote, RosterCopy, Worry


def person_stops(person: Person) -> list[str]:
    """What has to end first, in words, wherever it stands."""
    found = []
    emergencies = accidents = False
    for code in towns_all():
        with tenant(code):
            visits = _visits_of(person.uid)
            emergencies |= (
                Emergency.objects.filter(Q(visit_uid__in=visits) | Q(by_uid=person.uid))
                .exclude(state=Emergency.State.CLOSED)
                .exists()
            )
            accidents |= Accident.objects.filter(
                Q(visit_uid__in=visits) | Q(by_uid=person.uid),
                state__in=(Accident.State.REPORTED, Accident.State.SENT),
            ).exists()
    if emergencies:
        found.append("終わっていない、助けを求める知らせ")
    if accidents:
        found.append("終わっていない事故の報告")
    return found


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what this room knows of ``person`` in every town. Runs before the support room forgets
    whose visits were whose. Again: changes nothing."""
    nobody = erased_as(person)
    for code in towns_all():
        with transaction.atomic(), tenant(code):
            visits = _visits_of(person.uid)
            _emergencies_forget(person.uid, nobody, visits)
            _worries_forget(person.uid, nobody, visits)
            _accidents_forget(person.uid, nobody, visits)
    with transaction.atomic(), tenant(person.municipality_id):
        _rosters_forget(person)


def _visits_of(uid: UUID) -> list[UUID]:
    theirs = Q(carer_uid=uid) | Q(supporter_uid=uid) | Q(recipient_uid=uid)
    return list(Visit.objects.filter(theirs).values_list("uid", flat=True))


def _emergencies_forget(uid: UUID, nobody: UUID, visits: list[UUID]) -> None:
    around = Emergency.objects.filter(Q(visit_uid__in=visits) | Q(by_uid=uid))
    EmergencyNote.objects.filter(emergency__in=around).update(words_sealed=None)
    Emergency.objects.filter(by_uid=uid).update(by_uid=nobody, by_user=None, position_sealed=None)


def _worries_forget(uid: UUID, nobody: UUID, visits: list[UUID]) -> None:
    """What was said about them goes; what they said about somebody else stays with the centre,
    without who said it, and so does what was said about their family, without their name."""
    Worry.objects.filter(about_uid=uid).update(
        content_sealed=None, answer_sealed=None, closing_sealed=None, about_uid=nobody
    )
    around = Worry.objects.select_for_update().filter(Q(reporter_uid=uid) | Q(visit_uid__in=visits))
    for row in around:
        if row.content_sealed is not None:
            said = unseal(row.content_sealed)
            if row.reporter_uid == uid:
                said["reporter"] = {}
            else:
                said["about"] = said["about"] | {"family": ""}
            row.content_sealed = seal(said)
        if row.reporter_uid == uid:
            row.reporter_uid = nobody
        row.save(update_fields=["content_sealed", "reporter_uid"])


def _accidents_forget(uid: UUID, nobody: UUID, visits: list[UUID]) -> None:
    Accident.objects.filter(Q(visit_uid__in=visits) | Q(by_uid=uid)).update(
        content_sealed=None, settled_note_sealed=None
    )
    Accident.objects.filter(by_uid=uid).update(by_uid=nobody, by_user=None)


def _rosters_forget(person: Person) -> None:
    """Their lines of the copies are emptied; how many there were stays."""
    for copy in RosterCopy.objects.select_for_update():
        lines = unseal(copy.rows_sealed)
        kept = [
            [NOBODY_NAME] + [""] * (len(line) - 1) if _is_of(line, person) else line
            for line in lines
        ]
        if kept != lines:
            copy.rows_sealed = seal(kept)
            copy.save(update_fields=["rows_sealed"])


def _is_of(line: list[str], person: Person) -> bool:
    return person.number in line or person.name in line
