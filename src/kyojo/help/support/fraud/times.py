"""What times say: to the minute, at odd hours, at two places at once, confirmed at once."""

import numpy as np

from .columns import Columns, Floats, Ints, count_of, rows_by
from .facts import VisitFacts

#: Half the width of the window in which a person's visits are counted, in hours.
RUSH_HALF_HOURS = 14 * 24.0
#: The last part of the year, in which a rush for the limit would be.
LAST_PART = 0.12


def measure_times(columns: Columns) -> dict[str, Floats]:
    """A column for each feature of a visit's times."""
    c = columns
    late = (c.started - c.starts) * 60
    over = (c.spent_hours - c.booked_hours) * 60
    with np.errstate(invalid="ignore"):
        answered = np.log(np.maximum(c.confirmed - c.ended, 0.003))
    hour, weekday = c.starts % 24, c.starts // 24 % 7
    found = {
        "exact_start": -np.log(np.abs(late) + 0.5),
        "exact_length": -np.log(np.abs(over) + 0.5),
        "longer": over / np.sqrt(np.maximum(c.booked_hours, 0.25)),
        "shorter": -over / np.maximum(c.booked_hours, 0.25),
        "confirmed_fast": -answered,
        "booked_late": -np.log(np.maximum(c.starts - c.reserved, 0.1)),
        "odd_hour": np.abs((hour - 1.5) % 24 - 12),
        "long_visit": np.log(np.maximum(c.booked_hours, 0.1)),
        "coins_odd": _coins_odd(c),
        "clock_ahead": np.array([_clock_ahead(visit) for visit in c.visits]),
        "sent_late": np.array(
            [
                np.log1p(max(0.0, max((m.server_at - m.device_at for m in v.marks), default=0.0)))
                for v in c.visits
            ]
        ),
    }
    found["overlap"], found["travel_speed"], found["busy_day"] = _beside_others(c)
    found["carer_served_elsewhere"] = _carer_elsewhere(c)
    found["two_at_carer"] = _overlap_of(c, c.carer)
    found["rush"] = _rush(c, c.supporter)
    found["carer_rush"] = _rush(c, c.carer)
    found["cap_rush"] = _cap_rush(c, found["rush"])
    found["same_slot"] = _same_slot(c, hour, weekday)
    return found


def _clock_ahead(visit: VisitFacts) -> float:
    """Minutes by which a device's time lies after the server's, two of them forgiven."""
    ahead = max((mark.device_at - mark.server_at for mark in visit.marks), default=0.0)
    return max(0.0, 60 * ahead - 2)


def _coins_odd(c: Columns) -> Floats:
    """How far the coins an hour are from the town's usual."""
    rate = c.coins / np.maximum(c.booked_hours, 0.1)
    usual = c.town.beyond.coins_an_hour if c.town.beyond else float(np.median(rate))
    return np.abs(np.log(np.maximum(rate, 0.01) / max(usual, 0.01)))


def _beside_others(c: Columns) -> tuple[Floats, Floats, Floats]:
    """Minutes at two places at once (log), the speed needed between two visits (log), hours booked
    on the day."""
    overlap, speed = np.zeros(len(c)), np.full(len(c), np.nan)
    day_hours = np.zeros(len(c))
    for rows in rows_by(c.supporter).values():
        order = rows[np.argsort(c.started[rows], kind="stable")]
        days = c.starts[order] // 24
        for day in np.unique(days):
            day_hours[order[days == day]] = c.booked_hours[order[days == day]].sum()
        if len(order) < 2:
            continue
        for step in (1, 2, 3):
            if len(order) <= step:
                break
            before, after = order[:-step], order[step:]
            gap = c.started[after] - c.ended[before]
            both = np.minimum(c.ended[before], c.ended[after]) - c.started[after]
            metres = np.hypot(*(c.place[after] - c.place[before]).T)
            minutes = np.log1p(np.maximum(both, 0.0) * 60)
            for rows_of in (before, after):
                np.maximum.at(overlap, rows_of, minutes)
            if step == 1:
                # Five minutes of grace: a touch comes early or late.
                needed = np.log1p(metres / 1_000 / np.maximum(gap + 1 / 12, 1 / 30))
                for rows_of in (before, after):
                    speed[rows_of] = np.fmax(speed[rows_of], needed)
    return overlap, speed, day_hours


def _overlap_of(c: Columns, keys: Ints) -> Floats:
    """Minutes (log) that a visit shares with another one of the same key."""
    found = np.zeros(len(c))
    for rows in rows_by(keys).values():
        order = rows[np.argsort(c.started[rows], kind="stable")]
        before, after = order[:-1], order[1:]
        both = np.minimum(c.ended[before], c.ended[after]) - c.started[after]
        minutes = np.log1p(np.maximum(both, 0.0) * 60)
        for rows_of in (before, after):
            np.maximum.at(found, rows_of, minutes)
    return found


def _carer_elsewhere(c: Columns) -> Floats:
    """Minutes (log) in which the carer was at somebody else's as a supporter."""
    found, as_supporter = np.zeros(len(c)), rows_by(c.supporter)
    for carer, rows in rows_by(c.carer).items():
        own = as_supporter.get(carer)
        if own is None:
            continue
        both = np.minimum(c.ended[rows][:, None], c.ended[own]) - np.maximum(
            c.started[rows][:, None], c.started[own]
        )
        found[rows] = np.log1p(np.maximum(both.max(axis=1), 0.0) * 60)
    return found


def _rush(c: Columns, keys: Ints) -> Floats:
    """Visits in the four weeks around, against the same person's other weeks, as a z score."""
    found = np.zeros(len(c))
    first, last = c.span
    share = min(2 * RUSH_HALF_HOURS / max(last - first, 1.0), 0.9)
    for rows in rows_by(keys).values():
        at = np.sort(c.starts[rows])
        near = np.searchsorted(at, c.starts[rows] + RUSH_HALF_HOURS) - np.searchsorted(
            at, c.starts[rows] - RUSH_HALF_HOURS
        )
        usual = share * len(rows)
        found[rows] = (near - usual) / np.sqrt(usual + 1)
    return found


def _cap_rush(c: Columns, rush: Floats) -> Floats:
    """A rush in the last part of the year, by how near its end the coins come to the limit."""
    earned = np.zeros(len(c))
    for rows in rows_by(c.supporter).values():
        earned[rows] = c.coins[rows].sum()
    year = c.town.year_ends_at - c.span[0]
    is_late = c.starts > c.town.year_ends_at - LAST_PART * year
    near = np.minimum(earned / max(c.town.cap_coins, 1), 1.5)
    return np.where(is_late, np.maximum(rush, 0.0) * near, 0.0)


def _same_slot(c: Columns, hour: Floats, weekday: Floats) -> Floats:
    """How many visits of the supporter began at this very moment of the week (log)."""
    slot = (weekday * 48 + np.round(hour * 2)).astype(np.int64)
    return np.log(count_of(c.pair * 400 + slot))
