"""Reads of the support room. They run inside ``tenancy.tenant`` of whoever looks; what stands in
the place's town (evidence) is read there."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from kyojo.civic.municipalities.sealing import unseal_bytes
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.people.consent_selectors import agreed_among
from kyojo.civic.people.models import ConsentText, Person
from kyojo.civic.programmes.domain import CoinRules, EvidenceRule
from kyojo.civic.programmes.selectors import programme_current
from kyojo.help.requests.domain import Category
from kyojo.help.requests.domain import category as category_of
from kyojo.kernel import clock
from kyojo.kernel.errors import NotFound
from kyojo.kernel.text import chome

from . import domain, evidence
from .desk_selectors import appeals_open as appeals_open
from .desk_selectors import codes_locked as codes_locked
from .desk_selectors import consents_waiting as consents_waiting
from .desk_selectors import decider_there as decider_there
from .desk_selectors import disputes_open as disputes_open
from .desk_selectors import ended_unsaid as ended_unsaid
from .desk_selectors import named_by_ruler as named_by_ruler
from .desk_selectors import refused_steps as refused_steps
from .desk_selectors import rulings_of as rulings_of
from .desk_selectors import visit_steps as visit_steps
from .domain import HOLDING, Role, State
from .models import (
    Dispute,
    Evidence,
    Photo,
    Review,
    Ruling,
    Visit,
)
from .review_selectors import Said, said_of
from .review_selectors import reviews_about as reviews_about
from .review_selectors import reviews_of_visit as reviews_of_visit
from .review_selectors import reviews_trouble as reviews_trouble
from .review_selectors import tags_public as tags_public
from .sealed import unseal
from .tag_selectors import buttons_troubled as buttons_troubled
from .tag_selectors import gateways as gateways
from .tag_selectors import signals_refused as signals_refused
from .tag_selectors import tags_of as tags_of


@dataclass(frozen=True)
class Seen:
    """One position as the parties may see it. Erased ones have no coordinates, and none has any
    for whoever may not see the address."""

    at: datetime
    moment: str
    kind: str
    distance_m: int | None
    accuracy_m: int | None
    is_near: bool
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class PhotoView:
    """A photo that was taken at a visit. ``is_there`` until it is erased."""

    uid: UUID
    moment: str
    at: datetime
    is_there: bool


@dataclass(frozen=True)
class VisitView:
    """A visit as one of its people may see it.

    ``role``: carer, supporter or recipient. ``spoken_code`` is "" for the supporter.
    ``reasons``: (text, good). Cards hold what each may know of the others.
    """

    uid: UUID
    role: str
    number: str
    request_uid: UUID
    offer_uid: UUID
    category: Category
    state: str
    state_label: str
    starts_at: datetime
    ends_at: datetime
    carer: dict[str, Any]
    supporter: dict[str, Any]
    recipient: dict[str, Any]
    carer_municipality_id: int
    place_municipality_id: int
    supporter_municipality_id: int
    area_name: str
    place_label: str
    address: str
    latitude: float | None
    longitude: float | None
    memo: str
    amount_coins: int
    consent: str
    consent_basis: str
    spoken_code: str
    code_is_locked: bool
    heading_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    confirm_until: datetime | None
    confirmed_at: datetime | None
    confirmed_by: str
    settled_at: datetime | None
    settled_coins: int | None
    decision: str
    reasons: list[tuple[str, bool]]
    supporter_note: str
    receipt_code: str
    closed_reason: str
    opens_at: datetime
    closes_at: datetime
    purge_on: date
    seen: list[Seen] = field(default_factory=list)
    dispute: Dispute | None = None
    ruling: Ruling | None = None
    #: Until when the office means to have decided an objection.
    appeal_due_at: datetime | None = None
    photos_allowed: bool = False
    photos: list[PhotoView] = field(default_factory=list)
    #: What the carer and what the supporter said, as far as this one may read it, and the line
    #: back; when what the other says opens at the latest, and whether this one may still write.
    review: Said | None = None
    review_back: Said | None = None
    answer: Review | None = None
    reveals_at: datetime | None = None
    can_review: bool = False
    #: The address without its numbers, and whether the whole one may be shown to this person now.
    neighbourhood: str = ""
    address_is_open: bool = True

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds() // 60)

    @property
    def spent_minutes(self) -> int | None:
        if self.started_at is None or self.ended_at is None:
            return None
        return round((self.ended_at - self.started_at).total_seconds() / 60)

    @property
    def recipient_age(self) -> int | None:
        born = self.recipient.get("birth_date")
        return clock.age_on(date.fromisoformat(born), clock.today()) if born else None

    @property
    def is_over(self) -> bool:
        return self.state not in HOLDING

    @property
    def house_is_open(self) -> bool:
        return self.consent in HOUSE_OPEN

    @property
    def address_opens_on(self) -> date:
        """From when on whoever comes sees the whole address."""
        return domain.address_opens_on(clock.local(self.starts_at).date())

    @property
    def sureness(self) -> str:
        return evidence.sureness(self.decision)

    @property
    def ruling_waits(self) -> bool:
        """Whether a ruling about the coins is still to be carried out."""
        return self.ruling is not None and self.ruling.ended_at is None

    @property
    def asks_my_word(self) -> bool:
        """Whether the ruling waits for this person's 「わかりました」 or their objection."""
        one = self.ruling
        return (
            one is not None
            and one.ended_at is None
            and one.appealed_at is None
            and one.asks(self.role)
            and not one.agreed(self.role)
        )

    @property
    def may_appeal(self) -> bool:
        until = self.ruling.appeal_until if self.ruling else None
        return self.asks_my_word and until is not None and clock.now() < until

    @property
    def appeal_last_day(self) -> date | None:
        """The last day on which somebody may object."""
        until = self.ruling.appeal_until if self.ruling else None
        return clock.local(until - timedelta(minutes=1)).date() if until else None

    @property
    def can_report_absence(self) -> bool:
        """Whether the time has come to say that nobody came, or that nobody opened."""
        return (
            self.state == State.SCHEDULED and clock.now() >= self.starts_at + domain.NO_SHOW_AFTER
        )


