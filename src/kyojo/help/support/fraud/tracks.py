"""What a visit's positions say: how far away, how they jump, how still, whether seen before."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import KDTree

from .columns import Columns, Floats
from .facts import KeptTrack, MarkFacts, Place, TownFacts

if TYPE_CHECKING:
    from .features import Table

#: Gaps shorter than this count as this: two positions of one minute may be of one moment.
SHORTEST_HOURS = 1 / 60
#: Positions beyond this many are not compared with other tracks.
TRACK_MAX = 16
#: Features that need positions: kept as numbers when these are erased.
OF_POSITIONS = (
    "away_at_touch", "away_during", "jump_speed", "same_fix", "stillness", "accuracy_same",
    "too_centred", "many_fixes", "replayed", "reused_fix", "device_speed", "elsewhere_with_code",
)  # fmt: skip


def measure_tracks(columns: Columns) -> dict[str, Floats]:
    """A column for each feature; nan where a visit has too few positions for it."""
    names = OF_POSITIONS[:8]
    found = {name: np.full(len(columns), np.nan) for name in names}
    for n, fixes in enumerate(columns.fixes):
        if fixes:
            values = _own(fixes, columns.visits[n].place, max(columns.spent_hours[n], 0.1))
            for name, value in zip(names, values, strict=True):
                found[name][n] = value
    found["replayed"] = _replayed(columns)
    found["reused_fix"] = _reused(columns)
    found["device_speed"] = _device_speed(columns)
    for n, visit in enumerate(columns.visits):
        if visit.kept is not None and not columns.fixes[n]:
            for name, values_of in found.items():
                values_of[n] = visit.kept.numbers.get(name, np.nan)
    return found


def kept_tracks(town: TownFacts, table: "Table") -> dict[str, KeptTrack]:
    """visit → what may stay of its positions, for each whose positions are there."""
    columns = {name: table.column(name) for name in OF_POSITIONS}
    accuracy = Columns(town).accuracy
    return {
        visit.uid: KeptTrack(round(float(accuracy[n]), 1), _numbers(columns, n))
        for n, visit in enumerate(town.visits)
        if visit.fixes
    }


def _numbers(columns: Mapping[str, Floats], row: int) -> dict[str, float]:
    found = {name: float(values[row]) for name, values in columns.items()}
    return {name: round(value, 3) for name, value in found.items() if not math.isnan(value)}


def _own(fixes: list[MarkFacts], place: tuple[float, float], hours: float) -> tuple[float, ...]:
    where = np.array([fix.position for fix in fixes], dtype=float)
    told = np.array([fix.accuracy_m or 0.0 for fix in fixes])
    away = np.maximum(np.hypot(*(where - place).T) - told, 0.0)
    touch = np.array([fix.moment in {"start", "end"} for fix in fixes])
    at_touch = math.log1p(away[touch].max()) if touch.any() else np.nan
    during = math.log1p(away[~touch].max()) if not touch.all() else np.nan
    usual = max(float(np.median(told)), 1.0)
    centre = float(np.hypot(*(where.mean(axis=0) - place)))
    centred = -math.log(max(centre, 0.05) / usual)
    many = math.log(len(fixes) / hours)
    if len(fixes) < 2:
        return at_touch, during, np.nan, np.nan, np.nan, np.nan, centred, many
    at = np.array([fix.device_at for fix in fixes])
    steps = np.hypot(*np.diff(where, axis=0).T)
    sure = np.maximum(steps - told[1:] - told[:-1], 0.0)
    speed = sure / np.maximum(np.diff(at), SHORTEST_HOURS)
    still = -math.log(max(float(np.sqrt(where.var(axis=0).sum())), 0.01) / usual)
    same_accuracy = -math.log(max(float(told.std() / usual), 0.01))
    return (
        at_touch,
        during,
        math.log1p(speed.max() / 1_000),
        float((steps < 0.5).mean()) * math.log2(len(fixes)),
        still,
        same_accuracy,
        centred,
        many,
    )


def _replayed(columns: Columns) -> Floats:
    """How near the nearest other track is, seen from each one's place, against the distance that
    chance would leave between tracks of as many positions."""
    found = np.full(len(columns), np.nan)
    by_length: dict[int, list[int]] = defaultdict(list)
    for n, fixes in enumerate(columns.fixes):
        if 2 <= len(fixes) <= TRACK_MAX:
            by_length[len(fixes)].append(n)
    others: dict[int, list[Any]] = defaultdict(list)
    for track in columns.town.beyond.tracks if columns.town.beyond else ():
        others[len(track.beside)].append(track.beside)
    for length, rows in by_length.items():
        every = len(rows) + len(others[length])
        if every < 2:
            continue
        tracks = np.array(
            [
                np.array([fix.position for fix in columns.fixes[n]]) - columns.visits[n].place
                for n in rows
            ]
            + others[length]
        )
        told = np.array([np.median([f.accuracy_m or 1.0 for f in columns.fixes[n]]) for n in rows])
        flat = tracks.reshape(every, -1)
        nearest = KDTree(flat).query(flat[: len(rows)], k=2)[0][:, 1] / math.sqrt(length)
        by_chance = np.maximum(told, 3.0) * every ** (-1 / (2 * length))
        found[rows] = -np.log(np.maximum(nearest, 0.02) / by_chance)
    return found


def _reused(columns: Columns) -> Floats:
    """The share of a visit's positions that another visit has to the decimetre, or had before
    they were erased."""
    spots = [
        _spots(fix.position for fix in fixes if fix.position is not None) for fixes in columns.fixes
    ]
    beyond = columns.town.beyond
    seen = Counter(spot for own in spots for spot in own)
    for track in beyond.tracks if beyond else ():
        seen.update(_spots(track.spots))
    found = np.array(
        [sum(seen[spot] > 1 for spot in own) / len(own) if own else np.nan for own in spots]
    )
    erased = {
        mark
        for visit, fixes in zip(columns.visits, columns.fixes, strict=True)
        if not fixes
        for mark in visit.prints
    } | (beyond.prints if beyond else set())
    for n, visit in enumerate(columns.visits):
        if columns.fixes[n] and visit.prints:
            found[n] = max(found[n], len(visit.prints & erased) / len(visit.prints))
    return found


def _spots(positions: Iterable[Place]) -> set[Place]:
    return {(round(east, 1), round(north, 1)) for east, north in positions}


def _device_speed(columns: Columns) -> Floats:
    """The speed at which a phone came from, or left for, its place in another visit."""
    found = np.full(len(columns), np.nan)
    by_device: dict[str, list[tuple[float, float, float, float, int]]] = defaultdict(list)
    for n, fixes in enumerate(columns.fixes):
        for fix in fixes:
            assert fix.position is not None
            told = fix.accuracy_m or 0.0
            by_device[fix.device].append((fix.device_at, *fix.position, told, n))
    for fixes_of in by_device.values():
        fixes_of.sort()
        table = np.array(fixes_of)
        other = np.flatnonzero(table[1:, 4] != table[:-1, 4])
        if not len(other):
            continue
        before, after = table[other], table[other + 1]
        metres = np.hypot(after[:, 1] - before[:, 1], after[:, 2] - before[:, 2])
        sure = np.maximum(metres - before[:, 3] - after[:, 3], 0.0)
        speed = np.log1p(sure / np.maximum(after[:, 0] - before[:, 0], SHORTEST_HOURS) / 1_000)
        for side in (before, after):
            rows = side[:, 4].astype(int)
            found[rows] = np.fmax(found[rows], speed)
    return found
