"""The standing cast of the tests, made through the services. Every name is invented.

Each function opens the municipality it is told and returns the ``Person`` (or login), so tests of
all rooms begin alike::

    carer = make_carer(towns.kita.id)                         # 青空 みなみ
    supporter = make_supporter(towns.midori.id)               # 春風 けん, free every day 8–20
    coins_give(carer, 120)                                    # installs the programme if need be

A second person of a kind needs another name: ``make_supporter(…, who=JUN)``. Tests freeze the
clock; coins and times are relative to ``clock.now()``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from kyojo.civic.municipalities.models import Municipality
from kyojo.civic.municipalities.services import operator_register
from kyojo.civic.municipalities.tenancy import tenant
from kyojo.civic.programmes.models import Programme
from kyojo.civic.programmes.selectors import COIN_PROGRAMME, preset, programme_current
from kyojo.civic.programmes.services import (
    coins_distribute,
    issuance_request,
    programme_install,
)
from kyojo.kernel import clock, geometry
from kyojo.kernel.geometry import Point
from kyojo.kernel.ids import new_id

from . import coins, services
from .models import Person, StaffRole, TrustCheck, User


@dataclass(frozen=True)
class Who:
    """An invented person. ``north`` and ``east``: metres from the middle of their town."""

    key: str
    name: str
    kana: str
    birth_date: date | None
    gender: str = ""
    occupation: str = ""
    introduction: str = ""
    north: float = 0
    east: float = 0


MINAMI = Who("minami", "青空 みなみ", "あおぞら みなみ", date(1982, 5, 14), "female", "会社員")
FUMI = Who("fumi", "青空 ふみ", "あおぞら ふみ", date(1948, 3, 2), "female")
KEN = Who(
    "ken",
    "春風 けん",
    "はるかぜ けん",
    date(1960, 9, 8),
    "male",
    "元 造園業",
    "庭木が好きです。",
    1200,
)
JUN = Who(
    "jun",
    "朝露 じゅん",
    "あさつゆ じゅん",
    date(2004, 6, 21),
    "",
    "大学生",
    "草取りが得意です。",
    -600,
)
TAE = Who(
    "tae",
    "木漏日 たえ",
    "こもれび たえ",
    date(1953, 1, 30),
    "female",
    "地域の園芸クラブ",
    "",
    0,
    2400,
)
NAGI = Who(
    "nagi",
    "夕凪 なお",
    "ゆうなぎ なお",
    date(1990, 11, 3),
    "",
    "会社員",
    "動物が好きです。",
    500,
    700,
)
OUTSIDER = Who("outsider", "雲居 あきら", "くもい あきら", date(1975, 2, 11), "male")

EVERY_DAY = tuple((weekday, time(8), time(20)) for weekday in range(7))
GARDEN = {"garden": "庭の手入れ"}


# --- logins ---------------------------------------------------------------------------------------


def make_login(key: str, municipality_id: int | None = None) -> User:
    """The login ``<key>@example.jp``; made once."""
    email = f"{key}@example.jp"
    found = User.objects.filter(email=email).first()
    return found or services.user_create(email=email, municipality_id=municipality_id)


def make_staff(municipality_id: int, role: str, key: str, **fields: Any) -> User:
    user = make_login(key, municipality_id)
    named = {"title": "福祉課", "name": "霧島 はる", "name_kana": "きりしま はる"} | fields
    with tenant(municipality_id):
        services.staff_role_add(user=user, number=f"S-{user.pk}", role=role, **named)
    return user


def make_officer(municipality_id: int, key: str = "") -> User:
    """A municipal officer: a login without a person."""
    return make_staff(municipality_id, StaffRole.Role.OFFICER, key or f"officer-{municipality_id}")


def make_coordinator(municipality_id: int, key: str = "") -> User:
    return make_staff(
        municipality_id,
        StaffRole.Role.COORDINATOR,
        key or f"coordinator-{municipality_id}",
        title="生活支援コーディネーター",
        name="若草 みち",
        name_kana="わかくさ みち",
    )


# --- people ---------------------------------------------------------------------------------------


def point_of(municipality_id: int, who: Who) -> Point:
    town = Municipality.objects.get(pk=municipality_id)
    middle = Point(town.latitude or 35.0, town.longitude or 138.0)
    return geometry.moved(middle, north_metres=who.north, east_metres=who.east)


def make_person(
    municipality_id: int,
    who: Who,
    *,
    roles: Iterable[str],
    login: bool = True,
    home: bool = True,
    **fields: Any,
) -> Person:
    """A member with these roles, a login and a home near the middle of the town."""
    family_name, given_name = who.name.split(" ")
    family_kana, given_kana = who.kana.split(" ")
    user = make_login(f"{who.key}-{municipality_id}", municipality_id) if login else None
    with tenant(municipality_id):
        person = services.person_register(
            user=user,
            family_name=family_name,
            given_name=given_name,
            family_kana=family_kana,
            given_kana=given_kana,
            birth_date=who.birth_date,
            gender=who.gender,
            occupation=who.occupation,
            introduction=who.introduction,
            roles=roles,
            **fields,
        )
        if home:
            point = point_of(municipality_id, who)
            services.home_set(
                person=person,
                address="みほん町1丁目2番3号",
                latitude=point.latitude,
                longitude=point.longitude,
            )
    return person


def make_carer(municipality_id: int, who: Who = MINAMI, **fields: Any) -> Person:
    return make_person(municipality_id, who, roles=["carer"], **fields)


def make_recipient(municipality_id: int, who: Who = FUMI, **fields: Any) -> Person:
    """Somebody cared for, without a smartphone unless ``login=True``."""
    return make_person(municipality_id, who, roles=["recipient"], **({"login": False} | fields))


def make_supporter(
    municipality_id: int,
    who: Who = KEN,
    *,
    skills: Mapping[str, str] = GARDEN,
    weekly: Iterable[tuple[int, time, time]] = EVERY_DAY,
    identity: bool = True,
    travel: str = "bicycle",
    travel_limit_m: int = 10_000,
    asks_per_week_max: int = 14,
    **fields: Any,
) -> Person:
    """Somebody who helps: checked identity, free 8–20 every day, comes by bicycle, unless told."""
    person = make_person(municipality_id, who, roles=["supporter"], **fields)
    with tenant(municipality_id):
        services.skill_set(person=person, skills=skills)
        services.weekly_times_set(person=person, times=weekly)
        services.travel_set(person=person, travel=travel, travel_limit_m=travel_limit_m)
        services.asks_limit_set(person=person, asks_per_week_max=asks_per_week_max)
        if identity:
            services.trust_check_record(
                person=person,
                kind=TrustCheck.Kind.IDENTITY,
                label="本人確認ずみ",
                method="窓口でマイナンバーカード",
                by=None,
            )
    return person


def make_care_place(
    carer: Person, place_municipality_id: int, who: Who = FUMI, **fields: Any
) -> Any:
    """The mother's house: a place of ``carer`` in another town, with the person who lives there."""
    family_name, given_name = who.name.split(" ")
    family_kana, given_kana = who.kana.split(" ")
    point = point_of(place_municipality_id, who)
    given: dict[str, Any] = {
        "uid": new_id(),
        "kind": "other_home",
        "label": "母の家",
        "address": "港みほん1丁目2番3号",
        "latitude": point.latitude,
        "longitude": point.longitude,
        "place_municipality_id": place_municipality_id,
        "recipient": services.Recipient(
            family_name=family_name,
            given_name=given_name,
            family_kana=family_kana,
            given_kana=given_kana,
            birth_date=who.birth_date,
            relation="母",
        ),
    } | fields
    with tenant(carer.municipality_id):
        return services.care_place_add(carer=carer, **given)


