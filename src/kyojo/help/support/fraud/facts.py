"""What is known about a town's visits, as plain data.

Moments are local hours from a Monday 00:00 (``matching.asking.hours``), places metres east and
north of any fixed point, lengths minutes where the name says so and hours otherwise. Identifiers
are any strings, the same for the same person, device or company.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kyojo.civic.programmes.domain import EvidenceRule

Place = tuple[float, float]

#: Kinds of marks. ``position`` alone has a place; other kinds may carry one beside them.
KINDS = (
    "position", "spoken_code", "qr_card", "nfc_card", "button", "beacon", "photo", "office_word",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """One piece of evidence. ``moment``: heading, start, during, end. ``device``: which sent it."""

    kind: str
    moment: str
    device_at: float
    server_at: float
    device: str = ""
    position: Place | None = None
    accuracy_m: float | None = None


@dataclass(frozen=True, slots=True)
class EditFacts:
    """A correction by hand. ``minutes``: by how many the recorded time became longer."""

    at: float
    staff: str
    minutes: float


@dataclass(frozen=True, slots=True)
class KeptTrack:
    """What is left of a visit's positions once they are erased: features as they were measured
    (``tracks.kept_tracks``), and the median of the errors that were told."""

    accuracy_m: float
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class VisitFacts:
    """A visit that ended. ``confirmed_by``: carer, automatic, office, or "" where nobody has.

    ``prints``: of each position something that tells whether another one is the same, and no more.
    """

    uid: str
    carer: str
    supporter: str
    category: str
    place: Place
    reserved_at: float
    starts_at: float
    ends_at: float
    started_at: float
    ended_at: float
    coins: int
    marks: tuple[MarkFacts, ...] = ()
    edits: tuple[EditFacts, ...] = ()
    confirmed_at: float | None = None
    confirmed_by: str = ""
    confirm_device: str = ""
    kept: KeptTrack | None = None
    prints: frozenset[str] = frozenset()

    @property
    def booked_minutes(self) -> float:
        return (self.ends_at - self.starts_at) * 60

    @property
    def spent_minutes(self) -> float:
        return (self.ended_at - self.started_at) * 60

    @property
    def fixes(self) -> list[MarkFacts]:
        """The marks that say where a phone was, in the order of the device's own time."""
        found = [mark for mark in self.marks if mark.position is not None]
        return sorted(found, key=lambda mark: mark.device_at)


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """``household``, ``company``: "" for none known. ``joined_network``: from where the account was
    made, as a fingerprint; the office's counter is one such place."""

    uid: str
    home: Place
    joined_at: float
    household: str = ""
    company: str = ""
    joined_network: str = ""


@dataclass(frozen=True, slots=True)
class DeviceFacts:
    """``kind``: phone, button, reader. ``users``: who said that they use it (families share)."""

    uid: str
    kind: str
    users: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    uid: str
    place: Place


@dataclass(frozen=True, slots=True)
class Track:
    """Where the phone was in a visit that is not here itself, in the order of the device's time:
    ``beside`` in metres from the visit's place, ``spots`` as all other places."""

    beside: tuple[Place, ...]
    spots: tuple[Place, ...]


@dataclass(frozen=True)
class Beyond:
    """What counts of a whole town where only some of its visits are here: sums, and tracks of other
    visits. With it, a visit whose people's other visits are here is measured as in the whole town.

    ``pairs``: (supporter, carer) → visits. ``kinds``: kinds of a visit's marks → visits.
    ``coins_an_hour``: the median. ``first``, ``last``: when the first and the last one begin.
    ``prints``: of positions that were erased.
    """

    visits: int
    pairs: Mapping[tuple[str, str], int]
    kinds: Mapping[tuple[str, ...], int]
    coins_an_hour: float
    first: float
    last: float
    tracks: tuple[Track, ...] = ()
    prints: frozenset[str] = frozenset()


@dataclass(frozen=True)
class TownFacts:
    """A town's visits over some weeks. ``cap_coins``: what one may earn in the programme's year,
    which ends at ``year_ends_at``. ``counters``: networks that belong to the office. ``beyond``:
    the rest of the town, where these are only some of its visits."""

    visits: tuple[VisitFacts, ...]
    persons: Mapping[str, PersonFacts]
    devices: Mapping[str, DeviceFacts]
    companies: Mapping[str, CompanyFacts]
    rule: EvidenceRule
    cap_coins: int
    year_ends_at: float
    counters: frozenset[str] = field(default_factory=frozenset)
    beyond: Beyond | None = None

    @property
    def visits_count(self) -> int:
        """How many visits the whole town has in view."""
        return self.beyond.visits if self.beyond is not None else len(self.visits)

    def with_visits(
        self,
        visits: tuple[VisitFacts, ...],
        persons: tuple[PersonFacts, ...] = (),
        devices: tuple[DeviceFacts, ...] = (),
    ) -> "TownFacts":
        """The same town, with these put in; those of a known identifier take its place."""
        by_uid = {visit.uid: visit for visit in self.visits} | {one.uid: one for one in visits}
        return replace(
            self,
            visits=tuple(sorted(by_uid.values(), key=lambda one: (one.starts_at, one.uid))),
            persons={**self.persons, **{one.uid: one for one in persons}},
            devices={**self.devices, **{one.uid: one for one in devices}},
        )
