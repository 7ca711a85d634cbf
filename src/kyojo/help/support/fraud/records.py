"""What devices, proofs and corrections by hand say."""

import math
from collections import Counter, defaultdict

import numpy as np

from .columns import Columns, Floats, count_of, rows_by, sum_of


def measure_records(columns: Columns) -> dict[str, Floats]:
    """A column for each feature of devices, proofs and corrections."""
    return _devices(columns) | _proofs(columns) | _edits(columns)


def _devices(c: Columns) -> dict[str, Floats]:
    """One phone for both sides, phones nobody said were theirs, phones of many homes."""
    town = c.town
    users: dict[str, set[str]] = defaultdict(set)
    for n, visit in enumerate(c.visits):
        for phone in c.phones[n]:
            users[phone].add(visit.supporter)
        if visit.confirm_device and visit.confirmed_by == "carer":
            users[visit.confirm_device].add(visit.carer)
    homes = {
        phone: len({town.persons[uid].household or uid for uid in people})
        for phone, people in users.items()
    }

    def is_of(phone: str, person: str) -> bool:
        device = town.devices.get(phone)
        return device is not None and person in device.users

    both, foreign, crowd = (np.zeros(len(c)) for _ in range(3))
    for n, visit in enumerate(c.visits):
        phones = c.phones[n]
        confirmed = visit.confirm_device if visit.confirmed_by == "carer" else ""
        used_by_carer = any(is_of(phone, visit.carer) for phone in phones)
        both[n] = float(bool(confirmed) and confirmed in phones) + 0.5 * used_by_carer
        strange = sum(not is_of(phone, visit.supporter) for phone in phones)
        foreign[n] = strange + bool(confirmed and not is_of(confirmed, visit.carer))
        seen = [homes.get(phone, 1) for phone in {*phones, confirmed} if phone]
        crowd[n] = math.log(max(seen, default=1))
    again = sum_of(c.pair, (both > 0).astype(float))
    return {
        "both_sides": both,
        "both_sides_again": np.where(both > 0, np.log1p(np.maximum(again - 1, 0)), 0.0),
        "foreign_device": foreign,
        "device_homes": crowd,
    }


def _proofs(c: Columns) -> dict[str, Floats]:
    """Proofs that are thinner, or others, than those of the same supporter's other visits."""
    has_position = ~np.isnan(c.accuracy)
    others = sum_of(c.supporter, has_position.astype(float)) - has_position
    visits = count_of(c.supporter) - 1
    usual_share = (others + 0.5) / (visits + 1)
    code_only = np.array(
        [bool(v.marks) and {m.kind for m in v.marks} == {"spoken_code"} for v in c.visits]
    )
    kinds = [tuple(sorted({m.kind for m in v.marks if m.kind != "office_word"})) for v in c.visits]
    beyond = c.town.beyond
    town, visits_count = beyond.kinds if beyond else Counter(kinds), c.town.visits_count
    rare = np.zeros(len(c))
    for rows in rows_by(c.supporter).values():
        own = Counter(kinds[n] for n in rows)
        for n in rows:
            prior = 4 * town.get(kinds[n], 0) / visits_count
            rare[n] = -math.log((own[kinds[n]] - 1 + prior + 0.05) / (len(rows) - 1 + 4))
    moments = [{m.moment for m in v.marks} & {"start", "end"} for v in c.visits]
    pair_code = sum_of(c.pair, code_only.astype(float))
    return {
        "phone_silent": np.where(has_position, 0.0, usual_share * np.sqrt(visits + 1)),
        "proof_unusual": rare,
        "proof_missing": np.array([2.0 - len(one) for one in moments]),
        "code_only_again": np.where(
            code_only, pair_code / (count_of(c.pair) + 2) * np.log1p(pair_code), 0.0
        ),
        "elsewhere_with_code": _elsewhere_with_code(c),
    }


def _elsewhere_with_code(c: Columns) -> Floats:
    """Metres (log) by which a phone was surely elsewhere while a code or card said it was there."""
    found = np.zeros(len(c))
    for n, (visit, fixes) in enumerate(zip(c.visits, c.fixes, strict=True)):
        kinds = {mark.kind for mark in visit.marks}
        if visit.kept is not None and not fixes:
            found[n] = visit.kept.numbers.get("elsewhere_with_code", 0.0)
        elif fixes and kinds - {"position", "office_word"}:
            away = [
                math.dist(fix.position, visit.place) - (fix.accuracy_m or 0.0)
                for fix in fixes
                if fix.position is not None
            ]
            found[n] = math.log1p(max(0.0, *away))
    return found


def _edits(c: Columns) -> dict[str, Floats]:
    """Corrections by hand: how long, how late, after the confirmation, by whom for whom."""
    longer, days, after = (np.zeros(len(c)) for _ in range(3))
    hands: Counter[tuple[str, str]] = Counter()
    for visit in c.visits:
        hands.update((edit.staff, visit.supporter) for edit in visit.edits)
    again = np.zeros(len(c))
    for n, visit in enumerate(c.visits):
        if not visit.edits:
            continue
        longer[n] = math.log1p(max(0.0, *(edit.minutes for edit in visit.edits)))
        last = max(edit.at for edit in visit.edits)
        days[n] = math.log1p(max(0.0, last - visit.ended_at) / 24)
        if visit.confirmed_at is not None:
            after[n] = math.log1p(max(0.0, last - visit.confirmed_at))
        again[n] = max(hands[edit.staff, visit.supporter] for edit in visit.edits)
    return {
        "edited_longer": longer,
        "edited_late": days,
        "edited_after": after,
        "same_hand": np.log1p(again),
    }
