"""Invented supporters and needs by lot, with every property that a constraint looks at."""

import random
from datetime import date, datetime, time, timedelta
from uuid import UUID

from kyojo.civic.people.domain import DayException, WeekTime, week_times_merged
from kyojo.help.matching.domain import Helper, Need
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel.clock import TOKYO
from kyojo.kernel.geometry import Point

MONDAY = date(2026, 12, 7)
CENTRE = (35.6, 139.6)
CODES = [one.code for one in CATEGORIES]
WAYS = {
    "walk": (500, 1000, 1500),
    "bicycle": (1500, 2000, 4000),
    "car": (5000, 10000, 50000),
}
#: A few people whom the others block or are.
KNOWN = [UUID(int=n) for n in range(1, 9)]


def point(lot: random.Random) -> Point:
    return Point(CENTRE[0] + lot.gauss(0, 0.015), CENTRE[1] + lot.gauss(0, 0.02))


def _week(lot: random.Random) -> tuple[WeekTime, ...]:
    times = []
    for _ in range(lot.randrange(9)):
        start = lot.randrange(6, 20)
        minute = lot.choice([0, 30, 30, 0, 0, 15, 50])
        end = time(start + lot.randrange(1, 4), lot.choice([0, 30])) if start < 19 else time.max
        times.append(WeekTime(lot.randrange(7), time(start, minute), end))
    return tuple(week_times_merged(times))


def _exceptions(lot: random.Random) -> tuple[DayException, ...]:
    found = []
    for _ in range(lot.choice([0, 0, 0, 1, 3])):
        day = MONDAY + timedelta(days=lot.randrange(7))
        hours = (time(9), time(lot.randrange(10, 20))) if lot.random() < 0.6 else (None, None)
        found.append(DayException(day, lot.random() < 0.5, *hours))
    return tuple(found)


def helper(lot: random.Random, number: int) -> Helper:
    travel = lot.choice(list(WAYS))
    skills = {code: lot.choice(["", "とくい"]) for code in lot.sample(CODES, 5)}
    checks = {("identity", "本人確認ずみ")} if lot.random() < 0.9 else set()
    for one in (("background", "経歴"), ("training", "庭木の講習"), ("training", "聞き方")):
        if lot.random() < 0.6:
            checks.add(one)
    # Some end within the week in which help is asked for.
    until = {
        one: MONDAY + timedelta(days=lot.randrange(8))
        for one in sorted(checks)
        if lot.random() < 0.2
    }
    busy = []
    for _ in range(lot.choice([0, 0, 1, 2])):
        start = datetime.combine(
            MONDAY + timedelta(days=lot.randrange(7)), time(lot.randrange(7, 20)), TOKYO
        )
        busy.append((start, start + timedelta(hours=2)))
    return Helper(
        uid=lot.choice(KNOWN) if lot.random() < 0.02 else UUID(int=lot.getrandbits(128)),
        municipality_id=lot.choice([990019, 990027]),
        person_id=number,
        home=None if lot.random() < 0.05 else point(lot),
        travel=travel,
        travel_limit_m=lot.choice(WAYS[travel]),
        skills=skills,
        weekly=_week(lot),
        exceptions=_exceptions(lot),
        busy=tuple(busy),
        languages=frozenset(lot.sample(["ja", "en", "pt"], lot.randrange(1, 3))),
        gender=lot.choice(["female", "male", ""]),
        birth_date=None if lot.random() < 0.1 else date(lot.randrange(1940, 2013), 12, 8),
        checks=frozenset(checks),
        checks_until=until,
        blocked=frozenset(lot.sample(KNOWN, lot.choice([0, 0, 0, 1]))),
        resting_until=MONDAY + timedelta(days=lot.randrange(7)) if lot.random() < 0.1 else None,
        done={code: lot.randrange(40) for code in skills if lot.random() < 0.5},
        rating_sum=lot.randrange(5, 26),
        rating_count=5,
        answer_hours=lot.choice([0.5, 8.0, 30.0]),
        lately=lot.randrange(6),
        asks_ever=lot.randrange(30),
    )


def need(lot: random.Random) -> Need:
    start = datetime.combine(
        MONDAY + timedelta(days=lot.randrange(7)),
        time(lot.randrange(6, 22), lot.choice([0, 30])),
        TOKYO,
    )
    minutes = lot.choice([30, 60, 120, 180])
    kind = lot.choice(CATEGORIES)
    return Need(
        category=kind.code,
        category_name=kind.name,
        starts_at=start,
        ends_at=start + timedelta(minutes=minutes),
        place=point(lot),
        place_kind="own_home",
        place_label="",
        relation="",
        carer_uid=lot.choice(KNOWN),
        recipient_uid=lot.choice([None, *KNOWN]),
        languages=frozenset(lot.sample(["ja", "en"], lot.randrange(0, 3))),
        gender_wish=lot.choice(["", "", "female"]),
        trust=frozenset(lot.choice([("identity",), ("identity", "training"), ()])),
        training=lot.choice(["", "", "聞き方"]),
        adults_only=lot.random() < 0.5,
        seed=lot.getrandbits(64),
    )
