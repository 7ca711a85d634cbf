"""What is stored of a proof, whoever brings it: one row in the place's town for each."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from uuid import UUID

from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.municipalities.twins import twins_save
from kyojo.civic.programmes.domain import CoinRules
from kyojo.kernel import clock
from kyojo.kernel.geometry import Point, distance_metres
from kyojo.kernel.ids import derived_id

from .. import evidence
from ..errors import CodeLocked, CodeWrong, NonceReused, PositionUnreadable
from ..evidence import Kind, Mark, Position
from ..models import Evidence, Visit
from ..sealed import seal
from .steps import Case, office_phone
from .tags import TagRead, tag_use

#: A press that took no longer to arrive is as good as any.
SOON = timedelta(minutes=5)
#: How long after the window a record may come that lay on a phone without network.
LATE_WITHIN = timedelta(hours=20)


@dataclass(frozen=True)
class Proof:
    """What came with a press. ``nonce`` names the press: the same again is the same.

    ``device_at``: when it was pressed by the phone's clock, None for now. ``was_kept``: there was
    no network then, and the phone kept it. ``tag``: a card that was read at the place.
    """

    nonce: UUID
    position: Position | None = None
    code: str = ""
    tag: TagRead | None = None
    device_at: datetime | None = None
    was_kept: bool = False

    @property
    def is_empty(self) -> bool:
        return not self.code and self.position is None and self.tag is None


def pressed_at(visit: Visit, proof: Proof, rules: CoinRules) -> datetime:
    """The moment a press counts for: now, or the phone's word for one that it had to keep.

    That is believed only inside the booked window, and only so long after it.
    """
    now = clock.now()
    opens, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
    said = proof.device_at if proof.was_kept else None
    if said is not None and opens <= said <= min(closes, now) and now - closes <= LATE_WITHIN:
        return said
    return now


def proofs_store(case: Case, moment: str, proof: Proof, rules: CoinRules) -> list[Mark]:
    """Store what came, each kind as a row. Raises ``PositionUnreadable`` for a position alone that
    says nothing, ``NonceReused``, the refusals of ``tag_use``."""
    visit, now = case.visit, clock.now()
    at = pressed_at(visit, proof, rules)
    opens, closes = evidence.window(visit.starts_at, visit.ends_at, rules.evidence)
    said = proof.device_at
    inside = opens <= at <= closes and (said is None or opens <= said <= closes)
    common = {"in_window": inside, "device_at": said, "is_late": now - at > SOON}
    marks = []
    if proof.code:
        marks.append(evidence_store(case, proof.nonce, Kind.SPOKEN_CODE, moment, **common))
    if proof.tag is not None:
        nonce = derived_id(proof.nonce, "tag")
        kind = tag_use(visit=case.places_row, read=proof.tag, nonce=nonce)
        marks.append(evidence_store(case, nonce, kind, moment, **common))
    if proof.position is not None:
        if readable(proof.position):
            nonce = derived_id(proof.nonce, "position") if marks else proof.nonce
            marks.append(_position_store(case, nonce, moment, proof.position, rules, common))
        elif not marks:
            raise PositionUnreadable()
    return marks


def _position_store(
    case: Case,
    nonce: UUID,
    moment: str,
    position: Position,
    rules: CoinRules,
    common: dict[str, object],
) -> Mark:
    away_m = None
    place = case.carers_row
    if place.latitude is not None and place.longitude is not None:
        away_m = round(
            distance_metres(
                Point(position.latitude, position.longitude),
                Point(place.latitude, place.longitude),
            )
        )
    kept = timedelta(days=rules.evidence.positions_kept_days)
    return evidence_store(
        case,
        nonce,
        Kind.POSITION,
        moment,
        distance_m=away_m,
        accuracy_m=round(position.accuracy_m),
        position_encrypted=seal(position),
        purge_at=case.visit.ends_at + kept,
        **common,
    )


def marks_of(visit: Visit) -> list[Mark]:
    """Everything that is stored of a visit. Opens the place's town."""
    with tenant(visit.place_municipality_id):
        return [mark_of(row) for row in Evidence.objects.filter(visit_uid=visit.uid)]


def mark_of(row: Evidence) -> Mark:
    return Mark(
        row.kind, row.moment, row.in_window, row.distance_m, row.accuracy_m, is_late=row.is_late
    )


def code_right(case: Case, code: str, rules: CoinRules) -> bool:
    """Whether the code is right. A wrong one is counted, which outlives the refusal."""
    tries = rules.evidence.code_tries_max
    visit = case.visit
    phone = office_phone(visit.place_municipality_id)
    if visit.code_failures >= tries:
        raise CodeLocked(field="code", tries=tries, phone=phone)
    if code == case.places_row.spoken_code:
        return True
    twins_save(case.rows, code_failures=visit.code_failures + 1)
    locked = visit.code_failures >= tries
    case.refusal = (
        CodeLocked(field="code", tries=tries, phone=phone)
        if locked
        else CodeWrong(field="code", tries=tries)
    )
    return False


def readable(position: Position) -> bool:
    numbers = (position.latitude, position.longitude, position.accuracy_m)
    return (
        all(isfinite(number) for number in numbers)
        and abs(position.latitude) <= 90
        and abs(position.longitude) <= 180
        and 0 <= position.accuracy_m <= 1_000_000
    )


def evidence_store(case: Case, nonce: UUID, kind: str, moment: str, **fields: object) -> Mark:
    """One row in the place's town; the same nonce again is the row that stands."""
    visit = case.visit
    with tenant(visit.place_municipality_id):
        row = Evidence.objects.filter(nonce=nonce).first()
        if row is not None and (row.visit_uid != visit.uid or row.moment != moment):
            raise NonceReused()
        if row is None:
            row = Evidence.objects.create(
                visit_uid=visit.uid,
                nonce=nonce,
                kind=kind,
                moment=moment,
                server_at=clock.now(),
                **fields,
            )
    return mark_of(row)