def visit_for(person: Person, uid: UUID) -> VisitView:
    """The visit as ``person`` may see it: as its carer, else its supporter, else as the person
    it is for. Raises ``NotFound`` for everybody else, as for a visit that does not exist."""
    found = visits_for(person, [uid])
    if not found:
        raise NotFound()
    return found[0]


def visits_for(
    person: Person, uids: Iterable[UUID], *, own_points: bool = False
) -> list[VisitView]:
    """Those of the visits that ``person`` may see, the soonest first, each as in ``visit_for``.
    Each town is asked once, however many visits. ``own_points``: where they stood themselves, as
    long as it is kept, also when the address is shown no more."""
    wanted = list(uids)
    visits = [
        (visit, role)
        for visit in Visit.objects.filter(uid__in=wanted).order_by("starts_at", "uid")
        if (role := _role_of(visit, person)) is not None
    ]
    around = _around([visit for visit, _ in visits])
    reviews: dict[UUID, list[Review]] = defaultdict(list)
    for review in Review.objects.filter(visit_uid__in=[visit.uid for visit, _ in visits]):
        reviews[review.visit_uid].append(review)
    agreed = _health_agreed(visits)
    return [
        _view(
            visit,
            role,
            around[visit.uid],
            reviews[visit.uid],
            shows_note=role is Role.CARER or visit.carer_uid in agreed,
            own_points=own_points,
        )
        for visit, role in visits
    ]


def _health_agreed(visits: Iterable[tuple[Visit, Role]]) -> set[UUID]:
    """The carers whose words about health may be read: who agrees to it today, whenever they wrote
    them. Each is asked for in their own town."""
    by_town: dict[int, set[UUID]] = defaultdict(set)
    for visit, role in visits:
        if role is not Role.CARER and visit.recipient_card.get("note"):
            by_town[visit.carer_municipality_id].add(visit.carer_uid)
    found: set[UUID] = set()
    for town, uids in by_town.items():
        with tenant(town):
            found |= agreed_among(uids, ConsentText.Kind.HEALTH)
    return found


