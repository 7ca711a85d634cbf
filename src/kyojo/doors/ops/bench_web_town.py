"""The town of ``bench web``: a carer with requests, and as many supporters as wanted. Invented, and
the same for the same numbers."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from .bench_ground import Ground
from .postgres import APP, OWNER
from .surroundings import connect_as, django_ready

CODE = 990019
#: A Friday morning in Japan: the week that is asked for is the one of the supporters' exceptions.
NOW = datetime(2026, 11, 27, 1, 0, tzinfo=UTC)
MONDAY = date(2026, 11, 30)
#: Rows that go to the database at once.
ROWS = 5_000


@dataclass(frozen=True)
class Town:
    """``client`` is logged in as the carer; ``urls`` are the pages of who could come."""

    client: Any
    urls: list[str]
    clock: Callable[[], AbstractContextManager[None]]


def town_make(server: Ground, database: str, *, people: int, requests: int) -> Town:
    """A migrated database with the town; Django's connection is the application's afterwards."""
    django_ready()
    from .serving import database_migrate

    database_migrate(server.cluster.url(OWNER, database))
    connect_as(server.cluster.url(APP, database))
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from kyojo.kernel import clock

    settings.ALLOWED_HOSTS = ["testserver"]
    frozen = partial(clock.frozen, NOW)
    with frozen():
        carer, uids = carer_make(requests)
        supporters_make(people)
    with server.connect(database, OWNER) as owner:
        # Notes of changes that no process has to read: the town is read whole.
        owner.execute("TRUNCATE matching_supporterchange")
        owner.execute("VACUUM (ANALYZE)")
    client = Client()
    client.force_login(carer.user, backend="django.contrib.auth.backends.ModelBackend")
    return Town(client, [reverse("carer-request-people", args=[uid]) for uid in uids], frozen)


def carer_make(requests: int) -> tuple[Any, list[Any]]:
    """A carer at home in the middle of the town, and their open requests of one week."""
    from kyojo.civic.municipalities.services import municipality_register
    from kyojo.civic.municipalities.tenancy import tenant
    from kyojo.civic.people import testing as people
    from kyojo.civic.people.services import care_place_add
    from kyojo.help.requests.services import draft_save, request_open
    from kyojo.kernel import clock
    from kyojo.kernel.ids import new_id

    municipality_register(
        code=CODE,
        slug="kita-hinata",
        name="北ひなた市",
        name_kana="きたひなたし",
        prefecture="ひながた県",
        office_name="北ひなた市 共助センター",
        office_phone="0120-000-019",
        latitude=35.6,
        longitude=139.6,
    )
    people.make_programme(CODE)
    carer = people.make_carer(CODE)
    people.coins_give(carer, 400)
    with tenant(CODE):
        house = care_place_add(
            carer=carer,
            uid=new_id(),
            kind="own_home",
            label="自宅",
            address="みほん町1丁目2番3号",
            latitude=35.6,
            longitude=139.6,
        )
        uids = [new_id() for _ in range(requests)]
        for number, uid in enumerate(uids):
            draft_save(
                order_id=uid,
                carer=carer,
                category=("garden", "shopping")[number % 2],
                place_uid=house.uid,
                starts_at=clock.at(MONDAY + timedelta(number % 7), 9 + number % 6),
                minutes=60,
                memo="",
            )
            request_open(uid=uid, carer=carer)
    return carer, uids


def supporters_make(count: int) -> None:
    """``count`` supporters as ``bench matching`` ranks them, written as rows."""
    from kyojo.civic.municipalities.tenancy import tenant

    from . import bench_matching_people as made

    helpers = made.helpers(count)
    while some := list(islice(helpers, ROWS)):
        with tenant(CODE):
            rows_write(some)


def rows_write(helpers: list[Any]) -> None:
    """The rows of these ``matching.domain.Helper``; bookings and tallies left out."""
    from kyojo.civic.people.models import Person, Skill, TrustCheck, WeeklyTime
    from kyojo.kernel import clock

    since = clock.now()
    persons = Person.objects.bulk_create(
        Person(
            uid=one.uid,
            number=f"S-{one.person_id}",
            family_name="見本",
            given_name=f"{one.person_id}",
            family_kana="みほん",
            given_kana=f"{one.person_id:07}",
            birth_date=one.birth_date,
            gender=one.gender,
            languages=sorted(one.languages),
            supporter_since=since,
            latitude=one.home.latitude,
            longitude=one.home.longitude,
            travel=one.travel,
            travel_limit_m=one.travel_limit_m,
            asks_per_week_max=14,
            resting_until=one.resting_until,
        )
        for one in helpers
    )
    both = list(zip(persons, helpers, strict=True))
    Skill.objects.bulk_create(
        Skill(person=person, category=code, note=note)
        for person, one in both
        for code, note in one.skills.items()
    )
    WeeklyTime.objects.bulk_create(
        WeeklyTime(person=person, weekday=when.weekday, start=when.start, end=when.end)
        for person, one in both
        for when in one.weekly
    )
    TrustCheck.objects.bulk_create(
        TrustCheck(person=person, kind=kind, label=label, method="窓口", checked_at=since)
        for person, one in both
        for kind, label in sorted(one.checks)
    )
