"""Cards for tomorrow, letters for the family, gifts: as each may see them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.conf import settings

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.sealing import unseal, unseal_bytes
from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.civic.people.domain import reading
from kyojo.civic.people.models import Person
from kyojo.civic.programmes.errors import ProgrammeMissing
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound

from .domain import State
from .models import FamilyLink, Gift, Letter, Visit
from .selectors import HOUSE_OPEN, VisitView
from .services.warmth import portrait_of_visit
from .warmth import shared_word


# --- the card -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class HouseCard:
    """What the person visited holds in their hand: who comes, when, what for, the shared word.

    ``names``, ``readings``: family and given name, and how each is read.
    """

    visit_uid: UUID
    house: str
    starts_at: datetime
    ends_at: datetime
    category: str
    names: tuple[str, ...]
    readings: tuple[str, ...]
    seed: object
    word: str
    office: str
    phone: str
    face: bytes | None

    @property
    def name_parts(self) -> list[tuple[str, str]]:
        return list(zip(self.names, self.readings, strict=False))


def word_of(visit_uid: UUID) -> str:
    """The shared word of a visit."""
    return shared_word(visit_uid, key=settings.SECRET_KEY.encode())


def card_of(visit: Visit | VisitView) -> HouseCard:
    """The card of a visit, for the house, the carer and the place's office."""
    if isinstance(visit, VisitView):
        supporter, recipient, carer = visit.supporter, visit.recipient, visit.carer
        kind = visit.category
    else:
        supporter, carer = visit.supporter_card, visit.carer_card
        recipient, kind = visit.recipient_card, category_of(visit.category)
    town = Municipality.objects.get(pk=visit.place_municipality_id)
    return HouseCard(
        visit_uid=visit.uid,
        house=str(recipient.get("name") or carer.get("name", "")),
        starts_at=visit.starts_at,
        ends_at=visit.ends_at,
        category=kind.name,
        names=tuple(str(supporter["name"]).split(" ")),
        readings=tuple(reading(str(supporter.get("kana", ""))).split(" ")),
        seed=supporter.get("seed", ""),
        word=word_of(visit.uid),
        office=town.office_name,
        phone=town.office_phone,
        face=portrait_of_visit(visit.uid, visit.supporter_municipality_id),
    )


def cards_on(day: date) -> list[HouseCard]:
    """The cards of all visits that this town's houses have on ``day`` and said yes to."""
    found = Visit.objects.filter(
        place_municipality_id=current(),
        state=State.SCHEDULED,
        consent__in=HOUSE_OPEN,
        starts_at__gte=clock.at(day, 0),
        starts_at__lt=clock.at(day + timedelta(days=1), 0),
    ).order_by("starts_at", "uid")
    return [card_of(visit) for visit in found]


# --- letters --------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """A letter as the family reads it: no family name of who came beyond what the carer knows."""

    uid: UUID
    at: datetime
    words: str
    has_picture: bool
    by: str
    what: str


def letters_of(carer: Person) -> list[Line]:
    """What came to this carer, the newest first."""
    return _lines(Letter.objects.filter(carer_uid=carer.uid, removed_at=None)[:100])


def letters_about(person: Person) -> list[Line]:
    """What was sent about ``person`` as the one visited, for themselves."""
    found: list[Line] = []
    towns = Visit.objects.filter(recipient=person).order_by()
    for town in sorted(set(towns.values_list("carer_municipality_id", flat=True))):
        with tenant(town):
            rows = Letter.objects.filter(recipient_uid=person.uid, removed_at=None)[:100]
            found += _lines(rows)
    return sorted(found, key=lambda line: line.at, reverse=True)


def _lines(rows: object) -> list[Line]:
    letters: list[Letter] = list(rows)  # type: ignore[call-overload]
    visits = {
        one.uid: one for one in Visit.objects.filter(uid__in=[row.visit_uid for row in letters])
    }
    return [
        Line(
            uid=row.uid,
            at=row.at,
            words=str(unseal(bytes(row.words_sealed))) if row.words_sealed is not None else "",
            has_picture=row.picture_sealed is not None,
            by=str(visits[row.visit_uid].supporter_card["family_name"])
            if row.visit_uid in visits
            else "",
            what=category_of(visits[row.visit_uid].category).name
            if row.visit_uid in visits
            else "",
        )
        for row in letters
    ]


def letter_picture(*, uid: UUID, carer_uid: UUID) -> bytes:
    """The picture of a letter to this carer, in the carer's town. Raises ``NotFound``."""
    row = Letter.objects.filter(uid=uid, carer_uid=carer_uid, removed_at=None).first()
    if row is None or row.picture_sealed is None:
        raise NotFound()
    return unseal_bytes(row.picture_sealed)


def letter_of_visit(view: VisitView) -> Line | None:
    """What was sent after this visit."""
    with tenant(view.carer_municipality_id):
        found = _lines(Letter.objects.filter(visit_uid=view.uid, removed_at=None))
    return found[0] if found else None


@dataclass(frozen=True)
class Link:
    uid: UUID
    label: str
    until: datetime
    seen_at: datetime | None
    is_over: bool


def family_links(carer: Person) -> list[Link]:
    """The addresses that the carer gave, those that still open first."""
    rows = FamilyLink.objects.filter(carer=carer)[:50]
    found = [
        Link(
            uid=row.uid,
            label=str(unseal(bytes(row.label_sealed))),
            until=row.until,
            seen_at=row.seen_at,
            is_over=row.ended_at is not None or row.until <= clock.now(),
        )
        for row in rows
    ]
    return sorted(found, key=lambda link: link.is_over)


# --- gifts ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Given:
    words: str
    worth_yen: int


def gift_of_visit(view: VisitView) -> Given | None:
    """The small thing that was given at this visit."""
    with tenant(view.supporter_municipality_id):
        row = Gift.objects.filter(visit_uid=view.uid).first()
    if row is None:
        return None
    words = str(unseal(row.words_sealed)) if row.words_sealed is not None else ""
    return Given(words, row.worth_yen)


def gift_most(place_municipality_id: int) -> int:
    """What a gift may be worth there, in yen; 0: none is given."""
    with tenant(place_municipality_id):
        try:
            return programme_current()[1].gift_most_yen
        except ProgrammeMissing:
            return 0
