"""Who could do which of a town's requests: all pairs within reach, as arrays. Pure.

Skill and slot come first, since they leave one pair in some twenty; only then the ways are
measured, group by group: few pairs at once, many through a KD-tree a tier of travel. 20,000
requests and 100,000 supporters give four million pairs in about a second.

Angles are degrees, lengths metres along the sphere (``kernel.geometry.distance_metres``). A slot is
a part of the period that is planned, say Tuesday morning; slots do not overlap.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from kyojo.kernel.geometry import EARTH_RADIUS_METRES, Point, distance_metres

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bits = NDArray[np.uint64]

#: Categories and slots are numbers below this: a supporter's are the bits of one word.
WORD = 64
#: Tiers of travel, metres; the last one is whatever is longer.
TIERS = np.array([1_000.0, 2_000.0, 4_000.0, 8_000.0, 16_000.0])
#: So many pairs are measured one by one sooner than trees are built.
FEW = 20_000
#: In a place with no more pairs than this, everybody is looked at without any groups.
HAMLET = 1_000_000
#: Ways this near to a limit are measured again as the pages measure them.
CLOSE_METRES = 1e-4


class BadArrays(ValueError):
    """Arrays that do not belong together; the message names the array and what is wrong."""


@dataclass(frozen=True)
class Needs:
    """Requests, one a row; all arrays have the shape ``(requests,)``.

    Attributes:
        latitude, longitude: where the help is needed.
        category: the skill that is needed, 0–63.
        slot: when, 0–63.
        municipality: whose supporters may come; any number that both sides use alike. None:
            everybody is of one place.
        wants: bits that whoever comes must have, all of them (checks, of age, gender, language).
    Raises:
        BadArrays: lengths differ, a number is out of range or not finite.
    """

    latitude: Floats
    longitude: Floats
    category: Ints
    slot: Ints
    municipality: Ints | None = None
    wants: Bits | None = None

    def __post_init__(self) -> None:
        n = np.size(self.latitude)
        _set(self, "latitude", _degrees("latitude", self.latitude, n, 90))
        _set(self, "longitude", _degrees("longitude", self.longitude, n, 180))
        _set(self, "category", whole("category", self.category, n, low=0, high=WORD - 1))
        _set(self, "slot", whole("slot", self.slot, n, low=0, high=WORD - 1))
        if self.municipality is not None:
            _set(self, "municipality", whole("municipality", self.municipality, n))
        if self.wants is not None:
            _set(self, "wants", _bits("wants", self.wants, n))

    def __len__(self) -> int:
        return len(self.latitude)


@dataclass(frozen=True)
class Helpers:
    """Supporters, one a row; all arrays have the shape ``(supporters,)``.

    Attributes:
        latitude, longitude: where their ways begin.
        reach: how far they come, metres; 0 for who does not come at all.
        skills: categories as bits, ``1 << category``.
        free: slots as bits, ``1 << slot``, what they are booked for taken out.
        municipality, has: as in ``Needs``; ``has`` are the bits that ``wants`` asks for.
    Raises:
        BadArrays: as ``Needs``.
    """

    latitude: Floats
    longitude: Floats
    reach: Floats
    skills: Bits
    free: Bits
    municipality: Ints | None = None
    has: Bits | None = None

    def __post_init__(self) -> None:
        n = np.size(self.latitude)
        _set(self, "latitude", _degrees("latitude", self.latitude, n, 90))
        _set(self, "longitude", _degrees("longitude", self.longitude, n, 180))
        reach = _floats("reach", self.reach, n)
        if (reach < 0).any():
            raise BadArrays("reach is metres, 0 or more")
        _set(self, "reach", reach)
        _set(self, "skills", _bits("skills", self.skills, n))
        _set(self, "free", _bits("free", self.free, n))
        if self.municipality is not None:
            _set(self, "municipality", whole("municipality", self.municipality, n))
        if self.has is not None:
            _set(self, "has", _bits("has", self.has, n))

    def __len__(self) -> int:
        return len(self.latitude)


@dataclass(frozen=True)
class Edges:
    """Who could do what: row numbers of request and supporter, and the way between them.

    All have the shape ``(edges,)``, in the order of requests, then supporters.
    """

    request: Ints
    supporter: Ints
    metres: Floats = field(repr=False)

    def __len__(self) -> int:
        return len(self.request)


def feasible(
    needs: Needs, helpers: Helpers, *, without: tuple[ArrayLike, ArrayLike] | None = None
) -> Edges:
    """Every pair that breaks no rule: skill, slot, municipality, wants, and within reach.

    Arguments:
        without: pairs that must not meet, as (request rows, supporter rows): blocks, oneself.
    Raises:
        BadArrays: only one side says municipalities, or wants something that nobody states;
            ``without`` names a row that is not there.
    """
    if (needs.municipality is None) != (helpers.municipality is None):
        raise BadArrays("municipality stands on one side only")
    has = helpers.has
    if needs.wants is not None and has is None:
        if needs.wants.any():
            raise BadArrays("wants asks for bits, and there is no has")
        has = None
    shut = _pairs(without, len(needs), len(helpers))
    found: list[tuple[Ints, Floats]] = []
    width = np.int64(max(len(helpers), 1))
    for i, j, metres in _measured(needs, helpers):
        ok = metres <= helpers.reach[j]
        if needs.wants is not None and has is not None:
            ok &= (has[j] & needs.wants[i]) == needs.wants[i]
        found.append(((i * width + j)[ok], metres[ok]))
    if not found:
        return Edges(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    key, metres = (np.concatenate(part) for part in zip(*found, strict=True))
    if len(shut):
        ok = ~np.isin(key, shut)
        key, metres = key[ok], metres[ok]
    order = np.argsort(key)
    request, supporter = np.divmod(key[order], width)
    return Edges(request, supporter, metres[order])


def _measured(needs: Needs, helpers: Helpers) -> Iterator[tuple[Ints, Ints, Floats]]:
    """(requests, supporters, metres) of all pairs within reach that share category, slot and
    municipality, and of some beyond it."""
    spots = _Spots.of(needs, helpers)
    if len(needs) * len(helpers) <= HAMLET:
        yield spots.all(np.arange(len(needs)), np.arange(len(helpers)))
        return
    for q, p in _groups(needs, helpers):
        yield from spots.join(q, p, helpers.reach)


def _groups(needs: Needs, helpers: Helpers) -> Iterator[tuple[Ints, Ints]]:
    """(requests, supporters) that share a category and a slot."""
    key = needs.category * WORD + needs.slot
    order = np.argsort(key, kind="stable")
    starts = np.flatnonzero(np.diff(key[order], prepend=-1))
    stops = np.append(starts[1:], len(order))
    category_before = -1
    able: Ints = np.empty(0, np.int64)
    free: Bits = np.empty(0, np.uint64)
    for start, stop in zip(starts, stops, strict=True):
        category, slot = divmod(int(key[order[start]]), WORD)
        if category != category_before:
            able = np.flatnonzero(helpers.skills & np.uint64(1 << category))
            free, category_before = helpers.free[able], category
        p = able[(free & np.uint64(1 << slot)) != 0]
        if len(p):
            yield order[start:stop], p


class _Spots:
    """Places as points of the unit sphere; a fourth coordinate keeps municipalities apart."""

    def __init__(self, needs: Needs, helpers: Helpers, q: Floats, p: Floats) -> None:
        self.needs, self.helpers, self.q, self.p = needs, helpers, q, p

    @classmethod
    def of(cls, needs: Needs, helpers: Helpers) -> "_Spots":
        q = _unit(needs.latitude, needs.longitude)
        p = _unit(helpers.latitude, helpers.longitude)
        if needs.municipality is not None and helpers.municipality is not None:
            both = np.concatenate([needs.municipality, helpers.municipality])
            known, place = np.unique(both, return_inverse=True)
            if len(known) > 1:
                # Twice the sphere's width: no chord reaches from one municipality to another.
                apart = 4.0 * place
                q = np.column_stack([q, apart[: len(q)]])
                p = np.column_stack([p, apart[len(q) :]])
        return cls(needs, helpers, q, p)

    def join(self, q: Ints, p: Ints, reach: Floats) -> Iterator[tuple[Ints, Ints, Floats]]:
        """Pairs of these rows, which share category and slot, that may lie within reach."""
        if len(q) * len(p) <= FEW:
            yield self.all(q, p)
            return
        from scipy.spatial import cKDTree

        tree = cKDTree(self.q[q])
        tier = np.searchsorted(TIERS, reach[p])
        for number in np.unique(tier):
            ours = p[tier == number]
            if len(q) * len(ours) <= FEW:
                yield self.all(q, ours)
                continue
            # Nothing is farther than half way round.
            turn = min(float(reach[ours].max()) / (2 * EARTH_RADIUS_METRES), np.pi / 2)
            near = tree.sparse_distance_matrix(
                cKDTree(self.p[ours]), 2 * np.sin(turn) * (1 + 1e-9) + 1e-12, output_type="ndarray"
            )
            yield self._measured(q[near["i"]], ours[near["j"]], near["v"])

    def all(self, q: Ints, p: Ints) -> tuple[Ints, Ints, Floats]:
        """Every pair of these rows that shares category, slot and municipality."""
        needs, helpers = self.needs, self.helpers
        one = np.uint64(1)
        skill = one << needs.category[q].astype(np.uint64)
        slot = one << needs.slot[q].astype(np.uint64)
        can = (helpers.skills[p] & skill[:, None]) != 0
        can &= (helpers.free[p] & slot[:, None]) != 0
        if needs.municipality is not None and helpers.municipality is not None:
            can &= helpers.municipality[p] == needs.municipality[q][:, None]
        a, b = np.nonzero(can)
        i, j = q[a], p[b]
        return self._measured(i, j, np.sqrt(((self.q[i] - self.p[j]) ** 2).sum(axis=1)))

    def _measured(self, i: Ints, j: Ints, chord: Floats) -> tuple[Ints, Ints, Floats]:
        metres = 2 * EARTH_RADIUS_METRES * np.arcsin(np.minimum(chord / 2, 1.0))
        # Two formulas differ in the last digits, and at the limit those decide.
        for edge in np.flatnonzero(np.abs(metres - self.helpers.reach[j]) < CLOSE_METRES):
            metres[edge] = self._as_pages_do(int(i[edge]), int(j[edge]))
        return i, j, metres

    def _as_pages_do(self, i: int, j: int) -> float:
        helpers, needs = self.helpers, self.needs
        return distance_metres(
            Point(float(helpers.latitude[j]), float(helpers.longitude[j])),
            Point(float(needs.latitude[i]), float(needs.longitude[i])),
        )


def _unit(latitude: Floats, longitude: Floats) -> Floats:
    up, along = np.radians(latitude), np.radians(longitude)
    flat = np.cos(up)
    return np.column_stack([flat * np.cos(along), flat * np.sin(along), np.sin(up)])


# --- what arrays may hold -------------------------------------------------------------------------


def whole(
    name: str, values: ArrayLike, n: int, *, low: int | None = None, high: int | None = None
) -> Ints:
    """``values`` as int64 of the shape ``(n,)``. Raises ``BadArrays``."""
    array = np.asarray(values)
    if array.shape != (n,):
        raise BadArrays(f"{name} has the shape {array.shape}, wanted is ({n},)")
    if array.dtype.kind not in "iu" and array.size:
        raise BadArrays(f"{name} is {array.dtype}, wanted are whole numbers")
    if array.size and (
        (low is not None and array.min() < low) or (high is not None and array.max() > high)
    ):
        raise BadArrays(f"{name} goes from {array.min()} to {array.max()}, allowed: {low}–{high}")
    return array.astype(np.int64, copy=False)


def _floats(name: str, values: ArrayLike, n: int) -> Floats:
    array = np.asarray(values, np.float64)
    if array.shape != (n,):
        raise BadArrays(f"{name} has the shape {array.shape}, wanted is ({n},)")
    if not np.isfinite(array).all():
        raise BadArrays(f"{name} has {int((~np.isfinite(array)).sum())} values that are no numbers")
    return array


def _degrees(name: str, values: ArrayLike, n: int, limit: float) -> Floats:
    array = _floats(name, values, n)
    if (np.abs(array) > limit).any():
        raise BadArrays(f"{name} is degrees, from -{limit:g} to {limit:g}")
    return array


def _bits(name: str, values: ArrayLike, n: int) -> Bits:
    array = np.asarray(values)
    if array.shape != (n,):
        raise BadArrays(f"{name} has the shape {array.shape}, wanted is ({n},)")
    if array.dtype.kind not in "iu" and array.size:
        raise BadArrays(f"{name} is {array.dtype}, wanted are bits of a whole number")
    return array.astype(np.uint64, copy=False)


def _pairs(without: tuple[ArrayLike, ArrayLike] | None, requests: int, supporters: int) -> Ints:
    if without is None:
        return np.empty(0, np.int64)
    n = np.size(without[0])
    i = whole("without", without[0], n, low=0, high=requests - 1)
    j = whole("without", without[1], n, low=0, high=supporters - 1)
    return i * np.int64(supporters) + j


def _set(one: object, name: str, value: object) -> None:
    object.__setattr__(one, name, value)
