"""What kinds of help ask of whoever comes, and who lacks it: for supporters, and for the office.

Runs inside ``tenancy.tenant``; opens the towns of the people and places by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.models import Person, TrustCheck
from kyojo.civic.people.selectors import skills_of
from kyojo.civic.people.trust import Held, Missing, missing, missing_sentence
from kyojo.civic.people.trust_selectors import held_of
from kyojo.civic.programmes.domain import CoinRules
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import CATEGORIES, category
from kyojo.help.requests.models import HelpRequest
from kyojo.kernel import clock

from .models import Offer


@dataclass(frozen=True)
class Needed:
    """A kind of help and what somebody lacks for it."""

    code: str
    name: str
    missing: tuple[Missing, ...]

    @property
    def sentence(self) -> str:
        return missing_sentence(self.name, self.missing)


def still_needed(person: Person, *, codes: Iterable[str] | None = None) -> list[Needed]:
    """For each kind of help that ``person`` offers (or ``codes``) what they lack today by the rules
    of their own town; kinds for which they lack nothing are left out."""
    rules = _rules()
    if rules is None:
        return []
    offered = {skill.category for skill in skills_of(person)} if codes is None else set(codes)
    held = held_of(person)
    found = [
        Needed(kind.code, kind.name, _lacking(rules, kind.code, held, clock.today()))
        for kind in CATEGORIES
        if kind.code in offered and rules.category_allowed(kind.code)
    ]
    return [one for one in found if one.missing]


def trust_lacking(
    *, category_code: str, place_town: int, supporter_town: int, supporter_uid: UUID, day: date
) -> tuple[Missing, ...]:
    """What a supporter lacks for help at a place of ``place_town`` on ``day``; empty: nothing."""
    rules = _rules_of(place_town)
    if rules is None or not rules.category_allowed(category_code):
        return ()
    with tenant(supporter_town):
        rows = TrustCheck.objects.filter(person__uid=supporter_uid, withdrawn_at=None)
        held = [Held(*row) for row in rows.values_list("kind", "label", "valid_until")]
    return _lacking(rules, category_code, held, day)


def _rules() -> CoinRules | None:
    try:
        return programme_current()[1]
    except ProgrammeMissing:
        return None


def _lacking(rules: CoinRules, code: str, held: list[Held], day: date) -> tuple[Missing, ...]:
    return missing(
        needed=rules.trust_needed(code), course=rules.training_needed(code), held=held, day=day
    )


# --- for the office -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Doubtful:
    """Help that is settled, and whose supporter will not have what it asks for on the day."""

    offer_uid: UUID
    request_uid: UUID
    starts_at: datetime
    what: str
    supporter_uid: UUID
    supporter: str
    number: str
    is_ours: bool
    missing: tuple[Missing, ...]

    @property
    def lacks(self) -> str:
        return "、".join(
            f"{one.name}（{one.ended_on:%-m月%-d日}まで）" if one.ended_on else one.name
            for one in self.missing
        )


def bookings_doubtful() -> list[Doubtful]:
    """Bookings to come at places or of supporters of the current town, the nearest first."""
    here = current()
    offers = list(
        Offer.objects.filter(state=Offer.State.CHOSEN, starts_at__gt=clock.now())
        .defer("holds")
        .order_by("starts_at")
    )
    # Supporters are of the carer's or the place's town, so the request stands here as well.
    places = dict(
        HelpRequest.objects.filter(uid__in={one.request_uid for one in offers}).values_list(
            "uid", "place_municipality_id"
        )
    )
    offers = [one for one in offers if here in (places.get(one.request_uid), _home(one))]
    rules = {place: _rules_of(place) for place in set(places.values())}
    held = _held_by_uid(offers)
    found = []
    for offer in offers:
        of_place = rules.get(places.get(offer.request_uid, 0))
        if of_place is None or not of_place.category_allowed(offer.category):
            continue
        number, checks = held.get(offer.supporter_uid, ("", []))
        day = clock.local(offer.starts_at).date()
        lacking = _lacking(of_place, offer.category, checks, day)
        if lacking:
            found.append(_doubtful(offer, lacking, number))
    return found


def _home(offer: Offer) -> int:
    return int(offer.supporter_municipality_id)


def _rules_of(town: int) -> CoinRules | None:
    with tenant(town):
        return _rules()


def _held_by_uid(offers: list[Offer]) -> dict[UUID, tuple[str, list[Held]]]:
    """Number and checks of the supporters of these offers, read in their own towns."""
    found: dict[UUID, tuple[str, list[Held]]] = {}
    for town in {_home(one) for one in offers}:
        uids = {one.supporter_uid for one in offers if _home(one) == town}
        with tenant(town):
            people = Person.objects.filter(uid__in=uids).values_list("uid", "number")
            found |= {uid: (number, []) for uid, number in people}
            checks = TrustCheck.objects.filter(person__uid__in=uids, withdrawn_at=None)
            for uid, *row in checks.values_list("person__uid", "kind", "label", "valid_until"):
                found[uid][1].append(Held(*row))
    return found


def _doubtful(offer: Offer, lacking: tuple[Missing, ...], number: str) -> Doubtful:
    return Doubtful(
        offer_uid=offer.uid,
        request_uid=offer.request_uid,
        starts_at=offer.starts_at,
        what=category(offer.category).name,
        supporter_uid=offer.supporter_uid,
        supporter=str(offer.card.get("name", "")),
        number=number,
        is_ours=_home(offer) == current(),
        missing=lacking,
    )