def _role_of(visit: Visit, person: Person) -> Role | None:
    for role, pk in (
        (Role.CARER, visit.carer_id),
        (Role.SUPPORTER, visit.supporter_id),
        (Role.RECIPIENT, visit.recipient_id),
    ):
        if pk is not None and pk == person.pk:
            return role
    return None


@dataclass(frozen=True)
class _Around:
    """What the place's town knows of a visit: its rules, the evidence, the newest dispute and
    the newest ruling."""

    rules: CoinRules
    records: list[Evidence]
    dispute: Dispute | None
    ruling: Ruling | None
    photos: list[PhotoView]

    @property
    def rule(self) -> EvidenceRule:
        return self.rules.evidence


def _around(visits: Iterable[Visit]) -> dict[UUID, _Around]:
    by_town: dict[int, list[UUID]] = defaultdict(list)
    for visit in visits:
        by_town[visit.place_municipality_id].append(visit.uid)
    found: dict[UUID, _Around] = {}
    for town, uids in by_town.items():
        with tenant(town):
            rules = programme_current()[1]
            records: dict[UUID, list[Evidence]] = defaultdict(list)
            for row in Evidence.objects.filter(visit_uid__in=uids):
                records[row.visit_uid].append(row)
            of_town = Dispute.objects.filter(visit_uid__in=uids).order_by("opened_at")
            disputes = {dispute.visit_uid: dispute for dispute in of_town}
            of_town = Ruling.objects.filter(visit_uid__in=uids).order_by("number")
            rulings = {ruling.visit_uid: ruling for ruling in of_town}
            photos = photos_of(
                uid
                for uid, rows in records.items()
                if any(row.kind == evidence.Kind.PHOTO for row in rows)
            )
        found |= {
            uid: _Around(
                rules, records[uid], disputes.get(uid), rulings.get(uid), photos.get(uid, [])
            )
            for uid in uids
        }
    return found


def photos_of(visit_uids: Iterable[UUID]) -> dict[UUID, list[PhotoView]]:
    """The photos of these visits, in the order they came, without the pictures. Inside the
    place's town."""
    wanted = list(visit_uids)
    found: dict[UUID, list[PhotoView]] = defaultdict(list)
    if wanted:
        rows = Photo.objects.filter(visit_uid__in=wanted)
        for visit_uid, uid, moment, at, purged_at in rows.values_list(
            "visit_uid", "uid", "moment", "at", "purged_at"
        ):
            found[visit_uid].append(PhotoView(uid, moment, at, purged_at is None))
    return found


def photo_for(person: Person, visit_uid: UUID, uid: UUID) -> bytes:
    """The picture, for whoever has a part in its visit. Raises ``NotFound``, also once it is
    erased."""
    visit = Visit.objects.filter(uid=visit_uid).first()
    if visit is None or _role_of(visit, person) is None:
        raise NotFound()
    with tenant(visit.place_municipality_id):
        return photo_here(visit_uid, uid)


def photo_here(visit_uid: UUID, uid: UUID) -> bytes:
    """The picture, for this town's desk. Raises ``NotFound``, also once it is erased."""
    sealed = (
        Photo.objects.filter(visit_uid=visit_uid, uid=uid, picture_encrypted__isnull=False)
        .values_list("picture_encrypted", flat=True)
        .first()
    )
    if sealed is None:
        raise NotFound()
    return unseal_bytes(sealed)


SHARED = (
    "uid", "number", "request_uid", "offer_uid", "state", "starts_at", "ends_at",
    "carer_municipality_id",
    "place_municipality_id", "supporter_municipality_id", "area_name", "place_label", "address",
    "latitude", "longitude", "memo", "amount_coins", "consent", "consent_basis", "heading_at",
    "started_at", "ended_at", "confirm_until", "confirmed_at", "confirmed_by", "settled_at",
    "settled_coins", "decision", "supporter_note", "receipt_code", "closed_reason",
    "photos_allowed",
)  # fmt: skip


