"""A town in which people have helped for some weeks: a simulated one, written into the database, so
that something is usual. Nobody of it is a member: there are ids only."""

import math
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from kyojo.civic.municipalities.tenancy import current, tenant
from kyojo.help.support import services
from kyojo.help.support.evidence import Position
from kyojo.help.support.fraud.facts import VisitFacts
from kyojo.help.support.models import DevicePress, Evidence, Visit
from kyojo.help.support.sealed import seal
from kyojo.help.support.simulation.population import Setting
from kyojo.help.support.simulation.town import town_of
from kyojo.kernel import clock

from .cast import HOUSE, KITA, START, check_in, check_out, visit_make

SPACE = UUID("7f3c8f0e-0d1b-4f6e-9a51-3a1f0c5f6f11")
METRES_A_DEGREE = 111_195.0
COPIED = Position(34.860113, 138.320087, 14)
ONE_PHONE = "one-phone-for-both-sides"
LATER = START + timedelta(hours=3)


def name_of(what: str) -> UUID:
    """An id of the simulation as one of the database."""
    return uuid5(SPACE, what)


def town_lived(
    until: datetime, *, weeks: int = 10, visits_a_week: float = 20, seed: int = 7
) -> int:
    """Write the visits of the current town that ended before ``until``; how many there are."""
    facts = town_of(Setting(weeks=weeks, visits_a_week=visits_a_week), seed).facts
    day = clock.local(until).date()
    start = clock.at(day - timedelta(days=day.weekday()), 0) - timedelta(weeks=weeks - 1)

    def at(hours: float) -> datetime:
        return start + timedelta(hours=hours)

    told = [one for one in facts.visits if at(one.ended_at) < until - timedelta(hours=6)]
    Visit.objects.bulk_create([_row(one, number, at) for number, one in enumerate(told)])
    Evidence.objects.bulk_create(
        [_mark(one, number, mark, at) for one in told for number, mark in enumerate(one.marks)]
    )
    presses = {
        (one.uid, mark.moment, one.supporter, mark.device, at(mark.device_at))
        for one in told
        for mark in one.marks
        if mark.device and facts.devices[mark.device].kind == "phone"
    } | {
        (one.uid, "confirm", one.carer, one.confirm_device, at(one.confirmed_at or one.ended_at))
        for one in told
        if one.confirm_device and one.confirmed_by == "carer"
    }
    DevicePress.objects.bulk_create(
        [
            DevicePress(
                visit_uid=name_of(uid),
                person_uid=name_of(person),
                moment=moment,
                device=name_of(device).hex,
                at=when,
            )
            for uid, moment, person, device, when in sorted(presses)
        ],
        ignore_conflicts=True,
    )
    return len(told)


def place_of(metres: tuple[float, float]) -> tuple[float, float]:
    """Degrees of a place of the simulation."""
    wide = METRES_A_DEGREE * math.cos(math.radians(HOUSE[0]))
    return HOUSE[0] + metres[1] / METRES_A_DEGREE, HOUSE[1] + metres[0] / wide


def _row(one: VisitFacts, number: int, at) -> Visit:
    here = current()
    latitude, longitude = place_of(one.place)
    starts, ends = at(one.starts_at), at(one.ends_at)
    return Visit(
        municipality_id=here,
        uid=name_of(one.uid),
        sides=[here],
        number=f"S-{number}",
        request_uid=name_of(f"request {one.uid}"),
        offer_uid=name_of(f"offer {one.uid}"),
        carer_uid=name_of(one.carer),
        supporter_uid=name_of(one.supporter),
        carer_municipality_id=here,
        place_municipality_id=here,
        supporter_municipality_id=here,
        carer_card={"name": "試し"},
        supporter_card={"name": "試し"},
        category=one.category,
        starts_at=starts,
        ends_at=ends,
        during=(starts, ends),
        latitude=latitude,
        longitude=longitude,
        amount_coins=one.coins,
        state="settled",
        consent="not_needed",
        reserved_at=at(one.reserved_at),
        started_at=at(one.started_at),
        ended_at=at(one.ended_at),
        confirmed_at=at(one.confirmed_at or one.ended_at),
        confirmed_by=one.confirmed_by,
        settled_at=at(one.confirmed_at or one.ended_at),
        settled_coins=one.coins,
        decision="settle",
    )


def _mark(one: VisitFacts, number: int, mark, at) -> Evidence:
    position = None
    if mark.position is not None:
        latitude, longitude = place_of(mark.position)
        position = seal(Position(latitude, longitude, round(mark.accuracy_m or 0)))
    return Evidence(
        municipality_id=current(),
        visit_uid=name_of(one.uid),
        nonce=name_of(f"mark {one.uid} {number}"),
        kind=mark.kind,
        moment=mark.moment,
        device_at=at(mark.device_at),
        server_at=at(mark.server_at),
        in_window=True,
        distance_m=10 if position else None,
        accuracy_m=round(mark.accuracy_m) if mark.accuracy_m is not None else None,
        position_encrypted=position,
        purge_at=at(one.ends_at) + timedelta(days=30) if position else None,
    )


# --- visits of the cast in it ---------------------------------------------------------------------
def press(cast, uid, by, moment, cookie):
    with tenant(by.municipality_id):
        services.device_keep(visit_uid=uid, by=by, moment=moment, cookie=cookie)


def visit_honest(cast, starts_at=START):
    uid = visit_make(cast, starts_at=starts_at)
    near = (Position(34.86005, 138.32007, 22), Position(34.86011, 138.31996, 17))
    for moment, step, minutes, where in (
        ("start", check_in, 3, near[0]),
        ("end", check_out, 124, near[1]),
    ):
        with clock.frozen(starts_at + timedelta(minutes=minutes)):
            press(cast, uid, cast.supporter, moment, "phone-of-the-supporter")
        step(cast, uid, at=starts_at + timedelta(minutes=minutes), position=where)
    return uid


def visit_faked(cast, starts_at=START):
    """Ended: one phone pressed for it all, the same figures at the start and at the end."""
    uid = visit_make(cast, starts_at=starts_at)
    for moment, step, minutes in (("start", check_in, 0), ("end", check_out, 120)):
        with clock.frozen(starts_at + timedelta(minutes=minutes)):
            press(cast, uid, cast.supporter, moment, ONE_PHONE)
        step(cast, uid, at=starts_at + timedelta(minutes=minutes), position=COPIED)
    return uid


def confirm(cast, uid, cookie="phone-of-the-carer", at=LATER):
    with clock.frozen(at):
        press(cast, uid, cast.carer, "confirm", cookie)
        with tenant(KITA):
            services.visit_confirm(visit_uid=uid, carer=cast.carer)
