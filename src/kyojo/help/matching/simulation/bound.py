"""The most visits that any policy can bring about on average: a linear programme.

Take any policy that keeps the weekly limits, and a town whose hidden sides are fixed: who is
there on which day, how willing each is. Let x_ijw be the chance that it asks person i for request
j in week w. Then

* each person is asked at most once for a request, and at most as often a week as they allow;
* i says yes with p_ij at most, whatever happened before: p_ij is the chance while they are rested
  and there, 0 where they are away on every day on which they could be asked, times the chance
  that an answer asked for at the very first moment is in time (``responses`` promises all three);
* at most one visit a request, and one at a time a person.

So its visits are at most the optimum of: maximise Σ p·x, Σ_i p·x ≤ 1 a request, Σ p·x ≤ 1 over
requests of a person at one time, Σ x ≤ limit a person and week, Σ_w x_ijw ≤ 1, x ≥ 0. The
programme knows who is there, which no policy does: what it reaches cannot be had, it can only not
be exceeded.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array

from ..asking.hours import awake_between
from ..asking.rules import Rules
from .responses import Fitted
from .town import Town

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

WEEK_HOURS = 168.0
#: Few of a request's candidates are said to fall short while all say no with at least this chance.
NEARLY_SURE = 0.02
_NOTHING = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))


@dataclass(frozen=True)
class Edges:
    """A row for each request, person and week in which that person can be asked for it."""

    request: Ints
    person: Ints
    week: Ints
    chance: Floats


def edges_of(town: Town, responses: Fitted, rules: Rules, requests: Ints) -> Edges:
    """Edges of ``requests`` with a chance above 0."""
    there = responses.there_untired()
    asks = town.requests
    parts: list[tuple[Ints, Ints, Ints, Floats]] = []
    for j in requests.tolist():
        opened, deadline = float(asks.opened_at[j]), float(asks.deadline[j])
        first = rules.next_ask(opened)
        rows = town.candidates[j]
        if first >= deadline or not len(rows):
            continue
        days = np.arange(int(first // 24), int(deadline // 24) + 1)
        days = days[days < len(there)]
        here = np.array([there[day][rows] & ~responses.deaf(rows, int(day)) for day in days])
        left = float(awake_between(first, deadline))
        best = responses.best_chance(j) * responses.in_time(rows, left)
        for week in np.unique(days * 24 // WEEK_HOURS):
            found = here[days * 24 // WEEK_HOURS == week].any(0) & (best > 0)
            many = int(found.sum())
            parts.append(
                (
                    np.full(many, j),
                    rows[found],
                    np.full(many, int(week)),
                    best[found],
                )
            )
    if not parts:
        none = np.empty(0, np.int64)
        return Edges(none, none, none, np.empty(0))
    request, person, week, chance = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Edges(request, person, week, chance)


def bound(town: Town, edges: Edges, *, sharper: bool = False) -> float:
    """The optimum, in visits. ``sharper``: also counts that chance may go against a request: by any
    few of its candidates it is filled at most as often as one of these would say yes,
    Σ_{i in S} p·x ≤ 1 - Π_{i in S} (1 - p). Said for the likeliest 1, 2, 3, …"""
    n = len(edges.request)
    if not n:
        return 0.0
    columns = np.arange(n)
    parts = [(edges.request, columns, edges.chance, np.ones(len(town.requests)))]
    pairs = edges.person * len(town.requests) + edges.request
    parts.append((*_groups(pairs, columns, np.ones(n)), np.ones(len(np.unique(pairs)))))
    weeks = edges.person * 1000 + edges.week
    names = np.unique(weeks)
    limit = town.supporters.asks_per_week_max[names // 1000].astype(np.float64)
    parts.append((*_groups(weeks, columns, np.ones(n)), limit))
    parts.append(_clashes(town, edges))
    if sharper:
        parts.append(_drawn(edges))
    offset = 0
    row, column, value, most = [], [], [], []
    for rows, cols, values, limits in parts:
        row.append(rows + offset)
        column.append(cols)
        value.append(values)
        most.append(limits)
        offset += len(limits)
    matrix = coo_array(
        (np.concatenate(value), (np.concatenate(row), np.concatenate(column))), shape=(offset, n)
    ).tocsr()
    found = linprog(
        -edges.chance, A_ub=matrix, b_ub=np.concatenate(most), bounds=(0, None), method="highs"
    )
    assert found.status == 0, found.message
    return float(-found.fun)


def _groups(names: Ints, columns: Ints, values: Floats) -> tuple[Ints, Ints, Floats]:
    _, rows = np.unique(names, return_inverse=True)
    return rows, columns, values


def _drawn(edges: Edges) -> tuple[Ints, Ints, Floats, Floats]:
    """For each request its likeliest few candidates, up to where nearly surely one says yes."""
    order = np.lexsort((edges.person, -edges.chance, edges.request))
    cuts = np.flatnonzero(np.diff(edges.request[order])) + 1
    rows: list[Ints] = []
    columns: list[Ints] = []
    most: list[float] = []
    for mine in np.split(order, cuts):
        _, first = np.unique(edges.person[mine], return_index=True)
        none, starts = 1.0, np.append(np.sort(first), len(mine))
        for count, (begin, end) in enumerate(pairwise(starts), 1):
            none *= 1 - edges.chance[mine[begin]]
            if none < NEARLY_SURE:
                break
            if count > 1:  # of one alone it is said already
                rows.append(np.full(end, len(most)))
                columns.append(mine[:end])
                most.append(1 - none)
    if not most:
        return _NOTHING
    column = np.concatenate(columns)
    return np.concatenate(rows), column, edges.chance[column], np.array(most)


def _clashes(town: Town, edges: Edges) -> tuple[Ints, Ints, Floats, Floats]:
    """For each person and start of a request: whatever is going on at that moment. Visits that
    overlap are going on together when the later one starts, so this says all."""
    starts, ends = town.requests.starts_at[edges.request], town.requests.ends_at[edges.request]
    order = np.lexsort((starts, edges.person))
    cuts = np.flatnonzero(np.diff(edges.person[order])) + 1
    rows: list[Ints] = []
    columns: list[Ints] = []
    offset = 0
    for mine in np.split(order, cuts):
        going = (starts[mine][None] <= starts[mine][:, None]) & (
            starts[mine][:, None] < ends[mine][None]
        )
        several = np.flatnonzero(
            np.array([len(np.unique(edges.request[mine[line]])) > 1 for line in going])
        )
        if len(several):
            at, which = np.nonzero(going[several])
            rows.append(at + offset)
            columns.append(mine[which])
            offset += len(several)
    if not rows:
        return _NOTHING
    column = np.concatenate(columns)
    return np.concatenate(rows), column, edges.chance[column], np.ones(offset)