#: Only after the yes of the person who lives there does the supporter learn who and where it is.
HOUSE_OPEN = (Visit.Consent.NOT_NEEDED, Visit.Consent.GIVEN)
HOUSE_CLOSED: dict[str, Any] = {"address": "", "latitude": None, "longitude": None}


def house_hidden(visit: Visit, role: Role) -> bool:
    return role is Role.SUPPORTER and visit.consent not in HOUSE_OPEN


def _address_shut(visit: Visit, role: Role) -> bool:
    """Whether it is too early, or too late, for whoever comes to see where exactly it is."""
    return role is Role.SUPPORTER and not domain.address_is_open(
        visit.state,
        starts_on=clock.local(visit.starts_at).date(),
        ends_on=clock.local(visit.ends_at).date(),
        today=clock.today(),
    )


def _view(
    visit: Visit,
    role: Role,
    around: _Around,
    reviews: list[Review],
    *,
    shows_note: bool,
    own_points: bool,
) -> VisitView:
    rule = around.rule
    opens, closes = evidence.window(visit.starts_at, visit.ends_at, rule)
    hidden = house_hidden(visit, role)
    shut = hidden or _address_shut(visit, role)
    shared = {name: getattr(visit, name) for name in SHARED}
    return VisitView(
        **(shared | HOUSE_CLOSED if shut else shared),
        neighbourhood="" if hidden else chome(visit.address),
        address_is_open=not shut,
        role=str(role),
        category=category_of(visit.category),
        state_label=str(Visit.State(visit.state).label),
        carer=visit.carer_card,
        supporter=visit.supporter_card,
        recipient={} if hidden else _recipient(visit, shows_note),
        spoken_code="" if role is Role.SUPPORTER else visit.spoken_code,
        code_is_locked=visit.code_failures >= rule.code_tries_max,
        reasons=[(reason["text"], reason["good"]) for reason in visit.decision_reasons],
        opens_at=opens,
        closes_at=closes,
        purge_on=clock.local(visit.ends_at + timedelta(days=rule.positions_kept_days)).date(),
        seen=[] if role is Role.RECIPIENT else _seen(around, is_on_map=own_points or not shut),
        dispute=around.dispute,
        ruling=around.ruling,
        appeal_due_at=appeal_due_at(around.ruling, around.rules),
        photos=around.photos,
        **said_of(visit, role, around.rules.reveal_days, reviews),
    )


def appeal_due_at(ruling: Ruling | None, rules: CoinRules) -> datetime | None:
    """Until when the office means to have decided an objection; None where none waits."""
    if ruling is None or ruling.appealed_at is None or ruling.ended_at is not None:
        return None
    return ruling.appealed_at + timedelta(hours=rules.targets.dispute_hours)


def _recipient(visit: Visit, shows_note: bool) -> dict[str, Any]:
    card: dict[str, Any] = visit.recipient_card
    return card | {"note": card.get("note", "") if shows_note else ""} if card else {}


def _seen(around: _Around, *, is_on_map: bool) -> list[Seen]:
    """What the phone said, in its order. Where somebody stood at the door says as much as the
    address: whoever may not see the one sees the other as a distance only."""
    found = []
    for row in around.records:
        sealed = row.position_encrypted if is_on_map else None
        position = unseal(sealed) if sealed is not None else None
        mark = evidence.Mark(row.kind, row.moment, row.in_window, row.distance_m, row.accuracy_m)
        found.append(
            Seen(
                at=row.server_at,
                moment=row.moment,
                kind=row.kind,
                distance_m=row.distance_m,
                accuracy_m=row.accuracy_m,
                is_near=evidence.near(mark, around.rule),
                latitude=position.latitude if position else None,
                longitude=position.longitude if position else None,
            )
        )
    return found