# --- coins ----------------------------------------------------------------------------------------


def make_programme(municipality_id: int) -> Programme:
    """The coin programme of a town, in force since today, with 10,000 coins issued; made once."""
    with tenant(municipality_id):
        found = Programme.objects.filter(code=COIN_PROGRAMME).first()
        if found is not None:
            return found  # type: ignore[no-any-return]
    town = Municipality.objects.get(pk=municipality_id)
    operator = operator_register(
        municipality_id=municipality_id,
        kind="municipality",
        name=town.name,
        name_kana=town.name_kana,
    )
    with tenant(municipality_id):
        programme_install(
            operator=operator,
            code=COIN_PROGRAMME,
            document=preset(),
            effective_from=clock.today(),
        )
        programme, _ = programme_current()
        treasury_fill(municipality_id, 10_000)
    return programme


def treasury_fill(municipality_id: int, amount: int) -> None:
    """Issue coins: at most as many as one officer may."""
    with tenant(municipality_id):
        issuance_request(
            uid=new_id(),
            programme_code=COIN_PROGRAMME,
            amount=amount,
            reason="試験のための発行",
            by=make_officer(municipality_id),
        )


def coins_give(person: Person, amount: int, *, vintage: int | None = None) -> None:
    """Distribute coins to ``person``: of this year's distribution, unless ``vintage`` is named."""
    programme = make_programme(person.municipality_id)
    with tenant(person.municipality_id):
        _, rules = programme_current()
        coins_distribute(
            distribution_uid=new_id(),
            programme=programme,
            entries=[
                (
                    coins.account_ensure(
                        person_id=person.pk,
                        vintage=rules.vintage_distributed(clock.fiscal_year())
                        if vintage is None
                        else vintage,
                    ),
                    amount,
                    new_id(),
                )
            ],
        )
