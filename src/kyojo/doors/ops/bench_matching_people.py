"""Supporters and needs to rank, as many as wanted: invented, and the same for the same seed."""

import random
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from kyojo.civic.people.domain import DayException, WeekTime, week_times_merged
from kyojo.help.matching.domain import Helper, Need
from kyojo.help.matching.engine.columns import Columns, Key, Ragged
from kyojo.help.matching.engine.population import Population
from kyojo.help.matching.engine.rows import SortedRows
from kyojo.help.requests.domain import CATEGORIES
from kyojo.kernel.geometry import Point

JAPAN = ZoneInfo("Asia/Tokyo")
MONDAY = date(2026, 11, 30)
REACHES = {
    "walk": (500, 800, 1_000, 1_500),
    "bicycle": (1_500, 2_000, 3_000, 4_000),
    "car": (5_000, 8_000, 10_000, 15_000),
}
CHECKS = (("background", "確認"), ("training", "庭木の講習"), ("licence", "運転"))


def spot(chance: random.Random) -> Point:
    """Somewhere in a city of some 25 × 20 km, denser in its middle."""
    return Point(35.6 + chance.gauss(0, 0.05), 139.6 + chance.gauss(0, 0.06))


def helpers(count: int, *, seed: int = 1) -> Iterator[Helper]:
    """``count`` supporters with exceptions, bookings, odd minutes, checks, ratings."""
    chance = random.Random(seed)  # noqa: S311 - load, not a secret
    codes = [category.code for category in CATEGORIES]
    for number in range(count):
        travel = chance.choices(list(REACHES), [0.3, 0.45, 0.25])[0]
        skills = {
            code: "とくいです" if chance.random() < 0.3 else "" for code in chance.sample(codes, 3)
        }
        exceptions: tuple[DayException, ...] = ()
        if chance.random() < 0.1:
            day = MONDAY + timedelta(chance.randrange(7))
            exceptions = (DayException(day, chance.random() < 0.3),)
        busy: tuple[tuple[datetime, datetime], ...] = ()
        if chance.random() < 0.1:
            starts = moment(chance.randrange(7), chance.randrange(8, 18))
            busy = ((starts, starts + timedelta(hours=2)),)
        yield Helper(
            uid=UUID(int=chance.getrandbits(128)),
            municipality_id=1,
            person_id=number,
            home=spot(chance),
            travel=travel,
            travel_limit_m=chance.choice(REACHES[travel]),
            skills=skills,
            weekly=tuple(week_times_merged([free_time(chance) for _ in range(4)])),
            exceptions=exceptions,
            busy=busy,
            languages=frozenset(["ja"] if chance.random() < 0.97 else ["en"]),
            gender=chance.choice(["female", "male", ""]),
            birth_date=date(
                chance.randrange(1940, 2012), chance.randrange(1, 13), chance.randrange(1, 28)
            ),
            checks=frozenset(
                [("identity", "本人確認"), *(one for one in CHECKS if chance.random() < 0.5)]
            ),
            resting_until=MONDAY + timedelta(4) if chance.random() < 0.03 else None,
            asks_ever=chance.randrange(20),
            lately=chance.randrange(4),
            answer_hours=chance.choice([2.0, 8.0, 20.0]),
            done={code: chance.randrange(30) for code in skills if chance.random() < 0.5},
            rating_sum=chance.randrange(10, 26),
            rating_count=5,
        )


def free_time(chance: random.Random) -> WeekTime:
    start = chance.randrange(8, 18)
    minute = chance.choice([0, 30]) if chance.random() < 0.95 else 15
    end = min(start + chance.randrange(2, 6), 21)
    return WeekTime(chance.randrange(7), time(start, minute), time(end, 0))


def moment(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(MONDAY + timedelta(day), time(hour, minute), JAPAN)


def needs(count: int, *, seed: int = 2) -> list[Need]:
    """``count`` needs of one week."""
    chance = random.Random(seed)  # noqa: S311
    made = []
    for _ in range(count):
        category = chance.choice(CATEGORIES)
        starts = moment(chance.randrange(7), chance.randrange(8, 19), chance.choice([0, 30]))
        trust = ["identity", *(["background"] if category.adults_only else [])]
        made.append(
            Need(
                category=category.code,
                category_name=category.name,
                starts_at=starts,
                ends_at=starts + timedelta(minutes=chance.choice([30, 60, 120])),
                place=spot(chance),
                place_kind="own_home",
                place_label="",
                relation="",
                carer_uid=UUID(int=chance.getrandbits(128)),
                recipient_uid=None,
                languages=frozenset(["ja"]),
                gender_wish=chance.choice(["", "", "female"]),
                trust=frozenset(trust),
                training="",
                adults_only=category.adults_only,
                seed=chance.getrandbits(64),
            )
        )
    return made


def many_times(population: Population, times: int) -> Population:
    """``times`` as many people: everybody again with other names, some hundred metres away, with
    the same skills, times, exceptions and bookings. A million are made as columns at once: as
    objects they would take minutes and gigabytes."""
    chance = np.random.default_rng(3)
    main = population.rows
    arrays: dict[str, list[NDArray[np.generic]]] = {name: [] for name in Columns.ARRAYS}
    ragged = []
    for copy in range(times):
        for name in Columns.ARRAYS:
            arrays[name].append(getattr(main.columns, name))
        if copy:
            for name in ("latitude", "longitude"):
                moved = getattr(main.columns, name) + chance.normal(0, 0.003, len(main))
                arrays[name][-1] = moved
            arrays["uid_high"][-1] = main.columns.uid_high ^ np.uint64(copy)
        ragged.append(
            Ragged(
                odd={renamed(key, copy): one for key, one in main.ragged.odd.items()},
                busy={renamed(key, copy): one for key, one in main.ragged.busy.items()},
                blocked={},
                trained={renamed(key, copy): one for key, one in main.ragged.trained.items()},
            )
        )
    columns = Columns(**{name: np.concatenate(ones, axis=-1) for name, ones in arrays.items()})
    return Population.of_rows(SortedRows(columns, Ragged.joined(ragged)), population.codes)


def renamed(key: Key, copy: int) -> Key:
    return Key(key.municipality_id, UUID(int=key.uid.int ^ copy << 64))
