"""Forgetting a person in the matching room: who was asked, what they did, what they applied for."""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.municipalities.twins import twins_locked, twins_save
from kyojo.civic.people.forgetting import coins_forget
from kyojo.civic.people.models import Person, User
from kyojo.civic.people.services import notices_forget
from kyojo.help.requests.models import HelpRequest
from kyojo.help.requests.services import asking_forget
from kyojo.kernel import clock
from kyojo.kernel.ids import new_id

from ..errors import StillPromised
from ..models import (
    Application,
    Ask,
    Offer,
    PairTally,
    ProjectMember,
    Proposal,
    SupporterBadges,
    SupporterRating,
    SupporterTally,
)
from ..project_selectors import memberships_of

State = Offer.State
#: What is left of a card: the keys that pages read, with nobody behind them.
NOBODY = {
    "name": "（退会した人）",
    "family_name": "（退会した人）",
    "kana": "",
    "age": "",
    "occupation": "",
    "introduction": "",
    "badges": [],
    "reasons": [],
    "reason_codes": [],
    "way": "",
    "rating": {"mean": "", "count": 0, "tags": []},
    "free": [],
    "person_id": None,
}


def person_forget(*, person: Person, by: User | None = None, basis: str = "") -> None:
    """Erase what matching knows of ``person``, after ``coins_forget``, in every town.

    Questions stay as questions to nobody: their cards are emptied, and they and the log that
    chances are learned from carry one fresh id that leads to no person. Counts of visits, ratings,
    plans, teams, applications and what this room told others by name are deleted. The ledger
    and its log stay whole. It cannot be undone, so it is no part of leaving. Again: changes
    nothing.

    Raises ``StillPromised`` for who is asked or booked for what is still to come, and as
    ``coins_forget``.
    """
    with transaction.atomic(), tenant(person.municipality_id):
        offers = _offers_of(person)
        for _, _, state, ends_at in offers:
            stands = state in (State.NOTIFIED, State.ACCEPTED)
            if stands or (state == State.CHOSEN and ends_at > clock.now()):
                raise StillPromised()
        if memberships_of(person):
            raise StillPromised()
        nobody = new_id()
        # Questions before people, as everywhere.
        for uid, *_ in sorted(offers):
            _card_empty(uid, nobody)
        # The one lock that a new question's pointer to them waits for, unlike ``persons_lock``: who
        # asked a moment ago is answered first.
        Person.objects.select_for_update().get(pk=person.pk)
        if _offers_of(person):
            raise StillPromised()
        _notices_forget(person, [uid for uid, *_ in offers], [town for _, town, *_ in offers])
        coins_forget(person=person, by=by, basis=basis)
        SupporterTally.objects.filter(person=person).delete()
        SupporterRating.objects.filter(person=person).delete()
        SupporterBadges.objects.filter(person=person).delete()
        ProjectMember.objects.filter(person=person).delete()
        Application.objects.filter(person_uid=person.uid).delete()
        for town in _towns_of(person, {carer_town for _, carer_town, *_ in offers}):
            with tenant(town):
                _pairs_forget(person.uid)
                asking_forget(person_uid=person.uid)
                Ask.objects.filter(supporter_uid=person.uid).update(supporter_uid=nobody)
                Proposal.objects.filter(supporter_uid=person.uid).delete()


def _offers_of(person: Person) -> list[tuple[UUID, int, str, datetime]]:
    return list(
        Offer.objects.filter(supporter=person).values_list(
            "uid", "carer_municipality_id", "state", "ends_at"
        )
    )


def _notices_forget(person: Person, uids: list[UUID], carer_towns: list[int]) -> None:
    """What names ``person``: to carers, that they answered or did not; to supporters, that they
    ask. And what named others to themselves."""
    keys: dict[int, list[str]] = defaultdict(list)
    for uid, town in zip(uids, carer_towns, strict=True):
        keys[town] += [f"request:{uid}:{event}" for event in ("accepted", "declined", "lapsed")]
        keys[person.municipality_id].append(f"offer:{uid}:asked")
    own = HelpRequest.objects.filter(carer=person).order_by().values("uid")
    asked = Offer.objects.filter(request_uid__in=own).order_by()
    for uid, town in asked.values_list("uid", "supporter_municipality_id"):
        keys[town].append(f"offer:{uid}:asked")
        keys[person.municipality_id] += [
            f"request:{uid}:{event}" for event in ("accepted", "declined", "lapsed")
        ]
    for town in sorted(keys):
        with tenant(town):
            notices_forget(keys=keys[town])


def _card_empty(uid: UUID, nobody: UUID) -> None:
    with twins_locked(Offer, uid=uid, start=current()) as rows:
        own = next(iter(rows.values()))
        card = NOBODY | {"uid": str(nobody), "municipality_id": own.supporter_municipality_id}
        twins_save(rows, supporter_uid=nobody, supporter=None, card=card, distance_m=0)


def _pairs_forget(uid: UUID) -> None:
    PairTally.objects.filter(
        Q(supporter_uid=uid) | Q(carer_uid=uid) | Q(recipient_uid=uid)
    ).delete()


def _towns_of(person: Person, carer_towns: set[int]) -> list[int]:
    """Where somebody may have noted them: their own town, those of the carers who asked them, and
    those of the carers for whose recipient they were visited."""
    asked_for = HelpRequest.objects.filter(recipient_uid=person.uid).values_list(
        "carer_municipality_id", flat=True
    )
    known = Municipality.objects.values_list("id", flat=True)
    return sorted({person.municipality_id, *carer_towns, *asked_for} & set(known))
